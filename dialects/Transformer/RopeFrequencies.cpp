// The angles of #xf.rope and the factor of cos and sin, in double, as transformers' modeling_rope_utils defines them.
#include "dialects/Transformer/Transformer.h"
#include <cmath>
#include <numbers>

using namespace mlir;
using namespace ph::xf;

double RopeAttr::getOption(StringRef name, double otherwise) const {
  Attribute value = getOptions().get(name);
  if (auto number = dyn_cast_or_null<FloatAttr>(value))
    return number.getValueAsDouble();
  if (auto flag = dyn_cast_or_null<BoolAttr>(value))
    return flag.getValue();
  return otherwise;
}

int64_t RopeAttr::getOriginal() const {
  auto value = getOptions().getAs<IntegerAttr>("original");
  return value ? value.getInt() : 0;
}

bool RopeAttr::dependsOnLength() const {
  return getScaling() == RopeScaling::Dynamic || getScaling() == RopeScaling::LongRope;
}

/// base^(-2i/dim) for each pair.
static SmallVector<double> powers(double base, int64_t dim) {
  SmallVector<double> result;
  for (int64_t i = 0; i < dim / 2; ++i)
    result.push_back(std::pow(base, -2.0 * double(i) / double(dim)));
  return result;
}

SmallVector<double> RopeAttr::getUnscaledFrequencies() const { return powers(getBase().convertToDouble(), getDim()); }

/// Between θ and θ / factor: YaRN's γ_i of each pair is a ramp over the pairs from `low` to `high`.
static SmallVector<double> yarn(RopeAttr rope, double base, double dim, double factor) {
  // The pair, as a real number, that turns `rotations` times within the original context.
  auto pairOf = [&](double rotations) {
    return dim * std::log(double(rope.getOriginal()) / (rotations * 2 * std::numbers::pi)) / (2 * std::log(base));
  };
  double low = pairOf(rope.getOption("beta_fast", 32)), high = pairOf(rope.getOption("beta_slow", 1));
  if (rope.getOption("truncate", 1) != 0) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::fmax(low, 0);
  high = std::fmin(high, dim - 1);
  if (low == high)
    high += 0.001;
  SmallVector<double> result = rope.getUnscaledFrequencies();
  for (auto [i, theta] : llvm::enumerate(result)) {
    double gamma = std::fmin(std::fmax((double(i) - low) / (high - low), 0), 1);
    theta = (1 - gamma) * theta + gamma * theta / factor;
  }
  return result;
}

/// Long waves are stretched, short ones are not, those between are in part.
static SmallVector<double> llama3(RopeAttr rope, double factor) {
  double original = double(rope.getOriginal());
  double low = rope.getOption("low_freq_factor", 1), high = rope.getOption("high_freq_factor", 4);
  SmallVector<double> result = rope.getUnscaledFrequencies();
  for (double &theta : result) {
    double wavelength = 2 * std::numbers::pi / theta;
    if (wavelength < original / high)
      continue;
    double smooth = wavelength > original / low ? 0 : (original / wavelength - low) / (high - low);
    theta = (1 - smooth) * theta / factor + smooth * theta;
  }
  return result;
}

SmallVector<double> RopeAttr::getFrequencies(int64_t length) const {
  double base = getBase().convertToDouble(), factor = getFactor().convertToDouble(), dim = double(getDim());
  double exponent = dim / (dim - 2);
  switch (getScaling()) {
  case RopeScaling::None:
    return getUnscaledFrequencies();
  case RopeScaling::Linear:
    return llvm::map_to_vector(getUnscaledFrequencies(), [&](double theta) { return theta / factor; });
  case RopeScaling::Ntk:
    return powers(base * std::pow(factor, exponent), getDim());
  case RopeScaling::Dynamic: {
    double original = double(getOriginal()), positions = std::fmax(double(length), original);
    return powers(base * std::pow(factor * positions / original - (factor - 1), exponent), getDim());
  }
  case RopeScaling::Yarn:
    return yarn(*this, base, dim, factor);
  case RopeScaling::Llama3:
    return llama3(*this, factor);
  case RopeScaling::LongRope: {
    auto factors = getOptions().getAs<DenseF64ArrayAttr>(length > getOriginal() ? "long_factor" : "short_factor");
    SmallVector<double> result = getUnscaledFrequencies();
    for (auto [theta, each] : llvm::zip_equal(result, factors.asArrayRef()))
      theta /= each;
    return result;
  }
  }
  llvm_unreachable("all scalings are above");
}

double RopeAttr::getAttentionFactor() const {
  double logarithm = std::log(getFactor().convertToDouble());
  auto magnitude = [&](double weight) { return 0.1 * weight * logarithm + 1; };
  switch (getScaling()) {
  case RopeScaling::Yarn:
    return getOption("attention_factor",
                     magnitude(getOption("mscale", 1)) /
                         (getOptions().contains("mscale_all_dim") ? magnitude(getOption("mscale_all_dim", 0)) : 1));
  case RopeScaling::LongRope:
    return getOption("attention_factor", std::sqrt(1 + logarithm / std::log(double(getOriginal()))));
  default:
    return 1;
  }
}

std::pair<int64_t, int64_t> RopeAttr::getPair(int64_t i) const {
  if (getStyle() == RopeStyle::Interleaved)
    return {2 * i, 2 * i + 1};
  return {i, i + getDim() / 2};
}
