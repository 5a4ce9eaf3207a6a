// When the activations of a function live, and what memory they need.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "powerhouse/Analysis/ArenaPlan.h"
#include "llvm/ADT/DenseMap.h"

namespace ph::analysis {

/// Memory that one activation, or several one after the other, are in.
struct LiveBuffer {
  llvm::SmallVector<mlir::Value> values; ///< the first is what the buffer was made for
  int64_t first = 0, last = 0;           ///< events, both included
  std::string holder;                    ///< name of the op that fills it first
};

/// The lifetimes of a function's activations. Every op is an event, and so is the end of a loop.
///
/// The parts of an `xf.split`, and what `xf.reshape` and `tensor.cast` give, are where their operand is. What an
/// `xf.repeat` carries has one buffer for all iterations, which is that of the initial value where this has no other
/// use; a value that is yielded is copied there, unless it is there already. What a loop reads from outside lives to
/// its end. An op with the attribute `xf.in_place` gives its result where the operand of that number is. Arguments of
/// the function, weights, constants and caches are not among the buffers: they are the caller's.
class Lifetimes {
public:
  /// Emits an error and fails for a function with other regions than loops of xf, with calls, or with an `xf.in_place`
  /// that isn't possible.
  static mlir::FailureOr<Lifetimes> compute(mlir::func::FuncOp function);

  llvm::ArrayRef<LiveBuffer> buffers() const { return all; }
  /// Of a value that is in one; none for others.
  std::optional<unsigned> bufferOf(mlir::Value value) const;
  /// What happens at each event, which are counted from 0; the end of a loop is its xf.repeat again.
  llvm::ArrayRef<mlir::Operation *> events() const { return operations; }

private:
  mlir::LogicalResult visit(mlir::Block &block);
  mlir::LogicalResult visit(mlir::Operation *op);
  mlir::LogicalResult visitRepeat(mlir::Operation *op);
  void nextEvent(mlir::Operation *op) { operations.push_back(op); }
  int64_t now() const { return int64_t(operations.size()) - 1; }
  void touch(mlir::Value value);
  void make(mlir::Value value, llvm::StringRef holder);
  void place(mlir::Value value, unsigned buffer);

  std::vector<LiveBuffer> all;
  llvm::DenseMap<mlir::Value, unsigned> places;
  std::vector<mlir::Operation *> operations;
};

/// The attribute of an op whose result is where one of its operands is: the operand's number.
inline constexpr llvm::StringLiteral kInPlaceAttr = "xf.in_place";

/// Why the result of `op` can't take the place of operand `number`: the value is used later, it is not this function's,
/// it shares its memory, or it has another type. Empty if it can. That the op reads no element of the operand after it
/// has written the element's place is for the caller to know.
std::string whyNotInPlace(mlir::Operation *op, unsigned number);

/// What dynamic dimensions stand for: the last one of a tensor of rank 3 or more is the context; a leading one is the
/// batch, but the rows where it is the only one of a tensor of rank 1 or 2; all others are the tokens.
struct MemoryPoint {
  int64_t batch = 1;
  int64_t tokens = 1;  ///< new ones of each sequence
  int64_t context = 1; ///< positions of each sequence
  int64_t rows = 1;    ///< tokens of all sequences together, or those that are picked
};

/// Bytes of a tensor as it is stored.
int64_t getStoredBytes(mlir::RankedTensorType type, const MemoryPoint &at);

/// Memory for the buffers of a function.
struct MemoryPlan {
  std::vector<ArenaBuffer> buffers; ///< as in the lifetimes
  int64_t arenaBytes = 0;           ///< of the plan
  int64_t peakBytes = 0;            ///< the most that is alive at one event: no plan needs less
  int64_t peakEvent = 0;            ///< the first such event
  int64_t cacheBytes = 0;           ///< of the caches that are arguments
  /// The buffers alive at the peak, largest first.
  llvm::SmallVector<unsigned> getHolders() const;
};

MemoryPlan planMemory(mlir::func::FuncOp function, const Lifetimes &lifetimes, const MemoryPoint &at);

} // namespace ph::analysis
