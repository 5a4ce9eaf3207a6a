#include "powerhouse/Autodiff/CheckDerivatives.h"
#include "dialects/Training/Training.h"
#include "lib/Autodiff/Activity.h"
#include "lib/Autodiff/Differences.h"
#include "lib/Reference/Seeded.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "powerhouse/Autodiff/Autodiff.h"
#include "powerhouse/Interfaces/DifferentiableOpInterface.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;

namespace ph::autodiff {
namespace {

constexpr double kTolerance = 1e-6;
/// Points that may be passed over before one is found.
constexpr unsigned kTries = 20;

struct Counts {
  unsigned comparisons = 0, points = 0, passedOver = 0;
  double error = 0;
  void operator+=(const Counts &other) {
    comparisons += other.comparisons;
    points += other.points;
    passedOver += other.passedOver;
    error = std::max(error, other.error);
  }
};

std::string nameOf(DictionaryAttr attributes, unsigned number) {
  auto name = attributes ? attributes.getAs<StringAttr>(xf::XFDialect::getNameAttrName()) : StringAttr();
  return name ? name.str() : std::to_string(number);
}

/// A derivative function that lives while it is needed.
struct Erased {
  func::FuncOp function;
  explicit Erased(func::FuncOp function) : function(function) {}
  Erased(Erased &&other) : function(std::exchange(other.function, {})) {}
  ~Erased() {
    if (function)
      function.erase();
  }
};

/// A result and the functions that give its derivatives.
struct Derivatives {
  unsigned of;
  std::string name;
  bool scalar;
  Erased gradient, accumulated, tangent;
};

class Checker {
public:
  Checker(func::FuncOp function, const CheckOptions &options, reference::WeightProvider &weights)
      : function(function), options(options), evaluate(weights) {}

  FailureOr<Counts> run() {
    findArguments();
    if (failed(differentiateResults()))
      return failure();
    for (uint64_t seed = options.run.seed; !results.empty() && counts.points < options.points; ++seed) {
      if (counts.passedOver == kTries)
        return function.emitOpError() << "has no point without a kink among those of " << kTries
                                      << " seeds to check derivatives at";
      FailureOr<bool> checked = checkAt(seed);
      if (failed(checked))
        return failure();
      ++(*checked ? counts.points : counts.passedOver);
    }
    return counts;
  }

private:
  void findArguments() {
    for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
      std::string name = nameOf(function.getArgAttrDict(index), index);
      if (!isDifferentiable(type) || (!options.wrt.empty() && !llvm::is_contained(options.wrt, name)))
        continue;
      wrt.push_back(index);
      names.push_back(name);
    }
  }

  LogicalResult differentiateResults() {
    Activity activity;
    for (unsigned index : wrt)
      activity.add(function.getArgument(index));
    for (Operation &op : function.getBody().front().without_terminator())
      activity.follow(&op);
    Operation *end = function.getBody().front().getTerminator();
    for (auto [index, type] : llvm::enumerate(function.getResultTypes())) {
      if (!isDifferentiable(type) || !activity.contains(end->getOperand(index)))
        continue;
      std::string name = nameOf(function.getResultAttrDict(index), index);
      std::string prefix = (function.getSymName() + "_" + name + "_").str();
      auto request = [&](StringRef suffix, bool accumulate) {
        return Request{name, names, accumulate, (prefix + suffix).str()};
      };
      FailureOr<func::FuncOp> gradient = buildGradient(function, request("gradient", false));
      if (failed(gradient))
        return failure();
      Erased first(*gradient);
      FailureOr<func::FuncOp> accumulated = buildGradient(function, request("accumulated", true));
      if (failed(accumulated))
        return failure();
      Erased second(*accumulated);
      FailureOr<func::FuncOp> tangent = buildTangent(function, request("tangent", false));
      if (failed(tangent))
        return failure();
      for (func::FuncOp each : {*gradient, *accumulated, *tangent})
        if (options.spoil)
          options.spoil(each);
      results.push_back({unsigned(index), name, cast<RankedTensorType>(type).getRank() == 0, std::move(first),
                         std::move(second), Erased(*tangent)});
    }
    return success();
  }

  static Tensor draw(ArrayRef<int64_t> shape, uint64_t seed, const Twine &name) {
    Tensor tensor(shape);
    reference::Generator generator(seed, name.str());
    for (double &x : tensor.data)
      x = generator.bell();
    return tensor;
  }

  /// Compares at the point of a seed; false if there is a kink.
  FailureOr<bool> checkAt(uint64_t seed) {
    reference::RunOptions run = options.run;
    run.seed = seed;
    FailureOr<SmallVector<reference::Value>> made = reference::makeInputs(function, run);
    if (failed(made))
      return failure();
    inputs = std::move(*made);
    FailureOr<Tensors> evaluated = evaluate(function, inputs);
    if (failed(evaluated))
      return failure();
    values = std::move(*evaluated);
    // Along each argument, and along all.
    SmallVector<Tensors> directions;
    for (unsigned each = options.alongAll || wrt.size() == 1 ? wrt.size() : 0; each <= wrt.size(); ++each) {
      Tensors &direction = directions.emplace_back(inputs.size());
      for (auto [number, index] : llvm::enumerate(wrt))
        if (each == number || each == wrt.size())
          direction[index] =
              draw(inputs[index].tensor().shape, seed, "direction " + Twine(each) + " of " + Twine(index));
    }
    std::vector<Difference> differences;
    for (ArrayRef<Tensor> direction : directions) {
      FailureOr<Difference> difference = differentiate(evaluate, function, inputs, direction, values);
      if (failed(difference))
        return failure();
      if (!difference->smooth)
        return false;
      differences.push_back(std::move(*difference));
    }
    for (const Derivatives &result : results)
      if (failed(check(result, directions, differences, seed)))
        return failure();
    return true;
  }

  LogicalResult check(const Derivatives &result, ArrayRef<Tensors> directions, ArrayRef<Difference> differences,
                      uint64_t seed) {
    const Tensor &value = values[result.of];
    Tensor u = result.scalar ? Tensor({}, {1.0}) : draw(value.shape, seed, "gradient " + Twine(result.of));
    SmallVector<reference::Value> arguments(inputs);
    if (!result.scalar)
      arguments.push_back(u);
    FailureOr<Tensors> gradients = evaluate(result.gradient.function, arguments);
    if (failed(gradients) || failed(checkValues(result, *gradients)))
      return failure();
    Tensors before;
    for (unsigned index : wrt)
      arguments.push_back(before.emplace_back(draw(inputs[index].tensor().shape, seed, "before " + Twine(index))));
    FailureOr<Tensors> sums = evaluate(result.accumulated.function, arguments);
    if (failed(sums))
      return failure();
    ArrayRef<Tensor> g = ArrayRef(*gradients).take_back(wrt.size());
    for (auto [number, index] : llvm::enumerate(wrt)) {
      const Tensor &sum = (*sums)[values.size() + number];
      Tensor apart = sum;
      for (auto [x, a, b] : llvm::zip_equal(apart.data, before[number].data, g[number].data))
        x -= a + b;
      if (failed(report(result, "the sum of gradients by '" + names[number] + "'", largest(apart.data),
                        scaleOf(sum, before[number]), seed)))
        return failure();
    }
    for (auto [direction, difference] : llvm::zip_equal(directions, differences))
      if (failed(checkAlong(result, direction, difference.derivatives[result.of], u, g, seed)))
        return failure();
    return success();
  }

  LogicalResult checkAlong(const Derivatives &result, const Tensors &direction, const Tensor &difference,
                           const Tensor &u, ArrayRef<Tensor> g, uint64_t seed) {
    SmallVector<reference::Value> arguments(inputs);
    std::string by;
    double reverse = 0;
    for (auto [number, index] : llvm::enumerate(wrt)) {
      const Tensor &v = direction[index];
      arguments.push_back(v.data.empty() ? Tensor(inputs[index].tensor().shape) : v);
      if (v.data.empty())
        continue;
      by += (by.empty() ? "'" : ", '") + names[number] + "'";
      for (auto [a, b] : llvm::zip_equal(g[number].data, v.data))
        reverse += a * b;
    }
    FailureOr<Tensors> tangents = evaluate(result.tangent.function, arguments);
    if (failed(tangents) || failed(checkValues(result, *tangents)))
      return failure();
    const Tensor &value = values[result.of], &tangent = tangents->back();
    double expected = 0, forward = 0, squares = 0;
    Tensor apart = tangent;
    for (size_t i = 0; i < u.data.size(); ++i) {
      apart.data[i] -= difference.data[i];
      expected += u.data[i] * difference.data[i];
      forward += u.data[i] * tangent.data[i];
      squares += std::pow(u.data[i] * difference.data[i], 2);
    }
    double scale = scaleOf(difference, value), sum = std::max({std::fabs(expected), std::sqrt(squares), scale});
    if (failed(report(result, "forward mode by " + by, largest(apart.data), scale, seed)) ||
        failed(report(result, "reverse mode by " + by, std::fabs(reverse - expected), sum, seed)))
      return failure();
    return report(result, "reverse beside forward mode by " + by, std::fabs(reverse - forward), sum, seed);
  }

  /// What derivative functions give first is what the function gives.
  LogicalResult checkValues(const Derivatives &result, const Tensors &got) {
    for (auto [value, same] : llvm::zip(values, got)) {
      Tensor apart = value;
      for (auto [x, y] : llvm::zip_equal(apart.data, same.data))
        x -= y;
      if (failed(report(result, "the values beside the derivatives", largest(apart.data), scaleOf(value, value), 0)))
        return failure();
    }
    return success();
  }

  LogicalResult report(const Derivatives &result, const Twine &what, double error, double scale, uint64_t seed) {
    double relative = error / scale;
    ++counts.comparisons;
    counts.error = std::isnan(relative) ? relative : std::max(counts.error, relative);
    if (relative <= kTolerance)
      return success();
    InFlightDiagnostic message = function.emitOpError();
    return message << "has a wrong derivative of '" << result.name << "': " << what << " is off by "
                   << llvm::formatv("{0:e2}", error).str() << ", where derivatives are up to "
                   << llvm::formatv("{0:e2}", scale).str() << " (seed " << seed << ")";
  }

  func::FuncOp function;
  const CheckOptions &options;
  Evaluator evaluate;
  SmallVector<unsigned> wrt;
  SmallVector<std::string> names;
  std::vector<Derivatives> results;
  SmallVector<reference::Value> inputs;
  Tensors values;
  Counts counts;
};

class CheckDerivativesPass : public PassWrapper<CheckDerivativesPass, OperationPass<ModuleOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CheckDerivativesPass)
  CheckDerivativesPass(CheckOptions options, raw_ostream &out) : options(std::move(options)), out(out) {}
  StringRef getName() const override { return "CheckDerivativesPass"; }
  StringRef getDescription() const override { return "compares derivatives with differences"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, ::mlir::tensor::TensorDialect, train::TrainDialect, xf::XFDialect>();
  }
  void runOnOperation() override {
    if (failed(check()))
      signalPassFailure();
  }

private:
  void print(const Counts &counts) {
    out << counts.comparisons << " comparisons at " << counts.points << " points (" << counts.passedOver
        << " passed over at kinks), largest error " << llvm::format("%.1e", counts.error) << "\n";
  }

  LogicalResult check() {
    ModuleOp module = getOperation();
    auto weights = reference::openWeights(options.run);
    if (!weights)
      return emitError(module.getLoc()) << weights.error().message;
    SmallVector<func::FuncOp> functions;
    for (auto function : module.getOps<func::FuncOp>())
      if (!function.isExternal() && (options.run.function.empty() || options.run.function == function.getSymName()))
        functions.push_back(function);
    if (functions.empty())
      return emitError(module.getLoc()) << "expects a function with a body to check, but got '" << options.run.function
                                        << "'";
    Counts all;
    bool right = true;
    for (func::FuncOp function : functions) {
      FailureOr<Counts> counts = Checker(function, options, **weights).run();
      if (failed(counts)) {
        right = false;
        continue;
      }
      out << "@" << function.getSymName() << ": ";
      print(*counts);
      all += *counts;
    }
    if (right && all.comparisons == 0)
      return emitError(module.getLoc()) << "has nothing to differentiate: no derivative was compared";
    out << functions.size() << " functions: ";
    print(all);
    return success(right);
  }

  CheckOptions options;
  raw_ostream &out;
};

} // namespace

std::unique_ptr<Pass> createCheckDerivativesPass(CheckOptions options, raw_ostream &out) {
  return std::make_unique<CheckDerivativesPass>(std::move(options), out);
}

void listDerivativeRules(MLIRContext &context, raw_ostream &out) {
  context.loadDialect<xf::XFDialect, train::TrainDialect>();
  for (RegisteredOperationName op : context.getRegisteredOperations()) {
    StringRef dialect = op.getDialectNamespace();
    if (dialect != xf::XFDialect::getDialectNamespace() && dialect != train::TrainDialect::getDialectNamespace())
      continue;
    out << op.getStringRef() << (op.hasInterface<DifferentiableOpInterface>() ? " rule" : " none");
    for (StringAttr attribute : op.getAttributeNames())
      out << " " << attribute.getValue();
    out << "\n";
  }
}

} // namespace ph::autodiff
