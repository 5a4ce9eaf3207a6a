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

#endif // PH_TRANSFORMS_TRAINING_PASSES
