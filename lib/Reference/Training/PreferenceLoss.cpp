#include "lib/Reference/Training/Models.h"

using namespace mlir;

namespace ph::reference {

static LogicalResult sequenceLogp(train::SequenceLogpOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                  Context &context) {
  if (failed(expectOneShape(op, inputs)))
    return failure();
  const Tensor &logp = inputs[0].tensor(), &mask = inputs[1].tensor();
  Tensor sums({logp.shape[0]}), counts({logp.shape[0]});
  for (int64_t b = 0; b < logp.shape[0]; ++b)
    for (int64_t t = 0; t < logp.shape[1]; ++t)
      if (mask.row(b)[t] != 0) {
        sums.data[b] += logp.row(b)[t];
        ++counts.data[b];
      }
  if (failed(context.give(op, std::move(sums), results)))
    return failure();
  return context.give(op, std::move(counts), results);
}

/// Σ of what `loss` makes of the elements of all operands at the same place.
template <class Op, class Loss>
static LogicalResult sumOf(Op op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context,
                           Loss loss) {
  if (failed(expectOneShape(op, inputs)))
    return failure();
  double sum = 0;
  size_t count = inputs[0].tensor().data.size();
  for (size_t i = 0; i < count; ++i)
    sum += loss([&](size_t operand) { return inputs[operand].tensor().data[i]; });
  return giveLoss(op, sum, double(count), results, context);
}

static LogicalResult rewardLoss(train::RewardLossOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                Context &context) {
  return sumOf(op, inputs, results, context,
               [&](auto x) { return -logSigmoid(x(0) - x(1) - (inputs.size() > 2 ? x(2) : 0)); });
}

static LogicalResult dpoLoss(train::DpoLossOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                             Context &context) {
  double beta = op.getBeta().convertToDouble();
  double wrong = op.getLabelSmoothing() ? op.getLabelSmoothing()->convertToDouble() : 0;
  return sumOf(op, inputs, results, context, [&](auto x) {
    double h = beta * ((x(0) - x(2)) - (x(1) - x(3)));
    return -(1 - wrong) * logSigmoid(h) - wrong * logSigmoid(-h);
  });
}

static LogicalResult ipoLoss(train::IpoLossOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                             Context &context) {
  double target = 1 / (2 * op.getBeta().convertToDouble());
  return sumOf(op, inputs, results, context, [&](auto x) {
    double e = (x(0) - x(2)) - (x(1) - x(3)) - target;
    return e * e;
  });
}

static LogicalResult simpoLoss(train::SimpoLossOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  double beta = op.getBeta().convertToDouble(), margin = op.getMargin().convertToDouble();
  return sumOf(op, inputs, results, context, [&](auto x) { return -logSigmoid(beta * (x(0) - x(1)) - margin); });
}

static LogicalResult orpoLoss(train::OrpoLossOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                              Context &context) {
  if (failed(expectOneShape(op, inputs.take_front(4))))
    return failure();
  auto data = [&](size_t operand) -> const std::vector<double> & { return inputs[operand].tensor().data; };
  double likelihood = 0, tokens = 0, odds = 0, pairs = double(data(0).size());
  for (size_t i = 0; i < data(0).size(); ++i) {
    double p = data(0)[i] / data(2)[i], q = data(1)[i] / data(3)[i];
    likelihood += data(0)[i];
    tokens += data(2)[i];
    odds += logSigmoid((p - q) - (std::log(-std::expm1(p)) - std::log(-std::expm1(q))));
  }
  double perPair = scalar(find(op, op.getTokensPerPair(), inputs), tokens / pairs);
  double sum = -likelihood / perPair - op.getLambda().convertToDouble() * odds;
  return giveLoss(op, sum, pairs, results, context);
}

static LogicalResult ktoBaseline(train::KtoBaselineOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                 Context &context) {
  if (failed(expectOneShape(op, inputs)))
    return failure();
  double sum = 0;
  for (auto [policy, reference] : llvm::zip_equal(inputs[0].tensor().data, inputs[1].tensor().data))
    sum += policy - reference;
  return context.give(op, scalarTensor(std::fmax(0, sum / double(inputs[0].tensor().data.size()))), results);
}

static LogicalResult ktoLoss(train::KtoLossOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                             Context &context) {
  double beta = op.getBeta().convertToDouble(), z = scalar(&inputs[3], 0);
  double desirable = op.getDesirableWeight() ? op.getDesirableWeight()->convertToDouble() : 1;
  double undesirable = op.getUndesirableWeight() ? op.getUndesirableWeight()->convertToDouble() : 1;
  return sumOf(op, inputs.drop_back(), results, context, [&](auto x) {
    double difference = beta * (x(0) - x(1) - z);
    // 1 - σ(x) = σ(-x)
    return x(2) != 0 ? desirable / (1 + std::exp(difference)) : undesirable / (1 + std::exp(-difference));
  });
}

void registerPreferenceLoss(MLIRContext *context) {
  attach<train::SequenceLogpOp, sequenceLogp>(context);
  attach<train::RewardLossOp, rewardLoss>(context);
  attach<train::DpoLossOp, dpoLoss>(context);
  attach<train::IpoLossOp, ipoLoss>(context);
  attach<train::SimpoLossOp, simpoLoss>(context);
  attach<train::OrpoLossOp, orpoLoss>(context);
  attach<train::KtoBaselineOp, ktoBaseline>(context);
  attach<train::KtoLossOp, ktoLoss>(context);
}

} // namespace ph::reference
