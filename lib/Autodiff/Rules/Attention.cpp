// Attention, by its derivative in tiles.
#include "lib/Autodiff/Rules/Rope.h"

using namespace mlir;

namespace ph::autodiff {

static LogicalResult pullAttention(Pullback &pull, xf::AttentionOp op) {
  Primitives &p = pull.p;
  if (op.getCache())
    return op.emitOpError() << "reads a cache, which has no derivative: xf-remove-cache makes keys and values tensors";
  for (auto [name, operand] : {std::pair("bias", Value(op.getBias())), {"sinks", Value(op.getSinks())}})
    if (operand && pull.wants(operand))
      return op.emitOpError() << "has no derivative by its " << name;
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
  pull.add(op.getQuery(), ofQuery);
  pull.add(op.getKeys(), ofKeys);
  pull.add(op.getValues(), back.getValuesGradient());
  return success();
}

static LogicalResult pushAttention(Pushforward &, xf::AttentionOp op) {
  return op.emitOpError() << "has no derivative in forward mode";
}

void registerAttentionRules(MLIRContext *context) { attach<xf::AttentionOp, pullAttention, pushAttention>(context); }

} // namespace ph::autodiff
