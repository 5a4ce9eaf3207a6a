// Parts of activations: along features, of heads, and tokens.
#include "Reshape.h"

using namespace mlir;

namespace ph::conversion {

/// Elements `from` on of the last dimension.
static Value columns(Lowering &l, Value tensor, int64_t from, int64_t count) {
  Sizes sizes = l.sizesOf(tensor);
  Part part = {Sizes(sizes.size(), l.attribute(0)), sizes, {}};
  part.offsets.back() = l.attribute(from);
  part.sizes.back() = l.attribute(count);
  return l.slice(tensor, part);
}

static LogicalResult split(Lowering &l, xf::SplitOp op) {
  Value input = l.of(op.getInput());
  int64_t from = 0;
  for (auto [part, size] : llvm::zip_equal(op.getParts(), op.getSizes())) {
    l.give(part, columns(l, input, from, size));
    from += size;
  }
  return success();
}

/// Their features are strided where heads are cut, so they are copied.
static LogicalResult splitHeads(Lowering &l, xf::SplitHeadsOp op) {
  int64_t heads = op.getHeads(), from = 0;
  Value input = l.splitLast(l.of(op.getInput()), heads);
  for (Value result : op.getParts()) {
    int64_t width = cast<RankedTensorType>(result.getType()).getShape().back() / heads;
    Value part = columns(l, input, from, width);
    Value copied =
        l.each(l.sizesOf(part), l.s.getF32Type(), l.whole(part), [](ScalarBuilder &, ValueRange e) { return e[0]; });
    l.give(result, l.joinLast(copied));
    from += width;
  }
  return success();
}

static LogicalResult joinHeads(Lowering &l, xf::JoinHeadsOp op) {
  int64_t heads = op.getHeads(), features = op.getResult().getType().getShape().back(), from = 0;
  Sizes sizes = l.sizesOf(l.of(op.getParts()[0]));
  sizes.back() = l.attribute(heads);
  sizes.push_back(l.attribute(features / heads));
  Value result = l.empty(sizes, l.s.getF32Type());
  Part hole = {Sizes(sizes.size(), l.attribute(0)), sizes, {}};
  unsigned rank = sizes.size();
  for (auto [number, part] : llvm::enumerate(l.of(op.getParts()))) {
    hole.offsets.back() = l.attribute(from);
    hole.sizes.back() = l.attribute(op.getWidth(number));
    // One that is shared has no loop for heads.
    Indexed source = {op.isShared(number) ? part : l.splitLast(part, heads), l.loops(0, rank - 2)};
    if (!op.isShared(number))
      source.at.push_back(l.dim(rank - 2));
    source.at.push_back(l.dim(rank - 1));
    Value written =
        l.structured(rank, source, l.whole(l.slice(result, hole)), [](ScalarBuilder &, ValueRange e) { return e[0]; });
    result = l.insert(written, result, hole);
    from += op.getWidth(number);
  }
  l.give(op.getResult(), l.joinLast(result));
  return success();
}

static LogicalResult selectRows(Lowering &l, xf::SelectRowsOp op) {
  Value input = l.of(op.getInput()), rows = l.of(op.getRows()), sequence = l.index(l.sizeOf(input, 1));
  l.give(op.getResult(), l.each({l.sizeOf(rows, 0), l.sizeOf(input, 2)}, l.s.getF32Type(), Indexed{rows, {l.dim(0)}},
                                [&](ScalarBuilder &s, ValueRange e) {
                                  Value row = s.toIndex(e[0]);
                                  return s.at(input, {s.div(row, sequence), s.rem(row, sequence), s.loop(1)});
                                }));
  return success();
}

void addRows(Handlers &handlers) {
  handlers.add<xf::SplitOp, split>();
  handlers.add<xf::SplitHeadsOp, splitHeads>();
  handlers.add<xf::JoinHeadsOp, joinHeads>();
  handlers.add<xf::SelectRowsOp, selectRows>();
}

} // namespace ph::conversion
