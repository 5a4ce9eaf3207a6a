// The function of a program: its arguments, in the order of ProgramFn (runtime/formats/ProgramABI.h).
#pragma once
#include "lib/Conversion/Step/Phase.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace ph::conversion {

struct ProgramArguments {
  mlir::Value weights, arena; ///< flat memory of bytes
  mlir::Value tensors, sizes; ///< pointers
  TeamArguments team;

  static mlir::FunctionType type(mlir::MLIRContext *context);
  static ProgramArguments of(mlir::func::FuncOp program);
};

/// The programs of a module.
llvm::SmallVector<mlir::func::FuncOp> programsOf(mlir::ModuleOp module);

/// Flat memory of bytes that a pointer leads to.
mlir::Value memoryAt(mlir::ImplicitLocOpBuilder &b, mlir::Value pointer);
/// Number `index` of an array of i64 or of pointers.
mlir::Value loadSize(mlir::ImplicitLocOpBuilder &b, mlir::Value sizes, int64_t index);
mlir::Value loadPointer(mlir::ImplicitLocOpBuilder &b, mlir::Value tensors, int64_t index);

} // namespace ph::conversion
