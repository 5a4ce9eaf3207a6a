#include "StepBuilder.h"

#include "lib/Conversion/Step/Phase.h"
#include "powerhouse/Interfaces/KernelDeclaration.h"

using namespace mlir;

namespace ph::conversion {
StepBuilder::StepBuilder(ModuleOp module, Location loc)
    : ImplicitLocOpBuilder(loc, module.getContext()), module(module) {
  setInsertionPointToEnd(module.getBody());
  Type bytes = flatMemory(getI8Type()), ints = flatMemory(getI32Type()), floats = flatMemory(getF32Type()),
       size = getIndexType();
  Type pointer = LLVM::LLVMPointerType::get(getContext());
  auto type = getFunctionType(
      {bytes, bytes, bytes, ints, ints, ints, floats, size, size, size, size, size, size, size, pointer, pointer}, {});
  function = func::FuncOp::create(*this, kStepFunction, type);
  Block *entry = function.addEntryBlock();
  setInsertionPointToStart(entry);
  Value *const fields[] = {&step.weights, &step.arena,   &step.cache,    &step.tokens,    &step.past,     &step.rows,
                           &step.logits,  &step.batch,   &step.sequence, &step.logitRows, &step.capacity, &step.context,
                           &step.thread,  &step.threads, &step.next,     &step.team};
  for (auto [field, argument] : llvm::zip_equal(fields, entry->getArguments()))
    *field = argument;
  tokenRowCount = mul(step.batch, step.sequence);
}

void StepBuilder::finish() { func::ReturnOp::create(*this); }

Value StepBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }
Value StepBuilder::mul(Value a, Value b) { return arith::MulIOp::create(*this, a, b); }
Value StepBuilder::add(Value a, Value b) { return arith::AddIOp::create(*this, a, b); }
Value StepBuilder::ceilDiv(Value a, int64_t b) { return arith::DivUIOp::create(*this, add(a, index(b - 1)), index(b)); }

Value StepBuilder::view(Value bytes, Value byteOffset, Type element) {
  return memref::ViewOp::create(*this, flatMemory(element), bytes, byteOffset, ValueRange{});
}

Value StepBuilder::arenaView(int64_t offsetPerRow, int64_t byte, Type element) {
  return view(step.arena, add(mul(step.capacity, index(offsetPerRow)), index(byte)), element);
}

void StepBuilder::phase(Value units, llvm::function_ref<void(Value, Value)> work) {
  emitPhase(*this, {step.thread, step.threads, step.next, step.team}, units, work);
}

void StepBuilder::callKernel(StringRef kind, ArrayRef<NamedAttribute> options, ValueRange arguments) {
  llvm::SmallVector<NamedAttribute> entries(options);
  entries.push_back(getNamedAttr("kind", getStringAttr(kind)));
  DictionaryAttr dictionary = getDictionaryAttr(entries);
  FunctionType type = getFunctionType(arguments.getTypes(), {});
  func::FuncOp &kernel = kernels[{dictionary, type}];
  if (!kernel) {
    OpBuilder::InsertionGuard guard(*this);
    setInsertionPoint(function);
    std::string name = ("kernel_" + llvm::Twine(kernels.size()) + "_" + kind).str();
    kernel = func::FuncOp::create(*this, name, type);
    kernel.setPrivate();
    kernel->setAttr(kKernelAttr, dictionary);
  }
  func::CallOp::create(*this, kernel, arguments);
}

} // namespace ph::conversion
