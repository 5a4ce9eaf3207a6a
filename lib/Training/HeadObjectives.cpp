// Objectives of models with a head that says something of a whole text.
#include "dialects/Transformer/Broadcast.h"
#include "lib/Training/Objectives.h"

using namespace mlir;

namespace ph {

/// The head's numbers, [texts, numbers]; fails, with a message, where the model gives none.
static FailureOr<Value> headOf(TrainingFunction &f) {
  Value logits = f.tokens() ? f.result("logits") : Value();
  if (!logits || xf::shapeOf(logits).size() != 2 || logits.getDefiningOp<xf::LogitsOp>()) {
    f.function.emitOpError() << "gives no numbers of a whole text, which '" << f.options.objective << "' needs";
    return failure();
  }
  return logits;
}

template <class Loss> static LogicalResult finish(TrainingFunction &f, Loss loss, Value logits) {
  f.finish({{"loss", loss.getSum()}, {"count", loss.getCount()}, {"scores", logits}});
  return success();
}

LogicalResult classification(TrainingFunction &f) {
  FailureOr<Value> logits = headOf(f);
  if (failed(logits))
    return failure();
  Value classes = f.addInput("classes", RankedTensorType::get({ShapedType::kDynamic}, f.p.getI32Type()));
  return finish(
      f, train::ClassificationLossOp::create(f.p, f.floatsType(0), f.floatsType(0), *logits, classes, IntegerAttr()),
      *logits);
}

LogicalResult multiLabel(TrainingFunction &f) {
  FailureOr<Value> logits = headOf(f);
  if (failed(logits))
    return failure();
  Value targets = f.addInput("targets", logits->getType());
  return finish(f, train::MultiLabelLossOp::create(f.p, f.floatsType(0), f.floatsType(0), *logits, targets), *logits);
}

LogicalResult regression(TrainingFunction &f) {
  FailureOr<Value> logits = headOf(f);
  if (failed(logits))
    return failure();
  Value targets = f.addInput("targets", logits->getType());
  return finish(f,
                train::RegressionLossOp::create(f.p, f.floatsType(0), f.floatsType(0), *logits, targets,
                                                train::RegressionKind::Squared, FloatAttr()),
                *logits);
}

} // namespace ph
