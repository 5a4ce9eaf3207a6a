#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

LogicalResult RopeOp::verify() {
  int64_t heads = getHeads();
  if (getInput().getType().getRank() != 3)
    return emitOpError() << "expects an input of rank 3, but got " << getInput().getType();
  if (features(getInput()) % heads != 0)
    return emitOpError() << "expects an input of a multiple of " << heads << " features (heads), but got "
                         << features(getInput());
  if (failed(expectRope(*this, getPositions(), getRope(), getInput(), features(getInput()) / heads)))
    return failure();
  return expectSameShape(*this, "the result", getResult(), "the input", getInput());
}
