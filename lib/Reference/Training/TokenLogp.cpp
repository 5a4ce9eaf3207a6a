#include "lib/Reference/Training/Models.h"
#include <cmath>

using namespace mlir;

namespace ph::reference {

double logTotal(const double *z, int64_t count) {
  double largest = *std::max_element(z, z + count), total = 0;
  for (int64_t v = 0; v < count; ++v)
    total += std::exp(z[v] - largest);
  return largest + std::log(total);
}

namespace {

/// The logits of both directions, and which rows count.
struct Scored {
  Tensor logits;
  const Tensor &labels;
  std::optional<int64_t> ignored;

  int64_t columns() const { return logits.columns(); }
  bool counts(int64_t row) const { return !ignored || int64_t(labels.data[row]) != *ignored; }
  int64_t label(int64_t row) const { return int64_t(labels.data[row]); }
};

} // namespace

template <class Op> static FailureOr<Scored> scoreRows(Op op, ArrayRef<Value> inputs, Context &context) {
  const Tensor &hidden = inputs[0].tensor(), &labels = inputs[2].tensor();
  if (labels.shape != ArrayRef(hidden.shape).drop_back())
    return mismatch(op, "a label for each row", labels.shape);
  Scored scored = {score(hidden, inputs[1].tensor(), op.getScale(), op.getSoftCap(), context), labels, std::nullopt};
  if (op.getIgnoreIndex())
    scored.ignored = int64_t(*op.getIgnoreIndex());
  for (int64_t row = 0; row < int64_t(labels.data.size()); ++row)
    if (scored.counts(row) && (scored.label(row) < 0 || scored.label(row) >= scored.columns()))
      return mismatch(op, "labels from 0 to " + Twine(scored.columns() - 1), scored.label(row));
  return scored;
}

static Tensor logpOf(const Scored &scored) {
  Tensor result(scored.labels.shape);
  for (auto [row, logp] : llvm::enumerate(result.data))
    if (const double *z = scored.logits.row(row); scored.counts(row))
      logp = z[scored.label(row)] - logTotal(z, scored.columns());
  return result;
}

static LogicalResult tokenLogp(train::TokenLogpOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                               Context &context) {
  FailureOr<Scored> scored = scoreRows(op, inputs, context);
  return failed(scored) ? failure() : context.give(op, logpOf(*scored), results);
}

static LogicalResult tokenLogpBackward(train::TokenLogpBackwardOp op, ArrayRef<Value> inputs,
                                       SmallVectorImpl<Value> &results, Context &context) {
  FailureOr<Scored> scored = scoreRows(op, inputs, context);
  if (failed(scored))
    return failure();
  const Tensor &hidden = inputs[0].tensor(), &weight = inputs[1].tensor(), &gradient = inputs[3].tensor();
  if (gradient.shape != scored->labels.shape)
    return mismatch(op, "a gradient for each label", gradient.shape);
  const Value *sum = find(op, op.getSum(), inputs);
  Tensor hiddenGradient(hidden.shape), weightGradient = sum ? sum->tensor() : Tensor(weight.shape);
  double scale = op.getScale() ? op.getScale()->convertToDouble() : 1;
  double cap = op.getSoftCap() ? op.getSoftCap()->convertToDouble() : INFINITY;
  for (int64_t row = 0; row < hidden.rows(); ++row) {
    if (!scored->counts(row))
      continue;
    const double *z = scored->logits.row(row), *h = hidden.row(row);
    double total = logTotal(z, scored->columns());
    for (int64_t v = 0; v < scored->columns(); ++v) {
      double capped = 1 - (z[v] / cap) * (z[v] / cap);
      double dz = gradient.data[row] * ((v == scored->label(row)) - std::exp(z[v] - total)) * scale * capped;
      for (int64_t k = 0; k < hidden.columns(); ++k) {
        hiddenGradient.row(row)[k] += dz * weight.row(v)[k];
        weightGradient.row(v)[k] += dz * h[k];
      }
    }
  }
  if (failed(context.give(op, std::move(hiddenGradient), results)))
    return failure();
  if (op.getWeightGradient() && failed(context.give(op, std::move(weightGradient), results)))
    return failure();
  return op.getLogp() ? context.give(op, logpOf(*scored), results) : success();
}

void registerTokenLogp(MLIRContext *context) {
  attach<train::TokenLogpOp, tokenLogp>(context);
  attach<train::TokenLogpBackwardOp, tokenLogpBackward>(context);
}

} // namespace ph::reference
