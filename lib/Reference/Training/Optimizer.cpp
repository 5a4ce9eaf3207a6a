#include "lib/Reference/Training/Models.h"
#include <algorithm>

using namespace mlir;

namespace ph::reference {

/// The gradient, times the scale; nothing where the step is skipped.
template <class Op> static std::optional<Tensor> gradientOf(Op op, ArrayRef<Value> inputs) {
  if (scalar(find(op, op.getFinite(), inputs), 1) == 0)
    return std::nullopt;
  Tensor gradient = inputs[1].tensor();
  for (double &g : gradient.data)
    g *= scalar(find(op, op.getScale(), inputs), 1);
  return gradient;
}

static LogicalResult giveAll(Operation *op, std::vector<Tensor> tensors, SmallVectorImpl<Value> &results,
                             Context &context) {
  for (Tensor &tensor : tensors)
    if (failed(context.give(op, std::move(tensor), results)))
      return failure();
  return success();
}

static LogicalResult sgd(train::SgdOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  bool moves = bool(op.getVelocity());
  if (failed(expectOneShape(op, inputs.take_front(moves ? 3 : 2))))
    return failure();
  Tensor w = inputs[0].tensor(), m = moves ? inputs[2].tensor() : Tensor();
  double rate = scalar(find(op, op.getLearningRate(), inputs), 0), decay = op.getWeightDecay().convertToDouble();
  double momentum = op.getMomentum() ? op.getMomentum()->convertToDouble() : 0;
  if (std::optional<Tensor> gradient = gradientOf(op, inputs))
    for (size_t i = 0; i < w.data.size(); ++i) {
      double d = gradient->data[i] + decay * w.data[i];
      if (moves) {
        m.data[i] = momentum * m.data[i] + d;
        d = op.getNesterov() ? d + momentum * m.data[i] : m.data[i];
      }
      w.data[i] -= rate * d;
    }
  return giveAll(op, moves ? std::vector{w, m} : std::vector{w}, results, context);
}

static LogicalResult lion(train::LionOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  if (failed(expectOneShape(op, inputs.take_front(3))))
    return failure();
  Tensor w = inputs[0].tensor(), m = inputs[2].tensor();
  double rate = scalar(&inputs[3], 0), decay = op.getWeightDecay().convertToDouble();
  double beta1 = op.getBeta1().convertToDouble(), beta2 = op.getBeta2().convertToDouble();
  if (std::optional<Tensor> gradient = gradientOf(op, inputs))
    for (size_t i = 0; i < w.data.size(); ++i) {
      double g = gradient->data[i], c = beta1 * m.data[i] + (1 - beta1) * g;
      w.data[i] = w.data[i] * (1 - rate * decay) - rate * (double(c > 0) - double(c < 0));
      m.data[i] = beta2 * m.data[i] + (1 - beta2) * g;
    }
  return giveAll(op, {w, m}, results, context);
}

namespace {

/// Adafactor on one layer, whose parts of the tensors these are.
struct AdafactorLayer {
  llvm::MutableArrayRef<double> w;
  llvm::ArrayRef<double> g;
  llvm::MutableArrayRef<double> first, second; ///< rows and columns, or the variances
  int64_t rows, columns;                       ///< of each matrix; 0 rows: not factored
  double eps1;

  static double rootMeanSquare(llvm::ArrayRef<double> values) {
    double sum = 0;
    for (double x : values)
      sum += x * x;
    return std::sqrt(sum / double(values.size()));
  }

  /// `fresh` of the mean of g² added to each state, and what the gradient is multiplied by at each element.
  std::vector<double> updates(double fresh) {
    std::vector<double> u(g.begin(), g.end());
    auto blend = [&](double &state, double value) { state += fresh * (value - state); };
    if (!rows) {
      for (auto [x, variance] : llvm::zip_equal(u, first)) {
        blend(variance, x * x);
        x /= std::sqrt(std::max(variance, eps1 * eps1));
      }
      return u;
    }
    int64_t matrix = rows * columns;
    for (int64_t at = 0; at < int64_t(g.size()) / matrix; ++at) {
      std::vector<double> rowSums(rows), columnSums(columns);
      for (int64_t i = 0; i < matrix; ++i) {
        double x = g[at * matrix + i];
        rowSums[i / columns] += x * x;
        columnSums[i % columns] += x * x;
      }
      llvm::MutableArrayRef<double> r = first.slice(at * rows, rows), c = second.slice(at * columns, columns);
      double mean = 0;
      for (int64_t i = 0; i < rows; ++i) {
        blend(r[i], rowSums[i] / double(columns));
        mean += r[i] / double(rows);
      }
      for (int64_t j = 0; j < columns; ++j)
        blend(c[j], columnSums[j] / double(rows));
      for (int64_t i = 0; i < matrix; ++i) {
        double variance = r[i / columns] * c[i % columns] / std::max(mean, eps1);
        u[at * matrix + i] /= std::sqrt(std::max(variance, eps1 * eps1));
      }
    }
    return u;
  }
};

} // namespace

static LogicalResult adafactor(train::AdafactorOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  Tensor w = inputs[0].tensor(), first = inputs[2].tensor(), second = op.isFactored() ? inputs[3].tensor() : Tensor();
  double rate = scalar(find(op, op.getLearningRate(), inputs), 0), step = scalar(find(op, op.getStep(), inputs), 1);
  double decay = op.getWeightDecay().convertToDouble(), eps2 = op.getEps2().convertToDouble();
  double threshold = op.getClipThreshold().convertToDouble();
  if (std::optional<Tensor> gradient = gradientOf(op, inputs)) {
    int64_t layers = op.getStacked() ? w.shape[0] : 1, rank = int64_t(w.shape.size());
    auto part = [&](std::vector<double> &data, int64_t layer) {
      size_t size = data.size() / layers;
      return llvm::MutableArrayRef<double>(data).slice(layer * size, size);
    };
    for (int64_t i = 0; i < layers; ++i) {
      AdafactorLayer layer = {part(w.data, i),
                              part(gradient->data, i),
                              part(first.data, i),
                              part(second.data, i),
                              op.isFactored() ? w.shape[rank - 2] : 0,
                              w.columns(),
                              op.getEps1().convertToDouble()};
      double stride = std::max(eps2, AdafactorLayer::rootMeanSquare(layer.w)) * std::min(rate, 1 / std::sqrt(step));
      std::vector<double> u = layer.updates(std::pow(step, op.getBeta2Decay().convertToDouble()));
      stride /= std::max(1.0, AdafactorLayer::rootMeanSquare(u) / threshold);
      for (auto [x, update] : llvm::zip_equal(layer.w, u))
        x = x * (1 - rate * decay) - stride * update;
    }
  }
  return giveAll(op, op.isFactored() ? std::vector{w, first, second} : std::vector{w, first}, results, context);
}

void registerOptimizer(MLIRContext *context) {
  attach<train::SgdOp, sgd>(context);
  attach<train::LionOp, lion>(context);
  attach<train::AdafactorOp, adafactor>(context);
}

} // namespace ph::reference
