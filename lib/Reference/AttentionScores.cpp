#include "lib/Reference/AttentionScores.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

FailureOr<AttentionScores> AttentionScores::make(Operation *op, const xf::AttentionOptions &options,
                                                 ArrayRef<Value> inputs, int64_t batch, int64_t sequence,
                                                 std::optional<int64_t> positions) {
  AttentionScores scores;
  scores.op = op;
  scores.options = options;
  auto read = [&](mlir::Value operand) {
    const Value *value = find(op, operand, inputs);
    return value ? &value->tensor() : nullptr;
  };
  scores.bias = read(options.bias);
  scores.sinks = read(options.sinks);
  scores.prefix = read(options.prefix);
  scores.documents = read(options.documents);
  scores.valid = read(options.valid);
  if (const Tensor *bias = scores.bias) {
    ArrayRef<int64_t> shape = bias->shape;
    if ((shape[0] != 1 && shape[0] != batch) || (shape[1] != 1 && shape[1] != options.heads) || shape[2] != sequence ||
        (positions && shape[3] != *positions))
      return mismatch(op, "a bias of [1 or batch, 1 or heads, sequence, positions]", shape);
  }
  if (scores.sinks && scores.sinks->shape[0] != options.heads)
    return mismatch(op, "a sink for each head", scores.sinks->shape);
  if (scores.prefix && scores.prefix->shape[0] != batch)
    return mismatch(op, "a prefix for each sequence", scores.prefix->shape);
  if (const Tensor *documents = scores.documents;
      documents && (documents->shape[0] != batch || documents->shape[1] != sequence || positions != sequence))
    return mismatch(op, "a document for each query, and as many keys", documents->shape);
  if (const Tensor *valid = scores.valid;
      valid && (valid->shape[0] != batch || (positions && valid->shape[1] != *positions)))
    return mismatch(op, "valid of [batch, positions]", valid->shape);
  if (options.alibi)
    scores.slopes = options.alibi.getSlopes(options.heads);
  return scores;
}

int64_t AttentionScores::reach(const QueryRow &query, int64_t count) const {
  if (options.mask == xf::Mask::None)
    return count;
  int64_t end = query.position + 1;
  if (prefix && double(query.position) < prefix->data[query.sequence])
    end = std::max(end, int64_t(prefix->data[query.sequence]));
  return std::min(end, count);
}

bool AttentionScores::sees(const QueryRow &query, int64_t key) const {
  int64_t b = query.sequence, distance = query.position - key;
  bool causal = options.mask == xf::Mask::Causal;
  bool seen = !causal || distance >= 0;
  if (options.window)
    seen &= (distance < *options.window && (causal || -distance < *options.window)) ||
            (options.keep && key < *options.keep);
  if (prefix)
    seen |= double(query.position) < prefix->data[b] && double(key) < prefix->data[b];
  if (documents)
    seen &= documents->row(b)[query.row] == documents->row(b)[key];
  if (valid)
    seen &= valid->row(b)[key] != 0;
  return seen;
}

LogicalResult AttentionScores::weigh(const QueryRow &query, HeadRows keys, RowWeights &result) const {
  int64_t count = reach(query, keys.count), b = query.sequence, h = query.head;
  const double *biases = nullptr;
  if (bias) {
    if (bias->shape[3] < count)
      return mismatch(op, "a bias of the " + Twine(count) + " positions that a query sees", bias->shape[3]);
    int64_t plane = (bias->shape[0] == 1 ? 0 : b) * bias->shape[1] + (bias->shape[1] == 1 ? 0 : h);
    biases = bias->row(plane * bias->shape[2] + query.row);
  }
  if (valid && valid->shape[1] < count)
    return mismatch(op, "valid of the " + Twine(count) + " positions that a query sees", valid->shape[1]);

  result.weights.assign(count, -INFINITY);
  result.slopes.assign(count, 0);
  result.hidden = true;
  double largest = sinks ? sinks->data[h] : -INFINITY, sum = 0;
  for (int64_t j = 0; j < count; ++j) {
    if (!sees(query, j))
      continue;
    result.hidden &= biases && biases[j] <= kHides;
    double score = 0;
    for (int64_t i = 0; i < query.headDim; ++i)
      score += query.data[i] * keys.row(j)[i];
    score = moved(score * options.scale);
    result.slopes[j] = 1;
    if (options.softCap) {
      double capped = std::tanh(score / *options.softCap);
      result.slopes[j] = 1 - capped * capped;
      score = *options.softCap * capped;
    }
    if (biases)
      score += biases[j];
    if (!slopes.empty())
      score += slopes[h] * double(j - query.position);
    result.weights[j] = score = moved(score);
    largest = std::fmax(largest, score);
  }
  if (largest == -INFINITY) {
    result.weights.assign(count, 0);
    return success();
  }
  for (double &weight : result.weights)
    sum += weight = std::exp(weight - largest);
  if (sinks)
    sum += std::exp(sinks->data[h] - largest);
  for (double &weight : result.weights)
    weight = moved(weight / sum);
  return success();
}

} // namespace ph::reference
