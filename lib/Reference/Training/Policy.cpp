#include "lib/Reference/Training/Models.h"
#include <algorithm>

using namespace mlir;

namespace ph::reference {

static LogicalResult klRewards(train::KlRewardsOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  if (failed(expectOneShape(op, inputs.drop_front())))
    return failure();
  const Tensor &scores = inputs[0].tensor(), &logp = inputs[1].tensor(), &reference = inputs[2].tensor(),
               &mask = inputs[3].tensor();
  if (scores.shape != ArrayRef(logp.shape).take_front(1))
    return mismatch(op, "a score for each sequence", scores.shape);
  Tensor rewards(logp.shape);
  for (int64_t b = 0; b < logp.shape[0]; ++b) {
    int64_t last = -1;
    for (int64_t t = 0; t < logp.shape[1]; ++t)
      if (mask.row(b)[t] != 0) {
        rewards.row(b)[t] = -op.getBeta().convertToDouble() * (logp.row(b)[t] - reference.row(b)[t]);
        last = t;
      }
    if (last >= 0)
      rewards.row(b)[last] += scores.data[b];
  }
  return context.give(op, std::move(rewards), results);
}

static LogicalResult gae(train::GaeOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context) {
  if (failed(expectOneShape(op, inputs)))
    return failure();
  const Tensor &rewards = inputs[0].tensor(), &values = inputs[1].tensor(), &mask = inputs[2].tensor();
  double gamma = op.getGamma().convertToDouble(), lambda = op.getLambda().convertToDouble();
  Tensor advantages(rewards.shape), returns(rewards.shape);
  for (int64_t b = 0; b < rewards.shape[0]; ++b) {
    double after = 0, next = 0;
    for (int64_t t = rewards.shape[1] - 1; t >= 0; --t) {
      double there = mask.row(b)[t] != 0, value = values.row(b)[t];
      after = (rewards.row(b)[t] + gamma * next - value + gamma * lambda * after) * there;
      next = value * there;
      advantages.row(b)[t] = after;
      returns.row(b)[t] = after + value;
    }
  }
  if (failed(context.give(op, std::move(advantages), results)))
    return failure();
  return context.give(op, std::move(returns), results);
}

static LogicalResult whiten(train::WhitenOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  if (failed(expectOneShape(op, inputs)))
    return failure();
  Tensor result = inputs[0].tensor();
  const std::vector<double> &mask = inputs[1].tensor().data;
  double count = 0, sum = 0, squares = 0;
  for (auto [x, m] : llvm::zip_equal(result.data, mask))
    if (m != 0) {
      sum += x;
      ++count;
    }
  double mean = count ? sum / count : 0;
  for (auto [x, m] : llvm::zip_equal(result.data, mask))
    squares += m != 0 ? (x - mean) * (x - mean) : 0;
  for (double &x : result.data)
    x = count ? (x - mean) / std::sqrt(squares / count + op.getEps().convertToDouble()) : 0;
  return context.give(op, std::move(result), results);
}

/// Σ, where the last operand is not 0, of what `loss` makes of the elements of the others.
template <class Op, class Loss>
static LogicalResult sumWhere(Op op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results, Context &context,
                              Loss loss) {
  if (failed(expectOneShape(op, inputs)))
    return failure();
  double sum = 0, count = 0;
  for (auto [i, there] : llvm::enumerate(inputs.back().tensor().data))
    if (there != 0) {
      sum += loss([&](size_t operand) { return inputs[operand].tensor().data[i]; });
      ++count;
    }
  return giveLoss(op, sum, count, results, context);
}

static LogicalResult ppoLoss(train::PpoLossOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                             Context &context) {
  double clip = op.getClip().convertToDouble();
  return sumWhere(op, inputs, results, context, [&](auto x) {
    double ratio = std::exp(x(0) - x(1)), advantage = x(2);
    return std::max(-advantage * ratio, -advantage * std::clamp(ratio, 1 - clip, 1 + clip));
  });
}

static LogicalResult valueLoss(train::ValueLossOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  double clip = op.getClip().convertToDouble();
  return sumWhere(op, inputs, results, context, [&](auto x) {
    double e = x(0) - x(2), clipped = std::clamp(x(0), x(1) - clip, x(1) + clip) - x(2);
    return std::max(e * e, clipped * clipped) / 2;
  });
}

static LogicalResult distillLoss(train::DistillLossOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                 Context &context) {
  double temperature = op.getTemperature().convertToDouble();
  return sumWhere(op, inputs, results, context, [&](auto x) { return temperature * temperature * x(0); });
}

void registerPolicy(MLIRContext *context) {
  attach<train::KlRewardsOp, klRewards>(context);
  attach<train::GaeOp, gae>(context);
  attach<train::WhitenOp, whiten>(context);
  attach<train::PpoLossOp, ppoLoss>(context);
  attach<train::ValueLossOp, valueLoss>(context);
  attach<train::DistillLossOp, distillLoss>(context);
}

} // namespace ph::reference
