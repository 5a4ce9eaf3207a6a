// Optimizers with whole states, besides AdamW.
#ifndef PH_DIALECTS_TRAINING_OPTIMIZER
#define PH_DIALECTS_TRAINING_OPTIMIZER

include "dialects/Training/Dialect.td"

def Train_SgdOp : Train_Op<"sgd", [Pure, AttrSizedOperandSegments]> {
  let summary = "a step of stochastic gradient descent";
  let description = [{
    With the gradient g, times `scale` where that is given, and d = g + weight_decay · w:

        w' = w - lr · d
        with a momentum (Polyak, 1964):  m' = momentum · m + d,  w' = w - lr · m'
        with `nesterov` (Sutskever et al., 2013):                w' = w - lr · (d + momentum · m')

    Where `finite` is false nothing changes.

    Operands: `parameter`, w; `gradient`, g; `velocity`, m, at first 0; `learning_rate`, a scalar; `scale`, a scalar; `finite`, a scalar.

    The results are w' and, with a velocity, m'.

    Constraints:

    * (C1) `gradient`, `velocity` and the results have the type of `parameter`;
    * (C2) `learning_rate`, `scale` and `finite` have rank 0;
    * (C3) `momentum` is given if and only if `velocity` is, and 0 ≤ `momentum` < 1;
    * (C4) `nesterov` only with a momentum;
    * (C5) `weight_decay` ≥ 0, finite;
    * (C6) there are as many results as of parameter and velocity.

    Example:

    ```mlir
    func.func @sgd(%w: tensor<4x64xf32>, %g: tensor<4x64xf32>, %m: tensor<4x64xf32>, %lr: tensor<f32>) -> (tensor<4x64xf32>, tensor<4x64xf32>) {
      %w1, %m1 = train.sgd %w, %g velocity(%m) lr(%lr) momentum = 0.9 nesterov weight_decay = 0.1
        : (tensor<4x64xf32>, tensor<4x64xf32>, tensor<4x64xf32>, tensor<f32>) -> (tensor<4x64xf32>, tensor<4x64xf32>)
      return %w1, %m1 : tensor<4x64xf32>, tensor<4x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$parameter, XF_FloatTensor:$gradient, Optional<XF_FloatTensor>:$velocity,
                       XF_FloatTensor:$learning_rate, Optional<XF_FloatTensor>:$scale, Optional<XF_BoolTensor>:$finite,
                       OptionalAttr<F64Attr>:$momentum, UnitAttr:$nesterov, F64Attr:$weight_decay);
  let results = (outs XF_FloatTensor:$new_parameter, Optional<XF_FloatTensor>:$new_velocity);
  let assemblyFormat = [{
    $parameter `,` $gradient (`velocity` `(` $velocity^ `)`)? `lr` `(` $learning_rate `)` (`scale` `(` $scale^ `)`)?
    (`finite` `(` $finite^ `)`)? (`momentum` `=` $momentum^)? (`nesterov` $nesterov^)? `weight_decay` `=` $weight_decay
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Train_LionOp : Train_Op<"lion", [Pure, AttrSizedOperandSegments]> {
  let summary = "a step of Lion";
  let description = [{
    Chen et al., arXiv:2302.06675. With the gradient g, times `scale` where that is given:

        w' = w · (1 - lr · weight_decay) - lr · sign(beta1 · m + (1 - beta1) · g)
        m' = beta2 · m + (1 - beta2) · g

    Where `finite` is false nothing changes.

    Operands: `parameter`, w; `gradient`, g; `momentum`, m, at first 0; `learning_rate`, a scalar; `scale`, a scalar; `finite`, a scalar.

    The results are w' and m'.

    Constraints:

    * (C1) `gradient`, `momentum` and the results have the type of `parameter`;
    * (C2) `learning_rate`, `scale` and `finite` have rank 0;
    * (C3) 0 ≤ `beta1` < 1 and 0 ≤ `beta2` < 1;
    * (C4) `weight_decay` ≥ 0, finite.

    Example:

    ```mlir
    func.func @lion(%w: tensor<4x64xf32>, %g: tensor<4x64xf32>, %m: tensor<4x64xf32>, %lr: tensor<f32>) -> (tensor<4x64xf32>, tensor<4x64xf32>) {
      %w1, %m1 = train.lion %w, %g, %m lr(%lr) beta1 = 0.9 beta2 = 0.99 weight_decay = 0.1
        : (tensor<4x64xf32>, tensor<4x64xf32>, tensor<4x64xf32>, tensor<f32>) -> (tensor<4x64xf32>, tensor<4x64xf32>)
      return %w1, %m1 : tensor<4x64xf32>, tensor<4x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$parameter, XF_FloatTensor:$gradient, XF_FloatTensor:$momentum,
                       XF_FloatTensor:$learning_rate, Optional<XF_FloatTensor>:$scale, Optional<XF_BoolTensor>:$finite,
                       F64Attr:$beta1, F64Attr:$beta2, F64Attr:$weight_decay);
  let results = (outs XF_FloatTensor:$new_parameter, XF_FloatTensor:$new_momentum);
  let assemblyFormat = [{
    $parameter `,` $gradient `,` $momentum `lr` `(` $learning_rate `)` (`scale` `(` $scale^ `)`)? (`finite` `(` $finite^ `)`)?
    `beta1` `=` $beta1 `beta2` `=` $beta2 `weight_decay` `=` $weight_decay attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Train_AdafactorOp : Train_Op<"adafactor", [Pure, AttrSizedOperandSegments]> {
  let summary = "a step of Adafactor";
  let description = [{
    Shazeer & Stern, arXiv:1804.04235, as PyTorch has it. With the gradient g, times `scale` where that is given, the number t of the step and β = 1 - t^beta2_decay, a matrix has the states R, of each row, and
    C, of each column:

        R' = β R + (1 - β) · mean of g² along rows,   C' = β C + (1 - β) · mean of g² along columns
        V  = R' C'ᵀ / max(mean of R', eps1)
        u  = g / √max(V, eps1²)
        w' = w (1 - lr · weight_decay) - max(eps2, rms(w)) · min(lr, 1 / √t) / max(1, rms(u) / clip_threshold) · u

    with rms(x) = √(mean of x²). A vector has one state V itself, V' = β V + (1 - β) g². Leading dimensions of a tensor are matrices beside one another, each with states of its own, but rms is that
    of all. With `stacked` the first dimension is the layer, and each layer is a tensor for itself in every way.

    Where `finite` is false nothing changes.

    Operands: `parameter`, w; `gradient`, g; `states`, R, […, N], and C, […, K], of […, N, K], or V, of w's type; all at first 0; `learning_rate`, a scalar; `step`, t, a scalar that counts from 1; `scale`, a scalar;
    `finite`, a scalar.

    The results are w' and the new states.

    Constraints:

    * (C1) `gradient` and the first result have the type of `parameter`, whose rank is 1 or more, or 2 or more with `stacked`, and whose shape is static;
    * (C2) where a layer has rank 2 or more, the states are two, of the shape of `parameter` without the last and without the last but one dimension; otherwise one, of its type;
    * (C3) the other results have the types of the states;
    * (C4) `learning_rate`, `step`, `scale` and `finite` have rank 0;
    * (C5) `beta2_decay` ≤ 0; `eps1`, `eps2` and `clip_threshold` are above 0; `weight_decay` ≥ 0; all finite.

    Example:

    ```mlir
    func.func @adafactor(%w: tensor<2x4x6xf32>, %g: tensor<2x4x6xf32>, %a: tensor<2x4xf32>, %b: tensor<2x6xf32>, %lr: tensor<f32>)
        -> (tensor<2x4x6xf32>, tensor<2x4xf32>, tensor<2x6xf32>) {
      %step = arith.constant dense<3> : tensor<i32>
      %r = xf.elementwise mul %a, %a : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
      %c = xf.elementwise mul %b, %b : (tensor<2x6xf32>, tensor<2x6xf32>) -> tensor<2x6xf32>
      %w1, %r1, %c1 = train.adafactor %w, %g states(%r, %c) lr(%lr) step(%step) stacked
        beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.0 weight_decay = 0.1
        : (tensor<2x4x6xf32>, tensor<2x4x6xf32>, tensor<2x4xf32>, tensor<2x6xf32>, tensor<f32>, tensor<i32>)
        -> (tensor<2x4x6xf32>, tensor<2x4xf32>, tensor<2x6xf32>)
      return %w1, %r1, %c1 : tensor<2x4x6xf32>, tensor<2x4xf32>, tensor<2x6xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$parameter, XF_FloatTensor:$gradient, Variadic<XF_FloatTensor>:$states,
                       XF_FloatTensor:$learning_rate, XF_IntTensor:$step, Optional<XF_FloatTensor>:$scale,
                       Optional<XF_BoolTensor>:$finite, UnitAttr:$stacked, F64Attr:$beta2_decay, F64Attr:$eps1, F64Attr:$eps2,
                       F64Attr:$clip_threshold, F64Attr:$weight_decay);
  let results = (outs XF_FloatTensor:$new_parameter, Variadic<XF_FloatTensor>:$new_states);
  let assemblyFormat = [{
    $parameter `,` $gradient `states` `(` $states `)` `lr` `(` $learning_rate `)` `step` `(` $step `)` (`scale` `(` $scale^ `)`)?
    (`finite` `(` $finite^ `)`)? (`stacked` $stacked^)? `beta2_decay` `=` $beta2_decay `eps1` `=` $eps1 `eps2` `=` $eps2
    `clip_threshold` `=` $clip_threshold `weight_decay` `=` $weight_decay attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Whether there are states of rows and columns.
    bool isFactored() { return getParameter().getType().getRank() - getStacked() >= 2; }
  }];
}

#endif // PH_DIALECTS_TRAINING_OPTIMIZER
