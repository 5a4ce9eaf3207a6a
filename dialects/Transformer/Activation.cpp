#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

LogicalResult GatedActivationOp::verify() {
  if (failed(expectSameShape(*this, "up", getUp(), "gate", getGate())))
    return failure();
  return expectSameShape(*this, "the result", getResult(), "gate", getGate());
}

LogicalResult AddOp::verify() {
  if (failed(expectSameShape(*this, "rhs", getRhs(), "lhs", getLhs())))
    return failure();
  return expectSameShape(*this, "the result", getResult(), "lhs", getLhs());
}
