#include "StepBuilder.h"

#include "powerhouse/Interfaces/KernelDeclaration.h"

using namespace mlir;

namespace ph::conversion {
namespace {

// Ranges per thread and phase: enough to even out a thread that lost its core, few enough to stream.
constexpr int64_t kClaimsPerThread = 4;

MemRefType flat(Type element) { return MemRefType::get({int64_t(1) << 40}, element); }

} // namespace

StepBuilder::StepBuilder(ModuleOp module, Location loc)
    : ImplicitLocOpBuilder(loc, module.getContext()), module(module) {
  setInsertionPointToEnd(module.getBody());
  Type bytes = flat(getI8Type()), ints = flat(getI32Type()), floats = flat(getF32Type()), size = getIndexType();
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
  return memref::ViewOp::create(*this, flat(element), bytes, byteOffset, ValueRange{});
}

Value StepBuilder::arenaView(int64_t offsetPerRow, int64_t byte, Type element) {
  return view(step.arena, add(mul(step.capacity, index(offsetPerRow)), index(byte)), element);
}

void StepBuilder::phase(Value units, llvm::function_ref<void(Value, Value)> work) {
  Value share = arith::DivUIOp::create(*this, units, mul(step.threads, index(kClaimsPerThread)));
  Value chunk = add(share, index(1));
  Type i64 = getI64Type();
  auto integer = [&](Value index) -> Value { return arith::IndexCastOp::create(*this, i64, index); };
  auto type = LLVM::LLVMFunctionType::get(i64, {step.team.getType(), i64, i64, i64, i64});
  Value fixed[] = {integer(step.thread), integer(units), integer(chunk)};
  Value none = arith::ConstantIntOp::create(*this, i64, 0);
  scf::WhileOp::create(
      *this, TypeRange{getIndexType()}, ValueRange{none},
      [&](OpBuilder &, Location, ValueRange done) {
        Value claimed =
            LLVM::CallOp::create(*this, type, {step.next, step.team, fixed[0], fixed[1], fixed[2], done.front()})
                .getResult();
        Value more = arith::CmpIOp::create(*this, arith::CmpIPredicate::sge, claimed, none);
        Value first = arith::IndexCastOp::create(*this, getIndexType(), claimed);
        scf::ConditionOp::create(*this, more, first);
      },
      [&](OpBuilder &, Location, ValueRange arguments) {
        Value first = arguments.front();
        Value last = arith::MinUIOp::create(*this, add(first, chunk), units);
        work(first, last);
        scf::YieldOp::create(*this, integer(arith::SubIOp::create(*this, last, first)));
      });
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
