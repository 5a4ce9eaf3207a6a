// Proximal policy optimization.
#ifndef PH_DIALECTS_TRAINING_POLICY
#define PH_DIALECTS_TRAINING_POLICY

include "dialects/Training/Dialect.td"

def Train_KlRewardsOp : Train_Op<"kl_rewards", [Pure]> {
  let summary = "rewards of tokens, of a score and of staying close to a reference";
  let description = [{
    r_t = -beta (logp_t - reference_t) for each token of the answer (`mask` not 0), and for its last one the score more; 0 elsewhere (Ziegler et al., arXiv:1909.08593).

    Operands: `scores`, [B], of whole answers; `logp` and `reference`, [B, S], log-probabilities by the policy and by its reference; `mask`, [B, S].

    Constraints:

    * (C1) `logp`, `reference`, `mask` and the result have rank 2 and the same shape;
    * (C2) `scores` has rank 1 and B elements;
    * (C3) `beta` ≥ 0, finite.

    Example:

    ```mlir
    func.func @rewards(%s: tensor<?xf32>, %p: tensor<?x?xf32>, %r: tensor<?x?xf32>, %m: tensor<?x?xi32>) -> tensor<?x?xf32> {
      %y = train.kl_rewards %s, %p, %r, %m beta = 0.05
        : (tensor<?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
      return %y : tensor<?x?xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$scores, XF_FloatTensor:$logp, XF_FloatTensor:$reference, XF_IntTensor:$mask,
                       F64Attr:$beta);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = [{
    $scores `,` $logp `,` $reference `,` $mask `beta` `=` $beta attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Train_GaeOp : Train_Op<"gae", [Pure]> {
  let summary = "advantages of tokens";
  let description = [{
    Generalized advantage estimation (Schulman et al., arXiv:1506.02438), from the last token to the first, with m_t = 1 where `mask` is not 0 and 0 elsewhere, and 0
    beyond the end:

        δ_t = r_t + gamma V_{t+1} m_{t+1} - V_t
        A_t = (δ_t + gamma · lambda · A_{t+1}) m_t
        R_t = A_t + V_t

    The results are A and R, what values should be. Nothing is derived through them.

    Operands: each is [B, S]; `rewards`, r; `values`, V; `mask`.

    Constraints:

    * (C1) all operands and results have rank 2 and the same shape;
    * (C2) 0 ≤ `gamma` ≤ 1 and 0 ≤ `lambda` ≤ 1.

    Example:

    ```mlir
    func.func @advantages(%r: tensor<?x?xf32>, %v: tensor<?x?xf32>, %m: tensor<?x?xi32>) -> (tensor<?x?xf32>, tensor<?x?xf32>) {
      %a, %t = train.gae %r, %v, %m gamma = 1.0 lambda = 0.95
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<?x?xf32>, tensor<?x?xf32>)
      return %a, %t : tensor<?x?xf32>, tensor<?x?xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$rewards, XF_FloatTensor:$values, XF_IntTensor:$mask, F64Attr:$gamma, F64Attr:$lambda);
  let results = (outs XF_FloatTensor:$advantages, XF_FloatTensor:$returns);
  let assemblyFormat = [{
    $rewards `,` $values `,` $mask `gamma` `=` $gamma `lambda` `=` $lambda attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Train_WhitenOp : Train_Op<"whiten", [Pure]> {
  let summary = "numbers of mean 0 and variance 1";
  let description = [{
    y = (x - μ) / √(σ² + eps) with the mean μ and the variance σ² of the elements where `mask` is not 0; also of the others. 0 where there are none. Nothing is derived through it.

    Operands: `input`, x; `mask`, of its shape.

    Constraints:

    * (C1) `input`, `mask` and the result have the same shape;
    * (C2) `eps` > 0, finite.

    Example:

    ```mlir
    func.func @whiten(%x: tensor<?x?xf32>, %m: tensor<?x?xi32>) -> tensor<?x?xf32> {
      %y = train.whiten %x, %m eps = 1.0e-8 : (tensor<?x?xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
      return %y : tensor<?x?xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$input, XF_IntTensor:$mask, F64Attr:$eps);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = "$input `,` $mask `eps` `=` $eps attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Train_PpoLossOp : Train_Op<"ppo_loss", [Pure]> {
  let summary = "the clipped loss of a policy";
  let description = [{
    With ρ = e^(logp - old_logp) of a token of an answer and its advantage A: sum = Σ max(-A ρ, -A clip(ρ, 1 - clip, 1 + clip)) where `mask` is not 0, count = how many tokens these are
    (Schulman et al., arXiv:1707.06347).

    Operands: all of one shape; `logp`, by the policy; `old_logp`, by the policy that wrote the answers; `advantages`, A; `mask`. Nothing is derived through the last three.

    Constraints:

    * (C1) all operands have the same shape;
    * (C2) `clip` > 0, finite;
    * (C3) the results have rank 0.

    Example:

    ```mlir
    func.func @policy(%p: tensor<?x?xf32>, %o: tensor<?x?xf32>, %a: tensor<?x?xf32>, %m: tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>) {
      %sum, %count = train.ppo_loss %p, %o, %a, %m clip = 0.2
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count : tensor<f32>, tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$logp, XF_FloatTensor:$old_logp, XF_FloatTensor:$advantages, XF_IntTensor:$mask,
                       F64Attr:$clip);
  let results = (outs XF_FloatTensor:$sum, XF_FloatTensor:$count);
  let assemblyFormat = [{
    $logp `,` $old_logp `,` $advantages `,` $mask `clip` `=` $clip attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Train_ValueLossOp : Train_Op<"value_loss", [Pure]> {
  let summary = "the clipped loss of estimated values";
  let description = [{
    With a value V of a token and what it was before, O, and what it should be, R: sum = Σ ½ max((V - R)², (clip(V, O - clip, O + clip) - R)²) where `mask` is not 0, count = how many
    tokens these are (as in arXiv:1707.06347's code; arXiv:2005.12729).

    Operands: all of one shape; `values`, V; `old_values`, O; `returns`, R; `mask`. Nothing is derived through the last three.

    Constraints:

    * (C1) all operands have the same shape;
    * (C2) `clip` > 0, finite;
    * (C3) the results have rank 0.

    Example:

    ```mlir
    func.func @values(%v: tensor<?x?xf32>, %o: tensor<?x?xf32>, %r: tensor<?x?xf32>, %m: tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>) {
      %sum, %count = train.value_loss %v, %o, %r, %m clip = 0.2
        : (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count : tensor<f32>, tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$values, XF_FloatTensor:$old_values, XF_FloatTensor:$returns, XF_IntTensor:$mask,
                       F64Attr:$clip);
  let results = (outs XF_FloatTensor:$sum, XF_FloatTensor:$count);
  let assemblyFormat = [{
    $values `,` $old_values `,` $returns `,` $mask `clip` `=` $clip attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRAINING_POLICY
