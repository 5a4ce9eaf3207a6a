#include "lib/Proof/Difference.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;
using ph::reference::Tensor;

namespace ph::proof {

/// Of the largest value in a row: what another order of the same sums in f64 stays far below.
static constexpr double kAdmitted = 1e-6;
/// Of the largest value in a row in f32, where intermediate results are rounded at other places than before.
static constexpr double kAdmittedInF32 = 1e-5;
/// Of the largest value of all rows, for rows in which everything cancels.
static constexpr double kAdmittedOfAll = 1e-12;
/// How often what rounding to f32 does to the function before a pass may show after it. How much it does to the one
/// after says nothing of what is right: a pass that cancels everything would admit its own error.
static constexpr double kRoundings = 4;

static std::string place(const Tensor &tensor, size_t index) {
  SmallVector<int64_t> indices(tensor.shape.size());
  for (size_t dim = indices.size(); dim-- > 0; index /= tensor.shape[dim])
    indices[dim] = index % tensor.shape[dim];
  return reference::shapeText(indices);
}

static double largest(const double *values, int64_t count) {
  double result = 0;
  for (int64_t i = 0; i < count; ++i)
    if (std::isfinite(values[i]))
      result = std::fmax(result, std::fabs(values[i]));
  return result;
}

/// Results that are there before and after, and of the same shape; a difference if one isn't.
static std::optional<Difference>
forEachPair(const Outcome &before, const Outcome &after,
            function_ref<std::optional<Difference>(const std::string &, const Tensor &, const Tensor &)> compare) {
  for (const auto &[name, expected] : before.results) {
    auto got = after.results.find(name);
    if (got == after.results.end())
      return Difference{"result '" + name + "' is gone"};
    if (got->second.shape != expected.shape)
      return Difference{"result '" + name + "' had shape " + reference::shapeText(expected.shape) + " and has " +
                        reference::shapeText(got->second.shape)};
    if (std::optional<Difference> difference = compare(name, expected, got->second))
      return difference;
  }
  return std::nullopt;
}

static Difference describe(const std::string &name, const Tensor &expected, const Tensor &got, size_t index,
                           double error, double admitted) {
  Difference difference;
  llvm::raw_string_ostream(difference.what)
      << "result '" << name << "' at " << place(expected, index) << ": " << llvm::format("%.9g", expected.data[index])
      << " became " << llvm::format("%.9g", got.data[index]) << " (largest error " << llvm::format("%.2e", error)
      << ", admitted " << llvm::format("%.2e", admitted) << ")";
  return difference;
}

/// The largest distance of an f32 run from an f64 run in a row; `notFinite` where either of two that differ is not
/// finite.
static double findRounding(const Tensor &rounded, const Tensor &exact, int64_t row, double notFinite) {
  double most = 0;
  for (int64_t i = 0; i < exact.columns(); ++i)
    if (double a = rounded.row(row)[i], b = exact.row(row)[i]; a != b && !std::isnan(b)) {
      double distance = std::fabs(a - b);
      most = std::fmax(most, std::isfinite(distance) ? distance : notFinite);
    }
  return most;
}

/// The result of that name, if it is there and like `expected`.
static const Tensor *findLike(const Outcome &outcome, const std::string &name, const Tensor &expected) {
  auto found = outcome.results.find(name);
  return found != outcome.results.end() && found->second.shape == expected.shape ? &found->second : nullptr;
}

/// `admittedOf(row, largest)` is the largest error that a row with this largest value may have.
static std::optional<Difference> compareRows(const std::string &name, const Tensor &expected, const Tensor &got,
                                             function_ref<double(int64_t, double)> admittedOf) {
  double ofAll = kAdmittedOfAll * largest(expected.data.data(), expected.data.size());
  double worst = 0, worstAdmitted = 0;
  size_t worstIndex = 0;
  for (int64_t row = 0, columns = expected.columns(); row < expected.rows(); ++row) {
    const double *e = expected.row(row), *g = got.row(row);
    double admitted = admittedOf(row, largest(e, columns)) + ofAll;
    for (int64_t i = 0; i < columns; ++i) {
      // What is not a number before says nothing about after.
      if (std::isnan(e[i]) || g[i] == e[i])
        continue;
      double error = std::fabs(g[i] - e[i]);
      if (std::isnan(error))
        error = INFINITY;
      if (error > admitted && error > worst) {
        worst = error;
        worstAdmitted = admitted;
        worstIndex = row * columns + i;
      }
    }
  }
  if (worst == 0)
    return std::nullopt;
  return describe(name, expected, got, worstIndex, worst, worstAdmitted);
}

std::optional<Difference> findDifference(const Outcome &before, const Outcome &after,
                                         function_ref<const Outcome &()> beforeRounded,
                                         function_ref<const Outcome *()> afterRounded) {
  return forEachPair(
      before, after,
      [&](const std::string &name, const Tensor &expected, const Tensor &got) -> std::optional<Difference> {
        if (!compareRows(name, expected, got, [](int64_t, double most) { return kAdmitted * most; }))
          return std::nullopt;
        const Tensor *rounded = findLike(beforeRounded(), name, expected), *own = nullptr;
        if (const Outcome *outcome = afterRounded())
          own = findLike(*outcome, name, expected);
        return compareRows(name, expected, got, [&](int64_t row, double most) {
          double admitted = kAdmitted * most;
          if (rounded)
            admitted = std::fmax(admitted, kRoundings * findRounding(*rounded, expected, row, 0));
          if (own)
            admitted =
                std::fmax(admitted, std::fmin(kAdmittedInF32 * most, kRoundings * findRounding(*own, got, row, 0)));
          return admitted;
        });
      });
}

std::optional<Difference> findRoundingDifference(const Outcome &exact, const Outcome &before, const Outcome &after) {
  return forEachPair(
      exact, after,
      [&](const std::string &name, const Tensor &expected, const Tensor &got) -> std::optional<Difference> {
        const Tensor *rounded = findLike(before, name, expected);
        // Rows that overflow before the pass say nothing.
        auto difference = compareRows(name, expected, got, [&](int64_t row, double most) {
          return std::fmax(kAdmittedInF32 * most,
                           rounded ? kRoundings * findRounding(*rounded, expected, row, INFINITY) : 0);
        });
        if (difference)
          difference->what += " in f32";
        return difference;
      });
}

double findMovement(const Outcome &before, const Outcome &after) {
  double largest = 0;
  for (const auto &[name, expected] : before.results) {
    auto got = after.results.find(name);
    if (got == after.results.end())
      continue;
    double squares = 0, of = 0;
    for (auto [e, g] : llvm::zip(expected.data, got->second.data))
      if (std::isfinite(e) && std::isfinite(g)) {
        squares += (g - e) * (g - e);
        of += e * e;
      }
    if (squares > 0)
      largest = std::fmax(largest, std::sqrt(squares / of));
  }
  return largest;
}

std::optional<Difference> findOverflow(const Outcome &before, const Outcome &after) {
  return forEachPair(
      before, after,
      [&](const std::string &name, const Tensor &expected, const Tensor &got) -> std::optional<Difference> {
        for (auto [index, e, g] : llvm::enumerate(expected.data, got.data))
          if (std::isfinite(e) && !std::isfinite(g))
            return Difference{describe(name, expected, got, index, INFINITY, 0).what + " in f32"};
        return std::nullopt;
      });
}

} // namespace ph::proof
