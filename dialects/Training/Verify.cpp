#include "dialects/Training/Verify.h"
#include <cmath>

using namespace mlir;

namespace ph::train {

LogicalResult expectScalars(Operation *op, ValueRange values) {
  for (Value value : values)
    if (!xf::shapeOf(value).empty())
      return op->emitOpError() << "expects scalars of rank 0, but got " << value.getType();
  return success();
}

LogicalResult expectTypeOf(Operation *op, ValueRange values, StringRef name, Value like) {
  for (Value value : values)
    if (value.getType() != like.getType())
      return op->emitOpError() << "expects tensors of the type of " << name << ", " << like.getType() << ", but got "
                               << value.getType();
  return success();
}

LogicalResult expectShapeOf(Operation *op, ValueRange values, StringRef name, Value like) {
  for (Value value : values)
    if (failed(verifyCompatibleShape(xf::shapeOf(value), xf::shapeOf(like))))
      return op->emitOpError() << "expects tensors of the shape of " << name << ", " << like.getType() << ", but got "
                               << value.getType();
  return success();
}

LogicalResult expectLoss(Operation *op, StringRef name, int64_t rank) {
  Value first = op->getOperand(0);
  if (rank >= 0 && int64_t(xf::shapeOf(first).size()) != rank)
    return op->emitOpError() << "expects " << name << " of rank " << rank << ", but got " << first.getType();
  if (failed(expectShapeOf(op, op->getOperands().drop_front(), name, first)))
    return failure();
  return expectScalars(op, op->getResults());
}

LogicalResult expectNumber(Operation *op, bool holds, StringRef condition, FloatAttr value) {
  if (!holds)
    return op->emitOpError() << "expects " << condition << ", but got " << value;
  return success();
}

LogicalResult expectFraction(Operation *op, StringRef name, FloatAttr value) {
  bool holds = !value || (value.getValueAsDouble() >= 0 && value.getValueAsDouble() < 1);
  return expectNumber(op, holds, ("0 ≤ " + name + " < 1").str(), value);
}

LogicalResult expectPositive(Operation *op, StringRef name, FloatAttr value) {
  bool holds = !value || (value.getValueAsDouble() > 0 && std::isfinite(value.getValueAsDouble()));
  return expectNumber(op, holds, ("a finite " + name + " > 0").str(), value);
}

LogicalResult expectNotNegative(Operation *op, StringRef name, FloatAttr value) {
  bool holds = !value || (value.getValueAsDouble() >= 0 && std::isfinite(value.getValueAsDouble()));
  return expectNumber(op, holds, ("a finite " + name + " ≥ 0").str(), value);
}

} // namespace ph::train
