#include "dialects/Transformer/Dims.h"
#include "lib/Analysis/Cost/Models.h"

using namespace mlir;

namespace ph::analysis {

double getDimension(RankedTensorType type, int64_t dim, const CostPoint &at) {
  if (!type.isDynamicDim(dim))
    return double(type.getDimSize(dim));
  int64_t rank = type.getRank();
  if (dim == rank - 1 && rank >= 3)
    return at.context;
  return dim == 0 && type.getNumDynamicDims() > 1 ? 1 : at.tokens;
}

double getElements(Type type, const CostPoint &at) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return 0;
  double elements = 1;
  for (int64_t dim = 0; dim < tensor.getRank(); ++dim)
    elements *= getDimension(tensor, dim, at);
  return elements;
}

double getBytes(Type type, const CostPoint &at) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return 0;
  double elements = getElements(tensor, at);
  if (xf::FormatAttr format = xf::getFormat(tensor)) {
    if (const Format *storage = format.getStorage())
      return elements / storage->blockElements * storage->blockBytes;
    return elements + elements / double(format.getBlockElements()) * 4; // int8 codes and a scale for each block
  }
  if (!tensor.getElementType().isIntOrFloat())
    return 0;
  return elements * double(llvm::divideCeil(tensor.getElementTypeBitWidth(), 8));
}

double getFeatures(Value value) { return double(cast<RankedTensorType>(value.getType()).getShape().back()); }

double getRows(Value value, const CostPoint &at) {
  double features = getFeatures(value);
  return features ? getElements(value.getType(), at) / features : 0;
}

/// Weights are loaded; where a function gets one as an argument, it is known by its static shape.
static bool isWeightOperand(Value value) {
  if (value.getDefiningOp())
    return bool(value.getDefiningOp<xf::LoadWeightOp>());
  auto tensor = dyn_cast<RankedTensorType>(value.getType());
  return tensor && tensor.hasStaticShape() && xf::isWeight(tensor);
}

CostPoint getPoint(Operation *op, CostPoint at) {
  if (op->getNumResults() == 0 || isa<xf::PoolOp>(op))
    return at;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (type && type.getRank() && type.isDynamicDim(0) && type.getNumDynamicDims() == 1 &&
      xf::getOrigin({op->getResult(0), 0}).tensor.getDefiningOp<xf::PoolOp>())
    at.tokens = 1;
  return at;
}

Cost getTraffic(Operation *op, const CostPoint &at) {
  Cost cost;
  for (Value operand : op->getOperands())
    (isWeightOperand(operand) ? cost.weightBytes : cost.activationBytes) += getBytes(operand.getType(), at);
  for (Type type : op->getResultTypes())
    cost.activationBytes += getBytes(type, at);
  return cost;
}

double getRotation(xf::RopeAttr rope, int64_t heads) { return 3.0 * double(rope.getDim()) * double(heads); }

double getPositionBytes(xf::CacheType cache) {
  return 2.0 * double(cache.getHeads() * cache.getHeadDim()) * cache.getElementType().getIntOrFloatBitWidth() / 8;
}

} // namespace ph::analysis
