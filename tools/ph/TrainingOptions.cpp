#include "tools/ph/TrainingOptions.h"
#include "runtime/base/Json.h"
#include "runtime/base/MappedFile.h"
#include <cmath>

namespace ph::tool {

std::string moduleExpression(const std::vector<std::string> &modules) {
  std::string names;
  for (const std::string &module : modules)
    for (const char c : (names.empty() ? "" : "|") + module)
      names += c == '.' ? "\\." : std::string(1, c);
  return "(^|\\.)(" + names + ")$";
}

Expected<std::string> compilerTrainingOptions(const training::TrainingConfig &config, bool logits) {
  if (!config.adapter.empty() && config.peftUseDora)
    return Error{ErrorCode::Usage, "peft_use_dora: true is not there yet: this version trains all weights or lora"};
  if (!config.adapter.empty() && config.loraTargetModules.empty() && !config.loraTargetLinear)
    return Error{ErrorCode::Usage,
                 "adapter: say which layers get one, by lora_target_modules or lora_target_linear: true"};
  if (logits && config.samplePacking)
    return Error{
        ErrorCode::Usage,
        "--record-logits: rows of several examples (sample_packing: true) can't be compared with what is deployed"};
  nlohmann::json options;
  options["logits"] = logits;
  // What is quantized already stays as it is.
  options["load_in_4bit"] = config.adapter == "qlora";
  options["objective"] = config.learnsRewards()                                  ? "reward"
                         : config.exampleKind() == training::ExampleKind::Prompt ? "ppo_rollout"
                         : config.exampleKind() == training::ExampleKind::Judged ? "kto_unpaired"
                         : !config.rl.empty()                                    ? config.rl
                         : !config.teacher.empty()                               ? "distill_labels"
                         : config.hasOwnLoss()                                   ? "clm"
                                                                                 : config.loss;
  if (config.hasOwnLoss()) {
    // By its text: an artifact that is kept is of this loss, and not of what the file was once.
    const std::string path = config.resolve(config.loss);
    auto file = MappedFile::open(path);
    if (!file)
      return Error{ErrorCode::Usage, "loss: " + file.error().message};
    if (file->bytes().empty() || file->bytes().size() > (1 << 20))
      return Error{ErrorCode::Usage, "loss: " + path + " has " + std::to_string(file->bytes().size()) +
                                         " bytes; a loss has up to 1048576"};
    options["loss_name"] = path;
    options["loss_text"] = std::string(reinterpret_cast<const char *>(file->bytes().data()), file->bytes().size());
  }
  options["precision"] = config.bf16 ? "bf16" : config.fp16 ? "f16" : "";
  options["packed"] = config.samplePacking;
  if (!config.gradientCheckpointing) {
    options["recompute_budget"] = config.recomputeBudget.empty() ? "all" : config.recomputeBudget;
    const bool pairs = config.exampleKind() == training::ExampleKind::Pair;
    options["tokens"] = config.microBatchSize * config.sequenceLen * (pairs ? 2 : 1);
    options["context"] = config.sequenceLen;
  }
  options["temperature"] = config.kdTemperature;
  options["kl_beta"] = config.klCoef;
  options["value_weight"] = config.vfCoef;
  options["gamma"] = config.gaeGamma;
  options["gae_lambda"] = config.gaeLambda;
  options["clip"] = config.clipRange;
  options["value_clip"] = config.clipRangeValue;
  options["reverse"] = config.kdReverse;
  if (!config.adapter.empty()) {
    options["lora_rank"] = config.loraR;
    options["lora_dropout"] = config.loraDropout;
    options["lora_scale"] =
        config.loraAlpha / (config.peftUseRslora ? std::sqrt(double(config.loraR)) : double(config.loraR));
    if (!config.loraTargetLinear)
      options["lora_targets"] = moduleExpression(config.loraTargetModules);
  }
  // Where states are is not the program's business.
  constexpr std::string_view paged = "paged_";
  options["optimizer"] = config.optimizer.substr(config.hasPagedState() ? paged.size() : 0);
  options["momentum"] = config.momentum;
  options["nesterov"] = config.nesterov;
  options["weight_decay"] = config.weightDecay;
  options["max_norm"] = config.maxGradNorm;
  options["beta1"] = config.adamBeta1;
  options["beta2"] = config.adamBeta2;
  options["eps"] = config.adamEpsilon;
  options["beta"] = config.rlBeta;
  options["desirable_weight"] = config.ktoDesirableWeight;
  options["undesirable_weight"] = config.ktoUndesirableWeight;
  options["margin"] = config.simpoGamma;
  options["lambda"] = config.orpoAlpha;
  return options.dump();
}

} // namespace ph::tool
