#include "dialects/Transformer/Verify.h"
#include <cmath>

using namespace mlir;
using namespace ph::xf;

LogicalResult ArgmaxOp::verify() {
  ArrayRef<int64_t> expected = getInput().getType().getShape().drop_back();
  if (failed(verifyCompatibleShape(getResult().getType().getShape(), expected)))
    return emitOpError() << "expects a result of the shape of the input without the last dimension, but got "
                         << getResult().getType() << " and " << getInput().getType();
  return success();
}

/// What an op that draws tokens for `rows` rows expects.
template <class Op> static LogicalResult verifyDrawing(Op op, int64_t rows) {
  if (op.getUniform().getType().getRank() != 1)
    return op.emitOpError() << "expects uniform of rank 1, but got " << op.getUniform().getType();
  if (bool(op.getRecent()) != bool(op.getRepeatPenalty()))
    return op.emitOpError() << "expects recent and repeat_penalty together, but got only "
                            << (op.getRecent() ? "recent" : "repeat_penalty");
  if (failed(expectDim(op, "the length of uniform", op.getUniform(), 0, rows)) ||
      (op.getRecent() && failed(expectDim(op, "the rows of recent", op.getRecent(), 0, rows))) ||
      failed(expectDim(op, "the length of the result", op.getResult(), 0, rows)))
    return failure();
  auto number = [](std::optional<APFloat> given, double other) { return given ? given->convertToDouble() : other; };
  auto expect = [&](bool good, StringRef what, double got) {
    return good && std::isfinite(got) ? LogicalResult::success()
                                      : LogicalResult(op.emitOpError() << "expects " << what << ", but got " << got);
  };
  double temperature = number(op.getTemperature(), 1), topP = number(op.getTopP(), 1), minP = number(op.getMinP(), 0),
         penalty = number(op.getRepeatPenalty(), 1);
  int64_t topK = op.getTopK().value_or(0);
  return failure(failed(expect(temperature >= 0, "temperature ≥ 0", temperature)) ||
                 failed(expect(topK >= 0, "top_k ≥ 0", double(topK))) ||
                 failed(expect(topP > 0 && topP <= 1, "0 < top_p ≤ 1", topP)) ||
                 failed(expect(minP >= 0 && minP <= 1, "0 ≤ min_p ≤ 1", minP)) ||
                 failed(expect(penalty > 0, "repeat_penalty > 0", penalty)));
}

LogicalResult SampleOp::verify() {
  RankedTensorType logits = getLogits().getType();
  if (logits.getRank() != 2)
    return emitOpError() << "expects logits of rank 2, but got " << logits;
  return verifyDrawing(*this, logits.getDimSize(0));
}

LogicalResult LogitsSampleOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  if (input.getRank() != 2)
    return emitOpError() << "expects an input of rank 2, but got " << input;
  if (failed(expectDim(*this, "the columns of weight", getWeight(), 1, features(getInput()))) ||
      failed(expectSoftCap(*this, getSoftCap())))
    return failure();
  return verifyDrawing(*this, input.getDimSize(0));
}
