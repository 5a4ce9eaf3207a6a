// linalg.generic on memory as loops.
#pragma once
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace ph::conversion {

/// The loops of one op: of its parallel dimensions the outer ones are for the threads to share.
class GenericLoops {
public:
  GenericLoops(mlir::ImplicitLocOpBuilder &b, mlir::linalg::GenericOp op);

  /// The product of the sizes of the dimensions to share.
  mlir::Value units();
  /// Emits the loops inside of number `unit`.
  void emitUnit(mlir::Value unit);
  /// Emits all loops.
  void emitAll();

private:
  llvm::ArrayRef<unsigned> shared();
  void nest(llvm::ArrayRef<unsigned> dims, llvm::function_ref<void()> body);
  void emitInner(llvm::ArrayRef<unsigned> parallel);
  mlir::Value load(mlir::OpOperand &operand);
  llvm::SmallVector<mlir::Value> indices(mlir::OpOperand &operand);
  llvm::SmallVector<mlir::Value> emitBody(llvm::ArrayRef<mlir::Value> accumulated);
  bool reducesInMemory();
  void markVectorized(mlir::scf::ForOp loop);

  mlir::ImplicitLocOpBuilder &b;
  mlir::linalg::GenericOp op;
  llvm::SmallVector<mlir::Value> sizes, at; ///< of each dimension: its size, and where the loops are
  llvm::SmallVector<unsigned> parallel, reduced;
};

} // namespace ph::conversion
