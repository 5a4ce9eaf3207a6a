#include "Lowering.h"
#include "powerhouse/Conversion/TransformerToLinalg.h"

using namespace mlir;

namespace ph::conversion {
namespace {

/// Refuses activations that are stored in another way than as f32.
LogicalResult refuseEncodings(func::FuncOp function) {
  // A static matrix in f16 is a weight as well as an activation.
  auto isEncoded = [](Type type) {
    xf::FormatAttr format = xf::getFormat(type);
    return format && (!xf::isWeight(type) || format.isInt8());
  };
  auto refuse = [](Operation *op, Type type) {
    return WalkResult(op->emitOpError() << "expects activations without an encoding, but got " << type
                                        << ": run xf-default-pipeline with activations=f32");
  };
  for (Type type : function.getArgumentTypes())
    if (isEncoded(type))
      return failure(refuse(function, type).wasInterrupted());
  return failure(function
                     .walk([&](Operation *op) {
                       for (Type type : op->getResultTypes())
                         if (xf::getFormat(type) && !isa<xf::LoadWeightOp>(op))
                           return refuse(op, type);
                       return WalkResult::advance();
                     })
                     .wasInterrupted());
}

struct ConvertTransformerToLinalgPass : PassWrapper<ConvertTransformerToLinalgPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertTransformerToLinalgPass)
  ConvertTransformerToLinalgPass() = default;
  explicit ConvertTransformerToLinalgPass(bool keep) { keepProducts = keep; }
  ConvertTransformerToLinalgPass(const ConvertTransformerToLinalgPass &other) : PassWrapper(other) {}

  StringRef getArgument() const override { return "convert-transformer-to-linalg"; }
  StringRef getDescription() const override { return "turn an xf model into structured ops on tensors"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, func::FuncDialect, linalg::LinalgDialect, math::MathDialect, scf::SCFDialect,
                    tensor::TensorDialect, xf::XFDialect>();
  }

  void runOnOperation() override {
    Handlers handlers;
    addAdafactor(handlers);
    addAdamW8(handlers);
    addCache(handlers);
    addControlFlow(handlers);
    addElementwise(handlers);
    addExperts(handlers);
    addGroupedExperts(handlers);
    addEmbedding(handlers);
    addNormalization(handlers);
    addOptimizers(handlers);
    addProducts(handlers);
    addReduction(handlers);
    addRelativePosition(handlers);
    addRope(handlers);
    addRows(handlers);
    addSampling(handlers);
    addExpertOuterAdd(handlers);
    addScatterAdd(handlers);
    addShape(handlers);
    addTokenKl(handlers);
    addTokenLogp(handlers);
    addTraining(handlers);
    addStack(handlers);
    addVision(handlers);
    for (auto function : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (failed(refuseEncodings(function)) || failed(Lowering(getOperation(), handlers, keepProducts).run(function)))
        return signalPassFailure();
  }

  Option<bool> keepProducts{*this, "keep-products", llvm::cl::init(false),
                            llvm::cl::desc("Leave products with weights, and look-ups in them, to the CPU's kernels")};
};

} // namespace

std::unique_ptr<Pass> createConvertTransformerToLinalgPass(bool keepProducts) {
  return std::make_unique<ConvertTransformerToLinalgPass>(keepProducts);
}

} // namespace ph::conversion
