// Attention, by its derivative in tiles, and spelled out where that does not do.
#include "lib/Autodiff/Rules/AttentionSpelled.h"
#include "lib/Autodiff/Rules/Rope.h"

using namespace mlir;

namespace ph::autodiff {

static LogicalResult expectTensors(xf::AttentionOp op) {
  if (op.getCache())
    return op.emitOpError() << "reads a cache, which has no derivative: xf-remove-cache makes keys and values tensors";
  return success();
}

/// The gradient of sinks: their score only takes away from the weights of what is seen, so it is -Σ w (dy · y) over all
/// rows with the weight w = 1 - Σ_j p_j of the sink. The sum is what attention gives for values of 1, so that the
/// weights are never in memory.
static Value ofSinks(Primitives &p, xf::AttentionOp op, Value query, Value keys, Value gradient) {
  int64_t heads = op.getHeads();
  auto splitHeads = [&](Value value) {
    SmallVector<OpFoldResult> sizes = sizesOf(p, value);
    int64_t width = xf::shapeOf(value).back() / heads;
    sizes.back() = p.getI64IntegerAttr(heads);
    sizes.push_back(p.getI64IntegerAttr(width));
    return xf::ReshapeOp::create(p, value, sizes).getResult();
  };
  SmallVector<OpFoldResult> sizes = sizesOf(p, keys);
  sizes.back() = p.getI64IntegerAttr(op.getKeyHeads());
  Value ones = xf::BroadcastOp::create(p, p.number(1), sizes);
  SmallVector<int64_t> shape(xf::shapeOf(query));
  shape.back() = heads;
  Value seen = xf::AttentionOp::create(p, RankedTensorType::get(shape, p.getF32Type()), query, keys, ones,
                                       xf::AttentionOptions::of(op));
  Value products = p.sumLast(p.mul(splitHeads(gradient), splitHeads(op.getResult())));
  Value change = p.mul(p.sub(seen, p.number(1)), products);
  return xf::ReduceOp::create(p, xf::ReduceKind::Sum, change, ArrayRef<int64_t>{0, 1}, /*keepdims=*/false);
}

static LogicalResult pullAttention(Pullback &pull, xf::AttentionOp op) {
  Primitives &p = pull.p;
  if (failed(expectTensors(op)))
    return failure();
  if (op.getBias() && pull.wants(op.getBias()))
    return pullSpelled<xf::AttentionOp, spellAttention>(pull, op);
  Value query = op.getQuery(), keys = op.getKeys();
  int64_t heads = op.getHeads(), keyHeads = op.getKeyHeads();
  xf::RopeAttr rope = op.getRopeAttr();
  if (rope) {
    query = rotate(p, query, op.getPositions(), heads, rope);
    keys = rotate(p, keys, op.getPositions(), keyHeads, rope);
  }
  auto back = xf::AttentionBackwardOp::create(
      p, TypeRange{query.getType(), keys.getType(), op.getValues().getType()}, query, keys, op.getValues(),
      pull.gradientOf(op.getResult()), op.getBias(), op.getSinks(), op.getPrefix(), op.getDocuments(), op.getValid(),
      op.getHeadsAttr(), op.getScaleAttr(), op.getMaskAttr(), op.getWindowAttr(), op.getSoftCapAttr(),
      op.getAlibiAttr(), op.getKeepAttr());
  Value ofQuery = back.getQueryGradient(), ofKeys = back.getKeysGradient();
  if (rope) {
    ofQuery = rotateBack(p, ofQuery, op.getPositions(), heads, rope);
    ofKeys = rotateBack(p, ofKeys, op.getPositions(), keyHeads, rope);
  }
  if (op.getSinks() && pull.wants(op.getSinks()))
    pull.add(op.getSinks(), ofSinks(p, op, query, keys, pull.gradientOf(op.getResult())));
  pull.add(op.getQuery(), ofQuery);
  pull.add(op.getKeys(), ofKeys);
  pull.add(op.getValues(), back.getValuesGradient());
  return success();
}

static LogicalResult pushAttention(Pushforward &push, xf::AttentionOp op) {
  if (failed(expectTensors(op)))
    return failure();
  return pushSpelled<xf::AttentionOp, spellAttention>(push, op);
}

void registerAttentionRules(MLIRContext *context) { attach<xf::AttentionOp, pullAttention, pushAttention>(context); }

} // namespace ph::autodiff
