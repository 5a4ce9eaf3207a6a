#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

void AttentionOp::build(OpBuilder &builder, OperationState &state, Type result, Value query, Value cache, Value layer,
                        Value past, int64_t heads, double scale, Value positions, RopeAttr rope) {
  build(builder, state, result, query, /*keys=*/Value(), /*values=*/Value(), cache, layer, past, positions, rope,
        /*bias=*/Value(), /*sinks=*/Value(), /*prefix=*/Value(), /*documents=*/Value(), /*valid=*/Value(),
        static_cast<uint64_t>(heads), llvm::APFloat(scale), Mask::Causal, /*window=*/IntegerAttr(),
        /*soft_cap=*/FloatAttr(), /*alibi=*/AlibiAttr(), /*keep=*/IntegerAttr());
}

void AttentionOp::build(OpBuilder &builder, OperationState &state, Type result, Value query, Value keys, Value values,
                        const AttentionOptions &options) {
  build(builder, state, result, query, keys, values, /*cache=*/Value(), /*layer=*/Value(), /*past=*/Value(),
        /*positions=*/Value(), RopeAttr(), options.bias, options.sinks, options.prefix, options.documents,
        options.valid, static_cast<uint64_t>(options.heads), llvm::APFloat(options.scale), options.mask,
        options.window ? builder.getI64IntegerAttr(*options.window) : IntegerAttr(),
        options.softCap ? builder.getF64FloatAttr(*options.softCap) : FloatAttr(), options.alibi,
        options.keep ? builder.getI64IntegerAttr(*options.keep) : IntegerAttr());
}

int64_t AttentionOp::getKeyHeads() {
  return getCache() ? getCache().getType().getHeads() : features(getKeys()) / getHeadDim();
}

int64_t AttentionOp::getValueHeadDim() {
  return getCache() ? getCache().getType().getHeadDim() : features(getValues()) / getKeyHeads();
}

/// Query, keys and values that are given as tensors.
static LogicalResult verifyTensors(Operation *op, Value query, Value keys, Value values, int64_t heads) {
  auto queryType = cast<RankedTensorType>(query.getType()), keysType = cast<RankedTensorType>(keys.getType()),
       valuesType = cast<RankedTensorType>(values.getType());
  int64_t headDim = features(query) / heads;
  if (keysType.getRank() != 3)
    return op->emitOpError() << "expects keys of rank 3, but got " << keysType;
  if (valuesType.getRank() != 3)
    return op->emitOpError() << "expects values of rank 3, but got " << valuesType;
  if (failed(expectDim(op, "the batch of keys", keys, 0, queryType.getDimSize(0))) ||
      failed(expectDim(op, "the batch of values", values, 0, keysType.getDimSize(0))) ||
      failed(expectDim(op, "the positions of values", values, 1, keysType.getDimSize(1))))
    return failure();
  if (features(keys) == 0 || features(keys) % headDim != 0)
    return op->emitOpError() << "expects keys of a multiple of " << headDim << " features (head_dim), but got "
                             << features(keys);
  int64_t keyHeads = features(keys) / headDim;
  if (heads % keyHeads != 0)
    return op->emitOpError() << "expects heads that are a multiple of the " << keyHeads << " key/value heads, but got "
                             << heads;
  if (features(values) == 0 || features(values) % keyHeads != 0)
    return op->emitOpError() << "expects values of a multiple of " << keyHeads
                             << " features (key/value heads), but got " << features(values);
  return success();
}

/// Rank and heads of the query.
static LogicalResult verifyQuery(Operation *op, Value query, int64_t heads) {
  if (cast<RankedTensorType>(query.getType()).getRank() != 3)
    return op->emitOpError() << "expects a query of rank 3, but got " << query.getType();
  if (features(query) == 0 || features(query) % heads != 0)
    return op->emitOpError() << "expects a query of a multiple of " << heads << " features (heads), but got "
                             << features(query);
  return success();
}

static LogicalResult verifyCache(AttentionOp op) {
  CacheType cache = op.getCache().getType();
  if (op.getMask() != Mask::Causal)
    return op.emitOpError() << "expects a causal mask with a cache, but got " << stringifyMask(op.getMask());
  if (cache.getHeadDim() != op.getHeadDim())
    return op.emitOpError() << "expects a cache of head_dim " << op.getHeadDim() << ", but got " << cache.getHeadDim();
  if (int64_t(op.getHeads()) % cache.getHeads() != 0)
    return op.emitOpError() << "expects heads that are a multiple of the " << cache.getHeads()
                            << " key/value heads, but got " << op.getHeads();
  return expectDim(op, "the length of past", op.getPast(), 0, op.getQuery().getType().getDimSize(0));
}

LogicalResult AttentionOp::verify() {
  bool cached = getCache() && getLayer() && getPast(), given = getKeys() && getValues();
  bool anyCached = getCache() || getLayer() || getPast(), anyGiven = getKeys() || getValues();
  if (cached == given || cached != anyCached || given != anyGiven)
    return emitOpError() << "expects either keys and values or a cache with layer and past, but got "
                         << (anyCached && anyGiven   ? "both"
                             : anyCached || anyGiven ? "a part of them"
                                                     : "neither");
  if (failed(verifyQuery(*this, getQuery(), getHeads())) ||
      failed(given ? verifyTensors(*this, getQuery(), getKeys(), getValues(), getHeads()) : verifyCache(*this)))
    return failure();
  if (given && (getMask() == Mask::Causal || getRope()) &&
      failed(expectDim(*this, "the sequence of keys that are masked or rotated", getKeys(), 1,
                       getQuery().getType().getDimSize(1))))
    return failure();
  if (failed(expectRope(*this, getPositions(), getRopeAttr(), getQuery(), getHeadDim())) ||
      failed(AttentionOptions::of(*this).verify(*this, getQuery(), getKeys())))
    return failure();
  return expectShapeBut(*this, "a result", getResult(), getQuery(), int64_t(getHeads()) * getValueHeadDim());
}

LogicalResult AttentionBackwardOp::verify() {
  if (failed(verifyQuery(*this, getQuery(), getHeads())) ||
      failed(verifyTensors(*this, getQuery(), getKeys(), getValues(), getHeads())))
    return failure();
  if (getMask() == Mask::Causal && failed(expectDim(*this, "the sequence of keys that are masked", getKeys(), 1,
                                                    getQuery().getType().getDimSize(1))))
    return failure();
  if (failed(AttentionOptions::of(*this).verify(*this, getQuery(), getKeys())) ||
      failed(expectShapeBut(*this, "a gradient", getGradient(), getQuery(), int64_t(getHeads()) * getValueHeadDim())) ||
      failed(expectSameShape(*this, "the query's gradient", getQueryGradient(), "the query", getQuery())) ||
      failed(expectSameShape(*this, "the keys' gradient", getKeysGradient(), "the keys", getKeys())))
    return failure();
  return expectSameShape(*this, "the values' gradient", getValuesGradient(), "the values", getValues());
}
