// Mixtures of experts: routers, tokens that are sorted, where experts' matrices come from.
#include "test/Proof/Planted/Bug.h"

using namespace mlir;

namespace ph::planted {

/// The router that only the sorted mixture has.
static xf::RouterOp groupedRouter(ModuleOp module) {
  return find<xf::RouterOp>(module, [](xf::RouterOp op) { return op.getGroups().has_value(); });
}

static xf::RouterOp lateRouter(ModuleOp module) {
  return find<xf::RouterOp>(module, [](xf::RouterOp op) { return op.getAfterTopK(); });
}

/// Rows go back as if they had not been sorted.
static void scatterUnsorted(ModuleOp module) {
  auto op = find<xf::ScatterCombineOp>(module);
  auto sort = maker<xf::SortByExpertOp>(op.getOrder());
  OpBuilder builder(op);
  // Where all experts are equal the order is that of the slots.
  Value zeros =
      xf::ElementwiseOp::create(builder, op.getLoc(), xf::BinaryKind::Sub, sort.getChosen(), sort.getChosen());
  auto unsorted = xf::SortByExpertOp::create(builder, op.getLoc(), zeros, sort.getExperts());
  op.getOrderMutable().assign(unsorted.getOrder());
}

/// The matrix of what is gated where that of the gate should be.
static void swapGateAndUp(ModuleOp module) {
  auto op = find<xf::GatedActivationOp>(
      module, [](xf::GatedActivationOp op) { return bool(op.getGate().getDefiningOp<xf::GroupedLinearOp>()); });
  auto gate = maker<xf::GroupedLinearOp>(op.getGate()), up = maker<xf::GroupedLinearOp>(op.getUp());
  Value weight = gate.getWeight();
  gate.getWeightMutable().assign(up.getWeight());
  up.getWeightMutable().assign(weight);
}

template <const char *name, const char *sources> static void setSources(ModuleOp module) {
  auto op = find<xf::WeightOp>(module, [](xf::WeightOp op) { return op.getSymName() == name; });
  set(op, "sources", sources);
}

static constexpr char each[] = "each", woven[] = "woven";
static constexpr char offByOne[] = "[#xf.source<\"each.{expert}\">]";
static constexpr char asPart[] = "[#xf.source<\"woven\", transposed, part<1, 2>>]";
static constexpr char otherHalf[] = "[#xf.source<\"woven\", transposed, interleaved<0, 2>>]";

llvm::ArrayRef<Bug> expertBugs() {
  static constexpr Bug bugs[] = {
      {"experts-see-wrong-token", [](ModuleOp module) { find<xf::GatherTokensOp>(module).setTopK(3); }},
      {"experts-scattered-unsorted", scatterUnsorted},
      {"experts-gate-up-swapped", swapGateAndUp},
      {"experts-bias-lost",
       [](ModuleOp module) {
         find<xf::GroupedLinearOp>(module, [](xf::GroupedLinearOp op) { return bool(op.getBias()); })
             .getBiasMutable()
             .clear();
       }},
      {"experts-off-by-one", setSources<each, offByOne>},
      {"experts-halves-for-interleaved", setSources<woven, asPart>},
      {"experts-other-half", setSources<woven, otherHalf>},
      {"router-groups-ignored",
       [](ModuleOp module) {
         xf::RouterOp op = groupedRouter(module);
         op.removeGroupsAttr();
         op.removeGroupTopKAttr();
       }},
      {"router-bias-lost", [](ModuleOp module) { groupedRouter(module).getBiasMutable().clear(); }},
      {"router-softmax-for-sigmoid", [](ModuleOp module) { groupedRouter(module).setScoring(xf::Scoring::Softmax); }},
      {"router-softmax-of-all", [](ModuleOp module) { lateRouter(module).setAfterTopK(false); }},
  };
  return bugs;
}

} // namespace ph::planted
