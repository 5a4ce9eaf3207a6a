// A thin layer over MLIR's builder for kernels on flat memory: index arithmetic, vectors, loops.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "powerhouse/Codegen/CPU/CpuLevel.h"

namespace ph::codegen {

/// Kernels take bare pointers: memrefs of one dimension whose size says nothing.
mlir::MemRefType flatMemRef(mlir::Type element);

/// One argument of a kernel. `noalias`: no other argument leads to memory that this one leads to.
struct KernelArgument {
  mlir::Type type;
  bool noalias = false;
};

class KernelBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<mlir::Value>;

  KernelBuilder(mlir::Location loc, const CpuLevel &level, mlir::MLIRContext *context)
      : ImplicitLocOpBuilder(loc, context), cpu(level) {}

  const CpuLevel &level() const { return cpu; }
  int64_t lanes() const { return cpu.lanes; }

  // Types.
  mlir::VectorType vec(int64_t size, mlir::Type element);
  /// The level's vector of f32.
  mlir::VectorType vecF32() { return vec(cpu.lanes, getF32Type()); }

  // Index and integer arithmetic; constants fold.
  Value index(int64_t value);
  Value add(Value a, Value b);
  Value add(Value a, int64_t b);
  Value sub(Value a, Value b);
  Value mul(Value a, Value b);
  Value mul(Value a, int64_t b);
  /// Unsigned quotient and remainder by a positive constant.
  Value div(Value a, int64_t b);
  Value rem(Value a, int64_t b);
  Value min(Value a, Value b);
  Value max(Value a, Value b);
  Value less(Value a, Value b);
  Value equal(Value a, Value b);
  /// i32 (or other integer) to index, and back to i32.
  Value toIndex(Value a);
  Value toI32(Value a);

  // Constants: a scalar or, for a vector type, a splat.
  Value constant(mlir::Type type, double value);
  Value f32(double value) { return constant(getF32Type(), value); }
  /// A splat of the level's f32 vector.
  Value f32s(double value) { return constant(vecF32(), value); }
  Value zero(mlir::Type type) { return constant(type, 0); }
  /// A vector with the given integers.
  Value integers(mlir::VectorType type, llvm::ArrayRef<int64_t> values);

  // Memory: element `offset` + `extra` of a flat memref.
  Value load(Value memory, Value offset, int64_t extra = 0);
  void store(Value value, Value memory, Value offset, int64_t extra = 0);
  /// `size` elements side by side; 0: the level's lanes.
  Value loadVector(Value memory, Value offset, int64_t extra = 0, int64_t size = 0);
  void storeVector(Value vector, Value memory, Value offset, int64_t extra = 0);
  /// Only where the mask (vector of i1) is set; elsewhere the result is 0 and memory is not touched.
  Value loadMasked(Value memory, Value offset, Value mask, mlir::VectorType type);
  void storeMasked(Value vector, Value memory, Value offset, Value mask);
  /// The first `count` (index, may be negative or too large) of `size` lanes.
  Value maskFirst(Value count, int64_t size);
  /// One scalar of memory in every lane; folds into the instruction that uses it where there is one.
  Value loadBroadcast(Value memory, Value offset, int64_t extra = 0, int64_t size = 0);
  /// Brings the line of element `offset` + `extra` near for reading.
  void prefetch(Value memory, Value offset, int64_t extra = 0);
  /// The memory from `byteOffset` of an i8 memref on, as elements of another type.
  Value view(Value bytes, Value byteOffset, mlir::Type element);

  // Vectors and floats.
  Value broadcast(Value scalar, int64_t size = 0);
  /// The same bits as a vector (or scalar) of another type.
  Value bitcast(Value value, mlir::Type type);
  Value extract(Value vector, int64_t lane);
  /// The contiguous lanes [first, first + size).
  Value slice(Value vector, int64_t first, int64_t size);
  Value fma(Value a, Value b, Value c); ///< a * b + c, rounded once
  Value addf(Value a, Value b);
  Value subf(Value a, Value b);
  Value mulf(Value a, Value b);
  Value divf(Value a, Value b);
  Value negf(Value a);
  Value maxf(Value a, Value b); ///< a > b ? a : b
  Value minf(Value a, Value b);
  Value absf(Value a);
  Value sqrt(Value a);
  Value roundEven(Value a);
  Value select(Value condition, Value a, Value b);
  Value lessf(Value a, Value b); ///< ordered
  /// f16, bf16 or integers to f32 of the same shape.
  Value toF32(Value a, bool isUnsigned = false);
  /// f32 to f16 or bf16, to nearest even.
  Value fromF32(Value a, mlir::Type element);
  /// f32 (integral, in range) to signed integers of `element`.
  Value toInteger(Value a, mlir::Type element);
  /// Sum and maximum of all lanes, in a fixed order: halves onto halves.
  Value reduceAdd(Value vector);
  Value reduceMax(Value vector);

  // Functions of f32 scalars or vectors; the same bits whatever the width.
  /// e^x within about 1 ulp; 0 below -87.3, about 2.4e38 above 88.37.
  Value exp(Value x);
  Value sigmoid(Value x);
  Value tanh(Value x);
  Value silu(Value x);
  Value gelu(Value x);     ///< with erf (Abramowitz and Stegun 7.1.26)
  Value geluTanh(Value x); ///< the tanh form
  Value relu(Value x);

  // Control.
  using LoopBody = llvm::function_ref<void(Value iv)>;
  using CarriedBody = llvm::function_ref<Values(Value iv, mlir::ValueRange carried)>;
  void loop(Value from, Value to, int64_t step, LoopBody body);
  /// A loop that carries values; returns the last ones.
  Values loop(Value from, Value to, int64_t step, mlir::ValueRange init, CarriedBody body);
  void ifThen(Value condition, llvm::function_ref<void()> then, llvm::function_ref<void()> otherwise = nullptr);
  Values ifElse(Value condition, llvm::function_ref<Values()> then, llvm::function_ref<Values()> otherwise);

private:
  Value at(Value offset, int64_t extra);
  Value reduce(Value vector, llvm::function_ref<Value(Value, Value)> combine);
  const CpuLevel &cpu;
};

/// The function `name` of the module if it is there; else makes it, private to the object and not inlined, and has
/// `body` fill it (the return is added).
mlir::func::FuncOp getOrCreateKernel(mlir::ModuleOp module, const CpuLevel &level, llvm::StringRef name,
                                     llvm::ArrayRef<KernelArgument> arguments,
                                     llvm::function_ref<void(KernelBuilder &, mlir::ValueRange)> body);

} // namespace ph::codegen
