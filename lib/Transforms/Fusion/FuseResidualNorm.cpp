#include "powerhouse/Transforms/Fusion/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_FUSERESIDUALNORMPASS
#include "lib/Transforms/Fusion/Passes.h.inc"

namespace {

struct FuseResidualNormPass final : impl::FuseResidualNormPassBase<FuseResidualNormPass> {
  void runOnOperation() override {
    SmallVector<Operation *> norms;
    getOperation()->walk([&](Operation *op) {
      if (isa<xf::RmsNormOp, xf::LayerNormOp>(op))
        norms.push_back(op);
    });
    for (Operation *norm : norms)
      if (std::string reason = fuse(norm); !reason.empty())
        remarkRefused(norm, getArgument(), reason);
  }

private:
  /// Why nothing was done though a sum is normed; empty if it was, or if none is.
  std::string fuse(Operation *norm) {
    Operation *made = norm->getOperand(0).getDefiningOp();
    if (isa_and_nonnull<xf::AddRmsNormOp, xf::AddLayerNormOp>(made) && made->getResult(0) == norm->getOperand(0))
      return "another norm has taken the sum";
    auto sum = dyn_cast_if_present<xf::AddOp>(made);
    if (!sum)
      return "";
    if (sum->getBlock() != norm->getBlock())
      return "the sum is made outside the loop";
    // Both are made where the sum was, so that what reads the sum before the norm still finds it; vectors come along.
    for (Value vector : norm->getOperands().drop_front())
      if (!availableAt(vector, sum))
        return "a vector of the norm is made after the sum";
    for (Value vector : norm->getOperands().drop_front())
      if (Operation *load = vector.getDefiningOp(); load && isAfter(load, sum))
        load->moveBefore(sum);

    OpBuilder builder(sum);
    Location loc = builder.getFusedLoc({sum.getLoc(), norm->getLoc()});
    Operation *both;
    if (auto op = dyn_cast<xf::RmsNormOp>(norm)) {
      both = xf::AddRmsNormOp::create(builder, loc, sum.getType(), op.getType(), sum.getLhs(), sum.getRhs(),
                                      op.getWeight(), op.getEpsAttr(), op.getOffsetAttr(), op.getHeadsAttr());
    } else {
      auto layer = cast<xf::LayerNormOp>(norm);
      both = xf::AddLayerNormOp::create(builder, loc, sum.getType(), layer.getType(), sum.getLhs(), sum.getRhs(),
                                        layer.getWeight(), layer.getBias(), layer.getEpsAttr(), layer.getOffsetAttr(),
                                        layer.getHeadsAttr());
    }
    remarkDone(both, getArgument(), "sum and norm are one op");
    norm->replaceAllUsesWith(ValueRange(both->getResult(1)));
    norm->erase();
    sum->replaceAllUsesWith(ValueRange(both->getResult(0)));
    sum->erase();
    ++fused;
    return "";
  }

  /// True if `op` stands after `other` in its block.
  static bool isAfter(Operation *op, Operation *other) {
    return op->getBlock() == other->getBlock() && other->isBeforeInBlock(op);
  }

  /// True if `vector` is defined before `sum`, or is a weight that can be loaded there.
  static bool availableAt(Value vector, Operation *sum) {
    Operation *made = vector.getDefiningOp();
    if (!made || !isAfter(made, sum))
      return true;
    auto load = dyn_cast<xf::LoadWeightOp>(made);
    Operation *layer = load && load.getLayer() ? load.getLayer().getDefiningOp() : nullptr;
    return load && !(layer && isAfter(layer, sum));
  }
};

} // namespace
} // namespace ph
