// ph verify MODEL REFERENCE --objective=…: compares losses, gradients and steps with those that another program
// computed.
#pragma once
#include "runtime/base/Error.h"
#include "tools/ph/Flags.h"
#include <map>
#include <string>

namespace ph::tool {

struct TrainingCheck {
  std::string objective;                 ///< of TrainingOptions (docs of phc --training)
  std::map<std::string, double> numbers; ///< more of its options
  std::string adapter;      ///< a folder in PEFT's layout: what is trained instead of the model; empty: none
  int64_t steps = 0;        ///< of the optimizer; 0: as many as `losses` holds
  int64_t microBatches = 1; ///< how many calls the batch is given in
  double matrixScale = 1;   ///< what matrices are multiplied with at first
  double learningRate = 0;  ///< the peak; 0: 1e-3, and 1e-2 of adapters
};

/// `file` is a safetensors file as make_training.py of the reference data writes them: the inputs of the objective, and
/// any of
///   loss                within 1e-5, relative where it is above 1
///   grad.T              within 1e-4 of the largest element of the gradient of tensor T; where that is below 1e-7 of
///   all
///                       gradients, 0 but for rounding: within 1e-6 of the largest of all
///   losses, grad_norms  of steps of AdamW whose rate rises for 2 steps and falls by a cosine; 1e-4
///   param.T             after these steps; 1e-4 of the largest element
///   others              results of that name; 1e-4
/// Errors: those of compiling and loading, BadModel for a file that lacks an input, Failed with an empty message if
/// anything differs.
Status verifyTraining(const std::string &source, const std::string &file, const TrainingCheck &check,
                      const RunFlags &flags, bool json);

} // namespace ph::tool
