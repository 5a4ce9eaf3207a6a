// The innermost loop of linalg.generic on memory, with vectors.
#pragma once
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace ph::conversion {

/// Elements that a loop takes at once, at every CPU level, so that sums have the same bits at all of them.
inline constexpr int64_t kVectorLanes = 16;

/// How the loop over one dimension of an op takes vectors.
struct VectorPlan {
  unsigned dim;
  llvm::DenseSet<mlir::Value> varying; ///< values of the body that differ from lane to lane
  llvm::SmallVector<mlir::Operation *, 2>
      combiners; ///< of each output, what adds an element to it; none where parallel
};

/// The plan, or why there is none: each operand lies side by side along `dim` or doesn't depend on it, the body works
/// element by element, and what is reduced along it is a sum, product, minimum or maximum of what the body computes.
mlir::FailureOr<VectorPlan> planVectors(mlir::linalg::GenericOp op, unsigned dim, std::string *why = nullptr);

class VectorLoop {
public:
  /// `at`: where the loops around are; this one's entry is set here. `size`: of the dimension.
  VectorLoop(mlir::ImplicitLocOpBuilder &b, mlir::linalg::GenericOp op, const VectorPlan &plan,
             llvm::MutableArrayRef<mlir::Value> at, mlir::Value size);

  /// A loop over a parallel dimension: `size` of its places from `from` on, which is 0 where it isn't given.
  void emitElements(mlir::Value from = {});

  /// Loops over a reduced dimension: vectors to begin with, sums with the loop's elements added lane by lane, and those
  /// of all lanes added to `outputs`: halves onto halves.
  llvm::SmallVector<mlir::Value> neutral();
  llvm::SmallVector<mlir::Value> emitSums(mlir::ValueRange sums);
  llvm::SmallVector<mlir::Value> total(mlir::ValueRange sums, mlir::ValueRange outputs);

private:
  using Values = llvm::SmallVector<mlir::Value>;
  Values overVectors(mlir::ValueRange carried, llvm::function_ref<Values(mlir::Value mask, mlir::ValueRange)> body);
  void loadUniform();
  mlir::Value load(mlir::OpOperand &operand, mlir::Value mask);
  /// What the body yields, or where it reduces, what its combiners add.
  Values emitBody(mlir::Value mask);
  mlir::Value combine(unsigned output, mlir::Value x, mlir::Value y);
  mlir::Value splat(mlir::Value value);
  Values indices(mlir::OpOperand &operand);

  mlir::ImplicitLocOpBuilder &b;
  mlir::linalg::GenericOp op;
  const VectorPlan &plan;
  llvm::MutableArrayRef<mlir::Value> at;
  mlir::Value size;
  mlir::IRMapping uniform; ///< arguments of the body that are the same in all lanes
};

/// Where an operand of `op` is, when the loops are `at`.
llvm::SmallVector<mlir::Value> indicesOf(mlir::ImplicitLocOpBuilder &b, mlir::linalg::GenericOp op,
                                         mlir::OpOperand &operand, mlir::ValueRange at);

} // namespace ph::conversion
