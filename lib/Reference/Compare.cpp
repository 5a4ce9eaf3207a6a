#include "powerhouse/Reference/Run.h"
#include <cmath>

namespace ph::reference {

static double distance(double got, double expected) {
  if (got == expected || (std::isnan(got) && std::isnan(expected)))
    return 0;
  double error = std::fabs(got - expected);
  return std::isnan(error) ? INFINITY : error;
}

Difference compare(llvm::ArrayRef<double> got, llvm::ArrayRef<double> expected, double absolute, double relative) {
  Difference result;
  result.excess = -1;
  for (auto [index, g, e] : llvm::enumerate(got, expected)) {
    double error = distance(g, e);
    // A bound of 0 admits no error; an infinite expected value bounds nothing.
    double bound = absolute + (std::isfinite(e) ? relative * std::fabs(e) : 0);
    double excess = error == 0 ? 0 : bound == 0 ? INFINITY : error / bound;
    result.error = std::fmax(result.error, error);
    if (excess > result.excess) {
      result.excess = excess;
      result.index = index;
      result.got = g;
      result.expected = e;
    }
  }
  result.excess = std::fmax(result.excess, 0);
  return result;
}

} // namespace ph::reference
