#include "test/Proof/Planted/Bug.h"

using namespace mlir;

namespace ph::planted {

template <class Attribute> static xf::AttentionOp with(ModuleOp module, Attribute (xf::AttentionOp::*get)()) {
  return find<xf::AttentionOp>(module, [&](xf::AttentionOp op) { return bool((op.*get)()); });
}

static void drop(Operation *op, StringRef name) { op->removeAttr(name); }

/// Plain attention that is causal and has no option.
static xf::AttentionOp plain(ModuleOp module) {
  return find<xf::AttentionOp>(module, [](xf::AttentionOp op) {
    return op.getKeys() && op.getKeys() != op.getQuery() && op.getMask() == xf::Mask::Causal &&
           op->getNumOperands() == 3 && !op.getWindow();
  });
}

/// The two halves of a value's features in the other order.
static Value swapHalves(OpBuilder &builder, Value value) {
  int64_t half = cast<RankedTensorType>(value.getType()).getShape().back() / 2;
  auto parts = xf::SplitOp::create(builder, value.getLoc(), value, ArrayRef<int64_t>{half, half});
  return xf::ConcatOp::create(builder, value.getLoc(), ValueRange{parts->getResult(1), parts->getResult(0)},
                              /*axis=*/2);
}

static void wrongGroup(ModuleOp module) {
  xf::AttentionOp op = plain(module);
  OpBuilder builder(op);
  op.getKeysMutable().assign(swapHalves(builder, op.getKeys()));
  op.getValuesMutable().assign(swapHalves(builder, op.getValues()));
}

llvm::ArrayRef<Bug> attentionBugs() {
  static constexpr Bug bugs[] = {
      {"scale-lost", [](ModuleOp module) { set(plain(module), "scale", "1.0"); }},
      {"causal-to-none", [](ModuleOp module) { set(plain(module), "mask", "#xf<mask none>"); }},
      {"wrong-kv-group", wrongGroup},
      {"keys-for-values", [](ModuleOp module) { swapOperands(plain(module), 1, 2); }},
      {"window-off-by-one", [](ModuleOp module) { set(with(module, &xf::AttentionOp::getWindowAttr), "window", "4"); }},
      {"window-lost", [](ModuleOp module) { drop(with(module, &xf::AttentionOp::getWindowAttr), "window"); }},
      {"soft-cap-lost", [](ModuleOp module) { drop(with(module, &xf::AttentionOp::getSoftCapAttr), "soft_cap"); }},
      {"alibi-slopes-wrong",
       [](ModuleOp module) {
         set(with(module, &xf::AttentionOp::getAlibiAttr), "alibi", "#xf.alibi<max_bias = 4.0>");
       }},
      {"alibi-lost", [](ModuleOp module) { drop(with(module, &xf::AttentionOp::getAlibiAttr), "alibi"); }},
      {"prefix-lost",
       [](ModuleOp module) {
         xf::AttentionOp op = with(module, &xf::AttentionOp::getPrefix);
         op.getPrefixMutable().clear();
       }},
      {"documents-mixed",
       [](ModuleOp module) {
         xf::AttentionOp op = with(module, &xf::AttentionOp::getDocuments);
         op.getDocumentsMutable().clear();
       }},
      {"padding-seen",
       [](ModuleOp module) {
         xf::AttentionOp op = with(module, &xf::AttentionOp::getValid);
         op.getValidMutable().clear();
       }},
      {"sinks-lost",
       [](ModuleOp module) {
         xf::AttentionOp op = with(module, &xf::AttentionOp::getSinks);
         op.getSinksMutable().clear();
       }},
      {"rope-wrong-style",
       [](ModuleOp module) {
         set(find<xf::RopeOp>(module), "rope", "#xf.rope<dim = 8, base = 1.0e4, style = interleaved>");
       }},
      {"rope-wrong-base",
       [](ModuleOp module) { set(find<xf::RopeOp>(module), "rope", "#xf.rope<dim = 8, base = 1.1e4, style = half>"); }},
      {"rope-half-of-head",
       [](ModuleOp module) { set(find<xf::RopeOp>(module), "rope", "#xf.rope<dim = 4, base = 1.0e4, style = half>"); }},
      {"keys-not-rotated",
       [](ModuleOp module) {
         auto op = find<xf::RopeOp>(module, [](xf::RopeOp op) { return op.getHeads() == 2; });
         replace(op, op.getInput());
       }},
      {"cache-keys-for-values", [](ModuleOp module) { swapOperands(find<xf::CacheAppendOp>(module), 2, 3); }},
      {"cache-before-append",
       [](ModuleOp module) {
         auto op = with(module, &xf::AttentionOp::getCache);
         op.getCacheMutable().assign(maker<xf::CacheAppendOp>(op.getCache()).getCache());
       }},
      {"cache-wrong-layer",
       [](ModuleOp module) {
         auto op = find<xf::CacheAppendOp>(module);
         OpBuilder builder(op);
         op.getLayerMutable().assign(arith::ConstantIndexOp::create(builder, op.getLoc(), 0));
       }},
  };
  return bugs;
}

} // namespace ph::planted
