#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/IR/Remarks.h"
#include "powerhouse/Conversion/Programs.h"

using namespace mlir;

namespace ph::conversion {
namespace {

/// Whether each element is computed by itself and only written.
bool isElementwise(linalg::GenericOp op) {
  return op.getNumReductionLoops() == 0 && llvm::none_of(op.getDpsInitsMutable(), [&](OpOperand &init) {
           return op.payloadUsesValueFromOperand(&init) || !op.getMatchingIndexingMap(&init).isIdentity();
         });
}

/// The op of linalg whose elements this one reads, each for its own, if it has other readers.
linalg::GenericOp sharedProducer(linalg::GenericOp op, OpOperand &operand) {
  auto producer = operand.get().getDefiningOp<linalg::GenericOp>();
  if (!producer || producer->hasOneUse() || producer->getBlock() != op->getBlock() || !isElementwise(producer) ||
      !op.getMatchingIndexingMap(&operand).isIdentity())
    return {};
  return producer;
}

struct MergeElementwisePass : PassWrapper<MergeElementwisePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MergeElementwisePass)
  StringRef getArgument() const override { return "merge-elementwise"; }
  StringRef getDescription() const override { return "make one loop of ops that read each other's elements"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<affine::AffineDialect, linalg::LinalgDialect>();
  }

  void runOnOperation() override {
    SmallVector<linalg::GenericOp> ops;
    getOperation()->walk([&](linalg::GenericOp op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (linalg::GenericOp op : ops)
      if (isElementwise(op))
        while (linalg::GenericOp merged = merge(rewriter, op))
          op = merged;
  }

private:
  /// One more producer of `op` and the op as one, in its place; null where none is left that can be.
  linalg::GenericOp merge(IRRewriter &rewriter, linalg::GenericOp op) {
    for (OpOperand *operand : op.getDpsInputOperands()) {
      linalg::GenericOp producer = sharedProducer(op, *operand);
      if (!producer || !linalg::areElementwiseOpsFusable(operand))
        continue;
      if (!othersComeLater(producer, op)) {
        remark::missed(op.getLoc(), remark::RemarkOpts::name("linalg.generic").category(getArgument()))
            << "what it reads is read before";
        continue;
      }
      rewriter.setInsertionPoint(op);
      FailureOr<linalg::ElementwiseOpFusionResult> fused = linalg::fuseElementwiseOps(rewriter, operand);
      if (failed(fused))
        continue;
      // What reads the same elements twice still reads them of the producer the second time.
      for (auto [old, value] : fused->replacements)
        rewriter.replaceUsesWithIf(old, value, [&](OpOperand &use) { return use.getOwner() != fused->fusedOp; });
      rewriter.eraseOp(op);
      if (producer->use_empty())
        rewriter.eraseOp(producer);
      return cast<linalg::GenericOp>(fused->fusedOp);
    }
    return {};
  }

  /// Whether all users of `producer` but `op` stand after it, none of them in its body.
  static bool othersComeLater(linalg::GenericOp producer, linalg::GenericOp op) {
    return llvm::all_of(producer->getUsers(), [&](Operation *user) {
      Operation *inBlock = op->getBlock()->findAncestorOpInBlock(*user);
      return user == op || (inBlock && inBlock != op && op->isBeforeInBlock(inBlock));
    });
  }
};

} // namespace

std::unique_ptr<Pass> createMergeElementwisePass() { return std::make_unique<MergeElementwisePass>(); }

} // namespace ph::conversion
