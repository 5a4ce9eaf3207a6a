#include "powerhouse/Transforms/Quantization/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_FOLDENCODEPASS
#include "lib/Transforms/Quantization/Passes.h.inc"

namespace {

struct FoldEncodePass final : impl::FoldEncodePassBase<FoldEncodePass> {
  void runOnOperation() override {
    SmallVector<xf::EncodeOp> encodes;
    getOperation()->walk<WalkOrder::PreOrder>([&](xf::EncodeOp op) { encodes.push_back(op); });

    // Ops of a block are visited in order, so the one that stays is before the one that goes.
    DenseMap<std::tuple<Block *, Value, Type>, xf::EncodeOp> first;
    SmallVector<xf::EncodeOp> distinct;
    for (xf::EncodeOp op : encodes) {
      auto [entry, isNew] = first.try_emplace({op->getBlock(), op.getInput(), op.getType()}, op);
      if (isNew) {
        distinct.push_back(op);
        continue;
      }
      remarkDone(entry->second, getArgument(), "one encode for two of the same value");
      op.replaceAllUsesWith(entry->second.getResult());
      op.erase();
      ++merged;
    }
    for (xf::EncodeOp op : distinct)
      fold(op);
  }

private:
  void fold(xf::EncodeOp op) {
    Operation *producer = op.getInput().getDefiningOp();
    if (!producer)
      return;
    if (!isa<xf::RmsNormOp, xf::AttentionOp>(producer))
      return remarkRefused(producer, getArgument(), "only xf.rms_norm and xf.attention make their result encoded");
    if (xf::getFormat(op.getInput().getType()))
      return; // encoded there already
    // Attention makes its result head by head.
    auto attention = dyn_cast<xf::AttentionOp>(producer);
    if (attention && attention.getValueHeadDim() % xf::getFormat(op.getType()).getBlockElements() != 0)
      return remarkRefused(producer, getArgument(), "its heads don't divide into blocks of the encoding");
    if (!producer->hasOneUse())
      return remarkRefused(producer, getArgument(), "the result is also used without this encoding");
    producer->getResult(0).setType(op.getType());
    remarkDone(producer, getArgument(), "its result is made encoded");
    op.replaceAllUsesWith(producer->getResult(0));
    op.erase();
    ++folded;
  }
};

} // namespace
} // namespace ph
