#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

LogicalResult CrossEntropyOp::verify() {
  RankedTensorType logits = getLogits().getType();
  if (failed(verifyCompatibleShape(getLabels().getType().getShape(), logits.getShape().drop_back())))
    return emitOpError() << "expects labels of the shape of logits without the last dimension, but got "
                         << getLabels().getType() << " and " << logits;
  if (auto smoothing = getSmoothing();
      smoothing && !(smoothing->convertToDouble() >= 0 && smoothing->convertToDouble() < 1))
    return emitOpError() << "expects 0 ≤ smoothing < 1, but got " << smoothing->convertToDouble();
  if (getResult().getType().getRank() != 0)
    return emitOpError() << "expects a result of rank 0, but got " << getResult().getType();
  return success();
}
