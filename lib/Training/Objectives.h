// What a model can be trained for.
#pragma once
#include "lib/Training/TrainingFunction.h"

namespace ph {

/// Makes a function end with loss, a sum, and count. Fails, with a message.
using Objective = mlir::LogicalResult (*)(TrainingFunction &);

/// The objective of a model that teaches and does not learn.
inline constexpr llvm::StringLiteral kTeacher = "teacher";

/// That of a policy that learns from what it writes itself.
inline constexpr llvm::StringLiteral kPolicy = "ppo_rollout";

/// Null if there is none of that name.
Objective findObjective(llvm::StringRef name);

/// That of options.lossText.
mlir::LogicalResult ownLoss(TrainingFunction &f);
/// A function besides, of the same model, that gives what an objective takes as inputs.
struct Companion {
  llvm::StringRef name;
  Objective make;
};
/// Those of the objective of that name.
llvm::ArrayRef<Companion> companionsOf(llvm::StringRef objective);

mlir::LogicalResult causalLanguageModel(TrainingFunction &f);
mlir::LogicalResult maskedLanguageModel(TrainingFunction &f);
mlir::LogicalResult distillation(TrainingFunction &f);
mlir::LogicalResult distillationOfLabels(TrainingFunction &f);
/// Gives a model a linear layer, trained with it, that estimates what a text will be worth.
mlir::LogicalResult addValueHead(TrainingFunction &f);
/// With a value head: the loss of a rollout; what a policy says of one.
mlir::LogicalResult policyOfRollouts(TrainingFunction &f);
mlir::LogicalResult policyAct(TrainingFunction &f);
/// No loss, but the scores of all tokens.
mlir::LogicalResult allLogits(TrainingFunction &f);
mlir::LogicalResult proximalPolicy(TrainingFunction &f);
mlir::LogicalResult rewardOfPairs(TrainingFunction &f);
mlir::LogicalResult directPreference(TrainingFunction &f);
mlir::LogicalResult identityPreference(TrainingFunction &f);
mlir::LogicalResult simplePreference(TrainingFunction &f);
mlir::LogicalResult oddsRatioPreference(TrainingFunction &f);
mlir::LogicalResult kahnemanTversky(TrainingFunction &f);
mlir::LogicalResult kahnemanTverskyUnpaired(TrainingFunction &f);
mlir::LogicalResult kahnemanTverskyBaseline(TrainingFunction &f);
mlir::LogicalResult classification(TrainingFunction &f);
mlir::LogicalResult multiLabel(TrainingFunction &f);
mlir::LogicalResult regression(TrainingFunction &f);

} // namespace ph
