#include "lib/Reference/Training/Models.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace ph::reference {

void registerReferenceModels(DialectRegistry &registry) {
  registerTrainingModels(registry);
  registry.addExtension(+[](MLIRContext *context, xf::XFDialect *) {
    registerActivation(context);
    registerAttention(context);
    registerCache(context);
    registerContraction(context);
    registerElementwise(context);
    registerEmbedding(context);
    registerEncoding(context);
    registerExperts(context);
    registerHeads(context);
    registerLinear(context);
    registerLogits(context);
    registerLoss(context);
    registerNormalization(context);
    registerPooling(context);
    registerRelativePosition(context);
    registerRepeat(context);
    registerRope(context);
    registerRows(context);
    registerSampling(context);
    registerVision(context);
    registerShape(context);
    registerStack(context);
    registerWeights(context);
  });
  registry.addExtension(+[](MLIRContext *context, func::FuncDialect *) { registerFunc(context); });
  registry.addExtension(+[](MLIRContext *context, arith::ArithDialect *) { registerArith(context); });
  registry.addExtension(+[](MLIRContext *context, linalg::LinalgDialect *) { registerLinalg(context); });
  registry.addExtension(+[](MLIRContext *context, math::MathDialect *) { registerMath(context); });
  registry.addExtension(+[](MLIRContext *context, scf::SCFDialect *) { registerScf(context); });
  registry.addExtension(+[](MLIRContext *context, tensor::TensorDialect *) { registerTensor(context); });
}

} // namespace ph::reference
