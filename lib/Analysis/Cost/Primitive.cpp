// The ops of graphs of exporters.
#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

/// 2K for each element of the result.
static void matmul(xf::MatmulOp op, const CostPoint &at, Cost &cost) {
  auto lhs = cast<RankedTensorType>(op.getLhs().getType());
  cost.flop = 2 * getDimension(lhs, lhs.getRank() - (op.getTransposeA() ? 2 : 1), at) *
              getElements(op.getResult().getType(), at);
}

/// Every element is added or compared; the mean divides.
static void reduce(xf::ReduceOp op, const CostPoint &at, Cost &cost) {
  cost.flop = getElements(op.getInput().getType(), at);
  if (op.getKind() == xf::ReduceKind::Mean)
    cost.flop += getElements(op.getResult().getType(), at);
}

/// Reads only what it gives.
template <class Op> static void picks(Op op, const CostPoint &at, Cost &cost) {
  double result = getBytes(op.getResult().getType(), at);
  if (cost.weightBytes)
    cost.weightBytes *= getElements(op.getResult().getType(), at) / getElements(op.getInput().getType(), at);
  else
    cost.activationBytes += result - getBytes(op.getInput().getType(), at);
}

static void stackRead(xf::StackReadOp op, const CostPoint &at, Cost &cost) {
  cost.activationBytes = 2 * getBytes(op.getResult().getType(), at);
}
static void stackWrite(xf::StackWriteOp op, const CostPoint &at, Cost &cost) {
  cost.activationBytes = 2 * getBytes(op.getValue().getType(), at);
}

void registerPrimitiveCost(MLIRContext *context) {
  attach<xf::MatmulOp, matmul>(context);
  attach<xf::ReduceOp, reduce>(context);
  // Maximum, difference, exponential, sum and division.
  attach<xf::SoftmaxOp, perElement<xf::SoftmaxOp, 5>>(context);
  attach<xf::ElementwiseOp, perElement<xf::ElementwiseOp, 1>>(context);
  attach<xf::UnaryOp, perElement<xf::UnaryOp, 1>>(context);
  attach<xf::CompareOp, perElement<xf::CompareOp, 1>>(context);
  attach<xf::SelectOp, onlyMoves<xf::SelectOp>>(context);
  attach<xf::CastOp, onlyMoves<xf::CastOp>>(context);
  attach<xf::TransposeOp, onlyMoves<xf::TransposeOp>>(context);
  attach<xf::BroadcastOp, onlyMoves<xf::BroadcastOp>>(context);
  attach<xf::ConcatOp, onlyMoves<xf::ConcatOp>>(context);
  attach<xf::IotaOp, onlyMoves<xf::IotaOp>>(context);
  attach<xf::ScalarOp, onlyMoves<xf::ScalarOp>>(context);
  attach<xf::StackReadOp, stackRead>(context);
  attach<xf::StackWriteOp, stackWrite>(context);
  attach<xf::SliceOp, picks<xf::SliceOp>>(context);
  attach<xf::GatherOp, picks<xf::GatherOp>>(context);
  attachFree<xf::ReshapeOp, xf::DimOp, xf::StackEmptyOp>(context);
}

} // namespace ph::analysis
