// The cache: [slot, layer, head, position, feature], keys and values each. Sequence b of a batch is in slot b.
#include "Rotation.h"

using namespace mlir;

namespace ph::conversion {

/// A head of a layer and of a sequence, `count` positions from `from` on.
static Part positionsOf(Lowering &l, xf::CacheType cache, OpFoldResult slot, Value layer, OpFoldResult head,
                        OpFoldResult from, OpFoldResult count) {
  OpFoldResult one = l.attribute(1);
  return {{slot, layer, head, from, l.attribute(0)}, {one, one, one, count, l.attribute(cache.getHeadDim())}, {}};
}

/// Each head of each sequence is written in its place.
static LogicalResult cacheAppend(Lowering &l, xf::CacheAppendOp op) {
  xf::CacheType type = op.getCache().getType();
  int64_t width = type.getHeadDim();
  CacheTensors cache = l.cacheOf(op.getCache());
  Value keys = l.of(op.getKeys()), values = l.of(op.getValues()), past = l.of(op.getPast()),
        layer = l.of(op.getLayer());
  OpFoldResult batch = l.sizeOf(keys, 0), sequence = l.sizeOf(keys, 1), one = l.attribute(1);
  std::optional<RopeTables> tables;
  if (op.getRope())
    tables = ropeTablesOf(l, op.getPositions(), *op.getRope());
  const int64_t dropped[] = {0, 1, 2}, sequenceOnly[] = {0};
  SmallVector<Value> written = l.forall(
      {batch, l.attribute(type.getHeads())}, {cache.keys, cache.values},
      [&](ValueRange point) -> SmallVector<Part> {
        Value first = l.s.toIndex(l.s.at(past, point[0]));
        Part part = positionsOf(l, type, point[0], layer, point[1], first, sequence);
        return {part, part};
      },
      {dropped, dropped},
      [&](ValueRange point, ValueRange places) -> SmallVector<Value> {
        Part head = {
            {point[0], l.attribute(0), l.mul(point[1], l.attribute(width))}, {one, sequence, l.attribute(width)}, {}};
        Value k = l.slice(keys, head, sequenceOnly), v = l.slice(values, head, sequenceOnly);
        if (!tables)
          return {copyInto(l, k, places[0]), copyInto(l, v, places[1])};
        Part row = {
            {point[0], l.attribute(0), l.attribute(0)}, {one, sequence, l.attribute(op.getRope()->getDim() / 2)}, {}};
        RopeTables own = {l.slice(tables->cos, row, sequenceOnly), l.slice(tables->sin, row, sequenceOnly)};
        return {rotateInto(l, k, places[0], own, l.dim(0), *op.getRope()), copyInto(l, v, places[1])};
      });
  l.give(op.getResult(), CacheTensors{written[0], written[1]});
  return success();
}

/// Whether a slice of [batch, positions, heads · width] is of positions of one head.
static bool isOfOneHead(tensor::ExtractSliceOp slice, int64_t width) {
  if (!slice.hasUnitStride() || slice.getType().getRank() != 2 || getConstantIntValue(slice.getMixedSizes()[0]) != 1 ||
      getConstantIntValue(slice.getMixedSizes()[2]) != width)
    return false;
  OpFoldResult column = slice.getMixedOffsets()[2];
  if (std::optional<int64_t> known = getConstantIntValue(column))
    return *known % width == 0;
  auto product = cast<Value>(column).getDefiningOp<arith::MulIOp>();
  std::optional<int64_t> factor = product ? getConstantIntValue(product.getRhs()) : std::nullopt;
  return factor && *factor % width == 0;
}

/// What reads a part of a head reads it where it is, and what reads anything else gets a copy.
static LogicalResult read(Lowering &l, Operation *op, Value cache, Value layer, xf::CacheType type) {
  Value result = op->getResult(0);
  int64_t width = type.getHeadDim();
  auto whole = cast<RankedTensorType>(result.getType());
  auto elements = [&l, type](Value stored) {
    if (type.getElementType().isF32())
      return stored;
    return l.each(l.sizesOf(stored), l.s.getF32Type(), l.whole(stored),
                  [](ScalarBuilder &s, ValueRange e) { return s.convert(e[0], s.getF32Type()); });
  };
  bool inPlace = llvm::all_of(op->getUsers(), [&](Operation *user) {
    auto slice = dyn_cast<tensor::ExtractSliceOp>(user);
    return isa<tensor::DimOp>(user) || (slice && isOfOneHead(slice, width));
  });
  OpFoldResult slots = l.sizeOf(cache, 0), positions = l.sizeOf(cache, 3);
  if (inPlace) {
    // Only its sizes are asked for.
    l.give(result, l.empty({slots, positions, l.attribute(whole.getShape().back())}, l.s.getF32Type()));
    l.views[result] = [=, &l](const Part &part) {
      OpFoldResult head = l.div(part.offsets[2], l.attribute(width));
      Part tile = positionsOf(l, type, part.offsets[0], layer, head, part.offsets[1], part.sizes[1]);
      const int64_t dropped[] = {0, 1, 2};
      return elements(l.slice(cache, tile, dropped));
    };
    return success();
  }
  const int64_t layerOnly[] = {1};
  Part part = {Sizes(5, l.attribute(0)), l.sizesOf(cache), {}};
  part.offsets[1] = layer;
  part.sizes[1] = l.attribute(1);
  Value stored = l.slice(cache, part, ArrayRef<int64_t>(layerOnly));
  Sizes sizes = {slots, positions, l.attribute(type.getHeads()), l.attribute(width)};
  Value copied = l.each(sizes, l.s.getF32Type(), Indexed{stored, {l.dim(0), l.dim(2), l.dim(1), l.dim(3)}},
                        [](ScalarBuilder &s, ValueRange e) { return s.convert(e[0], s.getF32Type()); });
  l.give(result, l.joinLast(copied));
  return success();
}

static LogicalResult cacheKeys(Lowering &l, xf::CacheKeysOp op) {
  return read(l, op, l.cacheOf(op.getCache()).keys, l.of(op.getLayer()), op.getCache().getType());
}

static LogicalResult cacheValues(Lowering &l, xf::CacheValuesOp op) {
  return read(l, op, l.cacheOf(op.getCache()).values, l.of(op.getLayer()), op.getCache().getType());
}

void addCache(Handlers &handlers) {
  handlers.add<xf::CacheAppendOp, cacheAppend>();
  handlers.add<xf::CacheKeysOp, cacheKeys>();
  handlers.add<xf::CacheValuesOp, cacheValues>();
}

} // namespace ph::conversion
