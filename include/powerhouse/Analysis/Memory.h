// When the activations of a function live, and what memory they need.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "powerhouse/Analysis/ArenaPlan.h"
#include "llvm/ADT/DenseMap.h"
#include <memory>

namespace ph::analysis {

class Lifetimes;

/// Memory that one activation, or several one after the other, are in; or all that something nested needs.
struct LiveBuffer {
  llvm::SmallVector<mlir::Value> values;   ///< the first is what the buffer was made for
  int64_t first = 0, last = 0;             ///< events, both included
  std::string holder;                      ///< name of the op that fills it first, or the function that is called
  std::shared_ptr<const Lifetimes> nested; ///< whose memory it is, where it has no values
  mlir::Operation *owner = nullptr;        ///< the call or the scf.forall that nested is of
};

/// The lifetimes of a function's activations. Every op is an event, and so is the end of a loop.
///
/// The parts of an `xf.split`, and what `xf.reshape`, `tensor.cast`, `xf.cache_keys` and `xf.cache_values` give, are
/// where their operand is. What an `xf.repeat`, `scf.for` or `scf.forall` carries has one buffer for all iterations,
/// which is that of the initial value where this has no other use; a value that is yielded is copied there, unless it
/// is there already. What a loop reads from outside lives to its end. The results of an `scf.if` have buffers through
/// both of its sides. An op with the attribute `xf.in_place` gives its result where the operand of that number is, and
/// one that writes into an operand (`tensor.insert_slice`, a structured op) where that is, if nothing reads it
/// afterwards. Arguments of the function, weights, constants and caches are not among the buffers: they are the
/// caller's. Nor is what is empty: it needs no memory until something is written there.
///
/// A call has a buffer for each result, and one, while it runs, for all that the function needs which it calls; an
/// `scf.forall` has one for all that its threads need, each for itself.
class Lifetimes {
public:
  /// Emits an error and fails for a function with other regions than these, with calls of what has no body or calls
  /// itself, or with an `xf.in_place` that isn't possible.
  static mlir::FailureOr<Lifetimes> compute(mlir::func::FuncOp function);

  llvm::ArrayRef<LiveBuffer> buffers() const { return all; }
  /// Of a value that is in one; none for others.
  std::optional<unsigned> bufferOf(mlir::Value value) const;
  /// What happens at each event, which are counted from 0; the end of a loop is its op again.
  llvm::ArrayRef<mlir::Operation *> events() const { return operations; }

private:
  mlir::LogicalResult visit(mlir::Block &block);
  mlir::LogicalResult visit(mlir::Operation *op);
  void visitInPlace(mlir::Operation *op);
  /// Gives what a loop carries into its body a place.
  void carryIn(mlir::Operation *loop, mlir::ValueRange inits, mlir::ValueRange carried);
  /// Ends a loop, or another op with regions, whose results are where `carried` is.
  void carryOut(mlir::Operation *loop, mlir::ValueRange carried);
  mlir::LogicalResult visitLoop(mlir::Operation *loop, mlir::ValueRange inits, mlir::ValueRange carried);
  mlir::LogicalResult visitForall(mlir::Operation *op);
  mlir::LogicalResult visitIf(mlir::Operation *op);
  mlir::LogicalResult visitCall(mlir::Operation *op);
  void nest(Lifetimes inner, mlir::Operation *owner, llvm::StringRef holder);
  void nextEvent(mlir::Operation *op) { operations.push_back(op); }
  int64_t now() const { return int64_t(operations.size()) - 1; }
  void touch(mlir::Value value);
  void make(mlir::Value value, llvm::StringRef holder);
  void place(mlir::Value value, unsigned buffer);

  std::vector<LiveBuffer> all;
  llvm::DenseMap<mlir::Value, unsigned> places;
  std::vector<mlir::Operation *> operations;
  llvm::SmallVector<mlir::Operation *> active; ///< the functions that are called, outermost first
};

/// The attribute of an op whose first result is where one of its operands is: the operand's number.
inline constexpr llvm::StringLiteral kInPlaceAttr = "xf.in_place";

/// Why the first result of `op` can't take the place of operand `number`: the value is used later, it is not this
/// function's, it shares its memory, or it has another type. Empty if it can. That the op reads no element of the
/// operand after it has written the element's place is for the caller to know.
std::string whyNotInPlace(mlir::Operation *op, unsigned number);

/// What dynamic dimensions stand for: the last one of a tensor of rank 3 or more is the context; a leading one is the
/// batch, but the rows where it is the only one of a tensor of rank 1 or 2; all others are the tokens.
struct MemoryPoint {
  int64_t batch = 1;
  int64_t tokens = 1;  ///< new ones of each sequence
  int64_t context = 1; ///< positions of each sequence
  int64_t rows = 1;    ///< tokens of all sequences together, or those that are picked
  int64_t threads = 1; ///< of an scf.forall
};

/// What dimension `dim` of a tensor of this type stands for.
int64_t getSize(mlir::RankedTensorType type, int64_t dim, const MemoryPoint &at);
/// Bytes of a tensor as it is stored, whose dynamic dimensions are what they stand for.
int64_t getStoredBytes(mlir::RankedTensorType type, const MemoryPoint &at);
/// The same, but sizes of tiles are the most that their arithmetic can give.
int64_t getStoredBytes(mlir::Value tensor, const MemoryPoint &at);

/// Memory for the buffers of a function.
struct MemoryPlan {
  std::vector<ArenaBuffer> buffers; ///< as in the lifetimes
  int64_t arenaBytes = 0;           ///< of the plan
  int64_t peakBytes = 0;            ///< the most that is alive at one event: no plan needs less
  int64_t peakEvent = 0;            ///< the first such event
  /// The buffers alive at the peak, largest first.
  llvm::SmallVector<unsigned> getHolders() const;
};

MemoryPlan planMemory(const Lifetimes &lifetimes, const MemoryPoint &at);
/// Bytes of the caches among the arguments of a function, whose types these are; 2^63 - 1 where they are more.
int64_t getCacheBytes(mlir::TypeRange arguments, const MemoryPoint &at);

} // namespace ph::analysis
