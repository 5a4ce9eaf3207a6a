#include "powerhouse/Autodiff/Autodiff.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "powerhouse/Autodiff/Passes.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_AUTODIFFPASS
#include "lib/Autodiff/Passes.h.inc"

namespace {

struct AutodiffPass final : impl::AutodiffPassBase<AutodiffPass> {
  using AutodiffPassBase::AutodiffPassBase;
  void runOnOperation() override {
    auto original = getOperation().lookupSymbol<func::FuncOp>(function);
    if (!original || original.isDeclaration()) {
      getOperation().emitError() << "expects a function @" << function << " with a body";
      return signalPassFailure();
    }
    if (failed(autodiff::buildGradient(original, {of, llvm::to_vector(wrt), accumulate, ""})))
      signalPassFailure();
  }
};

} // namespace
} // namespace ph
