#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

LogicalResult CacheAppendOp::verify() {
  CacheType cache = getCache().getType();
  if (getKeys().getType().getRank() != 3)
    return emitOpError() << "expects keys of rank 3, but got " << getKeys().getType();
  if (failed(expectSameShape(*this, "values", getValues(), "keys", getKeys())) ||
      failed(expectDim(*this, "the features of keys", getKeys(), 2, cache.getHeads() * cache.getHeadDim())) ||
      failed(expectDim(*this, "the length of past", getPast(), 0, getKeys().getType().getDimSize(0))))
    return failure();
  return expectRope(*this, getPositions(), getRopeAttr(), getKeys(), cache.getHeadDim());
}

/// What is read of a cache has its heads.
static LogicalResult verifyRead(Operation *op, CacheType cache, Value result) {
  auto type = cast<RankedTensorType>(result.getType());
  if (type.getRank() != 3)
    return op->emitOpError() << "expects a result of rank 3, but got " << type;
  return expectDim(op, "the features of the result", result, 2, cache.getHeads() * cache.getHeadDim());
}

LogicalResult CacheKeysOp::verify() { return verifyRead(*this, getCache().getType(), getResult()); }
LogicalResult CacheValuesOp::verify() { return verifyRead(*this, getCache().getType(), getResult()); }
