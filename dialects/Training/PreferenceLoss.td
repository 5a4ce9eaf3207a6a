// Losses of preferences: which of two answers is better, or whether one is good.
#ifndef PH_DIALECTS_TRAINING_PREFERENCELOSS
#define PH_DIALECTS_TRAINING_PREFERENCELOSS

include "dialects/Training/Dialect.td"

def Train_SequenceLogpOp : Train_Op<"sequence_logp", [Pure]> {
  let summary = "how likely whole answers are";
  let description = [{
    For each sequence, sum = Σ of `logp` where `mask` is not 0, count = how many of these there are.

    Operands: `logp`, [B, S], the log-probabilities of tokens; `mask`, [B, S], not 0 for the tokens of the answer.

    Constraints:

    * (C1) `logp` and `mask` have rank 2 and the same shape;
    * (C2) the results have rank 1, and B elements.

    Example:

    ```mlir
    func.func @answers(%logp: tensor<?x?xf32>, %mask: tensor<?x?xi32>) -> (tensor<?xf32>, tensor<?xf32>) {
      %sum, %count = train.sequence_logp %logp, %mask : (tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<?xf32>, tensor<?xf32>)
      return %sum, %count : tensor<?xf32>, tensor<?xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$logp, XF_IntTensor:$mask);
  let results = (outs XF_FloatTensor:$sum, XF_FloatTensor:$count);
  let assemblyFormat = "$logp `,` $mask attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Train_RewardLossOp : Train_Op<"reward_loss", [Pure]> {
  let summary = "the loss of a reward model on pairs";
  let description = [{
    sum = -Σ log σ(chosen - rejected - margin), count = the number of pairs (Bradley & Terry, 1952; arXiv:1909.08593, with a margin arXiv:2307.09288).

    Operands: `chosen` and `rejected`, [B], the rewards of both answers; `margin`, [B], by how much they should differ, 0 where it is not given.

    Constraints:

    * (C1) all operands have rank 1 and the same shape;
    * (C2) the results have rank 0.

    Example:

    ```mlir
    func.func @reward(%c: tensor<?xf32>, %r: tensor<?xf32>) -> (tensor<f32>, tensor<f32>) {
      %sum, %count = train.reward_loss %c, %r : (tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count : tensor<f32>, tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$chosen, XF_FloatTensor:$rejected, Optional<XF_FloatTensor>:$margin);
  let results = (outs XF_FloatTensor:$sum, XF_FloatTensor:$count);
  let assemblyFormat = [{
    $chosen `,` $rejected (`margin` `(` $margin^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Train_DpoLossOp : Train_Op<"dpo_loss", [Pure]> {
  let summary = "direct preference optimization";
  let description = [{
    With h = beta ((chosen - ref_chosen) - (rejected - ref_rejected)) of a pair: sum = -Σ (1 - ε) log σ(h) + ε log σ(-h), count = the number of pairs (Rafailov et al.,
    arXiv:2305.18290). ε is `label_smoothing`, how often labels are wrong, 0 where it is not given.

    Operands: each is [B]; `chosen` and `rejected`, the log-probabilities of both answers by the policy (`train.sequence_logp`'s sums); `ref_chosen` and `ref_rejected`, those by the
    reference model.

    Constraints:

    * (C1) all operands have rank 1 and the same shape;
    * (C2) `beta` > 0, finite;
    * (C3) 0 ≤ `label_smoothing` < 1;
    * (C4) the results have rank 0.

    Example:

    ```mlir
    func.func @dpo(%c: tensor<?xf32>, %r: tensor<?xf32>, %rc: tensor<?xf32>, %rr: tensor<?xf32>) -> (tensor<f32>, tensor<f32>) {
      %sum, %count = train.dpo_loss %c, %r, %rc, %rr beta = 0.1 label_smoothing = 0.05
        : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count : tensor<f32>, tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$chosen, XF_FloatTensor:$rejected, XF_FloatTensor:$ref_chosen,
                       XF_FloatTensor:$ref_rejected, F64Attr:$beta, OptionalAttr<F64Attr>:$label_smoothing);
  let results = (outs XF_FloatTensor:$sum, XF_FloatTensor:$count);
  let assemblyFormat = [{
    $chosen `,` $rejected `,` $ref_chosen `,` $ref_rejected `beta` `=` $beta (`label_smoothing` `=` $label_smoothing^)? attr-dict `:`
    functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Train_IpoLossOp : Train_Op<"ipo_loss", [Pure]> {
  let summary = "identity preference optimization";
  let description = [{
    sum = Σ ((chosen - ref_chosen) - (rejected - ref_rejected) - 1 / (2 beta))² over the pairs, count = their number (Azar et al., arXiv:2310.12036).

    Operands: each is [B]; as of `train.dpo_loss`, but log-probabilities per token: sums divided by counts, so that the length of an answer doesn't matter.

    Constraints:

    * (C1) all operands have rank 1 and the same shape;
    * (C2) `beta` > 0, finite;
    * (C3) the results have rank 0.

    Example:

    ```mlir
    func.func @ipo(%c: tensor<?xf32>, %r: tensor<?xf32>, %rc: tensor<?xf32>, %rr: tensor<?xf32>) -> (tensor<f32>, tensor<f32>) {
      %sum, %count = train.ipo_loss %c, %r, %rc, %rr beta = 0.1
        : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count : tensor<f32>, tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$chosen, XF_FloatTensor:$rejected, XF_FloatTensor:$ref_chosen,
                       XF_FloatTensor:$ref_rejected, F64Attr:$beta);
  let results = (outs XF_FloatTensor:$sum, XF_FloatTensor:$count);
  let assemblyFormat = [{
    $chosen `,` $rejected `,` $ref_chosen `,` $ref_rejected `beta` `=` $beta attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Train_SimpoLossOp : Train_Op<"simpo_loss", [Pure]> {
  let summary = "simple preference optimization, without a reference";
  let description = [{
    sum = -Σ log σ(beta (chosen - rejected) - margin) over the pairs, count = their number (Meng et al., arXiv:2405.14734; `margin` is its γ).

    Operands: each is [B]; `chosen` and `rejected`, the log-probabilities of both answers per token.

    Constraints:

    * (C1) all operands have rank 1 and the same shape;
    * (C2) `beta` > 0, finite;
    * (C3) `margin` ≥ 0, finite;
    * (C4) the results have rank 0.

    Example:

    ```mlir
    func.func @simpo(%c: tensor<?xf32>, %r: tensor<?xf32>) -> (tensor<f32>, tensor<f32>) {
      %sum, %count = train.simpo_loss %c, %r beta = 2.0 margin = 0.5 : (tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count : tensor<f32>, tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$chosen, XF_FloatTensor:$rejected, F64Attr:$beta, F64Attr:$margin);
  let results = (outs XF_FloatTensor:$sum, XF_FloatTensor:$count);
  let assemblyFormat = [{
    $chosen `,` $rejected `beta` `=` $beta `margin` `=` $margin attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Train_OrpoLossOp : Train_Op<"orpo_loss", [Pure]> {
  let summary = "odds ratio preference optimization";
  let description = [{
    With the log-probability per token p = chosen / chosen_tokens of a chosen answer, q likewise of the rejected one, and the logarithm of their odds ratio
    o = (p - q) - (log(1 - e^p) - log(1 - e^q)):

        loss = -Σ chosen / Σ chosen_tokens - lambda / B Σ log σ(o)

    sum = B loss, count = B, the number of pairs (Hong et al., arXiv:2403.07691). The first term is a mean over tokens, and the second one over pairs. So that what is accumulated over micro-batches is that of
    all of them, `tokens_per_pair` is Σ chosen_tokens / B of all; where it is not given, that of this batch counts.

    Operands: `chosen` and `rejected`, [B], the log-probabilities of both answers, below 0; `chosen_tokens` and `rejected_tokens`, [B], how many tokens they have; `tokens_per_pair`, a scalar above 0.

    Constraints:

    * (C1) the operands of pairs have rank 1 and the same shape, and `tokens_per_pair` has rank 0;
    * (C2) `lambda` ≥ 0, finite;
    * (C3) the results have rank 0.

    Example:

    ```mlir
    func.func @orpo(%c: tensor<?xf32>, %r: tensor<?xf32>) -> (tensor<f32>, tensor<f32>) {
      %one = arith.constant dense<1.0> : tensor<f32>
      %a = xf.unary exp %c : (tensor<?xf32>) -> tensor<?xf32>
      %b = xf.unary exp %r : (tensor<?xf32>) -> tensor<?xf32>
      %p = xf.unary neg %a : (tensor<?xf32>) -> tensor<?xf32>
      %q = xf.unary neg %b : (tensor<?xf32>) -> tensor<?xf32>
      %n = xf.elementwise add %a, %one : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
      %sum, %count = train.orpo_loss %p, %q, %n, %n lambda = 0.1
        : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count : tensor<f32>, tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$chosen, XF_FloatTensor:$rejected, XF_FloatTensor:$chosen_tokens,
                       XF_FloatTensor:$rejected_tokens, Optional<XF_FloatTensor>:$tokens_per_pair, F64Attr:$lambda);
  let results = (outs XF_FloatTensor:$sum, XF_FloatTensor:$count);
  let assemblyFormat = [{
    $chosen `,` $rejected `,` $chosen_tokens `,` $rejected_tokens (`tokens_per_pair` `(` $tokens_per_pair^ `)`)? `lambda` `=` $lambda attr-dict `:`
    functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

def Train_KtoBaselineOp : Train_Op<"kto_baseline", [Pure]> {
  let summary = "what train.kto_loss compares with";
  let description = [{
    z = max(0, the mean of policy - reference): an estimate of how far the policy is from its reference, on answers that belong to other prompts (Ethayarajh et al., arXiv:2402.01306).
    Nothing is derived through it.

    Operands: each is [B]; `policy` and `reference`, the log-probabilities of such answers by both.

    Constraints:

    * (C1) both operands have rank 1 and the same shape;
    * (C2) the result has rank 0.

    Example:

    ```mlir
    func.func @baseline(%p: tensor<?xf32>, %r: tensor<?xf32>) -> tensor<f32> {
      %z = train.kto_baseline %p, %r : (tensor<?xf32>, tensor<?xf32>) -> tensor<f32>
      return %z : tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$policy, XF_FloatTensor:$reference);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = "$policy `,` $reference attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Train_KtoLossOp : Train_Op<"kto_loss", [Pure]> {
  let summary = "Kahneman-Tversky optimization: answers that are good or not";
  let description = [{
    With r = policy - reference of an answer and the baseline z:

        sum = Σ w_d (1 - σ(beta (r - z))) over desirable answers + Σ w_u (1 - σ(beta (z - r))) over others

    and count = the number of answers (Ethayarajh et al., arXiv:2402.01306). The weights w_d and w_u are 1 where they are not given.

    Operands: `policy` and `reference`, [B], the log-probabilities of answers by both; `desirable`, [B], not 0 where an answer is; `baseline`, z, a scalar.

    Constraints:

    * (C1) `policy`, `reference` and `desirable` have rank 1 and the same shape;
    * (C2) `beta` > 0, finite;
    * (C3) weights are ≥ 0, finite;
    * (C4) `baseline` and the results have rank 0.

    Example:

    ```mlir
    func.func @kto(%p: tensor<?xf32>, %r: tensor<?xf32>, %good: tensor<?xi32>, %z: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
      %sum, %count = train.kto_loss %p, %r, %good, %z beta = 0.1 undesirable_weight = 1.33
        : (tensor<?xf32>, tensor<?xf32>, tensor<?xi32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
      return %sum, %count : tensor<f32>, tensor<f32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$policy, XF_FloatTensor:$reference, XF_IntTensor:$desirable, XF_FloatTensor:$baseline,
                       F64Attr:$beta, OptionalAttr<F64Attr>:$desirable_weight, OptionalAttr<F64Attr>:$undesirable_weight);
  let results = (outs XF_FloatTensor:$sum, XF_FloatTensor:$count);
  let assemblyFormat = [{
    $policy `,` $reference `,` $desirable `,` $baseline `beta` `=` $beta (`desirable_weight` `=` $desirable_weight^)?
    (`undesirable_weight` `=` $undesirable_weight^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRAINING_PREFERENCELOSS
