#include "lib/Reference/AttentionScores.h"
#include "lib/Reference/Broadcast.h"
#include <cmath>
#include <numeric>

using namespace mlir;

namespace ph::reference {

/// NaN for the largest score of a row that a mask hides all of, in runs that are to show what depends on such rows.
static double showHidden(double largest, const Context &context) {
  return context.deviations().hiddenRowsAreNan && largest <= kHides ? NAN : largest;
}

/// Which matrix of `tensor`, counted over its leading dimensions, each of `shape` uses.
static std::vector<double> matrixNumbers(const Tensor &tensor, ArrayRef<int64_t> shape) {
  Tensor numbers(ArrayRef<int64_t>(tensor.shape).drop_back(2));
  std::iota(numbers.data.begin(), numbers.data.end(), 0);
  return broadcastTo(numbers, shape).data;
}

static LogicalResult matmul(xf::MatmulOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  const Tensor &lhs = inputs[0].tensor(), &rhs = inputs[1].tensor();
  int64_t rows = lhs.shape[lhs.shape.size() - 2], depth = lhs.shape.back();
  bool turned = op.getTransposeA();
  if (turned)
    std::swap(rows, depth);
  int64_t first = rhs.shape[rhs.shape.size() - 2], second = rhs.shape.back();
  bool transposed = op.getTransposeB();
  int64_t columns = transposed ? first : second;
  if ((transposed ? second : first) != depth)
    return mismatch(op, "a rhs of K = " + Twine(depth), rhs.shape);
  Tensor leads[2];
  leads[0].shape.assign(lhs.shape.begin(), lhs.shape.end() - 2);
  leads[1].shape.assign(rhs.shape.begin(), rhs.shape.end() - 2);
  FailureOr<SmallVector<int64_t>> batch = commonShape(op, {&leads[0], &leads[1]});
  if (failed(batch))
    return failure();
  SmallVector<int64_t> shape = *batch;
  shape.append({rows, columns});
  Tensor result(shape);
  double *y = result.data.data();
  for (auto [a, b] : llvm::zip_equal(matrixNumbers(lhs, *batch), matrixNumbers(rhs, *batch)))
    for (int64_t m = 0; m < rows; ++m)
      for (int64_t n = 0; n < columns; ++n, ++y) {
        const double *left = lhs.data.data() + int64_t(a) * rows * depth;
        const double *right = rhs.data.data() + int64_t(b) * depth * columns;
        double sum = 0;
        for (int64_t k = 0; k < depth; ++k)
          sum += left[turned ? k * rows + m : m * depth + k] * right[transposed ? n * depth + k : k * columns + n];
        *y = sum;
      }
  return context.give(op, std::move(result), results);
}

static LogicalResult reduce(xf::ReduceOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  const Tensor &input = inputs[0].tensor();
  SmallVector<int64_t> kept = input.shape, shape;
  int64_t count = 1;
  for (int64_t axis : op.getAxes()) {
    count *= input.shape[axis];
    kept[axis] = 1;
  }
  for (auto [axis, size] : llvm::enumerate(kept))
    if (op.getKeepdims() || !llvm::is_contained(op.getAxes(), int64_t(axis)))
      shape.push_back(size);
  bool largest = op.getKind() == xf::ReduceKind::Max, smallest = op.getKind() == xf::ReduceKind::Min;
  Tensor result(kept);
  llvm::fill(result.data, largest ? -INFINITY : smallest ? INFINITY : 0);
  // Where each element of the input goes.
  Tensor places(kept);
  std::iota(places.data.begin(), places.data.end(), 0);
  for (auto [x, place] : llvm::zip_equal(input.data, broadcastTo(places, input.shape).data)) {
    double &y = result.data[size_t(place)];
    if (!largest && !smallest)
      y += x;
    else if (std::isnan(x) || (largest ? x > y : x < y))
      y = x;
  }
  if (op.getKind() == xf::ReduceKind::Mean)
    for (double &y : result.data)
      y /= double(count);
  // (That of a softmax spelled out.)
  if (largest)
    for (double &y : result.data)
      y = showHidden(y, context);
  return context.give(op, Tensor(shape, std::move(result.data)), results);
}

static LogicalResult softmax(xf::SoftmaxOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                             Context &context) {
  Tensor result = inputs[0].tensor();
  int64_t axis = op.getAxis(), size = result.shape[axis];
  int64_t stride = ShapedType::getNumElements(ArrayRef<int64_t>(result.shape).drop_front(axis + 1));
  for (int64_t start = 0; start < int64_t(result.data.size()); ++start) {
    if (start / stride % size != 0)
      continue;
    double *x = result.data.data() + start, largest = -INFINITY, sum = 0;
    for (int64_t i = 0; i < size; ++i)
      largest = std::fmax(largest, x[i * stride]);
    largest = showHidden(largest, context);
    for (int64_t i = 0; i < size; ++i)
      sum += x[i * stride] = std::exp(x[i * stride] - largest);
    for (int64_t i = 0; i < size; ++i)
      x[i * stride] /= sum;
  }
  return context.give(op, std::move(result), results);
}

void registerContraction(MLIRContext *context) {
  attach<xf::MatmulOp, matmul>(context);
  attach<xf::ReduceOp, reduce>(context);
  attach<xf::SoftmaxOp, softmax>(context);
}

} // namespace ph::reference
