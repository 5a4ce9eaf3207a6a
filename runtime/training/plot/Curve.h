// Loss curves, as numbers.
#pragma once
#include "runtime/training/loop/TrainingLog.h"
#include <cstddef>

namespace ph::training {

/// A line through points, x rising.
struct Curve {
  std::string name;
  bool evaluation = false; ///< few points, each of which counts
  std::vector<double> x, y;
};

/// The losses of a log by step, and its evaluation losses if it has any. Values that are not finite, or 1e300 and
/// more, are left out.
std::vector<Curve> curvesOf(const std::vector<LogLine> &log, const std::string &name);

/// At most `most` points: the means of as many stretches of the same length.
Curve thinned(const Curve &curve, size_t most);

/// What axes show: all points of all curves, with something around where they are all the same.
struct PlotRange {
  double left = 0, right = 1, bottom = 0, top = 1;
};
PlotRange rangeOf(const std::vector<Curve> &curves);

/// Round numbers (1, 2 or 5 times a power of ten apart) from `low` to `high`, at most `most`, at least one.
std::vector<double> ticksBetween(double low, double high, int most);
/// A tick as text, with as many digits as tell it from its neighbours `step` away.
std::string tickText(double value, double step);

} // namespace ph::training
