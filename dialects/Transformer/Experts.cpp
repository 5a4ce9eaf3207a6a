#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

LogicalResult RouterOp::verify() {
  int64_t experts = getExpertCount(), chosen = getTopK();
  if (chosen > experts)
    return emitOpError() << "expects a top_k of at most " << experts << " (experts), but got " << chosen;
  if (getBias() && failed(expectDim(*this, "the elements of bias", getBias(), 0, experts)))
    return failure();
  if (getGroups().has_value() != getGroupTopK().has_value())
    return emitOpError() << "expects groups and group_top_k together, but got only "
                         << (getGroups() ? "groups" : "group_top_k");
  if (getGroups()) {
    int64_t groups = *getGroups(), chosenGroups = *getGroupTopK();
    if (groups < 1 || experts % groups != 0 || experts / groups < 2)
      return emitOpError() << "expects groups that divide " << experts << " experts into at least two each, but got "
                           << groups;
    if (chosenGroups < 1 || chosenGroups > groups)
      return emitOpError() << "expects a group_top_k from 1 to " << groups << " (groups), but got " << chosenGroups;
    if (experts / groups * chosenGroups < chosen)
      return emitOpError() << "expects a top_k of at most " << experts / groups * chosenGroups
                           << " (experts of the chosen groups), but got " << chosen;
  }
  if (failed(expectShapeBut(*this, "weights", getWeights(), getLogits(), chosen)))
    return failure();
  return expectSameShape(*this, "experts", getExperts(), "weights", getWeights());
}

/// […, k, N] where `chosen` is […, k].
static SmallVector<int64_t> shapePerExpert(Value chosen, int64_t last) {
  SmallVector<int64_t> shape(cast<RankedTensorType>(chosen.getType()).getShape());
  shape.push_back(last);
  return shape;
}

void ExpertLinearOp::build(OpBuilder &builder, OperationState &state, Value input, Value weight, Value experts,
                           Value bias) {
  SmallVector<int64_t> shape = shapePerExpert(experts, cast<RankedTensorType>(weight.getType()).getDimSize(1));
  build(builder, state, RankedTensorType::get(shape, builder.getF32Type()), input, weight, experts, bias);
}

/// `value` has the shape `expected`.
static LogicalResult expectShape(Operation *op, StringRef name, Value value, ArrayRef<int64_t> expected) {
  auto type = cast<RankedTensorType>(value.getType());
  if (failed(verifyCompatibleShape(type.getShape(), expected)))
    return op->emitOpError() << "expects " << name << " of shape "
                             << RankedTensorType::get(expected, type.getElementType()) << ", but got " << type;
  return success();
}

/// The bias of experts whose matrices are `weight`.
static LogicalResult expectExpertBias(Operation *op, Value bias, Value weight) {
  return bias ? expectShape(op, "a bias", bias, cast<RankedTensorType>(weight.getType()).getShape().drop_back())
              : success();
}

LogicalResult ExpertLinearOp::verify() {
  RankedTensorType chosen = getExperts().getType();
  if (chosen.getRank() < 2 || chosen.isDynamicDim(chosen.getRank() - 1))
    return emitOpError() << "expects experts of rank 2 or more with a static last dimension, but got " << chosen;
  int64_t rank = getInput().getType().getRank();
  if (rank != chosen.getRank() && rank != chosen.getRank() + 1)
    return emitOpError() << "expects an input of rank " << chosen.getRank() << " or " << chosen.getRank() + 1
                         << ", but got " << getInput().getType();
  SmallVector<int64_t> expected(chosen.getShape());
  if (hasRowPerExpert())
    expected.push_back(0);
  expected.back() = getWeight().getType().getDimSize(2);
  if (failed(expectShape(*this, "an input", getInput(), expected)) ||
      failed(expectShape(*this, "a result", getResult(),
                         shapePerExpert(getExperts(), getWeight().getType().getDimSize(1)))))
    return failure();
  return expectExpertBias(*this, getBias(), getWeight());
}

LogicalResult CombineExpertsOp::verify() {
  RankedTensorType input = getInput().getType();
  if (input.getRank() < 3)
    return emitOpError() << "expects an input of rank 3 or more, but got " << input;
  if (failed(expectShape(*this, "weights", getWeights(), input.getShape().drop_back())))
    return failure();
  return expectShapeBut(*this, "a result", getResult(), getWeights(), features(getInput()));
}

//===-- Sorted by expert --------------------------------------------------------------------------------------===//

/// Elements of a tensor; dynamic if any dimension is.
static int64_t elementsOf(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return type.hasStaticShape() ? type.getNumElements() : ShapedType::kDynamic;
}

void SortByExpertOp::build(OpBuilder &builder, OperationState &state, Value chosen, int64_t experts) {
  Type integer = builder.getI32Type();
  build(builder, state, RankedTensorType::get({elementsOf(chosen)}, integer),
        RankedTensorType::get({experts + 1}, integer), chosen, static_cast<uint64_t>(experts));
}

LogicalResult SortByExpertOp::verify() {
  RankedTensorType chosen = getChosen().getType();
  if (chosen.getRank() < 2 || chosen.isDynamicDim(chosen.getRank() - 1))
    return emitOpError() << "expects choices of rank 2 or more with a static last dimension, but got " << chosen;
  if (failed(expectDim(*this, "the elements of order", getOrder(), 0, elementsOf(getChosen()))))
    return failure();
  return expectDim(*this, "the elements of offsets", getOffsets(), 0, getExperts() + 1);
}

void GatherTokensOp::build(OpBuilder &builder, OperationState &state, Value input, Value order, int64_t chosen) {
  int64_t rows = cast<RankedTensorType>(order.getType()).getDimSize(0);
  build(builder, state, RankedTensorType::get({rows, features(input)}, builder.getF32Type()), input, order,
        static_cast<uint64_t>(chosen));
}

LogicalResult GatherTokensOp::verify() {
  return expectShape(*this, "a result", getResult(), {getOrder().getType().getDimSize(0), features(getInput())});
}

void GroupedLinearOp::build(OpBuilder &builder, OperationState &state, Value input, Value weight, Value offsets,
                            Value bias) {
  int64_t rows = cast<RankedTensorType>(input.getType()).getDimSize(0);
  int64_t columns = cast<RankedTensorType>(weight.getType()).getDimSize(1);
  build(builder, state, RankedTensorType::get({rows, columns}, builder.getF32Type()), input, weight, offsets, bias);
}

LogicalResult GroupedLinearOp::verify() {
  RankedTensorType weight = getWeight().getType();
  if (failed(expectShape(*this, "an input", getInput(), {ShapedType::kDynamic, weight.getDimSize(2)})) ||
      failed(expectDim(*this, "the elements of offsets", getOffsets(), 0, weight.getDimSize(0) + 1)) ||
      failed(expectShapeBut(*this, "a result", getResult(), getInput(), weight.getDimSize(1))))
    return failure();
  return expectExpertBias(*this, getBias(), getWeight());
}

LogicalResult ScatterCombineOp::verify() {
  int64_t rows = elementsOf(getWeights());
  if (failed(expectShape(*this, "an input", getInput(), {rows, features(getInput())})) ||
      failed(expectDim(*this, "the elements of order", getOrder(), 0, rows)) ||
      failed(expectDim(*this, "the elements of order", getOrder(), 0, getInput().getType().getDimSize(0))))
    return failure();
  return expectShapeBut(*this, "a result", getResult(), getWeights(), features(getInput()));
}
