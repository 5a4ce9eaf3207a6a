#include "lib/Reference/AttentionScores.h"
#include "lib/Reference/Broadcast.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

static double apply(xf::BinaryKind kind, double a, double b, bool integer) {
  switch (kind) {
  case xf::BinaryKind::Add:
    return a + b;
  case xf::BinaryKind::Sub:
    return a - b;
  case xf::BinaryKind::Mul:
    return a * b;
  case xf::BinaryKind::Div:
    return integer ? std::trunc(a / b) : a / b;
  // Comparisons, not fmax and fmin: a NaN must stay visible.
  case xf::BinaryKind::Max:
    return std::isnan(a) || a > b ? a : b;
  case xf::BinaryKind::Min:
    return std::isnan(a) || a < b ? a : b;
  case xf::BinaryKind::Pow:
    return std::pow(a, b);
  case xf::BinaryKind::And:
    return a != 0 && b != 0;
  case xf::BinaryKind::Or:
    return a != 0 || b != 0;
  }
  llvm_unreachable("a function without semantics");
}

static double apply(xf::UnaryKind kind, double x) {
  switch (kind) {
  case xf::UnaryKind::Neg:
    return -x;
  case xf::UnaryKind::Abs:
    return std::fabs(x);
  case xf::UnaryKind::Exp:
    return std::exp(x);
  case xf::UnaryKind::Log:
    return std::log(x);
  case xf::UnaryKind::Sqrt:
    return std::sqrt(x);
  case xf::UnaryKind::Rsqrt:
    return 1 / std::sqrt(x);
  case xf::UnaryKind::Reciprocal:
    return 1 / x;
  case xf::UnaryKind::Tanh:
    return std::tanh(x);
  case xf::UnaryKind::Erf:
    return std::erf(x);
  case xf::UnaryKind::Sigmoid:
    return 1 / (1 + std::exp(-x));
  case xf::UnaryKind::Sin:
    return std::sin(x);
  case xf::UnaryKind::Cos:
    return std::cos(x);
  case xf::UnaryKind::Floor:
    return std::floor(x);
  case xf::UnaryKind::Not:
    return x == 0;
  }
  llvm_unreachable("a function without semantics");
}

static bool apply(xf::CompareKind kind, double a, double b) {
  switch (kind) {
  case xf::CompareKind::Eq:
    return a == b;
  case xf::CompareKind::Ne:
    return a != b;
  case xf::CompareKind::Lt:
    return a < b;
  case xf::CompareKind::Le:
    return a <= b;
  case xf::CompareKind::Gt:
    return a > b;
  case xf::CompareKind::Ge:
    return a >= b;
  }
  llvm_unreachable("a relation without semantics");
}

static LogicalResult elementwise(xf::ElementwiseOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                 Context &context) {
  const Tensor &lhs = inputs[0].tensor(), &rhs = inputs[1].tensor();
  FailureOr<SmallVector<int64_t>> shape = commonShape(op, {&lhs, &rhs});
  if (failed(shape))
    return failure();
  bool integer = op.getType().getElementType().isInteger(32);
  Tensor result = broadcastTo(lhs, *shape);
  // A mask of -1e4 hides a score whatever that is, also one which leaves the sum above -1e4.
  bool shows = context.deviations().hiddenRowsAreNan && op.getKind() == xf::BinaryKind::Add && !integer;
  for (auto [x, y] : llvm::zip_equal(result.data, broadcastTo(rhs, *shape).data)) {
    if (integer && y == 0 && op.getKind() == xf::BinaryKind::Div)
      return op.emitOpError() << "expects integers to be divided by others than 0 at run time";
    x = shows && (x <= kHides || y <= kHides) ? -INFINITY : apply(op.getKind(), x, y, integer);
  }
  return context.give(op, std::move(result), results);
}

static LogicalResult unary(xf::UnaryOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  Tensor result = inputs[0].tensor();
  for (double &x : result.data)
    x = apply(op.getKind(), x);
  return context.give(op, std::move(result), results);
}

static LogicalResult compareElements(xf::CompareOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                     Context &context) {
  const Tensor &lhs = inputs[0].tensor(), &rhs = inputs[1].tensor();
  FailureOr<SmallVector<int64_t>> shape = commonShape(op, {&lhs, &rhs});
  if (failed(shape))
    return failure();
  Tensor result = broadcastTo(lhs, *shape);
  // A guard, x ≠ x ? 0 : x, must not take away the NaN that shows a hidden row.
  bool guard = context.deviations().hiddenRowsAreNan && op.getLhs() == op.getRhs();
  for (auto [x, y] : llvm::zip_equal(result.data, broadcastTo(rhs, *shape).data))
    x = guard ? apply(op.getKind(), 0, 0) : apply(op.getKind(), x, y);
  return context.give(op, std::move(result), results);
}

static LogicalResult select(xf::SelectOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  FailureOr<SmallVector<int64_t>> shape =
      commonShape(op, {&inputs[0].tensor(), &inputs[1].tensor(), &inputs[2].tensor()});
  if (failed(shape))
    return failure();
  Tensor result = broadcastTo(inputs[0].tensor(), *shape);
  for (auto [x, yes, no] : llvm::zip_equal(result.data, broadcastTo(inputs[1].tensor(), *shape).data,
                                           broadcastTo(inputs[2].tensor(), *shape).data))
    x = x != 0 ? yes : no;
  return context.give(op, std::move(result), results);
}

static LogicalResult cast(xf::CastOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  Tensor result = inputs[0].tensor();
  Type element = op.getType().getElementType();
  for (double &x : result.data)
    x = element.isInteger(1) ? double(x != 0) : element.isInteger(32) ? std::trunc(x) : x;
  return context.give(op, std::move(result), results);
}

void registerElementwise(MLIRContext *context) {
  attach<xf::ElementwiseOp, elementwise>(context);
  attach<xf::UnaryOp, unary>(context);
  attach<xf::CompareOp, compareElements>(context);
  attach<xf::SelectOp, select>(context);
  attach<xf::CastOp, cast>(context);
}

} // namespace ph::reference
