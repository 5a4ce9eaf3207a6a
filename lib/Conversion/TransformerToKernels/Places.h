// Where each value of @forward is: in the arena, in the logits, or in no memory at all.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "powerhouse/Analysis/ArenaPlan.h"
#include "llvm/ADT/DenseMap.h"

namespace ph::conversion {

using analysis::ArenaBuffer;

/// The memory of an activation.
struct Place {
  bool inLogits = false;
  unsigned buffer = 0;     ///< of the arena, unless inLogits
  int64_t column = 0;      ///< elements from the beginning of a row: a slice of a wider buffer
  int64_t rowElements = 0; ///< from row to row
  int64_t group = 0;       ///< elements per scale if encoded (three planes, one after another), 0 for f32
};

/// The tables of cos and sin of one rope, for all rows of a step.
struct RopeTable {
  xf::RopeAttr rope;
  unsigned cos = 0, sin = 0; ///< buffers
};

/// Assigns places to the activations of a function and memory to the places.
class Places {
public:
  /// Walks the function. Emits an error and fails where a value can't be placed.
  mlir::LogicalResult assign(mlir::func::FuncOp forward);

  /// Of a value that has one, as all that the ops of an assigned function read and write.
  const Place &of(mlir::Value value) const { return places.find(value)->second; }
  bool has(mlir::Value value) const { return places.contains(value); }
  /// Two values in the same memory: nothing needs to be copied between them.
  bool same(mlir::Value a, mlir::Value b) const;
  int64_t offsetPerRow(unsigned buffer) const { return buffers[buffer].offset; }
  int64_t bytesPerRow() const { return arenaBytesPerRow; }
  llvm::ArrayRef<ArenaBuffer> arenaBuffers() const { return buffers; }
  llvm::ArrayRef<RopeTable> ropeTables() const { return tables; }
  const RopeTable &tableOf(xf::RopeAttr rope) const;

private:
  mlir::LogicalResult visit(mlir::Operation *op);
  /// What the op reads must have been placed, so that `of` knows it.
  mlir::LogicalResult checkOperands(mlir::Operation *op) const;
  mlir::LogicalResult visitRepeat(xf::RepeatOp op);
  unsigned newBuffer(int64_t bytesPerRow, llvm::StringRef holder);
  Place newPlace(mlir::Value value);
  void touch(mlir::Value value, mlir::Operation *user);
  bool diesAt(mlir::Value value, mlir::Operation *user) const;

  int64_t event = 0;
  int64_t arenaBytesPerRow = 0;
  llvm::DenseMap<mlir::Value, Place> places;
  std::vector<ArenaBuffer> buffers;
  llvm::SmallVector<RopeTable> tables;
};

} // namespace ph::conversion
