// AdamW, with whole states.
#ifndef PH_DIALECTS_TRAINING_ADAMW
#define PH_DIALECTS_TRAINING_ADAMW

include "dialects/Training/Dialect.td"

def Train_AdamWOp : Train_Op<"adamw", [Pure, AttrSizedOperandSegments]> {
  let summary = "a step of AdamW";
  let description = [{
    Decoupled weight decay (Loshchilov & Hutter, arXiv:1711.05101) on Adam (Kingma & Ba, arXiv:1412.6980). With the gradient g, times `scale` where that is given, and the
    number t of the step:

        m' = beta1 · m + (1 - beta1) · g
        v' = beta2 · v + (1 - beta2) · g²
        w' = w · (1 - lr · weight_decay) - lr · m' / (1 - beta1^t) / (√(v' / (1 - beta2^t)) + eps)

    Where `finite` is false nothing changes: so a step is skipped whose gradient overflowed (arXiv:1710.03740).

    Operands: `parameter`, w; `gradient`, g; `first` and `second`, the moments m and v, at first 0; `learning_rate`, a scalar; `step`, t, a scalar that counts from 1;
    `scale`, a scalar, what the gradient is multiplied by (for clipping, means and loss scaling); `finite`, a scalar.

    The results are w', m' and v'.

    Constraints:

    * (C1) `gradient`, `first`, `second` and the results have the type of `parameter`;
    * (C2) `learning_rate`, `step`, `scale` and `finite` have rank 0;
    * (C3) 0 ≤ `beta1` < 1 and 0 ≤ `beta2` < 1;
    * (C4) `eps` > 0 and finite;
    * (C5) 0 ≤ `weight_decay`, finite.

    Example:

    ```mlir
    func.func @adamw(%w: tensor<4x64xf32>, %g: tensor<4x64xf32>, %m: tensor<4x64xf32>, %v: tensor<4x64xf32>,
                     %lr: tensor<f32>, %scale: tensor<f32>, %finite: tensor<i1>)
        -> (tensor<4x64xf32>, tensor<4x64xf32>, tensor<4x64xf32>) {
      %step = arith.constant dense<3> : tensor<i32>
      %q = xf.elementwise mul %v, %v : (tensor<4x64xf32>, tensor<4x64xf32>) -> tensor<4x64xf32>
      %w1, %m1, %v1 = train.adamw %w, %g, %m, %q lr(%lr) step(%step) scale(%scale) finite(%finite) beta1 = 0.9 beta2 = 0.95 eps = 1.0e-8 weight_decay = 0.1
        : (tensor<4x64xf32>, tensor<4x64xf32>, tensor<4x64xf32>, tensor<4x64xf32>, tensor<f32>, tensor<i32>, tensor<f32>, tensor<i1>)
        -> (tensor<4x64xf32>, tensor<4x64xf32>, tensor<4x64xf32>)
      return %w1, %m1, %v1 : tensor<4x64xf32>, tensor<4x64xf32>, tensor<4x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$parameter, XF_FloatTensor:$gradient, XF_FloatTensor:$first, XF_FloatTensor:$second,
                       XF_FloatTensor:$learning_rate, XF_IntTensor:$step, Optional<XF_FloatTensor>:$scale,
                       Optional<XF_BoolTensor>:$finite, F64Attr:$beta1, F64Attr:$beta2, F64Attr:$eps, F64Attr:$weight_decay);
  let results = (outs XF_FloatTensor:$new_parameter, XF_FloatTensor:$new_first, XF_FloatTensor:$new_second);
  let assemblyFormat = [{
    $parameter `,` $gradient `,` $first `,` $second `lr` `(` $learning_rate `)` `step` `(` $step `)` (`scale` `(` $scale^ `)`)?
    (`finite` `(` $finite^ `)`)? `beta1` `=` $beta1 `beta2` `=` $beta2 `eps` `=` $eps `weight_decay` `=` $weight_decay
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRAINING_ADAMW
