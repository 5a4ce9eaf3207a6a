#include "lib/Transforms/Attention/OnlineSoftmax.h"
#include <cmath>

using namespace mlir;

namespace ph {

static Value number(ImplicitLocOpBuilder &b, double x) {
  return arith::ConstantOp::create(b, b.getF32FloatAttr(float(x)));
}

/// exp(x - largest), where largest is -∞ only if x is.
static Value exponential(ImplicitLocOpBuilder &b, Value x, Value largest) {
  Value none = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, largest, number(b, -INFINITY));
  Value finite = arith::SelectOp::create(b, none, number(b, 0), largest);
  return math::ExpOp::create(b, arith::SubFOp::create(b, x, finite));
}

Value startLargest(TileBuilder &t, Value rows, Value sink) {
  return t.filled(t.tileType({ShapedType::kDynamic}), rows, sink ? sink : t.number(-INFINITY));
}

Value startSum(TileBuilder &t, Value rows, Value sink) {
  return t.filled(t.tileType({ShapedType::kDynamic}), rows, t.number(sink ? 1 : 0));
}

// What is read of the scores before comes ahead of what is written over them, so that loops can carry tiles in place.
Risen rise(TileBuilder &t, Value before, Value scores) {
  Value none = startLargest(t, t.size(before, 0), Value());
  Value maxima =
      t.structured({{scores, {0, 1}}}, {none, {0}}, 2, {1}, [](ImplicitLocOpBuilder &b, ValueRange e) -> Value {
        return arith::MaximumFOp::create(b, e[1], e[0]);
      });
  Value shrink = t.each({{before, {0}}, {maxima, {0}}}, before, [](ImplicitLocOpBuilder &b, ValueRange e) {
    return exponential(b, e[0], arith::MaximumFOp::create(b, e[0], e[1]));
  });
  Value largest =
      t.structured({{maxima, {0}}}, {before, {0}}, 1, {}, [](ImplicitLocOpBuilder &b, ValueRange e) -> Value {
        return arith::MaximumFOp::create(b, e[1], e[0]);
      });
  return {largest, shrink};
}

Value exponentials(TileBuilder &t, Value scores, Value largest) {
  return t.each({{scores, {0, 1}}, {largest, {0}}}, scores,
                [](ImplicitLocOpBuilder &b, ValueRange e) { return exponential(b, e[0], e[1]); });
}

/// The loops of a tile of rank 1 or 2.
static SmallVector<unsigned> loopsOf(Value tile) {
  return llvm::to_vector(llvm::seq<unsigned>(cast<RankedTensorType>(tile.getType()).getRank()));
}

Value scaleRows(TileBuilder &t, Value tile, Value factors) {
  SmallVector<unsigned> loops = loopsOf(tile);
  return t.structured(
      {{factors, {0}}}, {tile, loops}, loops.size(), {},
      [](ImplicitLocOpBuilder &b, ValueRange e) -> Value { return arith::MulFOp::create(b, e[1], e[0]); });
}

Value divideRows(TileBuilder &t, Value tile, Value sums, Value into) {
  SmallVector<unsigned> loops = loopsOf(tile);
  auto divide = [](ImplicitLocOpBuilder &b, ValueRange e) -> Value {
    Value zero = number(b, 0), none = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, e[1], zero);
    return arith::SelectOp::create(b, none, zero, arith::DivFOp::create(b, e[0], e[1]));
  };
  return into ? t.structured({{tile, loops}, {sums, {0}}}, {into, loops}, loops.size(), {}, divide)
              : t.each({{tile, loops}, {sums, {0}}}, tile, divide);
}

Value addRows(TileBuilder &t, Value tile, Value into) {
  return t.structured({{tile, {0, 1}}}, {into, {0}}, 2, {1}, [](ImplicitLocOpBuilder &b, ValueRange e) -> Value {
    return arith::AddFOp::create(b, e[1], e[0]);
  });
}

} // namespace ph
