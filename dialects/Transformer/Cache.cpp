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
