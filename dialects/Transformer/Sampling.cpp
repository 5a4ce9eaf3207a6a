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

LogicalResult SampleOp::verify() {
  RankedTensorType logits = getLogits().getType();
  if (logits.getRank() != 2)
    return emitOpError() << "expects logits of rank 2, but got " << logits;
  if (getUniform().getType().getRank() != 1)
    return emitOpError() << "expects uniform of rank 1, but got " << getUniform().getType();
  if (bool(getRecent()) != bool(getRepeatPenalty()))
    return emitOpError() << "expects recent and repeat_penalty together, but got only "
                         << (getRecent() ? "recent" : "repeat_penalty");
  int64_t rows = logits.getDimSize(0);
  if (failed(expectDim(*this, "the length of uniform", getUniform(), 0, rows)) ||
      (getRecent() && failed(expectDim(*this, "the rows of recent", getRecent(), 0, rows))) ||
      failed(expectDim(*this, "the length of the result", getResult(), 0, rows)))
    return failure();
  auto number = [](std::optional<APFloat> given, double other) { return given ? given->convertToDouble() : other; };
  auto expect = [&](bool good, StringRef what, double got) {
    return good && std::isfinite(got) ? LogicalResult::success()
                                      : LogicalResult(emitOpError() << "expects " << what << ", but got " << got);
  };
  double temperature = number(getTemperature(), 1), topP = number(getTopP(), 1), minP = number(getMinP(), 0),
         penalty = number(getRepeatPenalty(), 1);
  int64_t topK = getTopK().value_or(0);
  return failure(failed(expect(temperature >= 0, "temperature ≥ 0", temperature)) ||
                 failed(expect(topK >= 0, "top_k ≥ 0", double(topK))) ||
                 failed(expect(topP > 0 && topP <= 1, "0 < top_p ≤ 1", topP)) ||
                 failed(expect(minP >= 0 && minP <= 1, "0 ≤ min_p ≤ 1", minP)) ||
                 failed(expect(penalty > 0, "repeat_penalty > 0", penalty)));
}
