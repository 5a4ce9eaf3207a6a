// What training makes small.
#ifndef PH_DIALECTS_TRANSFORMER_LOSS
#define PH_DIALECTS_TRANSFORMER_LOSS

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_CrossEntropyOp : XF_Op<"cross_entropy", [Pure]> {
  let summary = "how surprised the logits are by the labels";
  let description = [{
    With log p_v = z_v - log Σ_u e^z_u of a row z of `logits` with label l, and smoothing ε (Szegedy et al., 2016, arXiv:1512.00567):

        loss of the row = -(1 - ε) log p_l - ε / V Σ_v log p_v

    The result is the mean of the loss over the rows whose label is not `ignore_index`, and 0 where there is none. ε is 0 where
    `smoothing` is not given.

    Operands: `logits`, […, V]; `labels`, […], from 0 to V - 1 or `ignore_index`.

    The result is a scalar: a tensor of rank 0.

    Constraints:

    * (C1) `labels` have the shape of `logits` without the last dimension;
    * (C2) 0 ≤ `smoothing` < 1;
    * (C3) the result has rank 0.

    Example:

    ```mlir
    func.func @loss(%logits: tensor<?x?x320xf32>, %labels: tensor<?x?xi32>) -> tensor<f32> {
      %loss = xf.cross_entropy %logits, %labels ignore_index = -100 smoothing = 0.1
        : (tensor<?x?x320xf32>, tensor<?x?xi32>) -> tensor<f32>
      return %loss : tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$logits, XF_IntTensor:$labels, OptionalAttr<I64Attr>:$ignore_index,
                       OptionalAttr<F64Attr>:$smoothing);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = [{
    $logits `,` $labels (`ignore_index` `=` $ignore_index^)? (`smoothing` `=` $smoothing^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_LOSS
