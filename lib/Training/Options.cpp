#include "lib/Training/Objectives.h"
#include "powerhouse/Training/TrainingModule.h"
#include "runtime/base/ByteCount.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"
#include <cmath>

namespace ph {

Expected<TrainingOptions> TrainingOptions::parse(std::string_view json) {
  auto wrong = [](const std::string &what) { return Error{ErrorCode::Usage, "training options: " + what}; };
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(llvm::StringRef(json.data(), json.size()));
  if (!value)
    return wrong(llvm::toString(value.takeError()));
  llvm::json::Object *object = value->getAsObject();
  if (!object)
    return wrong("expected a JSON object");
  TrainingOptions options;
  const std::pair<llvm::StringRef, std::string *> texts[] = {
      {"objective", &options.objective},      {"loss_text", &options.lossText},
      {"loss_name", &options.lossName},       {"precision", &options.precision},
      {"trainable", &options.trainable},      {"optimizer", &options.optimizer},
      {"lora_targets", &options.loraTargets}, {"recompute_budget", &options.recomputeBudget}};
  const struct {
    llvm::StringRef name;
    int64_t *value, least, most;
  } integers[] = {{"lora_rank", &options.loraRank, 1, 65536},
                  {"tokens", &options.tokens, 1, int64_t(1) << 40},
                  {"context", &options.context, 0, int64_t(1) << 40}};
  const std::pair<llvm::StringRef, double *> numbers[] = {{"beta1", &options.beta1},
                                                          {"beta2", &options.beta2},
                                                          {"eps", &options.eps},
                                                          {"momentum", &options.momentum},
                                                          {"weight_decay", &options.weightDecay},
                                                          {"max_norm", &options.maxNorm},
                                                          {"beta", &options.beta},
                                                          {"desirable_weight", &options.desirableWeight},
                                                          {"undesirable_weight", &options.undesirableWeight},
                                                          {"margin", &options.margin},
                                                          {"lambda", &options.lambda},
                                                          {"gamma", &options.gamma},
                                                          {"gae_lambda", &options.gaeLambda},
                                                          {"clip", &options.clip},
                                                          {"kl_beta", &options.klBeta},
                                                          {"value_weight", &options.valueWeight},
                                                          {"value_clip", &options.valueClip},
                                                          {"temperature", &options.temperature},
                                                          {"lora_scale", &options.loraScale},
                                                          {"lora_dropout", &options.loraDropout}};
  const std::pair<llvm::StringRef, bool *> switches[] = {{"packed", &options.packed},
                                                         {"nesterov", &options.nesterov},
                                                         {"logits", &options.logits},
                                                         {"load_in_4bit", &options.loadIn4bit},
                                                         {"reverse", &options.reverse}};
  for (auto &[key, entry] : *object) {
    llvm::StringRef name = key;
    auto *flag = llvm::find_if(switches, [&](auto &each) { return each.first == name; });
    auto *text = llvm::find_if(texts, [&](auto &each) { return each.first == name; });
    auto *number = llvm::find_if(numbers, [&](auto &each) { return each.first == name; });
    if (text != std::end(texts)) {
      auto given = entry.getAsString();
      if (!given)
        return wrong("'" + name.str() + "' is no text");
      *text->second = given->str();
    } else if (auto *integer = llvm::find_if(integers, [&](auto &each) { return each.name == name; });
               integer != std::end(integers)) {
      auto given = entry.getAsInteger();
      if (!given || *given < integer->least || *given > integer->most)
        return wrong("'" + name.str() + "' is no number from " + std::to_string(integer->least) + " to " +
                     std::to_string(integer->most));
      *integer->value = *given;
    } else if (flag != std::end(switches)) {
      auto given = entry.getAsBoolean();
      if (!given)
        return wrong("'" + name.str() + "' is neither true nor false");
      *flag->second = *given;
    } else if (number != std::end(numbers)) {
      auto given = entry.getAsNumber();
      if (!given || !std::isfinite(*given))
        return wrong("'" + name.str() + "' is no finite number");
      *number->second = *given;
    } else {
      return wrong("there is no option '" + name.str() + "'");
    }
  }
  if (const std::string &budget = options.recomputeBudget;
      !budget.empty() && budget != "all" && !parseByteCount(budget))
    return wrong("'recompute_budget' is no number of bytes, nor all");
  if (options.context > options.tokens)
    return wrong("'context' is more than 'tokens'");
  if (!findObjective(options.objective))
    return wrong("there is no objective '" + options.objective + "': there are " + knownObjectives());
  static constexpr llvm::StringLiteral optimizers[] = {"adamw", "adamw_8bit", "adafactor", "lion", "sgd"};
  if (!llvm::is_contained(optimizers, options.optimizer))
    return wrong("there is no optimizer '" + options.optimizer + "': there are " +
                 llvm::join(llvm::ArrayRef(optimizers), ", "));
  if (!options.precision.empty() && options.precision != "bf16" && options.precision != "f16")
    return wrong("there is no precision '" + options.precision + "': there are bf16 and f16, and f32 without it");
  if (!(options.loraDropout >= 0 && options.loraDropout < 1))
    return wrong("'lora_dropout' is not from 0 to below 1");
  if (!(options.momentum >= 0 && options.momentum < 1))
    return wrong("'momentum' is not from 0 to below 1");
  if (options.nesterov && options.momentum == 0)
    return wrong("'nesterov' needs a momentum");
  return options;
}

} // namespace ph
