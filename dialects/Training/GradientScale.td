// How large gradients are, and by what they are multiplied.
#ifndef PH_DIALECTS_TRAINING_GRADIENTSCALE
#define PH_DIALECTS_TRAINING_GRADIENTSCALE

include "dialects/Training/Dialect.td"

def Train_GlobalNormOp : Train_Op<"global_norm", [Pure]> {
  let summary = "the norm of all gradients together";
  let description = [{
    √Σ x² over all elements of all operands.

    Operands: `inputs`, of any shapes.

    Constraints:

    * (C1) there is at least one;
    * (C2) the result has rank 0.

    Example:

    ```mlir
    func.func @norm(%a: tensor<4x64xf32>, %b: tensor<64xf32>) -> tensor<f32> {
      %n = train.global_norm %a, %b : (tensor<4x64xf32>, tensor<64xf32>) -> tensor<f32>
      return %n : tensor<f32>
    }
    ```
  }];
  let arguments = (ins Variadic<XF_FloatTensor>:$inputs);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Train_AllFiniteOp : Train_Op<"all_finite", [Pure]> {
  let summary = "whether no number overflowed";
  let description = [{
    True if no element of any operand is infinite or NaN. Of the norm of gradients it says the same as of gradients, but for norms beyond what f32 holds.

    Operands: `inputs`, of any shapes.

    Constraints:

    * (C1) there is at least one;
    * (C2) the result has rank 0.

    Example:

    ```mlir
    func.func @finite(%a: tensor<4x64xf32>, %b: tensor<f32>) -> tensor<i1> {
      %n = train.all_finite %a, %b : (tensor<4x64xf32>, tensor<f32>) -> tensor<i1>
      return %n : tensor<i1>
    }
    ```
  }];
  let arguments = (ins Variadic<XF_FloatTensor>:$inputs);
  let results = (outs XF_BoolTensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Train_ClipFactorOp : Train_Op<"clip_factor", [Pure]> {
  let summary = "what keeps a norm within a limit";
  let description = [{
    min(1, max_norm / (norm + 10⁻⁶)): gradients times that have a norm of at most `max_norm` (Pascanu et al., arXiv:1211.5063; the small number as PyTorch's).

    Operands: `norm`, a scalar.

    Constraints:

    * (C1) `norm` and the result have rank 0;
    * (C2) `max_norm` > 0, finite.

    Example:

    ```mlir
    func.func @clip(%n: tensor<f32>) -> tensor<f32> {
      %f = train.clip_factor %n max_norm = 1.0 : (tensor<f32>) -> tensor<f32>
      return %f : tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$norm, F64Attr:$max_norm);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = "$norm `max_norm` `=` $max_norm attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Train_LossScaleOp : Train_Op<"loss_scale", [Pure]> {
  let summary = "by what the loss is multiplied in the next step";
  let description = [{
    Dynamic loss scaling (Micikevicius et al., arXiv:1710.03740): the loss is multiplied by s so that small gradients aren't lost in f16. Where `finite` is false, s' = s · backoff and n' = 0. Otherwise n' = n + 1, and
    once that is `interval`, s' = s · growth and n' = 0; else s' = s.

    Operands: `loss_scale`, s, a scalar; `steps`, n, how many steps went well with it, a scalar; `finite`, a scalar.

    The results are s' and n'.

    Constraints:

    * (C1) operands and results have rank 0;
    * (C2) `growth` ≥ 1 and finite, 0 < `backoff` ≤ 1, `interval` > 0.

    Example:

    ```mlir
    func.func @next_scale(%s: tensor<f32>, %n: tensor<i32>, %finite: tensor<i1>) -> (tensor<f32>, tensor<i32>) {
      %s1, %n1 = train.loss_scale %s, %n, %finite growth = 2.0 backoff = 0.5 interval = 2000
        : (tensor<f32>, tensor<i32>, tensor<i1>) -> (tensor<f32>, tensor<i32>)
      return %s1, %n1 : tensor<f32>, tensor<i32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$loss_scale, XF_IntTensor:$steps, XF_BoolTensor:$finite, F64Attr:$growth, F64Attr:$backoff,
                       I64Attr:$interval);
  let results = (outs XF_FloatTensor:$new_scale, XF_IntTensor:$new_steps);
  let assemblyFormat = [{
    $loss_scale `,` $steps `,` $finite `growth` `=` $growth `backoff` `=` $backoff `interval` `=` $interval attr-dict `:`
    functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRAINING_GRADIENTSCALE
