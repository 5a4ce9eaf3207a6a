// Sums and gated activations that no other kernel took in.
#include "RowBuilder.h"

using namespace mlir;

namespace ph::codegen {

/// y = combine(x0, x1) over rows and columns: (x0, x1, y, m0, m1, c0, c1, ld0, ld1, ldy).
static func::FuncOp buildElementwise(ModuleOp module, const CpuLevel &level, StringRef name,
                                     function_ref<Value(KernelBuilder &, Value, Value)> combine) {
  MLIRContext *context = module.getContext();
  Type f32 = flatMemRef(Float32Type::get(context)), index = IndexType::get(context);
  SmallVector<KernelArgument> arguments(3, {f32});
  arguments.append(7, {index});
  return getOrCreateKernel(module, level, (name + "_" + level.symbolSuffix()).str(), arguments,
                           [&](KernelBuilder &b, ValueRange args) {
                             Value first = args[5], last = args[6];
                             Value count = b.max(b.sub(last, first), b.index(0));
                             Value whole = b.add(first, b.mul(b.div(count, b.lanes()), b.lanes()));
                             b.loop(args[3], args[4], 1, [&](Value m) {
                               Value at[3];
                               for (int i = 0; i < 3; ++i)
                                 at[i] = b.mul(m, args[7 + i]);
                               auto run = [&](Value from, Value to, int64_t width) {
                                 b.loop(from, to, width, [&](Value c) {
                                   Value x0 = b.loadVector(args[0], b.add(at[0], c), 0, width);
                                   Value x1 = b.loadVector(args[1], b.add(at[1], c), 0, width);
                                   b.storeVector(combine(b, x0, x1), args[2], b.add(at[2], c));
                                 });
                               };
                               run(first, whole, b.lanes());
                               run(whole, last, 1);
                             });
                           });
}

func::FuncOp buildAdd(ModuleOp module, const CpuLevel &level) {
  return buildElementwise(module, level, "add", [](KernelBuilder &b, Value x, Value y) { return b.addf(x, y); });
}

func::FuncOp buildGatedActivation(ModuleOp module, const CpuLevel &level, const GatedActivationSpec &spec) {
  auto activate = [&](KernelBuilder &b, Value gate) {
    switch (spec.function) {
    case Activation::Silu:
      return b.silu(gate);
    case Activation::Gelu:
      return b.gelu(gate);
    case Activation::GeluTanh:
      return b.geluTanh(gate);
    case Activation::Relu:
      return b.relu(gate);
    }
    llvm_unreachable("every activation has a case");
  };
  static constexpr const char *names[] = {"silu", "gelu", "gelu_tanh", "relu"};
  std::string name = std::string("gated_") + names[static_cast<int>(spec.function)];
  return buildElementwise(module, level, name,
                          [&](KernelBuilder &b, Value gate, Value up) { return b.mulf(activate(b, gate), up); });
}

} // namespace ph::codegen
