#include "powerhouse/Codegen/CPU/KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ph::codegen {

MemRefType flatMemRef(Type element) { return MemRefType::get({int64_t(1) << 40}, element); }

VectorType KernelBuilder::vec(int64_t size, Type element) { return VectorType::get({size}, element); }

Value KernelBuilder::index(int64_t value) { return arith::ConstantIndexOp::create(*this, value); }

Value KernelBuilder::add(Value a, Value b) { return createOrFold<arith::AddIOp>(a, b); }
Value KernelBuilder::add(Value a, int64_t b) { return b == 0 ? a : add(a, index(b)); }
Value KernelBuilder::sub(Value a, Value b) { return createOrFold<arith::SubIOp>(a, b); }
Value KernelBuilder::mul(Value a, Value b) { return createOrFold<arith::MulIOp>(a, b); }
Value KernelBuilder::mul(Value a, int64_t b) { return b == 1 ? a : mul(a, index(b)); }
Value KernelBuilder::div(Value a, int64_t b) { return b == 1 ? a : createOrFold<arith::DivUIOp>(a, index(b)); }
Value KernelBuilder::rem(Value a, int64_t b) { return createOrFold<arith::RemUIOp>(a, index(b)); }
Value KernelBuilder::min(Value a, Value b) { return createOrFold<arith::MinSIOp>(a, b); }
Value KernelBuilder::max(Value a, Value b) { return createOrFold<arith::MaxSIOp>(a, b); }
Value KernelBuilder::less(Value a, Value b) { return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::slt, a, b); }
Value KernelBuilder::equal(Value a, Value b) { return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, a, b); }
Value KernelBuilder::toIndex(Value a) { return createOrFold<arith::IndexCastOp>(getIndexType(), a); }
Value KernelBuilder::toI32(Value a) { return createOrFold<arith::IndexCastOp>(getI32Type(), a); }

Value KernelBuilder::constant(Type type, double value) {
  Type element = getElementTypeOrSelf(type);
  TypedAttr scalar;
  if (isa<FloatType>(element))
    scalar = getFloatAttr(element, value);
  else
    scalar = getIntegerAttr(element, int64_t(value));
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(*this, DenseElementsAttr::get(vector, Attribute(scalar)));
  return arith::ConstantOp::create(*this, scalar);
}

Value KernelBuilder::integers(VectorType type, ArrayRef<int64_t> values) {
  SmallVector<Attribute> attributes;
  for (int64_t value : values)
    attributes.push_back(getIntegerAttr(type.getElementType(), value));
  return arith::ConstantOp::create(*this, DenseElementsAttr::get(type, attributes));
}

Value KernelBuilder::at(Value offset, int64_t extra) { return add(offset, extra); }

Value KernelBuilder::load(Value memory, Value offset, int64_t extra) {
  return memref::LoadOp::create(*this, memory, at(offset, extra));
}

void KernelBuilder::store(Value value, Value memory, Value offset, int64_t extra) {
  memref::StoreOp::create(*this, value, memory, at(offset, extra));
}

Value KernelBuilder::loadVector(Value memory, Value offset, int64_t extra, int64_t size) {
  Type element = cast<MemRefType>(memory.getType()).getElementType();
  return vector::LoadOp::create(*this, vec(size ? size : lanes(), element), memory, ValueRange{at(offset, extra)});
}

void KernelBuilder::storeVector(Value vector, Value memory, Value offset, int64_t extra) {
  vector::StoreOp::create(*this, vector, memory, ValueRange{at(offset, extra)});
}

Value KernelBuilder::loadMasked(Value memory, Value offset, Value mask, VectorType type) {
  return vector::MaskedLoadOp::create(*this, type, memory, ValueRange{offset}, mask, zero(type));
}

void KernelBuilder::storeMasked(Value vector, Value memory, Value offset, Value mask) {
  vector::MaskedStoreOp::create(*this, memory, ValueRange{offset}, mask, vector);
}

Value KernelBuilder::maskFirst(Value count, int64_t size) {
  Value clamped = min(max(count, index(0)), index(size));
  VectorType i32s = vec(size, getI32Type());
  SmallVector<int64_t> lane;
  for (int64_t i = 0; i < size; ++i)
    lane.push_back(i);
  return arith::CmpIOp::create(*this, arith::CmpIPredicate::slt, integers(i32s, lane), broadcast(toI32(clamped), size));
}

Value KernelBuilder::loadBroadcast(Value memory, Value offset, int64_t extra, int64_t size) {
  return broadcast(load(memory, offset, extra), size);
}

void KernelBuilder::prefetch(Value memory, Value offset, int64_t extra) {
  memref::PrefetchOp::create(*this, memory, ValueRange{at(offset, extra)}, /*isWrite=*/false, /*localityHint=*/3,
                             /*isDataCache=*/true);
}

Value KernelBuilder::view(Value bytes, Value byteOffset, Type element) {
  return memref::ViewOp::create(*this, flatMemRef(element), bytes, byteOffset, ValueRange{});
}

Value KernelBuilder::broadcast(Value scalar, int64_t size) {
  return vector::BroadcastOp::create(*this, vec(size ? size : lanes(), scalar.getType()), scalar);
}

Value KernelBuilder::bitcast(Value value, Type type) {
  if (value.getType() == type)
    return value;
  if (isa<VectorType>(type))
    return vector::BitCastOp::create(*this, cast<VectorType>(type), value);
  return arith::BitcastOp::create(*this, type, value);
}

Value KernelBuilder::extract(Value vector, int64_t lane) { return vector::ExtractOp::create(*this, vector, lane); }

Value KernelBuilder::slice(Value vector, int64_t first, int64_t size) {
  return vector::ExtractStridedSliceOp::create(*this, vector, ArrayRef<int64_t>{first}, ArrayRef<int64_t>{size},
                                               ArrayRef<int64_t>{1});
}

Value KernelBuilder::fma(Value a, Value b, Value c) { return math::FmaOp::create(*this, a, b, c); }
Value KernelBuilder::addf(Value a, Value b) { return arith::AddFOp::create(*this, a, b); }
Value KernelBuilder::subf(Value a, Value b) { return arith::SubFOp::create(*this, a, b); }
Value KernelBuilder::mulf(Value a, Value b) { return arith::MulFOp::create(*this, a, b); }
Value KernelBuilder::divf(Value a, Value b) { return arith::DivFOp::create(*this, a, b); }
Value KernelBuilder::negf(Value a) { return arith::NegFOp::create(*this, a); }
Value KernelBuilder::lessf(Value a, Value b) { return arith::CmpFOp::create(*this, arith::CmpFPredicate::OLT, a, b); }
// A compare and a select are one maxps, which maximumf with its care for NaN is not.
Value KernelBuilder::maxf(Value a, Value b) {
  return select(arith::CmpFOp::create(*this, arith::CmpFPredicate::OGT, a, b), a, b);
}
Value KernelBuilder::minf(Value a, Value b) { return select(lessf(a, b), a, b); }
Value KernelBuilder::absf(Value a) { return math::AbsFOp::create(*this, a); }
Value KernelBuilder::sqrt(Value a) { return math::SqrtOp::create(*this, a); }
Value KernelBuilder::roundEven(Value a) { return math::RoundEvenOp::create(*this, a); }
Value KernelBuilder::select(Value condition, Value a, Value b) {
  return arith::SelectOp::create(*this, condition, a, b);
}

static Type withElement(Type like, Type element) {
  if (auto vector = dyn_cast<VectorType>(like))
    return VectorType::get(vector.getShape(), element);
  return element;
}

Value KernelBuilder::toF32(Value a, bool isUnsigned) {
  Type type = withElement(a.getType(), getF32Type());
  Type element = getElementTypeOrSelf(a.getType());
  if (element.isBF16()) { // the upper half of an f32
    Type wide = withElement(a.getType(), getI32Type());
    Value bits = arith::ExtUIOp::create(*this, wide, bitcast(a, withElement(a.getType(), getI16Type())));
    return bitcast(arith::ShLIOp::create(*this, bits, constant(wide, 16)), type);
  }
  if (isa<FloatType>(element))
    return arith::ExtFOp::create(*this, type, a);
  if (isUnsigned)
    return arith::UIToFPOp::create(*this, type, a);
  return arith::SIToFPOp::create(*this, type, a);
}

Value KernelBuilder::fromF32(Value a, Type element) {
  return arith::TruncFOp::create(*this, withElement(a.getType(), element), a);
}

Value KernelBuilder::toInteger(Value a, Type element) {
  // By way of i32: what the machine converts to.
  Value wide = arith::FPToSIOp::create(*this, withElement(a.getType(), getI32Type()), a);
  if (element.getIntOrFloatBitWidth() >= 32)
    return wide;
  return arith::TruncIOp::create(*this, withElement(a.getType(), element), wide);
}

Value KernelBuilder::reduce(Value vector, llvm::function_ref<Value(Value, Value)> combine) {
  for (int64_t size = cast<VectorType>(vector.getType()).getNumElements(); size > 1; size /= 2)
    vector = combine(slice(vector, 0, size / 2), slice(vector, size / 2, size / 2));
  return extract(vector, 0);
}

Value KernelBuilder::reduceAdd(Value vector) {
  return reduce(vector, [&](Value a, Value b) { return addf(a, b); });
}

Value KernelBuilder::reduceMax(Value vector) {
  return reduce(vector, [&](Value a, Value b) { return maxf(a, b); });
}

void KernelBuilder::loop(Value from, Value to, int64_t step, LoopBody body) {
  auto loop = scf::ForOp::create(*this, from, to, index(step));
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

KernelBuilder::Values KernelBuilder::loop(Value from, Value to, int64_t step, ValueRange init, CarriedBody body) {
  auto loop = scf::ForOp::create(*this, from, to, index(step), init);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(loop.getBody());
  Values next = body(loop.getInductionVar(), loop.getRegionIterArgs());
  scf::YieldOp::create(*this, next);
  return Values(loop.getResults());
}

void KernelBuilder::ifThen(Value condition, llvm::function_ref<void()> then, llvm::function_ref<void()> otherwise) {
  auto branch = scf::IfOp::create(*this, condition, /*withElseRegion=*/bool(otherwise));
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(branch.thenBlock());
  then();
  if (otherwise) {
    setInsertionPointToStart(branch.elseBlock());
    otherwise();
  }
}

KernelBuilder::Values KernelBuilder::ifElse(Value condition, llvm::function_ref<Values()> then,
                                            llvm::function_ref<Values()> otherwise) {
  Block *before = getInsertionBlock();
  auto point = getInsertionPoint();
  // The types of the results are known only when the first branch stands: it is built apart and moved.
  Block scratch;
  setInsertionPointToStart(&scratch);
  Values first = then();
  setInsertionPoint(before, point);
  auto branch = scf::IfOp::create(*this, TypeRange(ValueRange(first)), condition, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(*this);
  Block *thenBlock = branch.thenBlock();
  thenBlock->getOperations().splice(thenBlock->begin(), scratch.getOperations());
  setInsertionPointToEnd(thenBlock);
  scf::YieldOp::create(*this, first);
  setInsertionPointToStart(branch.elseBlock());
  Values second = otherwise();
  scf::YieldOp::create(*this, second);
  return Values(branch.getResults());
}

func::FuncOp getOrCreateKernel(ModuleOp module, const CpuLevel &level, StringRef name,
                               ArrayRef<KernelArgument> arguments,
                               llvm::function_ref<void(KernelBuilder &, ValueRange)> body) {
  if (auto existing = module.lookupSymbol<func::FuncOp>(name))
    return existing;
  MLIRContext *context = module.getContext();
  context->loadDialect<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect, math::MathDialect,
                       memref::MemRefDialect, scf::SCFDialect, vector::VectorDialect>();
  KernelBuilder builder(NameLoc::get(StringAttr::get(context, name)), level, context);
  builder.setInsertionPointToEnd(module.getBody());
  SmallVector<Type> types;
  for (const KernelArgument &argument : arguments)
    types.push_back(argument.type);
  auto function = func::FuncOp::create(builder, name, builder.getFunctionType(types, {}));
  function.setPrivate();
  function->setAttr("llvm.linkage", LLVM::LinkageAttr::get(context, LLVM::linkage::Linkage::Internal));
  function->setAttr("passthrough", builder.getArrayAttr({builder.getStringAttr("noinline")}));
  for (auto [i, argument] : llvm::enumerate(arguments))
    if (argument.noalias)
      function.setArgAttr(i, "llvm.noalias", builder.getUnitAttr());
  Block *entry = function.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  body(builder, entry->getArguments());
  builder.setInsertionPointToEnd(entry);
  func::ReturnOp::create(builder);
  return function;
}

} // namespace ph::codegen
