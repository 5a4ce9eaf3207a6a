#include "powerhouse/Interfaces/ValueChange.h"
#include "powerhouse/Transforms/Context/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_USEALIBIPASS
#include "lib/Transforms/Context/Passes.h.inc"

namespace {

bool isRotated(Value value) { return value && value.getDefiningOp<xf::RopeOp>(); }

/// Whether the keys that the attention sees are rotated, here or where they are put into the cache.
bool keysAreRotated(xf::AttentionOp op) {
  if (op.getKeys())
    return op.getRope() || isRotated(op.getKeys());
  auto append = op.getCache().getDefiningOp<xf::CacheAppendOp>();
  return append && (append.getRope() || isRotated(append.getKeys()));
}

/// Why the rotation of a query can't become a bias; empty if it can, or if there is none.
std::string refusal(xf::AttentionOp op) {
  bool query = op.getRope() || isRotated(op.getQuery());
  if (!query && !keysAreRotated(op))
    return "";
  if (op.getAlibi())
    return "has linear biases besides rotary positions";
  if (query != keysAreRotated(op))
    return "has only one of query and keys rotated here";
  if (op.getMask() != xf::Mask::Causal)
    return "is not causal, and linear biases are for attention that is";
  if (op.getBias())
    return "has a bias, which may already be of positions";
  return "";
}

/// Whether all that uses the rotated heads is a query or keys.
bool servesAttention(xf::RopeOp rope) {
  return llvm::all_of(rope->getUses(), [](OpOperand &use) {
    if (auto attention = dyn_cast<xf::AttentionOp>(use.getOwner()))
      return use.get() != attention.getValues();
    auto append = dyn_cast<xf::CacheAppendOp>(use.getOwner());
    return append && use.get() != append.getValues();
  });
}

/// Whether a rotation of keys that go into the cache is seen by an attention here, which then is asked about it.
bool isSeen(xf::CacheAppendOp op) {
  return llvm::any_of(op.getResult().getUsers(), [](Operation *user) { return isa<xf::AttentionOp>(user); });
}

struct UseAlibiPass final : impl::UseAlibiPassBase<UseAlibiPass>, ChangesValues {
  using Base::Base;

  ValueChange getValueChange() const override { return {ValueChange::Meaning, "linear biases replace rotations"}; }

  void runOnOperation() override {
    if (!std::isfinite(maxBias) || !(maxBias > 0)) {
      getOperation().emitError() << getArgument() << " expects max-bias=… above 0, but got " << double(maxBias);
      return signalPassFailure();
    }
    if (failed(check()))
      return signalPassFailure();
    auto alibi = xf::AlibiAttr::get(&getContext(), maxBias);
    getOperation().walk([&](xf::AttentionOp op) {
      if (!op.getRope() && !isRotated(op.getQuery()))
        return;
      op.setAlibiAttr(alibi);
      op.removeRopeAttr();
      op.getPositionsMutable().clear();
      remarkDone(op, getArgument(), "linear biases in place of rotations");
      ++replaced;
    });
    getOperation().walk([&](xf::CacheAppendOp op) {
      op.removeRopeAttr();
      op.getPositionsMutable().clear();
    });
    getOperation().walk([](xf::RopeOp op) {
      op.getResult().replaceAllUsesWith(op.getInput());
      op.erase();
    });
    getOperation().walk([](xf::PositionsOp op) {
      if (op->use_empty())
        op.erase();
    });
  }

private:
  LogicalResult check() {
    bool rotates = false;
    auto walked = getOperation().walk([&](Operation *op) -> WalkResult {
      rotates |= op->hasAttr("rope");
      if (isa<xf::AttentionBackwardOp>(op))
        return op->emitOpError() << "is a derivative, which " << getArgument() << " doesn't replace";
      if (auto attention = dyn_cast<xf::AttentionOp>(op))
        if (std::string reason = refusal(attention); !reason.empty())
          return op->emitOpError() << reason;
      if (auto append = dyn_cast<xf::CacheAppendOp>(op);
          append && (append.getRope() || isRotated(append.getKeys())) && !isSeen(append))
        return op->emitOpError() << "rotates keys for an attention that isn't beside it";
      if (auto rope = dyn_cast<xf::RopeOp>(op); rope && !servesAttention(rope))
        return op->emitOpError() << "serves something else than queries and keys of attention";
      return WalkResult::advance();
    });
    if (walked.wasInterrupted())
      return failure();
    if (!rotates)
      return getOperation().emitError() << getArgument()
                                        << " expects rotary positions to replace, but got a module without any";
    return success();
  }
};

} // namespace
} // namespace ph
