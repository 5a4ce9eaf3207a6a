// The external models of CostOpInterface, one registration function for each op family. To give an op a cost: a
// function that sets what its traffic doesn't say, and a line `attach<xf::SomeOp, function>(context)` in its family's
// file.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "powerhouse/Interfaces/CostOpInterface.h"

namespace ph::analysis {

void registerActivationCost(mlir::MLIRContext *context);
void registerAttentionCost(mlir::MLIRContext *context);
void registerCacheCost(mlir::MLIRContext *context);
void registerEmbeddingCost(mlir::MLIRContext *context);
void registerEncodingCost(mlir::MLIRContext *context);
void registerExpertsCost(mlir::MLIRContext *context);
void registerHeadsCost(mlir::MLIRContext *context);
void registerLinearCost(mlir::MLIRContext *context);
void registerLogitsCost(mlir::MLIRContext *context);
void registerLossCost(mlir::MLIRContext *context);
void registerNormalizationCost(mlir::MLIRContext *context);
void registerPoolingCost(mlir::MLIRContext *context);
void registerPrimitiveCost(mlir::MLIRContext *context);
void registerRepeatCost(mlir::MLIRContext *context);
void registerRopeCost(mlir::MLIRContext *context);
void registerRowsCost(mlir::MLIRContext *context);
void registerSamplingCost(mlir::MLIRContext *context);
void registerTrainingCost(mlir::MLIRContext *context);
void registerVisionCost(mlir::MLIRContext *context);
void registerWeightsCost(mlir::MLIRContext *context);

/// The size of a dimension. A dynamic one gets it from what it stands for: the last one, in a tensor of rank
/// 3 or more, is the context; the leading one, where another is dynamic too, is the batch, 1; all others are tokens.
double getDimension(mlir::RankedTensorType type, int64_t dim, const CostPoint &at);
/// Elements of a tensor; 0 of any other type.
double getElements(mlir::Type type, const CostPoint &at);
/// Bytes of a tensor as it is stored; 0 for any other type.
double getBytes(mlir::Type type, const CostPoint &at);
/// The last dimension of a tensor.
double getFeatures(mlir::Value value);
/// Rows of a tensor: its elements without the last dimension.
double getRows(mlir::Value value, const CostPoint &at);
/// Where the op itself is evaluated: rows that come from a pool are one for each sequence.
CostPoint getPoint(mlir::Operation *op, CostPoint at);
/// Each weight is read once, each other tensor operand is read once, each result is written once.
Cost getTraffic(mlir::Operation *op, const CostPoint &at);
/// FLOP of rotating `heads` heads of a token: 3 · dim · heads (cosine and sine come from a table).
double getRotation(xf::RopeAttr rope, int64_t heads);
/// Bytes of keys and values of a position in one layer.
double getPositionBytes(xf::CacheType cache);

/// A model that starts from the op's traffic; `function` adds the rest. Encoding a result costs 3 for each element.
template <class Op, void (*function)(Op, const CostPoint &, Cost &)>
struct CostModel : CostOpInterface::ExternalModel<CostModel<Op, function>, Op> {
  Cost getCost(mlir::Operation *op, const CostPoint &of) const {
    CostPoint at = getPoint(op, of);
    Cost cost = getTraffic(op, at);
    function(llvm::cast<Op>(op), at, cost);
    if (!llvm::isa<xf::EncodeOp>(op))
      for (mlir::Type type : op->getResultTypes())
        if (xf::FormatAttr format = xf::getFormat(type); format && format.isActivation() && xf::isActivation(type))
          cost.flop += 3 * getElements(type, at);
    return cost;
  }
};

/// A model of an op that neither computes nor moves anything.
template <class Op> struct FreeModel : CostOpInterface::ExternalModel<FreeModel<Op>, Op> {
  Cost getCost(mlir::Operation *, const CostPoint &) const { return {}; }
};

template <class Op, void (*function)(Op, const CostPoint &, Cost &)> void attach(mlir::MLIRContext *context) {
  Op::template attachInterface<CostModel<Op, function>>(*context);
}

template <class... Ops> void attachFree(mlir::MLIRContext *context) {
  (Ops::template attachInterface<FreeModel<Ops>>(*context), ...);
}

/// For an op that only moves its operands.
template <class Op> void onlyMoves(Op, const CostPoint &, Cost &) {}

/// For an op with `each` operations for each element of its first result.
template <class Op, int each> void perElement(Op op, const CostPoint &at, Cost &cost) {
  cost.flop += each * getElements(op->getResult(0).getType(), at);
}

} // namespace ph::analysis
