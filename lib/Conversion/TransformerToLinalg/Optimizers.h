// What optimizers share: scalars, and a pass over a parameter and its states.
#pragma once
#include "Lowering.h"

namespace ph::conversion {

/// The scalars that an optimizer takes, read once before its passes; `scale` and `finite` may be null.
struct OptimizerScalars {
  template <class Op> OptimizerScalars(Lowering &l, Op op) : l(l) {
    rate = of(op.getLearningRate());
    scale = op.getScale() ? of(op.getScale()) : mlir::Value();
    finite = op.getFinite() ? of(op.getFinite()) : mlir::Value();
    keep = l.s.sub(l.s.f32(1), l.s.mul(rate, l.s.f32(op.getWeightDecay().convertToDouble())));
  }

  mlir::Value of(mlir::Value old) { return l.s.at(l.of(old), mlir::ValueRange()); }
  /// 1 - beta^step, exact also where it is small.
  mlir::Value biasCorrection(const llvm::APFloat &beta, mlir::Value step);

  // In a pass:
  mlir::Value scaled(ScalarBuilder &s, mlir::Value gradient) const { return scale ? s.mul(gradient, scale) : gradient; }
  mlir::Value orOld(ScalarBuilder &s, mlir::Value value, mlir::Value old) const {
    return finite ? s.select(finite, value, old) : value;
  }

  Lowering &l;
  mlir::Value rate, scale, finite;
  mlir::Value keep; ///< 1 - lr · weight_decay
};

/// Both corrections of Adam's moments: lr / (1 - beta1^t), and 1 / √(1 - beta2^t).
struct AdamScalars : OptimizerScalars {
  template <class Op> AdamScalars(Lowering &l, Op op) : OptimizerScalars(l, op) {
    mlir::Value step = of(op.getStep());
    stride = l.s.div(rate, biasCorrection(op.getBeta1(), step));
    root = l.s.div(l.s.f32(1), mlir::math::SqrtOp::create(l.s, biasCorrection(op.getBeta2(), step)));
    beta1 = op.getBeta1().convertToDouble();
    beta2 = op.getBeta2().convertToDouble();
    eps = op.getEps().convertToDouble();
  }

  mlir::Value first(ScalarBuilder &s, mlir::Value m, mlir::Value g) const {
    return s.add(s.mul(s.f32(beta1), m), s.mul(s.f32(1 - beta1), g));
  }
  mlir::Value second(ScalarBuilder &s, mlir::Value v, mlir::Value g) const {
    return s.add(s.mul(s.f32(beta2), v), s.mul(s.f32(1 - beta2), s.mul(g, g)));
  }
  /// The parameter after a step, of new moments: lr · m / c1 / (√(v / c2) + eps) = (lr / c1) · m / (√v · (1 / √c2) +
  /// eps).
  mlir::Value parameter(ScalarBuilder &s, mlir::Value w, mlir::Value m, mlir::Value v) const {
    mlir::Value below = s.add(s.mul(mlir::math::SqrtOp::create(s, v), root), s.f32(eps));
    return s.sub(s.mul(w, keep), s.mul(stride, s.div(m, below)));
  }

  mlir::Value stride, root;
  double beta1, beta2, eps;
};

} // namespace ph::conversion
