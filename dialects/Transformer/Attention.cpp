#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

void AttentionOp::build(OpBuilder &builder, OperationState &state, Type result, Value query, Value cache, Value layer,
                        Value past, int64_t heads, double scale, Value positions, RopeAttr rope) {
  build(builder, state, result, query, /*keys=*/Value(), /*values=*/Value(), cache, layer, past, positions, rope,
        static_cast<uint64_t>(heads), llvm::APFloat(scale), Mask::Causal);
}

int64_t AttentionOp::getKeyHeads() {
  return getCache() ? getCache().getType().getHeads() : getKeys().getType().getShape().back() / getHeadDim();
}

/// Keys and values that are given as tensors.
static LogicalResult verifyKeys(AttentionOp op) {
  Value keys = op.getKeys(), values = op.getValues();
  if (op.getKeys().getType().getRank() != 3)
    return op.emitOpError() << "expects keys of rank 3, but got " << keys.getType();
  if (failed(expectSameShape(op, "values", values, "keys", keys)) ||
      failed(expectDim(op, "the batch of keys", keys, 0, op.getQuery().getType().getDimSize(0))))
    return failure();
  if ((op.getMask() == Mask::Causal || op.getRope()) &&
      failed(expectDim(op, "the sequence of keys that are masked or rotated", keys, 1,
                       op.getQuery().getType().getDimSize(1))))
    return failure();
  if (features(keys) % op.getHeadDim() != 0)
    return op.emitOpError() << "expects keys of a multiple of " << op.getHeadDim() << " features (head_dim), but got "
                            << features(keys);
  return success();
}

LogicalResult AttentionOp::verify() {
  bool cached = getCache() && getLayer() && getPast(), given = getKeys() && getValues();
  bool anyCached = getCache() || getLayer() || getPast(), anyGiven = getKeys() || getValues();
  if (cached == given || cached != anyCached || given != anyGiven)
    return emitOpError() << "expects either keys and values or a cache with layer and past, but got "
                         << (anyCached && anyGiven   ? "both"
                             : anyCached || anyGiven ? "a part of them"
                                                     : "neither");
  if (getQuery().getType().getRank() != 3)
    return emitOpError() << "expects a query of rank 3, but got " << getQuery().getType();
  int64_t heads = getHeads();
  if (features(getQuery()) % heads != 0)
    return emitOpError() << "expects a query of a multiple of " << heads << " features (heads), but got "
                         << features(getQuery());
  if (given) {
    if (failed(verifyKeys(*this)))
      return failure();
  } else {
    if (getMask() != Mask::Causal)
      return emitOpError() << "expects a causal mask with a cache, but got " << stringifyMask(getMask());
    if (getCache().getType().getHeadDim() != getHeadDim())
      return emitOpError() << "expects a cache of head_dim " << getHeadDim() << ", but got "
                           << getCache().getType().getHeadDim();
    if (failed(expectDim(*this, "the length of past", getPast(), 0, getQuery().getType().getDimSize(0))))
      return failure();
  }
  if (heads % getKeyHeads() != 0)
    return emitOpError() << "expects heads that are a multiple of the " << getKeyHeads() << " key/value heads, but got "
                         << heads;
  if (failed(expectRope(*this, getPositions(), getRopeAttr(), getQuery(), getHeadDim())))
    return failure();
  return expectSameShape(*this, "the result", getResult(), "the query", getQuery());
}
