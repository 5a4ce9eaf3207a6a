// Biases by distance: each bucket gets the gradients of all that are in it.
#include "dialects/Training/Training.h"
#include "lib/Autodiff/Rules/Rules.h"

using namespace mlir;

namespace ph::autodiff {

static LogicalResult pullBias(Pullback &pull, xf::RelativePositionBiasOp op) {
  Primitives &p = pull.p;
  if (!pull.wants(op.getTable()))
    return success();
  // The biases of a table that has its numbers: the buckets.
  Value gradient = pull.gradientOf(op.getResult()), sum = pull.gradientOf(op.getTable());
  int64_t buckets = xf::shapeOf(op.getTable()).front();
  Value numbers = xf::IotaOp::create(p, RankedTensorType::get({buckets}, p.getF32Type()), Value());
  numbers = xf::ReshapeOp::create(p, numbers, {p.getI64IntegerAttr(buckets), p.getI64IntegerAttr(1)});
  SmallVector<int64_t> shape(xf::shapeOf(op.getResult()));
  shape[1] = 1;
  Value found = xf::RelativePositionBiasOp::create(p, RankedTensorType::get(shape, p.getF32Type()), numbers,
                                                   op.getQuery(), op.getKeys(), op.getPast(), op.getMaxDistanceAttr(),
                                                   op.getBidirectionalAttr());
  Value bucket = xf::CastOp::create(p, RankedTensorType::get(shape, p.getI32Type()), found);
  SmallVector<OpFoldResult> sizes = sizesOf(p, gradient);
  sizes.erase(sizes.begin() + 1);
  bucket = xf::ReshapeOp::create(p, bucket, sizes);
  // [batch, sequence, positions, heads]
  Value values = xf::TransposeOp::create(p, gradient, ArrayRef<int64_t>{0, 2, 3, 1});
  if (!sum)
    sum = zerosLike(p, op.getTable());
  pull.set(op.getTable(), train::ScatterAddOp::create(p, values, sum, bucket));
  return success();
}
static LogicalResult pushBias(Pushforward &push, xf::RelativePositionBiasOp op) {
  Value tangent = push.tangentOf(op.getTable());
  if (!tangent)
    return success();
  // Of query and keys only the shape counts.
  auto twin = cast<xf::RelativePositionBiasOp>(push.p.clone(*op));
  twin.getTableMutable().assign(tangent);
  push.add(op.getResult(), twin.getResult());
  return success();
}

void registerRelativePositionRules(MLIRContext *context) {
  attach<xf::RelativePositionBiasOp, pullBias, pushBias>(context);
}

} // namespace ph::autodiff
