// Mixtures of experts with sorted tokens: as what they are without the order.
#include "dialects/Training/Training.h"
#include "lib/Autodiff/Rules/Rules.h"

using namespace mlir;

namespace ph::autodiff {

/// slot / k, rounded down, of each slot: the token that it belongs to.
static Value tokensOf(Primitives &p, Value order, int64_t choices) {
  return choices == 1 ? order : p.div(order, p.integer(choices));
}

static SmallVector<Value> spellGather(Primitives &p, xf::GatherTokensOp op) {
  return {xf::GatherOp::create(p, asRows(p, op.getInput()), tokensOf(p, op.getOrder(), op.getTopK()), 0)};
}

/// The expert of each row, [rows, 1]: how many runs have ended before it.
static SmallVector<Value> spellGrouped(Primitives &p, xf::GroupedLinearOp op) {
  Value x = op.getInput();
  int64_t experts = xf::shapeOf(op.getWeight()).front();
  OpFoldResult rows = sizesOf(p, x)[0], one = p.getI64IntegerAttr(1);
  auto known = getConstantIntValue(rows);
  auto type = RankedTensorType::get({known.value_or(ShapedType::kDynamic)}, p.getI32Type());
  Value row = xf::IotaOp::create(p, type, known ? Value() : cast<Value>(rows));
  Value ends = xf::SliceOp::create(p, op.getOffsets(), 0, one, p.getI64IntegerAttr(experts + 1));
  Value ended = p.compare(xf::CompareKind::Ge, xf::ReshapeOp::create(p, row, {rows, one}), ends);
  Value number = sumAlong(p, p.asNumbers(ended), 1);
  Value expert = xf::CastOp::create(p, RankedTensorType::get(xf::shapeOf(number), p.getI32Type()), number);
  Value y = xf::ExpertLinearOp::create(p, x, op.getWeight(), expert, op.getBias());
  return {reshapeLike(p, y, op.getResult())};
}

static SmallVector<Value> spellScatter(Primitives &p, xf::ScatterCombineOp op) {
  SmallVector<OpFoldResult> flat = {p.getI64IntegerAttr(-1)};
  SmallVector<OpFoldResult> column = {sizesOf(p, op.getInput())[0], p.getI64IntegerAttr(1)};
  Value weights = xf::ReshapeOp::create(p, op.getWeights(), flat);
  weights = xf::ReshapeOp::create(p, xf::GatherOp::create(p, weights, op.getOrder(), 0), column);
  Value each = p.mul(op.getInput(), weights);
  Value zeros = asRows(p, zerosLike(p, op.getResult()));
  Value tokens = tokensOf(p, op.getOrder(), xf::shapeOf(op.getWeights()).back());
  return {reshapeLike(p, train::ScatterAddOp::create(p, each, zeros, tokens), op.getResult())};
}

void registerGroupedExpertRules(MLIRContext *context) {
  attachSpelled<xf::GatherTokensOp, spellGather>(context);
  attachSpelled<xf::GroupedLinearOp, spellGrouped>(context);
  attachSpelled<xf::ScatterCombineOp, spellScatter>(context);
}

} // namespace ph::autodiff
