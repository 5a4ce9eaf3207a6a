#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static LogicalResult verifyBias(Operation *op, Value bias, Value query, Value keys, int64_t heads) {
  RankedTensorType type = typeOf(bias);
  if (type.getRank() != 4)
    return op->emitOpError() << "expects a bias of rank 4, but got " << type;
  int64_t batch = typeOf(query).getDimSize(0);
  if (type.getDimSize(0) != 1 && !mayEqual(type.getDimSize(0), batch))
    return op->emitOpError() << "expects the batch of the bias to be 1 or " << batch << ", but got "
                             << type.getDimSize(0);
  if (type.getDimSize(1) != 1 && !mayEqual(type.getDimSize(1), heads))
    return op->emitOpError() << "expects a bias of 1 or " << heads << " heads, but got " << type.getDimSize(1);
  if (failed(expectDim(op, "the sequence of the bias", bias, 2, typeOf(query).getDimSize(1))))
    return failure();
  return keys ? expectDim(op, "the positions of the bias", bias, 3, typeOf(keys).getDimSize(1)) : success();
}

static LogicalResult verifyDocuments(Operation *op, Value documents, Value query, Value keys) {
  if (!keys)
    return op->emitOpError() << "expects documents with keys only, but got a cache";
  if (failed(expectDim(op, "the batch of documents", documents, 0, typeOf(query).getDimSize(0))) ||
      failed(expectDim(op, "the sequence of documents", documents, 1, typeOf(query).getDimSize(1))))
    return failure();
  return expectDim(op, "the sequence of keys of documents", keys, 1, typeOf(query).getDimSize(1));
}

LogicalResult AttentionOptions::verify(Operation *op, Value query, Value keys) const {
  int64_t batch = typeOf(query).getDimSize(0);
  if (bias && failed(verifyBias(op, bias, query, keys, heads)))
    return failure();
  if (sinks && failed(expectDim(op, "the number of sinks", sinks, 0, heads)))
    return failure();
  if (prefix) {
    if (mask != Mask::Causal)
      return op->emitOpError() << "expects a causal mask with a prefix, but got " << stringifyMask(mask);
    if (failed(expectDim(op, "the length of prefix", prefix, 0, batch)))
      return failure();
  }
  if (documents && failed(verifyDocuments(op, documents, query, keys)))
    return failure();
  if (valid && (failed(expectDim(op, "the batch of valid", valid, 0, batch)) ||
                (keys && failed(expectDim(op, "the positions of valid", valid, 1, typeOf(keys).getDimSize(1))))))
    return failure();
  if (softCap && !(*softCap > 0))
    return op->emitOpError() << "expects soft_cap > 0, but got " << *softCap;
  if (keep && (!window || mask != Mask::Causal))
    return op->emitOpError() << "expects keep with a window and a causal mask, but got "
                             << (window ? "mask = none" : "no window");
  return success();
}
