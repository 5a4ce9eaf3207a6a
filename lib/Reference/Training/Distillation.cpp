#include "lib/Reference/Training/Models.h"

using namespace mlir;

namespace ph::reference {

namespace {

/// One row: logarithms of the probabilities of both, and how far they are from one another.
struct Row {
  std::vector<double> student, teacher;
  double kl = 0;

  Row(const double *z, const double *u, int64_t count, double temperature, bool reverse)
      : student(z, z + count), teacher(u, u + count) {
    for (std::vector<double> *each : {&student, &teacher}) {
      for (double &x : *each)
        x /= temperature;
      double total = logTotal(each->data(), count);
      for (double &x : *each)
        x -= total;
    }
    for (auto [q, p] : llvm::zip_equal(student, teacher))
      kl += reverse ? std::exp(q) * (q - p) : std::exp(p) * (p - q);
  }
};

} // namespace

/// The student's logits; fails, with a message, where the teacher's don't fit.
template <class Op> static FailureOr<Tensor> scoreRows(Op op, ArrayRef<Value> inputs, Context &context) {
  Tensor logits = score(inputs[0].tensor(), inputs[1].tensor(), op.getScale(), op.getSoftCap(), context);
  if (inputs[2].tensor().shape != logits.shape)
    return mismatch(op, "a teacher's logit for each of the student's", inputs[2].tensor().shape);
  return logits;
}

static LogicalResult tokenKl(train::TokenKlOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                             Context &context) {
  FailureOr<Tensor> logits = scoreRows(op, inputs, context);
  if (failed(logits))
    return failure();
  Tensor result(ArrayRef<int64_t>(logits->shape).drop_back());
  for (auto [row, y] : llvm::enumerate(result.data))
    y = Row(logits->row(row), inputs[2].tensor().row(row), logits->columns(), op.getTemperature().convertToDouble(),
            op.getReverse())
            .kl;
  return context.give(op, std::move(result), results);
}

static LogicalResult tokenKlBackward(train::TokenKlBackwardOp op, ArrayRef<Value> inputs,
                                     SmallVectorImpl<Value> &results, Context &context) {
  FailureOr<Tensor> logits = scoreRows(op, inputs, context);
  if (failed(logits))
    return failure();
  const Tensor &hidden = inputs[0].tensor(), &weight = inputs[1].tensor(), &gradient = inputs[3].tensor();
  if (int64_t(gradient.data.size()) != hidden.rows())
    return mismatch(op, "a gradient for each row", gradient.shape);
  const Value *sum = find(op, op.getSum(), inputs);
  Tensor hiddenGradient(hidden.shape), weightGradient = sum ? sum->tensor() : Tensor(weight.shape);
  double temperature = op.getTemperature().convertToDouble();
  double scale = op.getScale() ? op.getScale()->convertToDouble() : 1;
  double cap = op.getSoftCap() ? op.getSoftCap()->convertToDouble() : INFINITY;
  for (int64_t r = 0; r < hidden.rows(); ++r) {
    const double *z = logits->row(r);
    Row row(z, inputs[2].tensor().row(r), logits->columns(), temperature, op.getReverse());
    for (int64_t v = 0; v < logits->columns(); ++v) {
      double q = row.student[v], p = row.teacher[v];
      double dz = op.getReverse() ? std::exp(q) * (q - p - row.kl) : std::exp(q) - std::exp(p);
      dz *= gradient.data[r] / temperature * scale * (1 - (z[v] / cap) * (z[v] / cap));
      for (int64_t k = 0; k < hidden.columns(); ++k) {
        hiddenGradient.row(r)[k] += dz * weight.row(v)[k];
        weightGradient.row(v)[k] += dz * hidden.row(r)[k];
      }
    }
  }
  if (failed(context.give(op, std::move(hiddenGradient), results)))
    return failure();
  return op.getWeightGradient() ? context.give(op, std::move(weightGradient), results) : success();
}

void registerDistillation(MLIRContext *context) {
  attach<train::TokenKlOp, tokenKl>(context);
  attach<train::TokenKlBackwardOp, tokenKlBackward>(context);
}

} // namespace ph::reference
