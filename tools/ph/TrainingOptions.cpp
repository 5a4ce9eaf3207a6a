#include "tools/ph/TrainingOptions.h"
#include "runtime/base/Json.h"

namespace ph::tool {

Expected<std::string> compilerTrainingOptions(const training::TrainingConfig &config) {
  const bool sgd = config.optimizer == "sgd";
  const struct {
    bool wanted;
    const char *key;
    std::string value;
  } missing[] = {
      {!config.adapter.empty(), "adapter", config.adapter},
      {config.bf16, "bf16", "true"},
      {config.fp16, "fp16", "true"},
      {config.loss != "clm", "loss", config.loss},
      {sgd && config.momentum != 0, "momentum", std::to_string(config.momentum)},
      {!sgd && config.optimizer != "adamw" && config.optimizer != "lion", "optimizer", config.optimizer},
  };
  for (const auto &each : missing)
    if (each.wanted)
      return Error{ErrorCode::Usage, std::string(each.key) + ": " + each.value +
                                         " is not there yet: this version trains "
                                         "all weights in f32, with adamw, sgd or lion"};
  nlohmann::json options;
  options["objective"] = config.rewardModel ? "reward" : config.rl.empty() ? config.loss : config.rl;
  options["packed"] = config.samplePacking;
  options["optimizer"] = config.optimizer;
  options["weight_decay"] = config.weightDecay;
  options["max_norm"] = config.maxGradNorm;
  options["beta1"] = config.adamBeta1;
  options["beta2"] = config.adamBeta2;
  options["eps"] = config.adamEpsilon;
  options["beta"] = config.rlBeta;
  options["margin"] = config.simpoGamma;
  options["lambda"] = config.orpoAlpha;
  return options.dump();
}

} // namespace ph::tool
