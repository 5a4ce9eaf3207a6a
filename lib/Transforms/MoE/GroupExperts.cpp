#include "lib/Transforms/MoE/ExpertChain.h"
#include "powerhouse/Transforms/MoE/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_GROUPEXPERTSPASS
#include "lib/Transforms/MoE/Passes.h.inc"

namespace {

struct GroupExpertsPass final : impl::GroupExpertsPassBase<GroupExpertsPass> {
  void runOnOperation() override {
    SmallVector<xf::CombineExpertsOp> sums;
    getOperation()->walk([&](xf::CombineExpertsOp op) { sums.push_back(op); });
    for (xf::CombineExpertsOp op : sums)
      if (std::string reason = group(op); !reason.empty())
        remarkRefused(op, getArgument(), reason);
  }

private:
  /// Why nothing was done; empty if it was.
  std::string group(xf::CombineExpertsOp op) {
    moe::ExpertChain chain;
    if (std::string reason = moe::collectExpertChain(op, chain); !reason.empty())
      return reason;
    OpBuilder builder(op);
    auto sort = xf::SortByExpertOp::create(builder, op.getLoc(), chain.experts, chain.count);
    int64_t chosen = cast<RankedTensorType>(chain.experts.getType()).getShape().back();
    IRMapping mapping;
    DenseMap<Value, Value> gathered;
    for (Operation *each : chain.ops) {
      auto linear = dyn_cast<xf::ExpertLinearOp>(each);
      if (!linear) {
        moe::cloneElementwise(builder, each, mapping);
        continue;
      }
      Value rows = mapping.lookupOrNull(linear.getInput());
      if (!linear.hasRowPerExpert()) {
        Value &known = gathered[linear.getInput()];
        if (!known)
          known = xf::GatherTokensOp::create(builder, op.getLoc(), linear.getInput(), sort.getOrder(), chosen);
        rows = known;
      }
      Value product = xf::GroupedLinearOp::create(builder, each->getLoc(), rows, linear.getWeight(), sort.getOffsets(),
                                                  linear.getBias());
      mapping.map(linear.getResult(), product);
      ++grouped;
    }
    auto sum = xf::ScatterCombineOp::create(builder, op.getLoc(), op.getType(), mapping.lookup(op.getInput()),
                                            sort.getOrder(), op.getWeights());
    remarkDone(sum, getArgument(), Twine(chain.products()) + " products on rows sorted by expert");
    op.replaceAllUsesWith(sum.getResult());
    op.erase();
    for (Operation *each : llvm::reverse(chain.ops))
      each->erase();
    return "";
  }
};

} // namespace
} // namespace ph
