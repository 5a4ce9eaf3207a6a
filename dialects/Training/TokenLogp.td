// Log-probabilities of tokens, without their logits in memory.
#ifndef PH_DIALECTS_TRAINING_TOKENLOGP
#define PH_DIALECTS_TRAINING_TOKENLOGP

include "dialects/Training/Dialect.td"

def Train_TokenLogpOp : Train_Op<"token_logp", [Pure]> {
  let summary = "how likely each label is, as a logarithm";
  let description = [{
    With the logits z = scale · h Wᵀ of a row h of `hidden`, capped as by `xf.logits`, and its label l:

        y = z_l - log Σ_v e^z_v

    and 0 where l is `ignore_index`. The label stands beside the row that predicts it: who builds labels for next tokens has shifted them by one.

    Only `chunk` rows of logits are in memory at a time; without it as many as 32 MiB hold, at most 256. The logits are computed again by
    `train.token_logp_backward` (as in arXiv:2411.09009 and arXiv:2410.10989).

    Operands: `hidden`, […, K]; `weight`, [V, K]; `labels`, […], from 0 to V - 1 or `ignore_index`.

    Constraints:

    * (C1) the last dimensions of `hidden` and `weight` are equal;
    * (C2) `labels` and the result have the shape of `hidden` without the last dimension;
    * (C3) `soft_cap` > 0 where given;
    * (C4) `chunk` > 0 where given.

    Example:

    ```mlir
    func.func @logp(%h: tensor<?x?x64xf32>, %w: tensor<320x64xf32>, %labels: tensor<?x?xi32>) -> tensor<?x?xf32> {
      %y = train.token_logp %h, %w, %labels ignore_index = -100 soft_cap = 30.0 chunk = 4
        : (tensor<?x?x64xf32>, tensor<320x64xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
      return %y : tensor<?x?xf32>
    }
    ```
  }];
  let arguments = (ins XF_ActivationTensor:$hidden, XF_Matrix:$weight, XF_IntTensor:$labels,
                       OptionalAttr<I64Attr>:$ignore_index, OptionalAttr<F64Attr>:$scale, OptionalAttr<F64Attr>:$soft_cap,
                       OptionalAttr<I64Attr>:$chunk);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = [{
    $hidden `,` $weight `,` $labels (`ignore_index` `=` $ignore_index^)? (`scale` `=` $scale^)? (`soft_cap` `=` $soft_cap^)?
    (`chunk` `=` $chunk^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Train_TokenLogpBackwardOp : Train_Op<"token_logp_backward", [Pure]> {
  let summary = "the derivatives of train.token_logp";
  let description = [{
    With the gradient g of a row of `train.token_logp`'s result (what a loss has for its derivative), p_v = e^z_v / Σ_u e^z_u and d_v = [v = l] - p_v:

        dz = g d · ∂z,    ∂z_v = scale · (1 - (z_v / soft_cap)²)
        dh = dz W,        dW = Σ dz hᵀ over all rows

    (the factor in brackets only with a soft cap). Rows whose label is ignored give 0.

    The first result is dh. With `weight_gradient` the next one is dW, or `sum` + dW; a frozen matrix needs none. With `logp` the last one is what
    `train.token_logp` gives, which costs nothing more: a gradient that doesn't depend on it needs no pass forward.

    Operands: as of `train.token_logp`; `gradient`, […]; `sum`, [V, K], what dW is added to, in place where possible.

    Constraints:

    * (C1) those of `train.token_logp`;
    * (C2) `gradient` has the shape of `labels`;
    * (C3) `sum` has the shape of `weight`, and is given only with `weight_gradient`;
    * (C4) the results are: one of the shape of `hidden`; with `weight_gradient`, one of the shape of `weight`; with `logp`, one of the shape of `labels`.

    Example:

    ```mlir
    func.func @logp_backward(%h: tensor<?x?x64xf32>, %w: tensor<320x64xf32>, %labels: tensor<?x?xi32>, %g: tensor<?x?xf32>)
        -> (tensor<?x?x64xf32>, tensor<320x64xf32>, tensor<?x?xf32>) {
      %dh, %dw, %y = train.token_logp_backward %h, %w, %labels, %g ignore_index = 0 scale = 0.5 chunk = 4 weight_gradient logp
        : (tensor<?x?x64xf32>, tensor<320x64xf32>, tensor<?x?xi32>, tensor<?x?xf32>)
        -> (tensor<?x?x64xf32>, tensor<320x64xf32>, tensor<?x?xf32>)
      return %dh, %dw, %y : tensor<?x?x64xf32>, tensor<320x64xf32>, tensor<?x?xf32>
    }
    ```
  }];
  let arguments = (ins XF_ActivationTensor:$hidden, XF_Matrix:$weight, XF_IntTensor:$labels, XF_FloatTensor:$gradient,
                       Optional<XF_FloatTensor>:$sum, OptionalAttr<I64Attr>:$ignore_index, OptionalAttr<F64Attr>:$scale,
                       OptionalAttr<F64Attr>:$soft_cap, OptionalAttr<I64Attr>:$chunk, UnitAttr:$weight_gradient,
                       UnitAttr:$logp);
  let results = (outs XF_FloatTensor:$hidden_gradient, Variadic<XF_FloatTensor>:$others);
  let assemblyFormat = [{
    $hidden `,` $weight `,` $labels `,` $gradient (`into` `(` $sum^ `)`)? (`ignore_index` `=` $ignore_index^)?
    (`scale` `=` $scale^)? (`soft_cap` `=` $soft_cap^)? (`chunk` `=` $chunk^)? (`weight_gradient` $weight_gradient^)?
    (`logp` $logp^)? attr-dict `:` functional-type(operands, results)
  }];
  let builders = [
    // The derivatives of `forward`; `sum` may be null.
    OpBuilder<(ins "TokenLogpOp":$forward, "::mlir::Value":$gradient, "bool":$weightGradient, "bool":$logp,
                   CArg<"::mlir::Value", "{}">:$sum)>
  ];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// dW; null without `weight_gradient`.
    ::mlir::Value getWeightGradientResult() { return getWeightGradient() ? getOthers().front() : ::mlir::Value(); }
    /// What train.token_logp gives; null without `logp`.
    ::mlir::Value getLogpResult() { return getLogp() ? getOthers().back() : ::mlir::Value(); }
  }];
}

#endif // PH_DIALECTS_TRAINING_TOKENLOGP
