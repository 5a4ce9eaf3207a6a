#include "powerhouse/Reference/Run.h"
#include "dialects/Transformer/Transformer.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

/// Values that a result is shown with.
static constexpr size_t shownValues = 16;

/// The keys or values of a cache as [layers, batch, positions, width]; sequences that are shorter end in zeros.
static Tensor flatten(const Cache &cache, int64_t width, std::vector<double> CacheLayer::Sequence::*rows) {
  int64_t batch = 0, positions = 0;
  for (const auto &layer : cache.layers) {
    batch = std::max<int64_t>(batch, layer->sequences.size());
    for (const CacheLayer::Sequence &sequence : layer->sequences)
      positions = std::max<int64_t>(positions, (sequence.*rows).size() / width);
  }
  Tensor result({int64_t(cache.layers.size()), batch, positions, width});
  for (auto [index, layer] : llvm::enumerate(cache.layers))
    for (auto [b, sequence] : llvm::enumerate(layer->sequences))
      llvm::copy(sequence.*rows, result.data.begin() + (index * batch + b) * positions * width);
  return result;
}

std::map<std::string, Tensor> nameResults(func::FuncOp function, ArrayRef<Value> results) {
  std::map<std::string, Tensor> named;
  for (auto [index, value] : llvm::enumerate(results)) {
    auto attribute = function.getResultAttrOfType<StringAttr>(index, xf::XFDialect::getNameAttrName());
    std::string name = attribute ? attribute.str() : "out" + std::to_string(index);
    if (value.isCache()) {
      auto type = cast<xf::CacheType>(function.getResultTypes()[index]);
      int64_t width = type.getHeads() * type.getHeadDim();
      named[name + ".keys"] = flatten(value.cache(), width, &CacheLayer::Sequence::keys);
      named[name + ".values"] = flatten(value.cache(), width, &CacheLayer::Sequence::values);
    } else {
      named[name] = value.isTensor() ? value.tensor() : Tensor({}, {double(value.integer())});
    }
  }
  return named;
}

static FailureOr<func::FuncOp> findFunction(ModuleOp module, StringRef name) {
  SmallVector<func::FuncOp> bodies;
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isExternal())
      bodies.push_back(function);
  if (name.empty() && bodies.size() == 1)
    return bodies.front();
  SmallVector<StringRef> candidates = {name};
  if (name.empty())
    candidates = {"forward", "main"};
  for (StringRef candidate : candidates)
    for (func::FuncOp function : bodies)
      if (function.getSymName() == candidate)
        return function;
  if (name.empty())
    return emitError(module.getLoc()) << "expects a function @forward or @main or one function alone to run, but got "
                                      << bodies.size() << " functions; name one with --run=NAME";
  return emitError(module.getLoc()) << "expects a function to run, but got '" << name << "', which has no body here";
}

/// The place of a flat index: "[1, 0, 17]".
static std::string place(size_t index, ArrayRef<int64_t> shape) {
  SmallVector<int64_t> indices(shape.size());
  for (size_t dim = shape.size(); dim-- > 0; index /= shape[dim])
    indices[dim] = index % shape[dim];
  return shapeText(indices);
}

static void show(const std::string &name, const Tensor &tensor, raw_ostream &out) {
  out << name << ": " << shapeText(tensor.shape) << " =";
  for (double x : ArrayRef(tensor.data).take_front(shownValues))
    out << llvm::format(" %.6g", x);
  out << (tensor.data.size() > shownValues ? " …\n" : "\n");
}

/// Compares each result that the file has; the shape may differ in how leading dimensions are folded.
static LogicalResult compareAll(func::FuncOp function, const std::map<std::string, Tensor> &results,
                                const RunOptions &options, raw_ostream &out) {
  auto file = SafetensorsFile::open(options.expect);
  if (!file)
    return emitError(function.getLoc()) << file.error().message;
  unsigned compared = 0, beyond = 0;
  for (const auto &[name, got] : results) {
    const SafetensorsTensor *expected = (*file)->find(name);
    if (!expected)
      continue;
    ++compared;
    int64_t columns = expected->shape.empty() ? 1 : expected->shape.back();
    if (expected->elements() != int64_t(got.data.size()) || columns != got.columns())
      return emitError(function.getLoc()) << "expects '" << name << "' of shape " << shapeText(expected->shape)
                                          << ", but got " << shapeText(got.shape);
    std::vector<float> floats = expected->toFloats();
    std::vector<double> values(floats.begin(), floats.end());
    Difference difference = compare(got.data, values, options.absolute, options.relative);
    out << name << ": largest error " << llvm::format("%.2e", difference.error) << " of " << got.data.size()
        << " values\n";
    if (difference.excess <= 1)
      continue;
    ++beyond;
    emitError(function.getLoc()) << "expects '" << name << "' at " << place(difference.index, got.shape) << " to be "
                                 << difference.expected << ", but got " << difference.got << ", beyond atol "
                                 << options.absolute << " + rtol " << options.relative;
  }
  if (compared == 0)
    return emitError(function.getLoc()) << "expects a result of the function in '" << options.expect
                                        << "', but got none";
  return success(beyond == 0);
}

static LogicalResult writeAll(func::FuncOp function, const std::map<std::string, Tensor> &results,
                              const RunOptions &options) {
  std::vector<SafetensorsTensor> tensors;
  std::vector<std::vector<float>> buffers;
  buffers.reserve(results.size());
  for (const auto &[name, tensor] : results) {
    const auto &buffer = buffers.emplace_back(tensor.data.begin(), tensor.data.end());
    SafetensorsTensor &entry = tensors.emplace_back();
    entry.name = name;
    entry.shape.assign(tensor.shape.begin(), tensor.shape.end());
    entry.data = {reinterpret_cast<const uint8_t *>(buffer.data()), buffer.size() * sizeof(float)};
  }
  if (Status status = writeSafetensors(options.outputs, tensors))
    return emitError(function.getLoc()) << status.error().message;
  return success();
}

Expected<std::unique_ptr<WeightProvider>> openWeights(const RunOptions &options) {
  if (options.weights.empty())
    return makeSeededWeights(options.seed);
  if (options.openWeights)
    return options.openWeights(options.weights);
  auto file = SafetensorsFile::open(options.weights);
  if (!file)
    return file.error();
  return makeFileWeights(*file);
}

LogicalResult runModule(ModuleOp module, const RunOptions &options, raw_ostream &out) {
  FailureOr<func::FuncOp> function = findFunction(module, options.function);
  if (failed(function))
    return failure();
  auto weights = openWeights(options);
  if (!weights)
    return emitError(module.getLoc()) << weights.error().message;
  FailureOr<SmallVector<Value>> inputs = makeInputs(*function, options);
  if (failed(inputs))
    return failure();
  Context context(**weights, options.precision);
  SmallVector<Value> values;
  if (failed(context.call(*function, *inputs, values)))
    return failure();
  std::map<std::string, Tensor> results = nameResults(*function, values);
  if (!options.outputs.empty() && failed(writeAll(*function, results, options)))
    return failure();
  if (!options.expect.empty())
    return compareAll(*function, results, options, out);
  for (const auto &[name, tensor] : results)
    show(name, tensor, out);
  return success();
}

namespace {
class RunPass : public PassWrapper<RunPass, OperationPass<ModuleOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(RunPass)
  RunPass(RunOptions options, raw_ostream &out) : options(std::move(options)), out(out) {}
  StringRef getName() const override { return "RunPass"; }
  StringRef getDescription() const override { return "runs a function on the interpreter"; }
  void runOnOperation() override {
    if (failed(runModule(getOperation(), options, out)))
      return signalPassFailure();
    markAllAnalysesPreserved();
  }

private:
  RunOptions options;
  raw_ostream &out;
};
} // namespace

std::unique_ptr<Pass> createRunPass(RunOptions options, raw_ostream &out) {
  return std::make_unique<RunPass>(std::move(options), out);
}

} // namespace ph::reference
