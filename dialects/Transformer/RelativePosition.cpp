#include "dialects/Transformer/Verify.h"
#include <cmath>

using namespace mlir;
using namespace ph::xf;

int64_t RelativePositionBiasOp::getBucket(int64_t distance) {
  int64_t buckets = getTable().getType().getDimSize(0), first = 0;
  if (getBidirectional()) {
    buckets /= 2;
    first = distance > 0 ? buckets : 0;
    distance = std::abs(distance);
  } else {
    distance = std::max<int64_t>(-distance, 0);
  }
  int64_t exact = buckets / 2;
  if (distance < exact)
    return first + distance;
  float octaves = std::log(float(distance) / float(exact)) / float(std::log(double(getMaxDistance()) / double(exact)));
  return first + std::min(buckets - 1, exact + int64_t(octaves * float(buckets - exact)));
}

LogicalResult RelativePositionBiasOp::verify() {
  RankedTensorType query = getQuery().getType(), table = getTable().getType(), result = getResult().getType();
  if (query.getRank() != 3)
    return emitOpError() << "expects a query of rank 3, but got " << query;
  if (getKeys() && getKeys().getType().getRank() != 3)
    return emitOpError() << "expects keys of rank 3, but got " << getKeys().getType();
  if (getPast() && failed(expectDim(*this, "the length of past", getPast(), 0, query.getDimSize(0))))
    return failure();
  int64_t buckets = table.getDimSize(0);
  if (getBidirectional() ? buckets < 4 || buckets % 2 != 0 : buckets < 2)
    return emitOpError() << "expects " << (getBidirectional() ? "an even number of at least 4" : "at least 2")
                         << " buckets, but got " << buckets;
  int64_t exact = buckets / (getBidirectional() ? 4 : 2);
  if (int64_t(getMaxDistance()) <= exact)
    return emitOpError() << "expects max_distance above " << exact << ", but got " << getMaxDistance();
  int64_t positions = getKeys()   ? getKeys().getType().getDimSize(1)
                      : getPast() ? ShapedType::kDynamic
                                  : query.getDimSize(1);
  SmallVector<int64_t> expected = {getPast() ? query.getDimSize(0) : 1, table.getDimSize(1), query.getDimSize(1),
                                   positions};
  if (failed(verifyCompatibleShape(result.getShape(), expected)))
    return emitOpError() << "expects a result of shape " << RankedTensorType::get(expected, result.getElementType())
                         << ", but got " << result;
  return success();
}
