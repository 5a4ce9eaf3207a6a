#include "lib/Autodiff/Differences.h"
#include <cmath>

using namespace mlir;

namespace ph::autodiff {

static constexpr double kStep = 1e-4;
/// How far differences of two step sizes may be apart, relative to the derivative: a tenth of what derivatives may.
static constexpr double kAgreement = 1e-7;
/// The rounding of a value is 1e-12 of it in a difference; what is smaller than 1e-5 of the value can't be told to
/// 1e-7.
static constexpr double kSmallest = 1e-5;

double largest(ArrayRef<double> values) {
  double most = 0;
  for (double x : values)
    most = std::isnan(x) ? x : std::isnan(most) ? most : std::max(most, std::fabs(x));
  return most;
}

double scaleOf(const Tensor &derivative, const Tensor &value) {
  return std::max({largest(derivative.data), kSmallest * largest(value.data), kSmallest * kSmallest});
}

FailureOr<Tensors> Evaluator::operator()(func::FuncOp function, ArrayRef<reference::Value> arguments) {
  reference::Context context(weights, reference::Precision::F64);
  SmallVector<reference::Value> values;
  if (failed(context.call(function, arguments, values)))
    return failure();
  Tensors tensors;
  for (const reference::Value &value : values)
    tensors.push_back(value.isTensor() ? value.tensor() : Tensor());
  return tensors;
}

FailureOr<Difference> differentiate(Evaluator &evaluate, func::FuncOp function, ArrayRef<reference::Value> arguments,
                                    ArrayRef<Tensor> direction, ArrayRef<Tensor> values) {
  auto at = [&](double step) {
    SmallVector<reference::Value> moved(arguments);
    for (auto [argument, along] : llvm::zip_equal(moved, direction)) {
      if (along.data.empty())
        continue;
      Tensor place = argument.tensor();
      for (auto [x, v] : llvm::zip_equal(place.data, along.data))
        x += step * v;
      argument = reference::Value(std::move(place));
    }
    return evaluate(function, moved);
  };
  // At ±h/2, ±h and ±2h.
  SmallVector<Tensors> above, below;
  for (double step : {kStep / 2, kStep, 2 * kStep}) {
    FailureOr<Tensors> after = at(step), before = at(-step);
    if (failed(after) || failed(before))
      return failure();
    above.push_back(std::move(*after));
    below.push_back(std::move(*before));
  }
  Difference difference;
  for (auto [index, value] : llvm::enumerate(values)) {
    Tensor &derivative = difference.derivatives.emplace_back(value.shape);
    Tensor apart(value.shape);
    for (size_t i = 0; i < value.data.size(); ++i) {
      auto across = [&](unsigned step) { return above[step][index].data[i] - below[step][index].data[i]; };
      double wide = (8 * across(1) - across(2)) / (12 * kStep), narrow = (8 * across(0) - across(1)) / (6 * kStep);
      derivative.data[i] = narrow;
      apart.data[i] = wide - narrow;
    }
    // Not a number is no agreement either.
    if (!(largest(apart.data) <= kAgreement * scaleOf(derivative, value)))
      difference.smooth = false;
  }
  return difference;
}

} // namespace ph::autodiff
