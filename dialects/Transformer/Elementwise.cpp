#include "dialects/Transformer/Broadcast.h"

using namespace mlir;
using namespace ph::xf;

/// The type that operands are broadcast to. Where they don't fit the verifier speaks; a type of the first one's shape
/// is as good as any.
static Type broadcastType(ArrayRef<Value> operands, Type element) {
  FailureOr<SmallVector<int64_t>> shape =
      broadcastShapes(llvm::map_to_vector(operands, [](Value value) { return shapeOf(value); }));
  return RankedTensorType::get(succeeded(shape) ? ArrayRef(*shape) : shapeOf(operands.front()), element);
}

static LogicalResult expectSameElements(Operation *op, Value lhs, Value rhs) {
  if (elementOf(lhs) != elementOf(rhs))
    return op->emitOpError() << "expects operands with the same type of elements, but got " << lhs.getType() << " and "
                             << rhs.getType();
  return success();
}

//===-- elementwise -------------------------------------------------------------------------------------------===//

void ElementwiseOp::build(OpBuilder &builder, OperationState &state, BinaryKind kind, Value lhs, Value rhs) {
  build(builder, state, broadcastType({lhs, rhs}, elementOf(lhs)), lhs, rhs, kind);
}

LogicalResult ElementwiseOp::verify() {
  if (failed(expectSameElements(*this, getLhs(), getRhs())))
    return failure();
  Type element = elementOf(getLhs());
  bool logical = getKind() == BinaryKind::And || getKind() == BinaryKind::Or;
  if (logical != element.isInteger(1) || (getKind() == BinaryKind::Pow && !element.isF32()))
    return emitOpError() << "expects elements that '" << stringifyBinaryKind(getKind()) << "' has, but got " << element;
  return expectBroadcast(*this, {getLhs(), getRhs()}, element);
}

//===-- unary -------------------------------------------------------------------------------------------------===//

void UnaryOp::build(OpBuilder &builder, OperationState &state, UnaryKind kind, Value input) {
  build(builder, state, input.getType(), input, kind);
}

LogicalResult UnaryOp::verify() {
  Type element = elementOf(getInput());
  bool exact = getKind() == UnaryKind::Neg || getKind() == UnaryKind::Abs;
  bool has = getKind() == UnaryKind::Not ? element.isInteger(1) : element.isF32() || (exact && element.isInteger(32));
  if (!has)
    return emitOpError() << "expects elements that '" << stringifyUnaryKind(getKind()) << "' has, but got " << element;
  return expectResult(*this, shapeOf(getInput()), element);
}

OpFoldResult UnaryOp::fold(FoldAdaptor) {
  auto inner = getInput().getDefiningOp<UnaryOp>();
  bool own = getKind() == UnaryKind::Neg || getKind() == UnaryKind::Not;
  if (!own || !inner || inner.getKind() != getKind() || inner.getInput().getType() != getType())
    return {};
  return inner.getInput();
}

//===-- compare, select, cast ---------------------------------------------------------------------------------===//

void CompareOp::build(OpBuilder &builder, OperationState &state, CompareKind kind, Value lhs, Value rhs) {
  build(builder, state, broadcastType({lhs, rhs}, builder.getI1Type()), lhs, rhs, kind);
}

LogicalResult CompareOp::verify() {
  if (failed(expectSameElements(*this, getLhs(), getRhs())))
    return failure();
  if (elementOf(getLhs()).isInteger(1))
    return emitOpError() << "expects numbers to compare, but got " << getLhs().getType();
  return expectBroadcast(*this, {getLhs(), getRhs()}, IntegerType::get(getContext(), 1));
}

void SelectOp::build(OpBuilder &builder, OperationState &state, Value condition, Value onTrue, Value onFalse) {
  build(builder, state, broadcastType({condition, onTrue, onFalse}, elementOf(onTrue)), condition, onTrue, onFalse);
}

LogicalResult SelectOp::verify() {
  if (failed(expectSameElements(*this, getOnTrue(), getOnFalse())))
    return failure();
  return expectBroadcast(*this, {getCondition(), getOnTrue(), getOnFalse()}, elementOf(getOnTrue()));
}

LogicalResult CastOp::verify() { return expectResult(*this, shapeOf(getInput()), elementOf(getResult())); }

OpFoldResult CastOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? OpFoldResult(getInput()) : OpFoldResult();
}
