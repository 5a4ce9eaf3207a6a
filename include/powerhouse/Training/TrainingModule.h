// From the module of a model to that of its training.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "runtime/base/Error.h"
#include <string>
#include <string_view>

namespace ph {

/// What is trained, and how. Numbers are those of the papers' formulas (docs/Dialects/Training.md).
struct TrainingOptions {
  std::string objective = "clm"; ///< one of knownObjectives()
  /// A module whose function @loss is the objective instead (docs/Dialects/Training.md), and the name of its file.
  std::string lossText, lossName;
  std::string trainable;   ///< a regular expression on names of the checkpoint's tensors; empty: all
  int64_t loraRank = 0;    ///< of adapters (train-add-adapters), which are trained instead of the model; 0: none
  double loraScale = 1;    ///< what adapters are multiplied with
  double loraDropout = 0;  ///< part of the inputs of adapters that is left out at a time, but not by @evaluate
  std::string loraTargets; ///< a regular expression on names of modules; empty: all matrices of layers
  /// bf16 or f16: operands of products have 16 bits, with f16 and a scaled loss; empty: all is f32.
  std::string precision;
  bool packed = false;     ///< several documents stand in one sequence
  bool loadIn4bit = false; ///< the model is read with its matrices in NF4 (CompileOptions)
  bool logits = false;     ///< @gradients and @evaluate give the logits, too, where the model has some
  /// What is kept for the way back (xf-recompute): a number of bytes, which can be less than what layers carry
  /// (xf-split-loops), or "all"; empty: what layers carry.
  std::string recomputeBudget;
  int64_t tokens = 1024; ///< rows of a batch that the budget is for, all sequences together
  int64_t context = 0;   ///< positions of each of its sequences; 0: one sequence
  /// adamw, adamw_8bit (states of tensors that have a multiple of 256 elements, and at least 4096, in 8 bits, others as
  /// adamw), adafactor (with PyTorch's numbers), lion or sgd.
  std::string optimizer = "adamw";
  double beta1 = 0.9, beta2 = 0.95, eps = 1e-8;
  double momentum = 0;                                           ///< SGD
  bool nesterov = false;                                         ///< SGD's momentum
  double weightDecay = 0.1;                                      ///< of tensors of rank 2 or more
  double maxNorm = 1;                                            ///< what the gradient is clipped to; 0: not at all
  double beta = 0.1;                                             ///< of preferences
  double desirableWeight = 1, undesirableWeight = 1;             ///< KTO
  double margin = 0.5;                                           ///< SimPO
  double lambda = 0.1;                                           ///< ORPO; GAE has `gaeLambda`
  double gamma = 1, gaeLambda = 0.95, clip = 0.2, klBeta = 0.05; ///< PPO
  double temperature = 2;                                        ///< distillation
  double valueWeight = 0.1, valueClip = 0.2;                     ///< PPO's value head
  bool reverse = false;                                          ///< distillation: the other way round

  /// Reads a JSON object with these keys ({"objective": "dpo", "beta": 0.2}). Errors: Usage, naming the key.
  static Expected<TrainingOptions> parse(std::string_view json);
};

/// "clm", "mlm", …, separated by commas.
std::string knownObjectives();

/// Makes a model's imported module that of its training. @forward goes; there are instead
///   @evaluate   the inputs of the objective, the model's and all weights → loss (a sum), count and what the objective
///               shows besides
///   @gradients  the same and grad.W for each trained W → the same results and grad.W, each with the gradient of
///               loss added
/// (with dropout @gradients takes a key, two numbers that say what is left out)
///   @baseline   where the loss of a batch takes a number of the batch: z0 of KTO, and what it is made of
///   @act, @rollout   of a policy that learns from what it writes: log-probabilities and values of labels; logits
///   @update     W, grad.W, the optimizer's states, learning_rate, step (i32, from 1) and count (of the losses) → new W
///               and states, gradient_norm of the gradients divided by count; in f16 loss_scale, too, which @gradients
///               takes and multiplies the loss with before it is derived, and finite, which is false where gradients
///               overflowed and only loss_scale changed
/// With the objective "teacher" there is @teach alone instead: tokens → logits of all of them, with weights as they
/// are. The module's attribute `xf.training` says which weights are which tensors of the checkpoint. Weights are the
/// checkpoint's tensors, those of all layers (and experts) stacked. Fails, with a message, where the model has no such
/// objective.
mlir::LogicalResult makeTrainingModule(mlir::ModuleOp module, const TrainingOptions &options);

/// The attribute with what the runtime must know: {objective, weights = [{name, tensors, rank}]}.
inline constexpr llvm::StringLiteral kTrainingAttr = "xf.training";

} // namespace ph
