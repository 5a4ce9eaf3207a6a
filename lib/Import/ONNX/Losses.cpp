// Losses of classes.
#include "Node.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace ph::onnx_import {

/// Of log-probabilities [batch, classes, …] and targets [batch, …].
static void lossOf(Node &n, Value logs) {
  Value targets = n.tensor(1), weights = n.optional(2);
  if (!logs || !targets)
    return;
  TensorBuilder &b = n.b;
  const std::string reduction = n.text("reduction", "mean");
  if (!llvm::is_contained({"none", "sum", "mean"}, reduction))
    return void(n.fail("has the unknown reduction '" + reduction + "'"));
  if (TensorBuilder::rankOf(logs) != TensorBuilder::rankOf(targets) + 1 || TensorBuilder::rankOf(targets) < 1 ||
      !TensorBuilder::elementOf(targets).isInteger(32) || (weights && TensorBuilder::rankOf(weights) != 1))
    return void(n.fail("expects probabilities of classes, and integers as targets"));
  Type f32 = b.getF32Type();
  const bool ignores = n.attribute("ignore_index");
  const int64_t ignored = n.integer("ignore_index", 0);
  // How much each target counts, and which class it is where it does.
  auto counted = [&](TensorBuilder &b, ValueRange at, llvm::function_ref<Value(Value)> ofClass) {
    Value target = b.at(targets, at), zero = b.scalarNumber(b.getI32Type(), 0);
    Value out = b.equal(target, b.scalarNumber(b.getI32Type(), double(ignored)));
    Value index = ignores ? b.choose(out, zero, target) : target;
    Value result = ofClass(b.wrapped(index, b.index(b.dim(logs, 1))));
    return ignores ? b.choose(out, b.scalarNumber(f32, 0), result) : result;
  };
  auto weightOf = [&](Value index) { return weights ? b.at(weights, index) : b.scalarNumber(f32, 1); };
  Sizes sizes = b.dims(targets);
  Value losses = b.generate(sizes, f32, [&](TensorBuilder &b, ValueRange at) {
    return counted(b, at, [&](Value index) -> Value {
      SmallVector<Value> from(at);
      from.insert(from.begin() + 1, index);
      return arith::NegFOp::create(b, arith::MulFOp::create(b, b.at(logs, from), weightOf(index)));
    });
  });
  if (reduction == "none")
    return n.give(0, losses);
  auto total = [&](Value x) {
    return b.reduce(xf::ReduceKind::Sum, x, llvm::to_vector(llvm::seq<int64_t>(0, TensorBuilder::rankOf(x))), false);
  };
  Value sum = total(losses);
  if (reduction == "mean")
    sum = b.div(
        sum, total(b.generate(sizes, f32, [&](TensorBuilder &b, ValueRange at) { return counted(b, at, weightOf); })));
  n.give(0, sum);
}

static void negativeLogLikelihood(Node &n) { lossOf(n, n.tensor(0)); }

static void softmaxCrossEntropy(Node &n) {
  Value x = n.tensor(0);
  if (!x || TensorBuilder::rankOf(x) < 2)
    return void(n.fail("expects scores of classes"));
  TensorBuilder &b = n.b;
  Value shifted = b.sub(x, b.reduce(xf::ReduceKind::Max, x, {1}, true));
  Value sum = b.reduce(xf::ReduceKind::Sum, b.unary(xf::UnaryKind::Exp, shifted), {1}, true);
  Value logs = b.sub(shifted, b.unary(xf::UnaryKind::Log, sum));
  lossOf(n, logs);
  if (n.wants(1))
    n.give(1, logs);
}

ArrayRef<Operator> lossOperators() {
  static constexpr Operator operators[] = {{"NegativeLogLikelihoodLoss", negativeLogLikelihood, 12},
                                           {"SoftmaxCrossEntropyLoss", softmaxCrossEntropy, 12}};
  return operators;
}

} // namespace ph::onnx_import
