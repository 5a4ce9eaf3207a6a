#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "powerhouse/Autodiff/Autodiff.h"
#include "powerhouse/Autodiff/Passes.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_JVPPASS
#include "lib/Autodiff/Passes.h.inc"

namespace {

struct JvpPass final : impl::JvpPassBase<JvpPass> {
  using JvpPassBase::JvpPassBase;
  void runOnOperation() override {
    auto original = getOperation().lookupSymbol<func::FuncOp>(function);
    if (!original || original.isDeclaration()) {
      getOperation().emitError() << "expects a function @" << function << " with a body";
      return signalPassFailure();
    }
    if (failed(autodiff::buildTangent(original, {of, llvm::to_vector(wrt), /*accumulate=*/false, ""})))
      signalPassFailure();
  }
};

} // namespace
} // namespace ph
