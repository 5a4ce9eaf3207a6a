#include "dialects/Training/Verify.h"

using namespace mlir;
using namespace ph::train;

LogicalResult AdamW8Op::verify() {
  RankedTensorType type = getParameter().getType();
  if (!type.hasStaticShape() || type.getNumElements() % kBlock != 0)
    return emitOpError() << "expects a parameter of static shape whose elements are a multiple of " << kBlock
                         << ", but got " << type;
  if (failed(expectTypeOf(*this, {getGradient(), getNewParameter()}, "parameter", getParameter())))
    return failure();
  int64_t blocks = type.getNumElements() / kBlock;
  auto codes = RankedTensorType::get({blocks, kBlock}, IntegerType::get(getContext(), 8));
  auto scales = RankedTensorType::get({blocks}, type.getElementType());
  for (auto [value, expected] : {std::pair<Value, Type>(getFirst(), codes),
                                 {getSecond(), codes},
                                 {getFirstScale(), scales},
                                 {getSecondScale(), scales},
                                 {getNewFirst(), codes},
                                 {getNewSecond(), codes},
                                 {getNewFirstScale(), scales},
                                 {getNewSecondScale(), scales}})
    if (value.getType() != expected)
      return emitOpError() << "expects codes of type " << codes << " and magnitudes of type " << scales << ", but got "
                           << value.getType();
  if (failed(expectScalars(*this, getOperands().drop_front(6))) ||
      failed(expectFraction(*this, "beta1", getBeta1Attr())) ||
      failed(expectFraction(*this, "beta2", getBeta2Attr())) || failed(expectPositive(*this, "eps", getEpsAttr())))
    return failure();
  return expectNotNegative(*this, "weight_decay", getWeightDecayAttr());
}
