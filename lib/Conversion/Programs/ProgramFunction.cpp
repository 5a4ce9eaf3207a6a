#include "ProgramFunction.h"

#include "powerhouse/Conversion/Programs.h"

using namespace mlir;

namespace ph::conversion {

FunctionType ProgramArguments::type(MLIRContext *context) {
  Builder b(context);
  Type bytes = flatMemory(b.getI8Type()), pointer = LLVM::LLVMPointerType::get(context), size = b.getIndexType();
  return b.getFunctionType({bytes, bytes, pointer, pointer, size, size, pointer, pointer}, {});
}

ProgramArguments ProgramArguments::of(func::FuncOp program) {
  auto a = [&](unsigned i) -> Value { return program.getArgument(i); };
  return {a(0), a(1), a(2), a(3), {a(4), a(5), a(6), a(7)}};
}

SmallVector<func::FuncOp> programsOf(ModuleOp module) {
  SmallVector<func::FuncOp> programs;
  for (auto function : module.getOps<func::FuncOp>())
    if (function->hasAttr(kProgramAttr))
      programs.push_back(function);
  return programs;
}

Value memoryAt(ImplicitLocOpBuilder &b, Value pointer) {
  // What the memref becomes: both pointers, the offset, the size, the stride.
  MemRefType type = flatMemory(b.getI8Type());
  Type i64 = b.getI64Type(), array = LLVM::LLVMArrayType::get(i64, 1);
  auto descriptor =
      LLVM::LLVMStructType::getLiteral(b.getContext(), {pointer.getType(), pointer.getType(), i64, array, array});
  auto number = [&](int64_t value) -> Value { return LLVM::ConstantOp::create(b, i64, b.getI64IntegerAttr(value)); };
  Value result = LLVM::PoisonOp::create(b, descriptor);
  auto insert = [&](Value value, ArrayRef<int64_t> position) {
    result = LLVM::InsertValueOp::create(b, result, value, position);
  };
  insert(pointer, 0);
  insert(pointer, 1);
  insert(number(0), 2);
  insert(number(type.getDimSize(0)), {3, 0});
  insert(number(1), {4, 0});
  return UnrealizedConversionCastOp::create(b, TypeRange{type}, ValueRange{result}).getResult(0);
}

static Value loadElement(ImplicitLocOpBuilder &b, Value array, int64_t index, Type element) {
  Value at = LLVM::GEPOp::create(b, array.getType(), element, array, ArrayRef<LLVM::GEPArg>{int32_t(index)});
  return LLVM::LoadOp::create(b, element, at, /*alignment=*/8, /*isVolatile=*/false, /*isNonTemporal=*/false,
                              /*isInvariant=*/true);
}

Value loadSize(ImplicitLocOpBuilder &b, Value sizes, int64_t index) {
  return arith::IndexCastOp::create(b, b.getIndexType(), loadElement(b, sizes, index, b.getI64Type()));
}

Value loadPointer(ImplicitLocOpBuilder &b, Value tensors, int64_t index) {
  return loadElement(b, tensors, index, tensors.getType());
}

} // namespace ph::conversion
