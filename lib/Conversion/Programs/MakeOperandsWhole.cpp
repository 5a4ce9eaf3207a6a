#include "dialects/Step/Step.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "powerhouse/Conversion/Programs.h"

using namespace mlir;

namespace ph::conversion {
namespace {

bool isWhole(Value memory) { return cast<MemRefType>(memory.getType()).getLayout().isIdentity(); }

/// New memory of the same sizes, without gaps.
Value wholeLike(ImplicitLocOpBuilder &b, Value memory) {
  auto type = cast<MemRefType>(memory.getType());
  SmallVector<Value> sizes;
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (type.isDynamicDim(i))
      sizes.push_back(memref::DimOp::create(b, memory, i));
  return memref::AllocOp::create(b, MemRefType::get(type.getShape(), type.getElementType()), sizes);
}

struct MakeOperandsWholePass : PassWrapper<MakeOperandsWholePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MakeOperandsWholePass)
  StringRef getArgument() const override { return "make-operands-whole"; }
  StringRef getDescription() const override { return "copy what kernels take where it has gaps"; }
  void getDependentDialects(DialectRegistry &registry) const override { registry.insert<memref::MemRefDialect>(); }

  void runOnOperation() override {
    getOperation()->walk([&](step::KernelOp op) {
      ImplicitLocOpBuilder b(op.getLoc(), op);
      for (OpOperand &input : op.getInputsMutable())
        if (isa<MemRefType>(input.get().getType()) && !isWhole(input.get())) {
          Value copy = wholeLike(b, input.get());
          memref::CopyOp::create(b, input.get(), copy);
          input.set(copy);
        }
      Value output = op.getOutput();
      if (!isa<MemRefType>(output.getType()) || isWhole(output))
        return;
      Value copy = wholeLike(b, output);
      op.getOutputMutable().set(copy);
      b.setInsertionPointAfter(op);
      memref::CopyOp::create(b, copy, output);
    });
  }
};

} // namespace

std::unique_ptr<Pass> createMakeOperandsWholePass() { return std::make_unique<MakeOperandsWholePass>(); }

} // namespace ph::conversion
