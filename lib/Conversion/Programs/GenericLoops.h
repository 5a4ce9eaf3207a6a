// linalg.generic on memory as loops.
#pragma once
#include "VectorLoop.h"

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
  bool sharesBlocks();
  void emitBlock(mlir::Value unit);
  void nest(llvm::ArrayRef<unsigned> dims, llvm::function_ref<void()> body);
  void emitInner(llvm::ArrayRef<unsigned> parallel);
  void emitSums();
  llvm::SmallVector<mlir::Value> nestSums(llvm::ArrayRef<unsigned> dims, mlir::ValueRange sums,
                                          llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::ValueRange)> body);
  mlir::FailureOr<VectorPlan> vectors(unsigned dim);
  mlir::Value load(mlir::OpOperand &operand);
  llvm::SmallVector<mlir::Value> emitBody(llvm::ArrayRef<mlir::Value> accumulated);
  bool reducesInMemory();

  mlir::ImplicitLocOpBuilder &b;
  mlir::linalg::GenericOp op;
  llvm::SmallVector<mlir::Value> sizes, at; ///< of each dimension: its size, and where the loops are
  llvm::SmallVector<unsigned> parallel, reduced;
};

} // namespace ph::conversion
