#include "test/Proof/Planted/Bug.h"

using namespace mlir;

namespace ph::planted {

static xf::ElementwiseOp elementwise(ModuleOp module, xf::BinaryKind kind) {
  return find<xf::ElementwiseOp>(module, [&](xf::ElementwiseOp op) { return op.getKind() == kind; });
}

/// √mean + eps for √(mean + eps).
static void epsOutsideRoot(ModuleOp module) {
  auto root = find<xf::UnaryOp>(module, [](xf::UnaryOp op) { return op.getKind() == xf::UnaryKind::Sqrt; });
  auto sum = maker<xf::ElementwiseOp>(root.getInput());
  OpBuilder builder(root);
  Value plain = xf::UnaryOp::create(builder, root.getLoc(), xf::UnaryKind::Sqrt, sum.getLhs());
  replace(root, xf::ElementwiseOp::create(builder, root.getLoc(), xf::BinaryKind::Add, plain, sum.getRhs()));
}

/// A transpose of a transpose as one, composed the wrong way round.
static void mergeTransposes(ModuleOp module) {
  auto outer = find<xf::TransposeOp>(
      module, [](xf::TransposeOp op) { return bool(op.getInput().getDefiningOp<xf::TransposeOp>()); });
  auto inner = maker<xf::TransposeOp>(outer.getInput());
  SmallVector<int64_t> merged;
  for (int64_t dim : inner.getPermutation())
    merged.push_back(outer.getPermutation()[dim]);
  OpBuilder builder(outer);
  auto wrong = xf::TransposeOp::create(builder, outer.getLoc(), inner.getInput(), merged);
  wrong.getResult().setType(outer.getResult().getType());
  replace(outer, wrong.getResult());
}

/// e^x / Σ e^x without the largest taken off: right until e^x is beyond f32.
static void unstableSoftmax(ModuleOp module) {
  auto op = find<xf::SoftmaxOp>(module);
  OpBuilder builder(op);
  Value power = xf::UnaryOp::create(builder, op.getLoc(), xf::UnaryKind::Exp, op.getInput());
  Value sum = xf::ReduceOp::create(builder, op.getLoc(), xf::ReduceKind::Sum, power, ArrayRef<int64_t>(op.getAxis()),
                                   /*keepdims=*/true);
  replace(op, xf::ElementwiseOp::create(builder, op.getLoc(), xf::BinaryKind::Div, power, sum));
}

llvm::ArrayRef<Bug> primitiveBugs() {
  static constexpr Bug bugs[] = {
      {"eps-outside-root", epsOutsideRoot},
      {"mask-off-by-one", [](ModuleOp module) { set(find<xf::CompareOp>(module), "kind", "#xf<relation gt>"); }},
      {"mask-inverted", [](ModuleOp module) { set(find<xf::CompareOp>(module), "kind", "#xf<relation lt>"); }},
      {"softmax-wrong-axis", [](ModuleOp module) { set(find<xf::SoftmaxOp>(module), "axis", "2"); }},
      {"softmax-overflows", unstableSoftmax},
      {"transposes-merged-wrongly", mergeTransposes},
      {"concat-wrong-order", [](ModuleOp module) { swapOperands(find<xf::ConcatOp>(module), 0, 1); }},
      {"slice-off-by-one",
       [](ModuleOp module) { set(find<xf::SliceOp>(module), "static_bounds", "array<i64: 1, 9>"); }},
      {"mean-for-sum", [](ModuleOp module) { set(find<xf::ReduceOp>(module), "kind", "#xf<reduction sum>"); }},
      {"sub-swapped", [](ModuleOp module) { swapOperands(elementwise(module, xf::BinaryKind::Sub), 0, 1); }},
  };
  return bugs;
}

} // namespace ph::planted
