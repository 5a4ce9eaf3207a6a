// AdamW on moments of 8 bits: a pass for the new largest moments of blocks, and one for the rest. Codes are computed,
// not looked up, so that both have vectors.
#include "Optimizers.h"
#include "dialects/Training/Training.h"
#include <array>
#include <cmath>

using namespace mlir;

namespace ph::conversion {
namespace {

using Kind = xf::CompareKind;

/// The dynamic map of first moments, which have signs, or of second ones.
class DynamicMap {
public:
  explicit DynamicMap(bool isSigned) : isSigned(isSigned) {}

  /// What a code, i8, stands for.
  Value decode(ScalarBuilder &s, Value code) const {
    Value c = s.convert(code, s.getF32Type());
    if (!isSigned) {
      // Codes from -127 to 126 are elements 0 to 253.
      Value element = s.add(c, s.f32(127));
      Value x = magnitude(s, element);
      x = s.select(s.compare(Kind::Lt, element, s.f32(0)), s.f32(0), x);
      return s.select(s.compare(Kind::Gt, element, s.f32(253)), s.f32(1), x);
    }
    // 0 to 126 are elements, -2 to -128 the same with the other sign; -1 is 0 and 127 is 1.
    Value negative = s.compare(Kind::Lt, c, s.f32(0));
    Value x = magnitude(s, s.select(negative, s.sub(s.f32(-2), c), c));
    x = s.select(negative, s.sub(s.f32(0), x), x);
    x = s.select(s.compare(Kind::Eq, c, s.f32(-1)), s.f32(0), x);
    return s.select(s.compare(Kind::Eq, c, s.f32(127)), s.f32(1), x);
  }

  /// The code of what is nearest to x, from -1 to 1.
  Value encode(ScalarBuilder &s, Value x) const {
    Value size = math::AbsFOp::create(s, x), element = nearest(s, size);
    Value none = s.compare(Kind::Lt, size, s.f32(centre(0, 0) / 2));
    Value whole = s.compare(Kind::Ge, size, s.f32((centre(6, count(6) - 1) + 1) / 2));
    Value code;
    if (isSigned) {
      // There is no -1.
      Value negative = s.compare(Kind::Lt, x, s.f32(0));
      code = s.select(whole, s.f32(127), element);
      code = s.select(negative, s.sub(s.f32(-2), element), code);
      code = s.select(none, s.f32(-1), code);
    } else {
      code = s.select(whole, s.f32(127), s.sub(element, s.f32(127)));
      code = s.select(none, s.f32(-128), code);
    }
    return s.convert(code, s.getI8Type());
  }

private:
  double count(int decade) const { return std::ldexp(1.0, isSigned ? decade : decade + 1); }
  /// The first element of a decade.
  double first(int decade) const { return isSigned ? count(decade) - 1 : count(decade) - 2; }
  static double power(int decade) { return std::pow(10.0, decade - 6); }
  double centre(int decade, double k) const { return power(decade) * (0.1 + 0.9 * (k + 0.5) / count(decade)); }

  /// Of numbers for each decade the one of the decade whose bound is reached.
  Value choose(ScalarBuilder &s, ArrayRef<Value> reached, function_ref<double(int)> number) const {
    Value chosen = s.f32(number(0));
    for (int decade = 1; decade < 7; ++decade)
      chosen = s.select(reached[decade - 1], s.f32(number(decade)), chosen);
    return chosen;
  }
  SmallVector<Value> reach(ScalarBuilder &s, Value x, function_ref<double(int)> bound) const {
    SmallVector<Value> reached;
    for (int decade = 1; decade < 7; ++decade)
      reached.push_back(s.compare(Kind::Ge, x, s.f32(bound(decade))));
    return reached;
  }

  Value magnitude(ScalarBuilder &s, Value element) const {
    SmallVector<Value> reached = reach(s, element, [&](int decade) { return first(decade); });
    Value k = s.sub(element, choose(s, reached, [&](int decade) { return first(decade); }));
    Value step = choose(s, reached, [&](int decade) { return power(decade) * 0.9 / count(decade); });
    return s.add(choose(s, reached, [&](int decade) { return centre(decade, 0); }), s.mul(step, k));
  }

  /// Within a decade, elements are as far from one another as they are wide; between decades the middle counts.
  Value nearest(ScalarBuilder &s, Value x) const {
    SmallVector<Value> reached =
        reach(s, x, [&](int decade) { return (centre(decade - 1, count(decade - 1) - 1) + centre(decade, 0)) / 2; });
    Value factor = choose(s, reached, [&](int decade) { return 1 / power(decade); });
    Value density = choose(s, reached, [&](int decade) { return count(decade) / 0.9; });
    Value k = math::FloorOp::create(s, s.mul(s.sub(s.mul(x, factor), s.f32(0.1)), density));
    k = s.min(s.max(k, s.f32(0)), choose(s, reached, [&](int decade) { return count(decade) - 1; }));
    return s.add(k, choose(s, reached, [&](int decade) { return first(decade); }));
  }

  bool isSigned;
};

/// A tensor in blocks, and back.
Value inBlocks(Lowering &l, Value tensor) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank(), block = train::AdamW8Op::kBlock;
  Value flat = rank > 1 ? l.collapse(tensor, {llvm::to_vector_of<int64_t, 2>(llvm::seq<int64_t>(rank))}) : tensor;
  int64_t count = cast<RankedTensorType>(flat.getType()).getDimSize(0);
  return l.expand(flat, {{0, 1}}, {l.attribute(count / block), l.attribute(block)});
}
Value fromBlocks(Lowering &l, Value blocks, Value like) {
  Sizes sizes = l.sizesOf(like);
  Value flat = l.collapse(blocks, {{0, 1}});
  return l.expand(flat, {llvm::to_vector_of<int64_t, 2>(llvm::seq<int64_t>(sizes.size()))}, sizes);
}

LogicalResult adamw8(Lowering &l, train::AdamW8Op op) {
  ScalarBuilder &s = l.s;
  AdamScalars scalars(l, op);
  const DynamicMap firsts(true), seconds(false);
  Value parameter = l.of(op.getParameter()), w = inBlocks(l, parameter), g = inBlocks(l, l.of(op.getGradient()));
  Value first = l.of(op.getFirst()), second = l.of(op.getSecond());
  Value firstScale = l.of(op.getFirstScale()), secondScale = l.of(op.getSecondScale());
  auto row = [&](Value vector) { return Indexed{vector, {l.dim(0)}}; };
  // Elements: the gradient, old magnitudes, and codes.
  auto moments = [&](ScalarBuilder &s, Value gradient, ValueRange scales, Value code, Value other) {
    Value scaled = scalars.scaled(s, gradient);
    return std::pair(scalars.first(s, s.mul(firsts.decode(s, code), scales[0]), scaled),
                     scalars.second(s, s.mul(seconds.decode(s, other), scales[1]), scaled));
  };
  Sizes blocks = {l.sizeOf(w, 0)};
  SmallVector<Value> largest =
      l.structured(2, {l.whole(g), row(firstScale), row(secondScale), l.whole(first), l.whole(second)},
                   {row(l.filled(blocks, s.f32(0))), row(l.filled(blocks, s.f32(0)))},
                   [&](ScalarBuilder &s, ValueRange e) -> SmallVector<Value> {
                     auto [m, v] = moments(s, e[0], e.slice(1, 2), e[3], e[4]);
                     return {s.max(e[5], math::AbsFOp::create(s, m)), s.max(e[6], v)};
                   });
  SmallVector<Value> next = l.structured(
      2, {l.whole(g), row(firstScale), row(secondScale), row(largest[0]), row(largest[1])},
      {l.whole(w), l.whole(first), l.whole(second)}, [&](ScalarBuilder &s, ValueRange e) -> SmallVector<Value> {
        auto [m, v] = moments(s, e[0], e.slice(1, 2), e[6], e[7]);
        auto relative = [&](Value moment, Value largest) {
          Value none = s.compare(Kind::Eq, largest, s.f32(0));
          return s.div(moment, s.select(none, s.f32(1), largest));
        };
        Value code = firsts.encode(s, relative(m, e[3])), other = seconds.encode(s, relative(v, e[4]));
        return {scalars.orOld(s, scalars.parameter(s, e[5], m, v), e[5]), scalars.orOld(s, code, e[6]),
                scalars.orOld(s, other, e[7])};
      });
  l.give(op.getNewParameter(), fromBlocks(l, next[0], parameter));
  l.give(op.getNewFirst(), next[1]);
  l.give(op.getNewSecond(), next[2]);
  for (auto [result, old, value] : {std::tuple(op.getNewFirstScale(), firstScale, largest[0]),
                                    std::tuple(op.getNewSecondScale(), secondScale, largest[1])})
    l.give(result, l.structured(1, row(value), row(old),
                                [&](ScalarBuilder &s, ValueRange e) { return scalars.orOld(s, e[0], e[1]); }));
  return success();
}

} // namespace

void addAdamW8(Handlers &handlers) { handlers.add<train::AdamW8Op, adamw8>(); }

} // namespace ph::conversion
