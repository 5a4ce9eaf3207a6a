#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

LogicalResult ActivationOp::verify() {
  return expectSameShape(*this, "the result", getResult(), "the input", getInput());
}

LogicalResult GatedActivationOp::verify() {
  if (auto limit = getLimit(); limit && !(limit->convertToDouble() > 0))
    return emitOpError() << "expects limit > 0, but got " << limit->convertToDouble();
  if (failed(expectSameShape(*this, "up", getUp(), "gate", getGate())))
    return failure();
  return expectSameShape(*this, "the result", getResult(), "gate", getGate());
}

LogicalResult AddOp::verify() {
  if (failed(expectSameShape(*this, "rhs", getRhs(), "lhs", getLhs())))
    return failure();
  return expectSameShape(*this, "the result", getResult(), "lhs", getLhs());
}

LogicalResult MulOp::verify() {
  if (features(getRhs()) == 1 ? failed(expectShapeBut(*this, "rhs", getRhs(), getLhs(), 1))
                              : failed(expectSameShape(*this, "rhs", getRhs(), "lhs", getLhs())))
    return failure();
  return expectSameShape(*this, "the result", getResult(), "lhs", getLhs());
}

LogicalResult ScaleOp::verify() {
  if (!getFactor().isFinite())
    return emitOpError() << "expects a finite factor, but got " << getFactor().convertToDouble();
  return expectSameShape(*this, "the result", getResult(), "the input", getInput());
}
