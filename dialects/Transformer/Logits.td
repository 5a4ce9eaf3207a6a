// From activations to scores of the vocabulary.
#ifndef PH_DIALECTS_TRANSFORMER_LOGITS
#define PH_DIALECTS_TRANSFORMER_LOGITS

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_LogitsOp : XF_Op<"logits", [Pure]> {
  let summary = "score every token of the vocabulary";
  let description = [{
    z = scale · x Wᵀ, then y = soft_cap · tanh(z / soft_cap) where a soft cap is given. scale is 1 where it is not given.

    Operands: `input`, [rows, K], maybe encoded; `weight`, [vocabulary, K].

    Constraints:

    * (C1) the last dimensions of `input` and `weight` are equal;
    * (C2) the result has the shape of `input` but for the last dimension, which is the vocabulary;
    * (C3) `soft_cap` > 0 where given.

    Example:

    ```mlir
    func.func @score(%x: tensor<?x64xf32>, %w: tensor<320x64xf32, #xf.format<q8_0>>) -> tensor<?x320xf32> {
      %y = xf.logits %x, %w scale = 0.5 soft_cap = 30.0
        : (tensor<?x64xf32>, tensor<320x64xf32, #xf.format<q8_0>>) -> tensor<?x320xf32>
      return %y : tensor<?x320xf32>
    }
    ```
  }];
  let arguments = (ins XF_AnyActivationTensor:$input, XF_Matrix:$weight, OptionalAttr<F64Attr>:$scale,
                       OptionalAttr<F64Attr>:$soft_cap);
  let results = (outs XF_ActivationTensor:$result);
  let assemblyFormat = [{
    $input `,` $weight (`scale` `=` $scale^)? (`soft_cap` `=` $soft_cap^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def XF_LogitsArgmaxOp : XF_Op<"logits_argmax", [Pure]> {
  let summary = "the token of the largest score";
  let description = [{
    What `xf.argmax` makes of the scores that `xf.logits` makes: for each row the number of the largest finite one, the smallest
    of several; a row without one is an error at run time. The scores of a row needn't all be in memory at once.

    Operands: `input`, [rows, K], maybe encoded; `weight`, [vocabulary, K].

    Constraints:

    * (C1) the last dimensions of `input` and `weight` are equal;
    * (C2) the result has the shape of `input` without its last dimension;
    * (C3) `soft_cap` > 0 where given.

    Example:

    ```mlir
    func.func @greedy(%x: tensor<?x64xf32>, %w: tensor<320x64xf32, #xf.format<q8_0>>) -> tensor<?xi32> {
      %token = xf.logits_argmax %x, %w soft_cap = 30.0
        : (tensor<?x64xf32>, tensor<320x64xf32, #xf.format<q8_0>>) -> tensor<?xi32>
      return %token : tensor<?xi32>
    }
    ```
  }];
  let arguments = (ins XF_AnyActivationTensor:$input, XF_Matrix:$weight, OptionalAttr<F64Attr>:$scale,
                       OptionalAttr<F64Attr>:$soft_cap);
  let results = (outs XF_IntTensor:$result);
  let assemblyFormat = [{
    $input `,` $weight (`scale` `=` $scale^)? (`soft_cap` `=` $soft_cap^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_LOGITS
