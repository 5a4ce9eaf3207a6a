// Linear biases in place of position embeddings.
#ifndef PH_DIALECTS_TRANSFORMER_ALIBI
#define PH_DIALECTS_TRANSFORMER_ALIBI

include "dialects/Transformer/Attributes.td"

def XF_AlibiAttr : XF_Attr<"Alibi", "alibi"> {
  let summary = "attention with linear biases (Press et al., 2021, arXiv:2108.12409)";
  let description = [{
    Each head h of an attention has a slope m_h; m_h · (j - i) is added to the score of the query at position i and the key at
    position j. With n heads and P the largest power of two that is ≤ n, the slopes are

        m_h = 2^(-max_bias · (h + 1) / P)                h < P
        m_h = 2^(-max_bias · (2 (h - P) + 1) / (2 P))    P ≤ h < n

    so the heads beyond P take every other slope of those that 2 P heads have. The paper, and Bloom, have `max_bias = 8.0`; MPT
    states its own.

    Constraints:

    * (C1) `max_bias` > 0.

    Example:

    ```mlir
    func.func @biased(%q: tensor<?x?x48xf32>) -> tensor<?x?x48xf32> {
      %y = xf.attention %q keys(%q) values(%q) alibi = #xf.alibi<max_bias = 8.0> heads = 12 scale = 0.5 mask = causal
        : (tensor<?x?x48xf32>, tensor<?x?x48xf32>, tensor<?x?x48xf32>) -> tensor<?x?x48xf32>
      return %y : tensor<?x?x48xf32>
    }
    ```
  }];
  let parameters = (ins APFloatParameter<"how much the steepest slopes of a power of two take away">:$maxBias);
  let builders = [
    AttrBuilder<(ins CArg<"double", "8.0">:$maxBias), [{ return $_get($_ctxt, ::llvm::APFloat(maxBias)); }]>
  ];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// m_h of each head.
    ::llvm::SmallVector<double> getSlopes(int64_t heads) const;
  }];
}

#endif // PH_DIALECTS_TRANSFORMER_ALIBI
