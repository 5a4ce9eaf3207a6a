#include "lib/Transforms/Context/ContextExtension.h"
#include "powerhouse/Interfaces/ValueChange.h"
#include "powerhouse/Transforms/Context/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_LIMITWINDOWPASS
#include "lib/Transforms/Context/Passes.h.inc"

namespace {

struct LimitWindowPass final : impl::LimitWindowPassBase<LimitWindowPass>, ChangesValues {
  using Base::Base;

  ValueChange getValueChange() const override { return {ValueChange::Meaning, "queries see fewer positions", window}; }

  void runOnOperation() override {
    int64_t context = getContextLength(getOperation());
    auto fail = [&](const Twine &message) {
      getOperation().emitError() << getArgument() << " expects " << message;
      signalPassFailure();
    };
    if (window < 1)
      return fail("window=… of at least 1, but got " + Twine(window));
    if (sinks < 0)
      return fail("sinks=… of at least 0, but got " + Twine(sinks));
    if (context && window >= context)
      return fail("a window below the model's " + Twine(context) + " positions, but got " + Twine(window));
    getOperation().walk([&](Operation *op) {
      std::string reason;
      if (auto attention = dyn_cast<xf::AttentionOp>(op))
        reason = limit(attention);
      else if (auto backward = dyn_cast<xf::AttentionBackwardOp>(op))
        reason = limit(backward);
      else
        return;
      if (!reason.empty())
        return remarkRefused(op, getArgument(), reason);
      remarkDone(op, getArgument(), "a query sees " + Twine(window) + " positions and the first " + Twine(sinks));
      ++limited;
    });
  }

private:
  /// Why nothing was done; empty if it was.
  template <class Op> std::string limit(Op op) {
    if (op.getMask() != xf::Mask::Causal)
      return "it is not causal";
    int64_t kept = op.getKeep() ? int64_t(*op.getKeep()) : 0;
    if (op.getWindow()) {
      int64_t narrow = int64_t(*op.getWindow());
      if (narrow < window)
        return "its window of " + std::to_string(narrow) + " is narrower";
      if (kept && kept != sinks)
        return "it keeps the first " + std::to_string(kept) + " positions";
      if (narrow == window && kept == sinks)
        return "it is so already";
    }
    Builder builder(&getContext());
    op.setWindowAttr(builder.getI64IntegerAttr(window));
    if (sinks > 0)
      op.setKeepAttr(builder.getI64IntegerAttr(sinks));
    return "";
  }
};

} // namespace
} // namespace ph
