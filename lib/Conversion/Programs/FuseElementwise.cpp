#include "TileProducts.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "powerhouse/Conversion/Programs.h"

using namespace mlir;

namespace ph::conversion {
namespace {

/// Whether each element is one of an input, or that made wider.
bool copies(linalg::GenericOp op) {
  Value value = op.getBody()->getTerminator()->getOperand(0);
  if (auto wide = value.getDefiningOp<arith::ExtFOp>())
    value = wide.getIn();
  return op.getNumDpsInits() == 1 && op.getNumDpsInputs() == 1 && value == op.getBody()->getArgument(0) &&
         llvm::all_of(op.getIndexingMapsArray(), [](AffineMap map) { return map.isProjectedPermutation(); });
}

/// Whether the operand's dimension that the op sums over is several of those before `collapse`.
bool collapsesReduced(linalg::GenericOp op, OpOperand &operand, tensor::CollapseShapeOp collapse) {
  auto kinds = op.getIteratorTypesArray();
  for (auto [at, group] :
       llvm::zip_equal(op.getMatchingIndexingMap(&operand).getResults(), collapse.getReassociationIndices())) {
    auto dim = dyn_cast<AffineDimExpr>(at);
    if (dim && kinds[dim.getPosition()] == utils::IteratorType::reduction && group.size() > 1)
      return true;
  }
  return false;
}

/// Whether what makes the operand may be computed where it is used. An op that reads what it writes over keeps that as
/// an output of the fused op, whose other loops would then update it again and again. And a product reads each element
/// of its operands many times, and is best with one loop to sum over.
bool mayFuse(OpOperand *operand) {
  Operation *producer = operand->get().getDefiningOp();
  if (!producer || !producer->hasOneUse())
    return false;
  auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
  bool forProduct = consumer && multipliesAndAdds(consumer);
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(producer))
    return !forProduct || !collapsesReduced(consumer, *operand, collapse);
  auto generic = dyn_cast<linalg::GenericOp>(producer);
  if (!generic)
    return true;
  if (forProduct && !copies(generic))
    return false;
  return llvm::none_of(generic.getDpsInitsMutable(),
                       [&](OpOperand &init) { return generic.payloadUsesValueFromOperand(&init); });
}

struct FuseElementwisePass : PassWrapper<FuseElementwisePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(FuseElementwisePass)
  StringRef getArgument() const override { return "fuse-elementwise"; }
  StringRef getDescription() const override { return "compute what has one use where it is used"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<affine::AffineDialect, linalg::LinalgDialect, tensor::TensorDialect>();
  }

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, mayFuse);
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns, mayFuse);
    linalg::populateConstantFoldLinalgOperations(patterns, mayFuse);
    tensor::populateBubbleUpExpandShapePatterns(patterns);
    linalg::GenericOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    getContext().getLoadedDialect<linalg::LinalgDialect>()->getCanonicalizationPatterns(patterns);
    // What fuses is found from the top on: the first of a chain takes in the others.
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), GreedyRewriteConfig().setUseTopDownTraversal())))
      signalPassFailure();
  }
};

} // namespace

std::unique_ptr<Pass> createFuseElementwisePass() { return std::make_unique<FuseElementwisePass>(); }

} // namespace ph::conversion
