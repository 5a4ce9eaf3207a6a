// Buffers whose lives don't meet take turns in a piece of memory.
#pragma once
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace ph::conversion {

/// Bytes that a buffer needs: a static number times sizes that a call gives.
struct Extent {
  llvm::SmallVector<mlir::Value> sizes;
  int64_t bytes = 0;
};

/// A piece of memory and the buffers that take turns in it. Their dynamic sizes are the same.
struct Slot {
  Extent extent;
  int64_t freeAfter = 0;
};

class SlotPlanner {
public:
  explicit SlotPlanner(mlir::func::FuncOp function);

  /// The slot of a buffer, by its number. Buffers come in the order in which they are made.
  unsigned place(mlir::memref::AllocOp buffer, const Extent &extent);
  llvm::ArrayRef<Slot> all() const { return slots; }

private:
  /// When nothing uses the buffer any more; the greatest number if a thread may use it at any time.
  int64_t lastUse(mlir::memref::AllocOp buffer);

  mlir::func::FuncOp function;
  mlir::BufferViewFlowAnalysis views;
  /// Numbers of ops in the order in which they stand, and of the last op in each.
  llvm::DenseMap<mlir::Operation *, int64_t> begins, ends;
  llvm::SmallVector<Slot> slots;
};

} // namespace ph::conversion
