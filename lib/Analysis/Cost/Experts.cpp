// Mixtures of experts. Only the matrices of chosen experts are read: of E those of T · k slots, if each is another's.
#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

/// The slots, T · k of them, that rows, an order or offsets sorted by expert stand for; their own rows where what
/// sorted them can't be seen. (A dynamic dimension alone would be taken for tokens.)
static double getSlots(Value value, const CostPoint &at) {
  while (Operation *op = value.getDefiningOp()) {
    if (auto sort = dyn_cast<xf::SortByExpertOp>(op))
      return getElements(sort.getChosen().getType(), at);
    if (auto gather = dyn_cast<xf::GatherTokensOp>(op))
      value = gather.getOrder();
    else if (auto linear = dyn_cast<xf::GroupedLinearOp>(op))
      value = linear.getOffsets();
    else
      break;
  }
  auto type = cast<RankedTensorType>(value.getType());
  return type.getRank() == 1 ? getElements(type, at) : getRows(value, at);
}

/// Of E matrices, and biases, those that `slots` choices read at most.
static double getExpertBytes(Value weight, Value bias, double slots, const CostPoint &at) {
  double experts = double(cast<RankedTensorType>(weight.getType()).getDimSize(0));
  double bytes = getBytes(weight.getType(), at) + (bias ? getBytes(bias.getType(), at) : 0);
  return bytes / experts * std::min(experts, slots);
}

/// A softmax is 5 for each logit, a sigmoid 3; the bias 1. Choosing compares each logit with the one before it for each
/// choice.
static void router(xf::RouterOp op, const CostPoint &at, Cost &cost) {
  double experts = double(op.getExpertCount()), chosen = double(op.getTopK());
  double scored = op.getAfterTopK() ? chosen : experts;
  double row = scored * (op.getScoring() == xf::Scoring::Softmax ? 5 : 3) + experts * chosen;
  if (op.getBias())
    row += experts;
  if (op.getGroups()) // the two best of each group and their sum, then the best groups
    row += 2 * experts + double(*op.getGroups()) * (1 + double(*op.getGroupTopK()));
  row += chosen * (2 * op.getNormalize() + bool(op.getScale()));
  cost.flop = row * getRows(op.getLogits(), at);
}

static void expertLinear(xf::ExpertLinearOp op, const CostPoint &at, Cost &cost) {
  cost.flop = getElements(op.getResult().getType(), at) * (2 * getFeatures(op.getInput()) + bool(op.getBias()));
  cost.weightBytes = getExpertBytes(op.getWeight(), op.getBias(), getElements(op.getExperts().getType(), at), at);
}

static void combineExperts(xf::CombineExpertsOp op, const CostPoint &at, Cost &cost) {
  cost.flop = 2 * getElements(op.getInput().getType(), at);
}

/// Comparisons of integers aren't counted.
static void sortByExpert(xf::SortByExpertOp op, const CostPoint &at, Cost &cost) {
  double slots = getElements(op.getChosen().getType(), at);
  cost.activationBytes = 4 * (slots + slots + double(op.getExperts()) + 1);
}

/// A token's row is read for each slot.
static void gatherTokens(xf::GatherTokensOp op, const CostPoint &at, Cost &cost) {
  cost.activationBytes = getSlots(op.getOrder(), at) * (4 + 2 * 4 * getFeatures(op.getInput()));
}

static void groupedLinear(xf::GroupedLinearOp op, const CostPoint &at, Cost &cost) {
  double slots = getSlots(op.getOffsets().getDefiningOp() ? Value(op.getOffsets()) : Value(op.getInput()), at);
  double in = getFeatures(op.getInput()), out = getFeatures(op.getResult());
  cost.flop = slots * out * (2 * in + bool(op.getBias()));
  cost.weightBytes = getExpertBytes(op.getWeight(), op.getBias(), slots, at);
  cost.activationBytes = 4 * slots * (in + out) + getBytes(op.getOffsets().getType(), at);
}

static void scatterCombine(xf::ScatterCombineOp op, const CostPoint &at, Cost &cost) {
  double slots = getElements(op.getWeights().getType(), at), features = getFeatures(op.getInput());
  cost.flop = 2 * slots * features;
  cost.activationBytes = slots * (4 + 4 + 4 * features) + getBytes(op.getResult().getType(), at);
}

void registerExpertsCost(MLIRContext *context) {
  attach<xf::RouterOp, router>(context);
  attach<xf::ExpertLinearOp, expertLinear>(context);
  attach<xf::CombineExpertsOp, combineExperts>(context);
  attach<xf::SortByExpertOp, sortByExpert>(context);
  attach<xf::GatherTokensOp, gatherTokens>(context);
  attach<xf::GroupedLinearOp, groupedLinear>(context);
  attach<xf::ScatterCombineOp, scatterCombine>(context);
}

} // namespace ph::analysis
