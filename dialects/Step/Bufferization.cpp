#include "dialects/Step/Step.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace mlir::bufferization;

namespace ph::step {
namespace {

struct BufferizableKernel : DstBufferizableOpInterfaceExternalModel<BufferizableKernel, KernelOp> {
  /// All of the output is written, none of it read.
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand, const AnalysisState &) const {
    return !cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter, const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto kernel = cast<KernelOp>(op);
    SmallVector<Value> inputs;
    for (Value input : kernel.getInputs()) {
      FailureOr<Value> buffer = isa<TensorType>(input.getType()) ? getBuffer(rewriter, input, options, state) : input;
      if (failed(buffer))
        return failure();
      inputs.push_back(*buffer);
    }
    FailureOr<Value> output = getBuffer(rewriter, kernel.getOutput(), options, state);
    if (failed(output))
      return failure();
    KernelOp::create(rewriter, op->getLoc(), TypeRange(), kernel.getOptionsAttr(), kernel.getWeights(), inputs, *output,
                     kernel.getTilesAttr());
    replaceOpWithBufferizedValues(rewriter, op, *output);
    return success();
  }
};

} // namespace

void registerBufferization(DialectRegistry &registry) {
  registry.addExtension(
      +[](MLIRContext *context, StepDialect *) { KernelOp::attachInterface<BufferizableKernel>(*context); });
}

} // namespace ph::step
