#include "runtime/training/plot/Curve.h"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace ph::training {

std::vector<Curve> curvesOf(const std::vector<LogLine> &log, const std::string &name) {
  std::vector<Curve> curves = {{name, false, {}, {}}, {name + " (eval)", true, {}, {}}};
  auto add = [](Curve &curve, int64_t step, double loss) {
    if (!(std::abs(loss) < 1e300)) // so that differences are finite
      return;
    curve.x.push_back(double(step));
    curve.y.push_back(loss);
  };
  for (const LogLine &line : log) {
    add(curves[0], line.step, line.loss);
    if (line.evalLoss)
      add(curves[1], line.step, *line.evalLoss);
  }
  std::erase_if(curves, [](const Curve &curve) { return curve.x.empty(); });
  return curves;
}

Curve thinned(const Curve &curve, size_t most) {
  const size_t points = curve.x.size();
  if (points <= most)
    return curve;
  Curve result{curve.name, curve.evaluation, {}, {}};
  for (size_t i = 0; i < most; ++i) {
    const size_t begin = i * points / most, end = (i + 1) * points / most;
    double x = 0, y = 0;
    for (size_t j = begin; j < end; ++j)
      x += curve.x[j], y += curve.y[j];
    result.x.push_back(x / double(end - begin));
    result.y.push_back(y / double(end - begin));
  }
  return result;
}

PlotRange rangeOf(const std::vector<Curve> &curves) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  PlotRange range{infinity, -infinity, infinity, -infinity};
  for (const Curve &curve : curves)
    for (size_t i = 0; i < curve.x.size(); ++i) {
      range.left = std::min(range.left, curve.x[i]);
      range.right = std::max(range.right, curve.x[i]);
      range.bottom = std::min(range.bottom, curve.y[i]);
      range.top = std::max(range.top, curve.y[i]);
    }
  if (range.left > range.right)
    return {};
  if (range.left == range.right)
    range.left -= 0.5, range.right += 0.5;
  if (range.bottom == range.top) {
    const double around = std::max(std::abs(range.top) * 0.1, 1e-9);
    range.bottom -= around, range.top += around;
  }
  return range;
}

/// The distance of round numbers that gives at most `most` of them in `length`.
static double roundStep(double length, int most) {
  const double least = length / most, power = std::pow(10, std::floor(std::log10(least)));
  for (double factor : {1.0, 2.0, 5.0})
    if (factor * power >= least)
      return factor * power;
  return 10 * power;
}

std::vector<double> ticksBetween(double low, double high, int most) {
  const double step = roundStep(high - low, std::max(most, 1));
  std::vector<double> ticks;
  const double first = std::ceil(low / step - 1e-9);
  for (int n = 0; n <= most + 1; ++n) // bounded: numbers may be too large to tell neighbours apart
    if (const double tick = (first + n) * step; tick <= high + step * 1e-9)
      ticks.push_back(tick);
  if (ticks.empty())
    ticks.push_back(low);
  return ticks;
}

std::string tickText(double value, double step) {
  char text[40];
  const int digits = step > 0 && step < 1 ? std::min(12, int(std::ceil(-std::log10(step) - 1e-9))) : 0;
  std::snprintf(text, sizeof text, "%.*f", digits, value == 0 ? 0.0 : value);
  return text;
}

} // namespace ph::training
