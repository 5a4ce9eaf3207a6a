#include "lib/Transforms/Recognition/RopeFrequencies.h"
#include "lib/Transforms/Recognition/Numbers.h"
#include "lib/Transforms/Recognition/Values.h"
#include <cmath>

using namespace mlir;

namespace ph {

namespace {

/// Looks for the parameters of a rope.
class RopeFinder {
public:
  RopeFinder(MLIRContext *context, const SpelledRope &found)
      : builder(context), found(found), frequencies(found.frequencies), pairs(found.frequencies.size()) {}

  xf::RopeAttr findPlain();
  xf::RopeAttr findScaled();
  xf::RopeAttr findLongRope();

private:
  /// The base whose powers frequencies from `first` on are, beside a factor; 0 if there is none.
  double baseFrom(int64_t first) const;
  bool fits(xf::RopeAttr rope, ArrayRef<double> wanted, int64_t length) const;
  xf::RopeAttr make(double base, xf::RopeScaling scaling, double factor, ArrayRef<NamedAttribute> options) {
    return xf::RopeAttr::get(builder.getContext(), 2 * pairs, base, found.style, scaling, factor, options);
  }
  NamedAttribute number(StringRef name, double value) {
    return builder.getNamedAttr(name, builder.getF64FloatAttr(value));
  }
  NamedAttribute original(int64_t positions) {
    return builder.getNamedAttr("original", builder.getI64IntegerAttr(positions));
  }

  Builder builder;
  const SpelledRope &found;
  ArrayRef<double> frequencies;
  int64_t pairs;
};

} // namespace

double RopeFinder::baseFrom(int64_t first) const {
  int64_t last = pairs - 1;
  if (first >= last || frequencies[last] <= 0 || frequencies[last] >= frequencies[first])
    return 0;
  double base = std::pow(frequencies[first] / frequencies[last], double(pairs) / double(last - first));
  // What was rounded to f32 usually comes of a whole number.
  for (double candidate : {std::round(base), base}) {
    bool all = true;
    for (int64_t i = first; i <= last && all; ++i)
      all = isNear(frequencies[i], frequencies[first] * std::pow(candidate, -double(i - first) / double(pairs)));
    if (all)
      return candidate;
  }
  return 0;
}

bool RopeFinder::fits(xf::RopeAttr rope, ArrayRef<double> wanted, int64_t length) const {
  return isNear(rope.getAttentionFactor(), found.factor) &&
         llvm::all_of(llvm::zip_equal(rope.getFrequencies(length), wanted),
                      [](auto pair) { return isNear(std::get<0>(pair), std::get<1>(pair)); });
}

xf::RopeAttr RopeFinder::findPlain() {
  double base = found.factor == 1 && found.longFrequencies.empty() ? baseFrom(0) : 0;
  if (base == 0)
    return {};
  double factor = usualNumber(1 / frequencies[0], 1e-6);
  return factor == 1 ? make(base, xf::RopeScaling::None, 1, {}) : make(base, xf::RopeScaling::Linear, factor, {});
}

/// The slowest pairs are slowed down by a factor, the fastest perhaps less.
xf::RopeAttr RopeFinder::findScaled() {
  double base = 0;
  if (found.longFrequencies.empty())
    for (int64_t first = 1; first < pairs - 1 && base == 0; ++first)
      base = baseFrom(first);
  if (base <= 1)
    return {};
  double last = std::pow(base, -double(pairs - 1) / double(pairs));
  double factor = usualNumber(last / frequencies.back(), 1e-6);
  if (factor < 1)
    return {};
  for (int64_t positions = 16; positions <= (1 << 20); positions *= 2) {
    xf::RopeAttr llama3 = make(base, xf::RopeScaling::Llama3, factor,
                               {original(positions), number("low_freq_factor", 1), number("high_freq_factor", 4)});
    if (fits(llama3, frequencies, 1))
      return llama3;
    SmallVector<NamedAttribute> options = {original(positions)};
    xf::RopeAttr yarn = make(base, xf::RopeScaling::Yarn, factor, options);
    if (!isNear(yarn.getAttentionFactor(), found.factor)) {
      options.push_back(number("attention_factor", usualNumber(found.factor, 1e-6)));
      yarn = make(base, xf::RopeScaling::Yarn, factor, options);
    }
    if (fits(yarn, frequencies, 1))
      return yarn;
  }
  return {};
}

/// Each pair is slowed down by a number of its own, which is a decimal of few digits for the right base.
xf::RopeAttr RopeFinder::findLongRope() {
  if (found.longFrequencies.empty() || found.original < 2)
    return {};
  for (double base : {1e4, 1e5, 5e5, 1e6, 2e6, 5e6, 1e7}) {
    SmallVector<double> factors[2];
    bool all = true;
    for (auto [list, wanted] :
         {std::pair(0, ArrayRef(found.frequencies)), std::pair(1, ArrayRef(found.longFrequencies))})
      for (auto [pair, frequency] : llvm::enumerate(wanted)) {
        double ratio = std::pow(base, -double(pair) / double(pairs)) / frequency;
        double decimal = std::round(ratio * 1e4) / 1e4;
        all = all && decimal > 0 && isNear(decimal, ratio);
        factors[list].push_back(decimal);
      }
    if (!all)
      continue;
    SmallVector<NamedAttribute> options = {
        original(found.original), builder.getNamedAttr("short_factor", builder.getDenseF64ArrayAttr(factors[0])),
        builder.getNamedAttr("long_factor", builder.getDenseF64ArrayAttr(factors[1]))};
    // The attention factor is √(1 + ln factor / ln original).
    double factor = std::pow(double(found.original), found.factor * found.factor - 1);
    factor = usualNumber(factor, 1e-5);
    if (factor < 1)
      return {};
    xf::RopeAttr rope = make(base, xf::RopeScaling::LongRope, factor, options);
    return fits(rope, found.frequencies, found.original) && fits(rope, found.longFrequencies, found.original + 1)
               ? rope
               : xf::RopeAttr();
  }
  return {};
}

xf::RopeAttr findRope(MLIRContext *context, const SpelledRope &found) {
  if (found.frequencies.size() < 2 || found.frequencies[0] <= 0)
    return {};
  RopeFinder finder(context, found);
  if (xf::RopeAttr rope = finder.findPlain())
    return rope;
  if (xf::RopeAttr rope = finder.findScaled())
    return rope;
  return finder.findLongRope();
}

} // namespace ph
