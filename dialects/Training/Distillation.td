// Learning what another model thinks of every token of the vocabulary.
#ifndef PH_DIALECTS_TRAINING_DISTILLATION
#define PH_DIALECTS_TRAINING_DISTILLATION

include "dialects/Training/Dialect.td"

def Train_TokenKlOp : Train_Op<"token_kl", [Pure]> {
  let summary = "how far a model's choices are from a teacher's";
  let description = [{
    With the logits z of a row of `hidden` as `train.token_logp` has them, a teacher's logits u, q = softmax(z / temperature) and p = softmax(u / temperature):

        y = Σ_v p_v (log p_v - log q_v),  or with `reverse`  Σ_v q_v (log q_v - log p_v)

    (Hinton et al., arXiv:1503.02531; reversed arXiv:2306.08543). Only `chunk` rows of logits are in memory at a time, as of `train.token_logp`.

    Operands: `hidden`, […, K]; `weight`, [V, K]; `teacher`, […, V], the teacher's logits.

    Constraints:

    * (C1) the last dimensions of `hidden` and `weight` are equal;
    * (C2) `teacher` has the shape of `hidden` but for the last dimension, which is the vocabulary;
    * (C3) the result has the shape of `hidden` without the last dimension;
    * (C4) `temperature` > 0, finite, and `soft_cap` > 0 where given;
    * (C5) `chunk` > 0 where given.

    Example:

    ```mlir
    func.func @kl(%h: tensor<?x?x64xf32>, %w: tensor<320x64xf32>, %t: tensor<?x?x320xf32>) -> tensor<?x?xf32> {
      %y = train.token_kl %h, %w, %t temperature = 2.0 scale = 0.5 chunk = 4
        : (tensor<?x?x64xf32>, tensor<320x64xf32>, tensor<?x?x320xf32>) -> tensor<?x?xf32>
      return %y : tensor<?x?xf32>
    }
    ```
  }];
  let arguments = (ins XF_ActivationTensor:$hidden, XF_Matrix:$weight, XF_ActivationTensor:$teacher, F64Attr:$temperature,
                       UnitAttr:$reverse, OptionalAttr<F64Attr>:$scale, OptionalAttr<F64Attr>:$soft_cap,
                       OptionalAttr<I64Attr>:$chunk);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = [{
    $hidden `,` $weight `,` $teacher `temperature` `=` $temperature (`reverse` $reverse^)? (`scale` `=` $scale^)?
    (`soft_cap` `=` $soft_cap^)? (`chunk` `=` $chunk^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Train_TokenKlBackwardOp : Train_Op<"token_kl_backward", [Pure]> {
  let summary = "the derivatives of train.token_kl";
  let description = [{
    With the gradient g of a row of `train.token_kl`'s result y:

        dz_v = g / temperature · (q_v - p_v),  or with `reverse`  g / temperature · q_v (log q_v - log p_v - y)

    and from there as `train.token_logp_backward`: the first result is the gradient of `hidden`; with `weight_gradient` there is another one, that of `weight`, added to `sum` where that is given.
    A teacher has none.

    Operands: as of `train.token_kl`; `gradient`, […]; `sum`, [V, K], what the gradient of `weight` is added to, in place where possible.

    Constraints:

    * (C1) those of `train.token_kl`;
    * (C2) `gradient` has the shape of `hidden` without the last dimension;
    * (C3) `sum` has the shape of `weight`, and is given only with `weight_gradient`;
    * (C4) the results are one of the shape of `hidden` and, with `weight_gradient`, one of the shape of `weight`.

    Example:

    ```mlir
    func.func @kl_backward(%h: tensor<?x?x64xf32>, %w: tensor<320x64xf32>, %t: tensor<?x?x320xf32>, %g: tensor<?x?xf32>)
        -> (tensor<?x?x64xf32>, tensor<320x64xf32>) {
      %dh, %dw = train.token_kl_backward %h, %w, %t, %g temperature = 2.0 reverse soft_cap = 5.0 chunk = 4 weight_gradient
        : (tensor<?x?x64xf32>, tensor<320x64xf32>, tensor<?x?x320xf32>, tensor<?x?xf32>) -> (tensor<?x?x64xf32>, tensor<320x64xf32>)
      return %dh, %dw : tensor<?x?x64xf32>, tensor<320x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_ActivationTensor:$hidden, XF_Matrix:$weight, XF_ActivationTensor:$teacher, XF_FloatTensor:$gradient,
                       Optional<XF_FloatTensor>:$sum, F64Attr:$temperature, UnitAttr:$reverse, OptionalAttr<F64Attr>:$scale,
                       OptionalAttr<F64Attr>:$soft_cap, OptionalAttr<I64Attr>:$chunk, UnitAttr:$weight_gradient);
  let results = (outs XF_FloatTensor:$hidden_gradient, Variadic<XF_FloatTensor>:$others);
  let assemblyFormat = [{
    $hidden `,` $weight `,` $teacher `,` $gradient (`into` `(` $sum^ `)`)? `temperature` `=` $temperature (`reverse` $reverse^)?
    (`scale` `=` $scale^)? (`soft_cap` `=` $soft_cap^)? (`chunk` `=` $chunk^)? (`weight_gradient` $weight_gradient^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let builders = [
    // The derivatives of `forward`; `sum` may be null.
    OpBuilder<(ins "TokenKlOp":$forward, "::mlir::Value":$gradient, "bool":$weightGradient, CArg<"::mlir::Value", "{}">:$sum)>
  ];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The gradient of `weight`; null without `weight_gradient`.
    ::mlir::Value getWeightGradientResult() { return getWeightGradient() ? getOthers().front() : ::mlir::Value(); }
  }];
}

def Train_DistillLossOp : Train_Op<"distill_loss", [Pure]> {
  let summary = "the loss of a student";
  let description = [{
    sum = temperature² Σ of `kl` where `mask` is not 0, count = how many these are (Hinton et al., arXiv:1503.02531: the factor keeps gradients of one size whatever the temperature).

    Operands: `kl`, as `train.token_kl` gives it; `mask`, of its shape.

    Constraints:

    * (C1) `kl` and `mask` have the same shape;
    * (C2) `temperature` > 0, finite;
    * (C3) the results have rank 0.

    Example:

    ```mlir
    func.func @distill(%kl: tensor<?x?xf32>, %m: tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>) {
      %sum, %count = train.distill_loss %kl, %m temperature = 2.0 : (tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count : tensor<f32>, tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$kl, XF_IntTensor:$mask, F64Attr:$temperature);
  let results = (outs XF_FloatTensor:$sum, XF_FloatTensor:$count);
  let assemblyFormat = "$kl `,` $mask `temperature` `=` $temperature attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRAINING_DISTILLATION
