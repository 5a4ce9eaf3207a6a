#include "lib/Reference/Training/Models.h"

using namespace mlir;

namespace ph::reference {

static LogicalResult classificationLoss(train::ClassificationLossOp op, ArrayRef<Value> inputs,
                                        SmallVectorImpl<Value> &results, Context &context) {
  const Tensor &logits = inputs[0].tensor(), &labels = inputs[1].tensor();
  if (int64_t(labels.data.size()) != logits.rows())
    return mismatch(op, "a label for each row", labels.shape);
  double sum = 0, count = 0;
  for (auto [row, label] : llvm::enumerate(labels.data)) {
    if (op.getIgnoreIndex() && int64_t(label) == int64_t(*op.getIgnoreIndex()))
      continue;
    if (label < 0 || label >= double(logits.columns()))
      return mismatch(op, "labels from 0 to " + Twine(logits.columns() - 1), int64_t(label));
    ++count;
    sum += logTotal(logits.row(row), logits.columns()) - logits.row(row)[int64_t(label)];
  }
  return giveLoss(op, sum, count, results, context);
}

static LogicalResult multiLabelLoss(train::MultiLabelLossOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                    Context &context) {
  if (failed(expectOneShape(op, inputs)))
    return failure();
  double sum = 0;
  for (auto [z, t] : llvm::zip_equal(inputs[0].tensor().data, inputs[1].tensor().data))
    sum -= t * logSigmoid(z) + (1 - t) * logSigmoid(-z);
  return giveLoss(op, sum, double(inputs[0].tensor().data.size()), results, context);
}

static LogicalResult regressionLoss(train::RegressionLossOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                    Context &context) {
  if (failed(expectOneShape(op, inputs)))
    return failure();
  double sum = 0, delta = op.getDelta() ? op.getDelta()->convertToDouble() : 0;
  for (auto [y, t] : llvm::zip_equal(inputs[0].tensor().data, inputs[1].tensor().data)) {
    double e = std::fabs(y - t);
    switch (op.getKind()) {
    case train::RegressionKind::Squared:
      sum += e * e;
      break;
    case train::RegressionKind::Absolute:
      sum += e;
      break;
    case train::RegressionKind::Huber:
      sum += e <= delta ? e * e / 2 : delta * (e - delta / 2);
      break;
    }
  }
  return giveLoss(op, sum, double(inputs[0].tensor().data.size()), results, context);
}

void registerHeadLoss(MLIRContext *context) {
  attach<train::ClassificationLossOp, classificationLoss>(context);
  attach<train::MultiLabelLossOp, multiLabelLoss>(context);
  attach<train::RegressionLossOp, regressionLoss>(context);
}

} // namespace ph::reference
