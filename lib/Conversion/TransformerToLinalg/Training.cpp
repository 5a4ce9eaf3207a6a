// What stands between gradients and optimizers, advantages, and dropout.
#include "dialects/Training/Training.h"
#include "Lowering.h"
#include <array>
#include <cmath>

using namespace mlir;

namespace ph::conversion {

static LogicalResult stopGradient(Lowering &l, train::StopGradientOp op) {
  l.give(op.getResult(), l.of(op.getInput()));
  return success();
}

/// Of each element of an old tensor a term, added up or reduced otherwise to one number: rows first, which threads
/// share.
static Value reduceAll(Lowering &l, Value old, Type total, function_ref<Value(ScalarBuilder &, Value)> term,
                       function_ref<Value(ScalarBuilder &, Value, Value)> combine) {
  Value tensor = l.of(old);
  Sizes sizes = l.sizesOf(tensor);
  unsigned rank = sizes.size();
  if (rank > 1)
    tensor = l.reduced(ArrayRef(sizes).drop_back(), l.s.f32(0), rank, l.whole(tensor),
                       [&](ScalarBuilder &s, ValueRange e) { return combine(s, e[1], term(s, e[0])); });
  Value all = l.reduced({}, l.s.number(total, 0), rank > 1 ? rank - 1 : rank, l.whole(tensor),
                        [&](ScalarBuilder &s, ValueRange e) {
                          return combine(s, e[1], s.convert(rank > 1 ? e[0] : term(s, e[0]), total));
                        });
  return l.s.at(all, ValueRange());
}

/// Squares of a row are added up as f32, rows as f64.
static LogicalResult globalNorm(Lowering &l, train::GlobalNormOp op) {
  ScalarBuilder &s = l.s;
  Value sum = s.f64(0);
  for (Value input : op.getInputs())
    sum = s.add(sum, reduceAll(
                         l, input, s.getF64Type(), [](ScalarBuilder &s, Value x) { return s.mul(x, x); },
                         [](ScalarBuilder &s, Value sum, Value x) { return s.add(sum, x); }));
  Value norm = math::SqrtOp::create(s, sum);
  l.give(op.getResult(), l.filled({}, s.convert(norm, s.getF32Type())));
  return success();
}

/// The largest of 1 for each element that isn't finite.
static LogicalResult allFinite(Lowering &l, train::AllFiniteOp op) {
  ScalarBuilder &s = l.s;
  Value none = s.f32(0);
  for (Value input : op.getInputs())
    none = s.max(none, reduceAll(
                           l, input, s.getF32Type(),
                           [](ScalarBuilder &s, Value x) { return s.select(s.isFinite(x), s.f32(0), s.f32(1)); },
                           [](ScalarBuilder &s, Value largest, Value x) { return s.max(largest, x); }));
  l.give(op.getResult(), l.filled({}, s.compare(xf::CompareKind::Eq, none, s.f32(0))));
  return success();
}

/// Sequences are independent; in one, a token needs what comes after it.
static LogicalResult gae(Lowering &l, train::GaeOp op) {
  ScalarBuilder &s = l.s;
  Value rewards = l.of(op.getRewards()), values = l.of(op.getValues()), mask = l.of(op.getMask());
  Sizes sizes = l.sizesOf(rewards);
  double gamma = op.getGamma().convertToDouble(), lambda = op.getLambda().convertToDouble();
  static constexpr int64_t kRow[] = {0};
  auto row = [&](ValueRange point) { return Part{{point[0], l.attribute(0)}, {l.attribute(1), sizes[1]}, {}}; };
  SmallVector<Value> results = l.forall(
      sizes[0], {l.empty(sizes, s.getF32Type()), l.empty(sizes, s.getF32Type())},
      [&](ValueRange point) -> SmallVector<Part> { return {row(point), row(point)}; }, {kRow, kRow},
      [&](ValueRange point, ValueRange places) {
        Value last = s.sub(l.index(sizes[1]), s.index(1)), zero = s.f32(0);
        SmallVector<Value> done = l.loop(
            sizes[1], {places[0], places[1], zero, zero}, [&](Value i, ValueRange carried) -> SmallVector<Value> {
              Value t = s.sub(last, i), value = s.at(values, {point[0], t}), reward = s.at(rewards, {point[0], t});
              Value there = s.compare(xf::CompareKind::Ne, s.at(mask, {point[0], t}), s.i32(0));
              Value after = carried[2], next = carried[3];
              Value delta = s.sub(s.add(reward, s.mul(s.f32(gamma), next)), value);
              Value advantage = s.select(there, s.add(delta, s.mul(s.f32(gamma * lambda), after)), zero);
              return {tensor::InsertOp::create(s, advantage, carried[0], t),
                      tensor::InsertOp::create(s, s.add(advantage, value), carried[1], t), advantage,
                      s.select(there, value, zero)};
            });
        return SmallVector<Value>{done[0], done[1]};
      });
  l.give(op.getAdvantages(), results[0]);
  l.give(op.getReturns(), results[1]);
  return success();
}

namespace {

/// Philox 4×32 on words that are i64 and not negative: products of 32 bits are made of parts of 16, so that everything
/// is exact in any arithmetic of 53 bits too.
class Philox {
public:
  /// Keys, i64, of each round.
  Philox(ScalarBuilder &s, Value k0, Value k1) {
    for (int round = 0; round < 10; ++round)
      for (auto [keys, key, step] : {std::tuple(&first, k0, 0x9E3779B9LL), std::tuple(&second, k1, 0xBB67AE85LL)})
        keys->push_back(low(s, s.add(key, constant(s, (round * step) & 0xFFFFFFFF))));
  }

  std::array<Value, 4> draw(ScalarBuilder &s, std::array<Value, 4> x) const {
    for (int round = 0; round < 10; ++round) {
      auto [high0, low0] = multiply(s, x[0], 0xD2511F53);
      auto [high1, low1] = multiply(s, x[2], 0xCD9E8D57);
      x = {exclusive(s, exclusive(s, high1, x[1]), first[round]), low1,
           exclusive(s, exclusive(s, high0, x[3]), second[round]), low0};
    }
    return x;
  }

  static Value constant(ScalarBuilder &s, int64_t value) {
    return arith::ConstantOp::create(s, s.getI64IntegerAttr(value));
  }
  static Value low(ScalarBuilder &s, Value x) { return s.both(x, constant(s, 0xFFFFFFFF)); }
  static Value shifted(ScalarBuilder &s, Value x, int64_t bits) {
    return arith::ShRSIOp::create(s, x, constant(s, bits));
  }

private:
  static Value exclusive(ScalarBuilder &s, Value x, Value y) { return arith::XOrIOp::create(s, x, y); }
  /// The high and the low word of a product.
  static std::pair<Value, Value> multiply(ScalarBuilder &s, Value x, int64_t factor) {
    Value upper = s.mul(x, constant(s, factor >> 16)), lower = s.mul(x, constant(s, factor & 0xFFFF));
    Value high = shifted(s, s.add(upper, shifted(s, lower, 16)), 16);
    Value middle = s.mul(s.both(upper, constant(s, 0xFFFF)), constant(s, 0x10000));
    return {high, low(s, s.add(middle, low(s, lower)))};
  }

  SmallVector<Value> first, second;
};

} // namespace

static LogicalResult dropout(Lowering &l, train::DropoutOp op) {
  ScalarBuilder &s = l.s;
  Value input = l.of(op.getInput()), key = l.of(op.getKey());
  Sizes sizes = l.sizesOf(input);
  SmallVector<Value> counts = llvm::map_to_vector(sizes, [&](OpFoldResult size) { return l.index(size); });
  auto word = [&](int64_t at) { return Philox::low(s, s.convert(s.at(key, s.index(at)), s.getI64Type())); };
  Philox philox(s, word(0), word(1));
  Value layer = op.getLayer() ? s.convert(l.of(op.getLayer()), s.getI64Type()) : Philox::constant(s, 0);
  double keep = 1 - op.getProbability().convertToDouble();
  auto bound = int64_t(std::ceil(std::ldexp(keep, 24)));
  l.give(op.getResult(), l.each(sizes, s.getF32Type(), l.whole(input), [&](ScalarBuilder &s, ValueRange e) {
    Value place = s.index(0);
    for (auto [axis, count] : llvm::enumerate(counts))
      place = s.add(s.mul(place, count), s.loop(axis));
    Value i = s.convert(place, s.getI64Type()), part = s.both(i, Philox::constant(s, 3));
    std::array<Value, 4> words = philox.draw(s, {Philox::low(s, Philox::shifted(s, i, 2)), Philox::constant(s, 0),
                                                 Philox::constant(s, int64_t(op.getStream())), layer});
    Value drawn = words[0];
    for (int64_t number = 1; number < 4; ++number)
      drawn = s.select(s.compare(xf::CompareKind::Eq, part, Philox::constant(s, number)), words[number], drawn);
    Value stays = s.compare(xf::CompareKind::Lt, Philox::shifted(s, drawn, 8), Philox::constant(s, bound));
    return s.select(stays, s.div(e[0], s.f32(keep)), s.f32(0));
  }));
  return success();
}

/// Ties to even, in integers: of bf16 there is no conversion on most CPUs.
static Value toBf16(ScalarBuilder &s, Value x) {
  Value bits = arith::BitcastOp::create(s, s.getI32Type(), x);
  Value odd = s.both(arith::ShRSIOp::create(s, bits, s.i32(16)), s.i32(1));
  Value up = s.add(s.add(bits, s.i32(0x7FFF)), odd);
  Value rounded = arith::BitcastOp::create(s, s.getF32Type(), s.both(up, s.i32(int32_t(0xFFFF0000))));
  return s.select(s.compare(xf::CompareKind::Eq, x, x), rounded, x);
}

static LogicalResult round(Lowering &l, train::RoundOp op) {
  Value input = l.of(op.getInput());
  bool bfloat = op.getFormat() == train::Half::BF16;
  l.give(op.getResult(),
         l.each(l.sizesOf(input), l.s.getF32Type(), l.whole(input), [&](ScalarBuilder &s, ValueRange e) -> Value {
           return bfloat ? toBf16(s, e[0]) : s.convert(s.convert(e[0], s.getF16Type()), s.getF32Type());
         }));
  return success();
}

static LogicalResult roundGradient(Lowering &l, train::RoundGradientOp op) {
  l.give(op.getResult(), l.of(op.getInput()));
  return success();
}

void addTraining(Handlers &handlers) {
  handlers.add<train::AllFiniteOp, allFinite>();
  handlers.add<train::DropoutOp, dropout>();
  handlers.add<train::GaeOp, gae>();
  handlers.add<train::GlobalNormOp, globalNorm>();
  handlers.add<train::RoundGradientOp, roundGradient>();
  handlers.add<train::RoundOp, round>();
  handlers.add<train::StopGradientOp, stopGradient>();
}

} // namespace ph::conversion
