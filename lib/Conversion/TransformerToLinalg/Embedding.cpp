// From tokens to activations, and to positions.
#include "Lowering.h"

using namespace mlir;

namespace ph::conversion {

static LogicalResult embedding(Lowering &l, xf::EmbeddingOp op) {
  if (l.keepProducts && op.getTable().getDefiningOp<xf::LoadWeightOp>())
    return l.keep(op, op.getTokens());
  Value tokens = l.of(op.getTokens()), table = l.of(op.getTable());
  Sizes sizes = l.sizesOf(tokens);
  sizes.push_back(l.sizeOf(table, 1));
  l.give(op.getResult(),
         l.each(sizes, l.s.getF32Type(), {Indexed{tokens, l.loops(0, 2)}}, [&](ScalarBuilder &s, ValueRange e) {
           Value row = s.toIndex(e[0]);
           if (int64_t offset = op.getOffset().value_or(0))
             row = s.add(row, s.index(offset));
           Value element = s.at(table, {row, s.loop(2)});
           return op.getScale() ? s.mul(element, s.f32(op.getScale()->convertToDouble())) : element;
         }));
  return success();
}

static LogicalResult positions(Lowering &l, xf::PositionsOp op) {
  Indexed past = {l.of(op.getPast()), {l.dim(0)}};
  l.give(op.getResult(),
         l.each(l.sizesOf(l.of(op.getTokens())), l.s.getI32Type(), past,
                [](ScalarBuilder &s, ValueRange e) { return s.add(e[0], s.convert(s.loop(1), s.getI32Type())); }));
  return success();
}

/// Tokens are counted one after the other, sequences at once.
static LogicalResult maskedPositions(Lowering &l, xf::MaskedPositionsOp op) {
  Value mask = l.of(op.getMask());
  Sizes sizes = l.sizesOf(mask);
  Value offset = l.s.i32(op.getOffset().value_or(0));
  auto rowOf = [&](ValueRange point) { return Part{{point[0], l.attribute(0)}, {l.attribute(1), sizes[1]}, {}}; };
  const int64_t sequenceNumber[] = {0};
  Value result = l.forall(
      sizes[0], l.empty(sizes, l.s.getI32Type()), [&](ValueRange point) -> SmallVector<Part> { return {rowOf(point)}; },
      ArrayRef<int64_t>(sequenceNumber),
      [&](ValueRange point, ValueRange rows) -> SmallVector<Value> {
        Value counted = l.loop(sizes[1], {rows[0], offset}, [&](Value token, ValueRange carried) -> SmallVector<Value> {
          ScalarBuilder &s = l.s;
          Value real = s.compare(xf::CompareKind::Ne, s.at(mask, {point[0], token}), s.i32(0));
          Value count = s.add(carried[1], s.convert(real, s.getI32Type())), number = s.select(real, count, offset);
          return {tensor::InsertOp::create(s, number, carried[0], token), count};
        })[0];
        return {counted};
      })[0];
  l.give(op.getResult(), result);
  return success();
}

void addEmbedding(Handlers &handlers) {
  handlers.add<xf::EmbeddingOp, embedding>();
  handlers.add<xf::PositionsOp, positions>();
  handlers.add<xf::MaskedPositionsOp, maskedPositions>();
}

} // namespace ph::conversion
