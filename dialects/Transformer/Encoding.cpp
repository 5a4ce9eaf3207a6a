#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

LogicalResult EncodeOp::verify() {
  FormatAttr from = ph::xf::getFormat(getInput().getType()), to = ph::xf::getFormat(getResult().getType());
  if (!to)
    return emitOpError() << "expects a result with an activation encoding, but got " << getResult().getType();
  if (from && from != to)
    return emitOpError() << "expects an input without an encoding or with that of the result, but got "
                         << getInput().getType();
  return expectSameShape(*this, "the result", getResult(), "the input", getInput());
}

OpFoldResult EncodeOp::fold(FoldAdaptor) {
  return getInput().getType() == getResult().getType() ? OpFoldResult(getInput()) : OpFoldResult();
}
