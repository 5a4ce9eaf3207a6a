// Passes on what training adds.
#ifndef PH_TRANSFORMS_TRAINING_PASSES
#define PH_TRANSFORMS_TRAINING_PASSES

include "mlir/Pass/PassBase.td"

def TrainExpandPass : Pass<"train-expand"> {
  let summary = "Spell losses out in primitives";
  let description = [{
    Each loss of the train dialect, and what prepares its operands (`train.sequence_logp`, `train.whiten`, ...), becomes primitives of xf. Their derivatives are known, so that a loss has one
    without a rule of its own. What has a kernel of its own (`train.token_logp`, `train.token_kl`, `train.gae`, optimizers) stays.

    Logarithms of sigmoids and the like are spelled so that neither large nor small operands overflow, and so that derivatives are right where two branches meet:
    preferences of a policy that still is its reference are exactly 0.

    Values don't change but for rounding.
  }];
  let dependentDialects = ["::ph::train::TrainDialect", "::ph::xf::XFDialect", "::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"expanded", "expanded", "Ops that were spelled out">];
}

def TrainFuseTokenLogpPass : Pass<"train-fuse-token-logp"> {
  let summary = "Make log-probabilities and their derivatives of one product";
  let description = [{
    `train.token_logp_backward` makes the logits again that `train.token_logp` had. Where its gradient does not depend on the log-probabilities, as that of a language
    model's loss, which is -1 for each label that counts, it takes the place of `train.token_logp`, with what makes the gradient, and gives the log-probabilities
    too: one product with the vocabulary less (Wijmans et al., arXiv:2411.09009; Hsu et al., arXiv:2410.10989).

    Refused, with a remark: a gradient that depends on the log-probabilities, or is made by what can't be moved.

    Values don't change but for rounding.
  }];
  let dependentDialects = ["::ph::train::TrainDialect", "::ph::xf::XFDialect"];
  let statistics = [Statistic<"fused", "fused", "Pairs that became one op">];
}

def TrainAddAdaptersPass : Pass<"train-add-adapters", "::mlir::ModuleOp"> {
  let summary = "Add low-rank adapters to products with weights";
  let description = [{
    y = x Wᵀ + … becomes y = x Wᵀ + … + scale · (x Aᵀ) Bᵀ (Hu et al., arXiv:2106.09685) for the products with matrices of layers that are the weight of one
    module each. A, [rank, K], and B, [N, rank], become weights whose sources are called as PEFT calls them: `base_model.model.MODULE.lora_A.weight` and `lora_B`.
    Their loads are `xf.plain`: programs don't pack them, so that sums are those of training, where they are arguments.
    A weight that has other names in its own file has the attribute `xf.hub_source`, the source that Hugging Face's ecosystem has for it.

    With `targets` only modules whose name the regular expression matches, in all layers.

    Refused, with a remark: products that are no target, with an activation, or with parts of tensors or experts.
  }];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect"];
  let options = [Option<"rank", "rank", "int64_t", "8", "Rows of A">,
                 Option<"scale", "scale", "double", "1.0", "What the adapter is multiplied with: alpha / rank, or alpha / √rank (rsLoRA, arXiv:2312.03732)">,
                 Option<"targets", "targets", "std::string", "\"\"", "Names of modules">];
  let statistics = [Statistic<"adapted", "adapted", "Products that got an adapter">];
}

def TrainExposeWeightsPass : Pass<"train-expose-weights", "::mlir::ModuleOp"> {
  let summary = "Turn weights into arguments, as the checkpoint has them";
  let description = [{
    What a function loads of an `xf.weight` becomes what is computed of a further argument, so that it can be differentiated and changed. An argument is the tensors of the checkpoint that one source names, as they are stored: those of
    all layers, and of all experts where each has one, are stacked. Transposes, parts and orders of rows that sources state become ops, whose derivatives lead back to the
    tensors. Weights that read the same tensors share an argument. Its `xf.name` is the source's name, and its attribute `train.tensors` lists the tensors in the order of the stack.

    With `match` only weights whose first tensor's name the regular expression matches.

    Refused, with a remark: weights without sources, and those of which another tensor scales columns.
  }];
  let dependentDialects = ["::ph::xf::XFDialect", "::mlir::arith::ArithDialect"];
  let options = [Option<"function", "function", "std::string", "\"\"", "Only this function">,
                 Option<"match", "match", "std::string", "\"\"", "Names of tensors">];
  let statistics = [Statistic<"exposed", "exposed", "Loads of weights that became arguments">];
}

#endif // PH_TRANSFORMS_TRAINING_PASSES
