// Mixtures of experts: choosing experts for each token, and products with the chosen ones.
#ifndef PH_DIALECTS_TRANSFORMER_EXPERTS
#define PH_DIALECTS_TRANSFORMER_EXPERTS

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_Scoring : I32EnumAttr<"Scoring", "what makes scores of a router's logits", [
    I32EnumAttrCase<"Softmax", 0, "softmax">,
    I32EnumAttrCase<"Sigmoid", 1, "sigmoid">]> {
  let cppNamespace = "::ph::xf";
  let genSpecializedAttr = 0;
}

def XF_ScoringAttr : EnumAttr<XF_Dialect, XF_Scoring, "scoring"> {
  let summary = "what makes scores of a router's logits";
  let description = "`softmax`: over all experts of a token; `sigmoid`: of each logit alone.";
}

def XF_RouterOp : XF_Op<"router", [Pure]> {
  let summary = "choose experts for each token, and how much each counts";
  let description = [{
    For a token with logits z over E experts, with the scores s = softmax(z) or s_e = 1 / (1 + e^-z_e):

    1. The scores to choose by are c = s + bias. With `groups` = G experts are G runs of E/G neighbours; a group counts the sum of the two
       largest c in it, and only experts of the `group_top_k` groups that count most can be chosen (DeepSeek-V3, arXiv:2412.19437).
    2. The `top_k` experts e_1 … e_k with the largest c are chosen, largest first. Of equals, groups or experts, that of the lower number comes first.
    3. w_j = s_{e_j}, without the bias. With `normalize` w_j = s_{e_j} / (10^-20 + Σ_i s_{e_i}). Last, w_j is multiplied by `scale`, where given.

    With `after_top_k` the choice is by c = z + bias and the scores are of the chosen logits alone: s = softmax(z_{e_1}, …, z_{e_k}).

    | family                            | router                                                                           |
    |-----------------------------------|----------------------------------------------------------------------------------|
    | Mixtral, Qwen3-MoE                | `softmax`, `normalize`                                                           |
    | Qwen2-MoE, OLMoE                  | `softmax`, `normalize` if the checkpoint says so                                 |
    | gpt-oss                           | `softmax`, `after_top_k`                                                         |
    | DeepSeek-V3                       | `sigmoid`, `bias`, `groups`, `group_top_k`, `normalize`, `scale`                 |

    Operands: `logits`, […, E]; `bias`, [E], what is added to choose only (gpt-oss's bias is one of the linear that made the logits).
    Results: `weights`, […, k]; `experts`, […, k], the chosen experts' numbers.

    Constraints:

    * (C1) 1 ≤ `top_k` ≤ E;
    * (C2) `bias` has E elements;
    * (C3) `groups` and `group_top_k` are given together, and 1 ≤ `group_top_k` ≤ `groups`;
    * (C4) `groups` divides E into groups of at least two experts;
    * (C5) `group_top_k` groups have at least `top_k` experts;
    * (C6) `weights` and `experts` have the shape of `logits` but for the last dimension, which is `top_k`.

    Example:

    ```mlir
    func.func @route(%z: tensor<?x?x8xf32>, %b: tensor<8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>) {
      %mixtral:2 = xf.router softmax %z top_k = 2 normalize : (tensor<?x?x8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
      %gpt_oss:2 = xf.router softmax %z top_k = 2 after_top_k : (tensor<?x?x8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
      %weights, %experts = xf.router sigmoid %z bias %b top_k = 2 groups = 4 group_top_k = 2 normalize scale = 2.5
        : (tensor<?x?x8xf32>, tensor<8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
      return %weights, %experts : tensor<?x?x2xf32>, tensor<?x?x2xi32>
    }
    ```
  }];
  let arguments = (ins XF_ActivationTensor:$logits, Optional<XF_Vector>:$bias, XF_ScoringAttr:$scoring,
                       ConfinedAttr<I64Attr, [IntPositive]>:$top_k, OptionalAttr<I64Attr>:$groups,
                       OptionalAttr<I64Attr>:$group_top_k, UnitAttr:$after_top_k, UnitAttr:$normalize,
                       OptionalAttr<F64Attr>:$scale);
  let results = (outs XF_ActivationTensor:$weights, XF_IntTensor:$experts);
  let assemblyFormat = [{
    `` $scoring $logits (`bias` $bias^)? `top_k` `=` $top_k (`groups` `=` $groups^)?
    (`group_top_k` `=` $group_top_k^)? (`after_top_k` $after_top_k^)? (`normalize` $normalize^)? (`scale` `=` $scale^)?
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// E, how many experts there are to choose from.
    int64_t getExpertCount() { return getLogits().getType().getShape().back(); }
  }];
}

def XF_ExpertLinearOp : XF_Op<"expert_linear", [Pure]> {
  let summary = "multiply with the weight matrices of chosen experts";
  let description = [{
    y[…][j] = W_e x + bias_e with e = experts[…][j]: each of a token's k experts multiplies with a matrix of its own. All of them see the
    same row of `input`, or, where `input` has a dimension for them, its row j.

    Operands: `input`, […, K] or […, k, K]; `weight`, [E, N, K]; `experts`, […, k], numbers from 0 to E - 1; `bias`, [E, N].

    Constraints:

    * (C1) `input` has the rank of `experts`, or one dimension more, which is k; the dimensions before are those of `experts`;
    * (C2) the last dimensions of `input` and `weight` are equal;
    * (C3) the result is […, k, N];
    * (C4) `bias` is [E, N].

    Example:

    ```mlir
    func.func @experts(%x: tensor<?x?x64xf32>, %up: tensor<8x96x64xf32, #xf.format<q4_0>>, %down: tensor<8x64x96xf32>,
                       %b: tensor<8x64xf32>, %experts: tensor<?x?x2xi32>) -> tensor<?x?x2x64xf32> {
      %u = xf.expert_linear %x, %up, %experts
        : (tensor<?x?x64xf32>, tensor<8x96x64xf32, #xf.format<q4_0>>, tensor<?x?x2xi32>) -> tensor<?x?x2x96xf32>
      %d = xf.expert_linear %u, %down, %experts bias %b
        : (tensor<?x?x2x96xf32>, tensor<8x64x96xf32>, tensor<?x?x2xi32>, tensor<8x64xf32>) -> tensor<?x?x2x64xf32>
      return %d : tensor<?x?x2x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_ActivationTensor:$input, XF_ExpertMatrices:$weight, XF_IntTensor:$experts,
                       Optional<XF_Matrix>:$bias);
  let results = (outs XF_ActivationTensor:$result);
  let assemblyFormat = [{
    $input `,` $weight `,` $experts (`bias` $bias^)? attr-dict `:` functional-type(operands, results)
  }];
  let builders = [
    // The result's type follows from the operands.
    OpBuilder<(ins "::mlir::Value":$input, "::mlir::Value":$weight, "::mlir::Value":$experts,
                   CArg<"::mlir::Value", "{}">:$bias)>
  ];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// True if each of a token's experts sees a row of its own.
    bool hasRowPerExpert() { return getInput().getType().getRank() > getExperts().getType().getRank(); }
  }];
}

def XF_CombineExpertsOp : XF_Op<"combine_experts", [Pure]> {
  let summary = "add up what a token's experts gave, each as much as it counts";
  let description = [{
    y[…] = Σ_j weights[…][j] · input[…][j], in the order of j.

    Operands: `input`, […, k, N], what each expert gave; `weights`, […, k], of `xf.router`.

    Constraints:

    * (C1) `weights` have the shape of `input` without the last dimension;
    * (C2) the result has the shape of `input` without the dimension of k.

    Example:

    ```mlir
    func.func @combine(%y: tensor<?x?x2x64xf32>, %weights: tensor<?x?x2xf32>) -> tensor<?x?x64xf32> {
      %sum = xf.combine_experts %y, %weights : (tensor<?x?x2x64xf32>, tensor<?x?x2xf32>) -> tensor<?x?x64xf32>
      return %sum : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_ActivationTensor:$input, XF_ActivationTensor:$weights);
  let results = (outs XF_ActivationTensor:$result);
  let assemblyFormat = "$input `,` $weights attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_EXPERTS
