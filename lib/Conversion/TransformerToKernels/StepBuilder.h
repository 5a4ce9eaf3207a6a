// Writes the step function: phases of work, one after the other, whose units the threads of a team share.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace ph::conversion {

/// The arguments of the step, in the order of StepFn (runtime/formats/StepABI.h).
struct StepArguments {
  mlir::Value weights, arena, cache, tokens, past, rows, logits;
  mlir::Value batch, sequence, logitRows, capacity, context, thread, threads;
  mlir::Value next, team;
};

class StepBuilder : public mlir::ImplicitLocOpBuilder {
public:
  /// Makes the function and leaves the builder at its end; `finish` adds the return.
  StepBuilder(mlir::ModuleOp module, mlir::Location loc);
  void finish();

  const StepArguments &arguments() const { return step; }
  /// batch * sequence.
  mlir::Value tokenRows() const { return tokenRowCount; }

  mlir::Value index(int64_t value);
  mlir::Value mul(mlir::Value a, mlir::Value b);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value ceilDiv(mlir::Value a, int64_t b);
  /// The bytes from `byteOffset` on as a flat memref of `element`.
  mlir::Value view(mlir::Value bytes, mlir::Value byteOffset, mlir::Type element);
  /// Memory of the arena: `offsetPerRow` * capacity + `byte` bytes from its beginning.
  mlir::Value arenaView(int64_t offsetPerRow, int64_t byte, mlir::Type element);

  /// Threads claim ranges [u0, u1) of `units`, `work` on each, and go on when all units are finished.
  void phase(mlir::Value units, llvm::function_ref<void(mlir::Value u0, mlir::Value u1)> work);

  /// Calls the kernel of that kind and options, declaring it at first use.
  void callKernel(llvm::StringRef kind, llvm::ArrayRef<mlir::NamedAttribute> options, mlir::ValueRange arguments);

private:
  mlir::ModuleOp module;
  mlir::func::FuncOp function;
  StepArguments step;
  mlir::Value tokenRowCount;
  llvm::DenseMap<std::pair<mlir::Attribute, mlir::Type>, mlir::func::FuncOp> kernels;
};

} // namespace ph::conversion
