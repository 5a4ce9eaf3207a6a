// Losses of tokens.
#ifndef PH_DIALECTS_TRAINING_TOKENLOSS
#define PH_DIALECTS_TRAINING_TOKENLOSS

include "dialects/Training/Dialect.td"

def Train_LmLossOp : Train_Op<"lm_loss", [Pure]> {
  let summary = "the loss of predicting tokens";
  let description = [{
    sum = -Σ logp, count = the number of labels that aren't `ignore_index` (of all where it is not given). Their quotient is the cross entropy of a causal language model whose
    labels are the tokens to come (Bengio et al., 2003; arXiv:1706.03762), or of a masked one whose labels are the tokens that were masked (arXiv:1810.04805).

    Operands: `logp`, […], the log-probability of each label, as `train.token_logp` gives it; what is ignored does not count whatever it is. `labels`, […].

    Constraints:

    * (C1) `logp` and `labels` have the same shape;
    * (C2) the results have rank 0.

    Example:

    ```mlir
    func.func @clm(%logp: tensor<?x?xf32>, %labels: tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>) {
      %sum, %count = train.lm_loss %logp, %labels ignore_index = 0
        : (tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count : tensor<f32>, tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$logp, XF_IntTensor:$labels, OptionalAttr<I64Attr>:$ignore_index);
  let results = (outs XF_FloatTensor:$sum, XF_FloatTensor:$count);
  let assemblyFormat = [{
    $logp `,` $labels (`ignore_index` `=` $ignore_index^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRAINING_TOKENLOSS
