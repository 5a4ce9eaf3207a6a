#include "Rotation.h"
#include <numbers>

using namespace mlir;

namespace ph::conversion {

static Value table(Lowering &l, ArrayRef<double> values) {
  auto type = RankedTensorType::get({int64_t(values.size())}, l.s.getF64Type());
  return arith::ConstantOp::create(l.s, DenseElementsAttr::get(type, values));
}

/// As turns for each position: whole turns can then be taken off in f64 before anything is rounded to f32.
static SmallVector<double> turns(ArrayRef<double> frequencies) {
  return llvm::map_to_vector(frequencies, [](double each) { return each / (2 * std::numbers::pi); });
}

/// One more than the largest position: i32, of rank 0.
static Value lengthOf(Lowering &l, Value positions) {
  return l.reduced({}, l.s.i32(0), 2, l.whole(positions),
                   [](ScalarBuilder &s, ValueRange e) { return s.max(e[1], s.add(e[0], s.i32(1))); });
}

/// The turns of each pair for a position, in f64: [pairs].
static Value pairTurns(Lowering &l, Value positions, xf::RopeAttr rope) {
  if (!rope.dependsOnLength())
    return table(l, turns(rope.getFrequencies(/*length=*/0)));
  ScalarBuilder &s = l.s;
  double original = double(rope.getOriginal()), factor = rope.getFactor().convertToDouble();
  int64_t pairs = rope.getDim() / 2;
  Indexed length = {lengthOf(l, positions), {}};
  Indexed within = {table(l, turns(rope.getFrequencies(rope.getOriginal()))), {l.dim(0)}};
  if (rope.getScaling() == xf::RopeScaling::LongRope) {
    Indexed beyond = {table(l, turns(rope.getFrequencies(rope.getOriginal() + 1))), {l.dim(0)}};
    return l.each(l.attribute(pairs), s.getF64Type(), {within, beyond, length}, [&](ScalarBuilder &s, ValueRange e) {
      return s.select(s.compare(xf::CompareKind::Gt, e[2], s.i32(rope.getOriginal())), e[1], e[0]);
    });
  }
  // The base grows by g^(dim / (dim - 2)), so pair i turns g^(-2 i / (dim - 2)) times as fast.
  return l.each(l.attribute(pairs), s.getF64Type(), {within, length}, [&](ScalarBuilder &s, ValueRange e) {
    Value positions = s.max(s.convert(e[1], s.getF32Type()), s.f32(original));
    Value growth = s.sub(s.mul(positions, s.f32(factor / original)), s.f32(factor - 1));
    Value power = s.mul(s.convert(s.loop(0), s.getF32Type()), s.f32(-2.0 / double(rope.getDim() - 2)));
    Value slower = s.exp(s.mul(power, math::LogOp::create(s, growth)));
    return s.mul(e[0], s.convert(slower, s.getF64Type()));
  });
}

static RopeTables makeTables(Lowering &l, Value positions, xf::RopeAttr rope) {
  ScalarBuilder &s = l.s;
  Sizes sizes = l.sizesOf(positions);
  sizes.push_back(l.attribute(rope.getDim() / 2));
  Indexed turnsOfPairs = {pairTurns(l, positions, rope), {l.dim(2)}};
  Indexed cos = l.whole(l.empty(sizes, s.getF32Type())), sin = l.whole(l.empty(sizes, s.getF32Type()));
  SmallVector<Value> both =
      l.structured(3, {Indexed{positions, l.loops(0, 2)}, turnsOfPairs}, {cos, sin},
                   [&](ScalarBuilder &s, ValueRange e) -> SmallVector<Value> {
                     Value turned = s.mul(s.convert(e[0], s.getF64Type()), e[1]);
                     Value whole = math::FloorOp::create(s, s.add(turned, s.f64(0.5)));
                     Value angle = s.convert(s.mul(s.sub(turned, whole), s.f64(2 * std::numbers::pi)), s.getF32Type());
                     Value c = math::CosOp::create(s, angle), sine = math::SinOp::create(s, angle);
                     if (double factor = rope.getAttentionFactor(); factor != 1)
                       return {s.mul(c, s.f32(factor)), s.mul(sine, s.f32(factor))};
                     return {c, sine};
                   });
  return {both[0], both[1]};
}

RopeTables ropeTablesOf(Lowering &l, Value positions, xf::RopeAttr rope) {
  auto slice = positions.getDefiningOp<tensor::ExtractSliceOp>();
  if (slice && (slice.getType().getRank() != slice.getSourceType().getRank() || !slice.hasUnitStride()))
    slice = {};
  Value whole = l.of(slice ? slice.getSource() : positions);
  auto &made = l.ropeTables(whole, rope);
  if (!made.first) {
    l.sizesOf(whole); // which are made in front of the tables
    OpBuilder::InsertionGuard guard(l.s);
    l.s.setInsertionPointAfterValue(whole);
    Block &block = *l.s.getInsertionBlock();
    for (auto next = l.s.getInsertionPoint(); next != block.end() && isa<tensor::DimOp, arith::ConstantOp>(*next);
         ++next)
      l.s.setInsertionPointAfter(&*next);
    RopeTables tables = makeTables(l, whole, rope);
    made = {tables.cos, tables.sin};
  }
  if (!slice)
    return {made.first, made.second};
  Part part;
  for (OpFoldResult entry : slice.getMixedOffsets())
    part.offsets.push_back(isa<Value>(entry) ? OpFoldResult(l.of(cast<Value>(entry))) : entry);
  for (OpFoldResult entry : slice.getMixedSizes())
    part.sizes.push_back(isa<Value>(entry) ? OpFoldResult(l.of(cast<Value>(entry))) : entry);
  part.offsets.push_back(l.attribute(0));
  part.sizes.push_back(l.attribute(rope.getDim() / 2));
  return {l.slice(made.first, part), l.slice(made.second, part)};
}

Value copyInto(Lowering &l, Value tensor, Value into) {
  Type element = cast<RankedTensorType>(into.getType()).getElementType();
  Indexed there = l.whole(into);
  return l.structured(there.at.size(), l.whole(tensor), there,
                      [&](ScalarBuilder &s, ValueRange e) { return s.convert(e[0], element); });
}

Value rotateInto(Lowering &l, Value tensor, Value into, RopeTables tables, ArrayRef<AffineExpr> row,
                 xf::RopeAttr rope) {
  Type element = cast<RankedTensorType>(into.getType()).getElementType();
  Sizes sizes = l.sizesOf(tensor);
  unsigned rank = sizes.size();
  int64_t pairs = rope.getDim() / 2;
  bool half = rope.getStyle() == xf::RopeStyle::Half;
  auto partOf = [&](int64_t from, int64_t count, int64_t stride) {
    Part part = {Sizes(rank, l.attribute(0)), sizes, SmallVector<int64_t>(rank, 1)};
    part.offsets.back() = l.attribute(from);
    part.sizes.back() = l.attribute(count);
    part.strides.back() = stride;
    return part;
  };
  Part first = partOf(0, pairs, half ? 1 : 2), second = partOf(half ? pairs : 1, pairs, half ? 1 : 2);
  SmallVector<AffineExpr> at(row);
  at.push_back(l.dim(rank - 1));
  SmallVector<Indexed> inputs = {
      l.whole(l.slice(tensor, first)), l.whole(l.slice(tensor, second)), {tables.cos, at}, {tables.sin, at}};
  auto write = [&](const Part &part, Lowering::Body body) {
    into = l.insert(l.structured(rank, inputs, l.whole(l.slice(into, part)), body), into, part);
  };
  write(first, [&](ScalarBuilder &s, ValueRange e) {
    return s.convert(s.sub(s.mul(e[0], e[2]), s.mul(e[1], e[3])), element);
  });
  write(second, [&](ScalarBuilder &s, ValueRange e) {
    return s.convert(s.add(s.mul(e[1], e[2]), s.mul(e[0], e[3])), element);
  });
  int64_t rest = cast<RankedTensorType>(tensor.getType()).getShape().back() - rope.getDim();
  if (rest > 0) {
    Part part = partOf(rope.getDim(), rest, 1);
    into = l.insert(copyInto(l, l.slice(tensor, part), l.slice(into, part)), into, part);
  }
  return into;
}

static LogicalResult rope(Lowering &l, xf::RopeOp op) {
  RopeTables tables = ropeTablesOf(l, op.getPositions(), op.getRope());
  Value input = l.splitLast(l.of(op.getInput()), op.getHeads());
  Value result = rotateInto(l, input, l.empty(l.sizesOf(input), l.s.getF32Type()), tables, l.loops(0, 2), op.getRope());
  l.give(op.getResult(), l.joinLast(result));
  return success();
}

void addRope(Handlers &handlers) { handlers.add<xf::RopeOp, rope>(); }

} // namespace ph::conversion
