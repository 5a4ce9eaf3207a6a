#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

/// What the norms have in common: eps, heads and offset, and weights that fit `input`.
template <class Op> static LogicalResult verifyNorm(Op op, Value input, Value weight, Value bias) {
  if (!(op.getEps().convertToDouble() >= 0))
    return op.emitOpError() << "expects eps ≥ 0, but got " << op.getEps().convertToDouble();
  int64_t all = features(input), heads = op.getHeads().value_or(1);
  if (heads < 1 || all % heads != 0)
    return op.emitOpError() << "expects heads that divide " << all << " features evenly, but got " << heads;
  if (op.getOffset() && !weight)
    return op.emitOpError() << "expects an offset only with a weight, but got one without";
  for (auto [name, value] : {std::pair("weight", weight), {"bias", bias}})
    if (value && features(value) != all &&
        failed(expectDim(op, "the elements of " + Twine(name), value, 0, all / heads)))
      return failure();
  return success();
}

/// Sum and norm of two addends have their shape.
template <class Op> static LogicalResult verifyAddNorm(Op op) {
  if (failed(expectSameShape(op, "rhs", op.getRhs(), "lhs", op.getLhs())) ||
      failed(expectSameShape(op, "the sum", op.getSum(), "lhs", op.getLhs())))
    return failure();
  return expectSameShape(op, "the norm", op.getNorm(), "lhs", op.getLhs());
}

LogicalResult RmsNormOp::verify() {
  if (failed(verifyNorm(*this, getInput(), getWeight(), /*bias=*/{})))
    return failure();
  return expectSameShape(*this, "the result", getResult(), "the input", getInput());
}

LogicalResult LayerNormOp::verify() {
  if (failed(verifyNorm(*this, getInput(), getWeight(), getBias())))
    return failure();
  return expectSameShape(*this, "the result", getResult(), "the input", getInput());
}

LogicalResult AddRmsNormOp::verify() {
  return failed(verifyAddNorm(*this)) ? failure() : verifyNorm(*this, getLhs(), getWeight(), /*bias=*/{});
}

LogicalResult AddLayerNormOp::verify() {
  return failed(verifyAddNorm(*this)) ? failure() : verifyNorm(*this, getLhs(), getWeight(), getBias());
}
