// Mixtures of experts: routers, products with the chosen experts, and the same sorted by expert.
#include "lib/Reference/Models.h"
#include <algorithm>
#include <cmath>
#include <numeric>

using namespace mlir;

namespace ph::reference {

/// The numbers 0 … scores.size() - 1, those of larger scores first; of equals the lower first. What is no number comes
/// last.
static std::vector<int64_t> byScore(ArrayRef<double> scores) {
  std::vector<int64_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  auto key = [&](int64_t i) { return std::pair(std::isnan(scores[i]) ? INFINITY : -scores[i], i); };
  llvm::sort(order, [&](int64_t a, int64_t b) { return key(a) < key(b); });
  return order;
}

static void score(xf::Scoring scoring, MutableArrayRef<double> logits) {
  if (scoring == xf::Scoring::Sigmoid) {
    for (double &x : logits)
      x = 1 / (1 + std::exp(-x));
    return;
  }
  double largest = *llvm::max_element(logits), sum = 0;
  for (double &x : logits)
    sum += x = std::exp(x - largest);
  for (double &x : logits)
    x /= sum;
}

/// Whether each expert is in one of the groups that count most.
static std::vector<bool> allowedByGroup(ArrayRef<double> choice, int64_t groups, int64_t chosenGroups) {
  int64_t size = int64_t(choice.size()) / groups;
  std::vector<double> counts;
  for (int64_t group = 0; group < groups; ++group) {
    ArrayRef<double> members = choice.slice(group * size, size);
    std::vector<int64_t> best = byScore(members);
    counts.push_back(members[best[0]] + members[best[1]]);
  }
  std::vector<bool> allowed(choice.size());
  std::vector<int64_t> best = byScore(counts);
  for (int64_t group : ArrayRef(best).take_front(chosenGroups))
    std::fill_n(allowed.begin() + group * size, size, true);
  return allowed;
}

static LogicalResult router(xf::RouterOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  const Tensor &logits = inputs[0].tensor();
  const Value *bias = find(op, op.getBias(), inputs);
  int64_t count = logits.columns(), chosen = op.getTopK();
  SmallVector<int64_t> shape = logits.shape;
  shape.back() = chosen;
  Tensor weights(shape), experts(shape);
  for (int64_t r = 0; r < logits.rows(); ++r) {
    std::vector<double> scores(logits.row(r), logits.row(r) + count);
    if (!op.getAfterTopK())
      score(op.getScoring(), scores);
    std::vector<double> choice = scores;
    if (bias)
      for (auto [x, b] : llvm::zip_equal(choice, bias->tensor().data))
        x += b;
    std::vector<bool> allowed(count, true);
    if (op.getGroups())
      allowed = allowedByGroup(choice, *op.getGroups(), *op.getGroupTopK());
    std::vector<double> kept;
    for (int64_t expert : byScore(choice)) {
      if (!allowed[expert] || int64_t(kept.size()) == chosen)
        continue;
      experts.row(r)[kept.size()] = double(expert);
      kept.push_back(scores[expert]);
    }
    if (op.getAfterTopK())
      score(op.getScoring(), kept);
    double divisor = op.getNormalize() ? 1e-20 + std::accumulate(kept.begin(), kept.end(), 0.0) : 1;
    double scale = op.getScale() ? op.getScale()->convertToDouble() : 1;
    for (int64_t j = 0; j < chosen; ++j)
      weights.row(r)[j] = kept[j] / divisor * scale;
  }
  if (failed(context.give(op, std::move(weights), results)))
    return failure();
  return context.give(op, std::move(experts), results);
}

/// y = W_expert x + bias_expert for one row; `weight` is [E, N, K].
static void expertProduct(const Tensor &weight, const Tensor *bias, int64_t expert, const double *x, double *y) {
  int64_t rows = weight.shape[1];
  for (int64_t n = 0; n < rows; ++n) {
    const double *w = weight.row(expert * rows + n);
    double sum = 0;
    for (int64_t k = 0; k < weight.columns(); ++k)
      sum += x[k] * w[k];
    y[n] = sum + (bias ? bias->row(expert)[n] : 0);
  }
}

static LogicalResult expertLinear(xf::ExpertLinearOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                  Context &context) {
  const Tensor &input = inputs[0].tensor(), &weight = inputs[1].tensor(), &experts = inputs[2].tensor();
  const Value *bias = find(op, op.getBias(), inputs);
  SmallVector<int64_t> shape = experts.shape;
  if (op.hasRowPerExpert())
    shape.push_back(0);
  shape.back() = input.columns();
  if (input.shape != shape)
    return mismatch(op, "an input of the dimensions of experts", input.shape);
  shape = experts.shape;
  shape.push_back(weight.shape[1]);
  Tensor result(shape);
  for (auto [slot, expert] : llvm::enumerate(experts.data)) {
    if (expert < 0 || expert >= double(weight.shape[0]))
      return mismatch(op, "experts from 0 to " + Twine(weight.shape[0] - 1), int64_t(expert));
    int64_t row = op.hasRowPerExpert() ? int64_t(slot) : int64_t(slot) / experts.columns();
    expertProduct(weight, bias ? &bias->tensor() : nullptr, int64_t(expert), input.row(row), result.row(slot));
  }
  return context.give(op, std::move(result), results);
}

static LogicalResult combineExperts(xf::CombineExpertsOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                    Context &context) {
  const Tensor &input = inputs[0].tensor(), &weights = inputs[1].tensor();
  if (ArrayRef(input.shape).drop_back() != ArrayRef(weights.shape))
    return mismatch(op, "a weight for each row", weights.shape);
  SmallVector<int64_t> shape = weights.shape;
  shape.back() = input.columns();
  Tensor result(shape);
  for (auto [slot, weight] : llvm::enumerate(weights.data))
    for (int64_t n = 0; n < input.columns(); ++n)
      result.row(int64_t(slot) / weights.columns())[n] += weight * input.row(slot)[n];
  return context.give(op, std::move(result), results);
}

static LogicalResult sortByExpert(xf::SortByExpertOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                  Context &context) {
  const Tensor &chosen = inputs[0].tensor();
  int64_t experts = op.getExperts();
  Tensor order({int64_t(chosen.data.size())}), offsets({experts + 1});
  int64_t next = 0;
  for (int64_t expert = 0; expert < experts; ++expert) {
    for (auto [slot, value] : llvm::enumerate(chosen.data))
      if (value == double(expert))
        order.data[next++] = double(slot);
    offsets.data[expert + 1] = double(next);
  }
  if (next != int64_t(chosen.data.size()))
    return op.emitOpError() << "expects experts from 0 to " << experts - 1 << " at run time, but got others";
  if (failed(context.give(op, std::move(order), results)))
    return failure();
  return context.give(op, std::move(offsets), results);
}

static LogicalResult gatherTokens(xf::GatherTokensOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                  Context &context) {
  const Tensor &input = inputs[0].tensor(), &order = inputs[1].tensor();
  Tensor result({order.shape[0], input.columns()});
  for (auto [row, slot] : llvm::enumerate(order.data)) {
    int64_t token = int64_t(slot) / int64_t(op.getTopK());
    if (slot < 0 || token >= input.rows())
      return mismatch(op, "slots of " + Twine(input.rows()) + " tokens", int64_t(slot));
    std::copy_n(input.row(token), input.columns(), result.row(row));
  }
  return context.give(op, std::move(result), results);
}

static LogicalResult groupedLinear(xf::GroupedLinearOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                   Context &context) {
  const Tensor &input = inputs[0].tensor(), &weight = inputs[1].tensor(), &offsets = inputs[2].tensor();
  const Value *bias = find(op, op.getBias(), inputs);
  if (offsets.data.front() != 0 || offsets.data.back() != double(input.shape[0]) || !llvm::is_sorted(offsets.data))
    return op.emitOpError() << "expects offsets that rise from 0 to " << input.shape[0]
                            << " at run time, but got others";
  Tensor result({input.shape[0], weight.shape[1]});
  for (int64_t expert = 0; expert < weight.shape[0]; ++expert)
    for (int64_t r = int64_t(offsets.data[expert]); r < int64_t(offsets.data[expert + 1]); ++r)
      expertProduct(weight, bias ? &bias->tensor() : nullptr, expert, input.row(r), result.row(r));
  return context.give(op, std::move(result), results);
}

static LogicalResult scatterCombine(xf::ScatterCombineOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                    Context &context) {
  const Tensor &input = inputs[0].tensor(), &order = inputs[1].tensor(), &weights = inputs[2].tensor();
  size_t slots = weights.data.size();
  if (order.data.size() != slots || input.shape[0] != int64_t(slots))
    return mismatch(op, "a row for each weight", input.shape);
  // Where each slot's row is, so that a token's rows are added in the order of its choices.
  std::vector<int64_t> rowOf(slots, -1);
  for (auto [row, slot] : llvm::enumerate(order.data)) {
    if (slot < 0 || slot >= double(slots) || rowOf[size_t(slot)] != -1)
      return op.emitOpError() << "expects an order with each slot once at run time, but got another";
    rowOf[size_t(slot)] = int64_t(row);
  }
  SmallVector<int64_t> shape = weights.shape;
  shape.back() = input.columns();
  Tensor result(shape);
  for (size_t slot = 0; slot < slots; ++slot)
    for (int64_t n = 0; n < input.columns(); ++n)
      result.row(int64_t(slot) / weights.columns())[n] += weights.data[slot] * input.row(rowOf[slot])[n];
  return context.give(op, std::move(result), results);
}

void registerExperts(MLIRContext *context) {
  attach<xf::RouterOp, router>(context);
  attach<xf::ExpertLinearOp, expertLinear>(context);
  attach<xf::CombineExpertsOp, combineExperts>(context);
  attach<xf::SortByExpertOp, sortByExpert>(context);
  attach<xf::GatherTokensOp, gatherTokens>(context);
  attach<xf::GroupedLinearOp, groupedLinear>(context);
  attach<xf::ScatterCombineOp, scatterCombine>(context);
}

} // namespace ph::reference
