#include "dialects/Training/Verify.h"
#include <cmath>

using namespace mlir;
using namespace ph::xf;
using namespace ph::train;

/// What a step of any optimizer takes besides tensors of the parameter's shape.
template <class Op> static LogicalResult verifyScalars(Op op, ValueRange more = {}) {
  SmallVector<Value> scalars(more);
  for (Value scalar : {Value(op.getLearningRate()), Value(op.getScale()), Value(op.getFinite())})
    if (scalar)
      scalars.push_back(scalar);
  if (failed(expectScalars(op, scalars)))
    return failure();
  return expectNotNegative(op, "weight_decay", op.getWeightDecayAttr());
}

LogicalResult SgdOp::verify() {
  if (failed(expectTypeOf(*this, getGradient(), "parameter", getParameter())) ||
      failed(expectTypeOf(*this, getResults(), "parameter", getParameter())) || failed(verifyScalars(*this)))
    return failure();
  if (getVelocity() && failed(expectTypeOf(*this, getVelocity(), "parameter", getParameter())))
    return failure();
  if (bool(getVelocity()) != bool(getMomentum()))
    return emitOpError() << "expects a velocity and a momentum together, but got only "
                         << (getVelocity() ? "the velocity" : "the momentum");
  if (getNesterov() && !getMomentum())
    return emitOpError() << "expects nesterov only with a momentum";
  if (bool(getVelocity()) != bool(getNewVelocity()))
    return emitOpError() << "expects " << 1 + bool(getVelocity()) << " results, but got " << getNumResults();
  return expectFraction(*this, "momentum", getMomentumAttr());
}

LogicalResult LionOp::verify() {
  if (failed(expectTypeOf(*this, {getGradient(), getMomentum(), getNewParameter(), getNewMomentum()}, "parameter",
                          getParameter())) ||
      failed(verifyScalars(*this)) || failed(expectFraction(*this, "beta1", getBeta1Attr())))
    return failure();
  return expectFraction(*this, "beta2", getBeta2Attr());
}

LogicalResult AdafactorOp::verify() {
  RankedTensorType type = getParameter().getType();
  if (!type.hasStaticShape() || type.getRank() < 1 + int64_t(getStacked()))
    return emitOpError() << "expects a parameter of static shape and of rank " << 1 + getStacked()
                         << " or more, but got " << type;
  if (failed(expectTypeOf(*this, {getGradient(), getNewParameter()}, "parameter", getParameter())) ||
      failed(verifyScalars(*this, getStep())))
    return failure();
  SmallVector<Type> expected = {type};
  if (isFactored()) {
    SmallVector<int64_t> rows(type.getShape().drop_back()), columns(type.getShape());
    columns.erase(columns.end() - 2);
    expected = {type.clone(rows), type.clone(columns)};
  }
  if (TypeRange(getStates()) != TypeRange(expected)) {
    InFlightDiagnostic error = emitOpError() << "expects states of type ";
    llvm::interleaveComma(expected, error);
    llvm::interleaveComma(getStates().getTypes(), error << ", but got ");
    return error;
  }
  if (getNewStates().getTypes() != getStates().getTypes())
    return emitOpError() << "expects new states of the types of the states, but got results of type "
                         << getResultTypes();
  double exponent = getBeta2Decay().convertToDouble();
  if (failed(expectNumber(*this, exponent <= 0 && std::isfinite(exponent), "a finite beta2_decay ≤ 0",
                          getBeta2DecayAttr())) ||
      failed(expectPositive(*this, "eps1", getEps1Attr())) || failed(expectPositive(*this, "eps2", getEps2Attr())))
    return failure();
  return expectPositive(*this, "clip_threshold", getClipThresholdAttr());
}
