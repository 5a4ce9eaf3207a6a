#include "lib/Proof/Difference.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;
using ph::reference::Tensor;

namespace ph::proof {

/// Of the largest value in a row: what another order of the same sums in f64 stays far below.
static constexpr double kAdmitted = 1e-6;
/// Of the largest value of all rows, for rows in which everything cancels.
static constexpr double kAdmittedOfAll = 1e-12;
/// How much more rounding than the function before a pass the one after may show.
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

/// f32 runs beside f64 runs: how far they are apart shows what rounding does.
using Roundings = ArrayRef<std::pair<const Tensor *, const Tensor *>>;

static std::optional<Difference> compareRows(const std::string &name, const Tensor &expected, const Tensor &got,
                                             Roundings roundings) {
  double ofAll = kAdmittedOfAll * largest(expected.data.data(), expected.data.size());
  double worst = 0, worstAdmitted = 0;
  size_t worstIndex = 0;
  for (int64_t row = 0, columns = expected.columns(); row < expected.rows(); ++row) {
    const double *e = expected.row(row), *g = got.row(row);
    double admitted = kAdmitted * largest(e, columns) + ofAll;
    for (auto [rounded, exact] : roundings)
      for (int64_t i = 0; i < columns; ++i)
        if (double rounding = std::fabs(rounded->row(row)[i] - exact->row(row)[i]); std::isfinite(rounding))
          admitted = std::fmax(admitted, kRoundings * rounding);
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
                                         function_ref<const Outcome &()> afterRounded) {
  return forEachPair(
      before, after,
      [&](const std::string &name, const Tensor &expected, const Tensor &got) -> std::optional<Difference> {
        if (!compareRows(name, expected, got, {}))
          return std::nullopt;
        SmallVector<std::pair<const Tensor *, const Tensor *>> roundings;
        for (auto [rounded, exact] : {std::pair(&beforeRounded(), &expected), {&afterRounded(), &got}})
          if (auto found = rounded->results.find(name);
              found != rounded->results.end() && found->second.shape == expected.shape)
            roundings.emplace_back(&found->second, exact);
        return compareRows(name, expected, got, roundings);
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
