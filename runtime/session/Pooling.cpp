#include "runtime/session/Pooling.h"
#include "runtime/base/Quote.h"
#include "runtime/formats/GgufKeys.h"
#include "runtime/formats/HubFiles.h"
#include <algorithm>
#include <cmath>
#include <vector>

namespace ph {
namespace {

/// Of a module's config.json: the flags of older releases, or the name of newer ones.
Expected<PoolingKind> readPooling(const nlohmann::json &config, const std::string &where) {
  static constexpr std::pair<const char *, PoolingKind> flags[] = {{"pooling_mode_mean_tokens", PoolingKind::Mean},
                                                                   {"pooling_mode_cls_token", PoolingKind::Cls},
                                                                   {"pooling_mode_lasttoken", PoolingKind::Last}};
  std::optional<PoolingKind> found;
  if (const std::string *name = jsonString(config, "pooling_mode"))
    found = parsePoolingKind(*name == "lasttoken" ? "last" : *name);
  for (auto [flag, kind] : flags)
    if (jsonBool(config, flag).value_or(false))
      found = kind;
  size_t chosen = 0;
  if (config.is_object())
    for (const auto &[key, value] : config.items())
      chosen += key.starts_with("pooling_mode_") && value.is_boolean() && value.get<bool>();
  if (!found || chosen > 1)
    return Error{ErrorCode::BadModel, where + ": pools in a way that isn't known; mean, cls and lasttoken alone are; "
                                              "choose one with --pooling"};
  return *found;
}

/// Of a GGUF file, by llama.cpp's numbers; nothing where it says none.
Expected<std::optional<PoolingKind>> readGgufPooling(const GgufFile &metadata) {
  const GgufValue *value = findArchitectureKey(metadata, "pooling_type");
  if (!value || value->asInteger() == 0)
    return std::optional<PoolingKind>();
  static constexpr PoolingKind kinds[] = {PoolingKind::Mean, PoolingKind::Cls, PoolingKind::Last};
  const int64_t number = value->asInteger().value_or(-1);
  if (number < 1 || number > 3)
    return Error{ErrorCode::BadModel, metadata.path() +
                                          ": key 'pooling_type' is none of 0 to 3 (none, mean, cls, last); "
                                          "choose a kind with --pooling"};
  return std::optional(kinds[number - 1]);
}

} // namespace

std::optional<PoolingKind> parsePoolingKind(std::string_view name) {
  return name == "mean"   ? std::optional(PoolingKind::Mean)
         : name == "cls"  ? std::optional(PoolingKind::Cls)
         : name == "last" ? std::optional(PoolingKind::Last)
                          : std::nullopt;
}

Expected<EmbeddingRules> EmbeddingRules::of(const GgufFile &metadata, std::optional<PoolingKind> chosen) {
  EmbeddingRules rules;
  if (!chosen) {
    auto stated = readGgufPooling(metadata);
    if (!stated)
      return stated.error();
    rules.pooling = stated->value_or(rules.pooling);
  }
  rules.pooling = chosen.value_or(rules.pooling);
  auto limits = hubFile(metadata, "sentence_bert_config.json");
  if (!limits)
    return limits.error();
  if (auto most = jsonInteger(*limits, "max_seq_length"); most && *most > 0)
    rules.mostTokens = *most;
  auto modules = hubFile(metadata, "modules.json");
  if (!modules)
    return modules.error();
  if (!modules->is_array())
    return rules;
  rules.normalize = false;
  for (const nlohmann::json &module : *modules) {
    const std::string *type = jsonString(module, "type"), *path = jsonString(module, "path");
    const std::string kind = type ? type->substr(type->rfind('.') + 1) : "";
    if (kind == "Normalize") {
      rules.normalize = true;
    } else if (kind == "Pooling" && path) {
      if (chosen)
        continue;
      auto config = hubFile(metadata, *path + "/config.json");
      if (!config)
        return config.error();
      auto pooling = readPooling(*config, metadata.path() + ": " + *path + "/config.json");
      if (!pooling)
        return pooling.error();
      rules.pooling = *pooling;
    } else if (kind != "Transformer") {
      return Error{ErrorCode::BadModel, metadata.path() + ": modules.json: the module " + quoteText(kind) +
                                            " isn't known; Transformer, Pooling and Normalize are"};
    }
  }
  return rules;
}

void poolTokens(PoolingKind kind, std::span<const float> tokens, std::span<float> result) {
  const size_t width = result.size(), count = tokens.size() / width;
  if (kind != PoolingKind::Mean) {
    auto from = tokens.subspan(kind == PoolingKind::Cls ? 0 : (count - 1) * width, width);
    std::copy(from.begin(), from.end(), result.begin());
    return;
  }
  std::vector<double> sums(width, 0.0);
  for (size_t token = 0; token < count; ++token)
    for (size_t i = 0; i < width; ++i)
      sums[i] += tokens[token * width + i];
  for (size_t i = 0; i < width; ++i)
    result[i] = float(sums[i] / double(count));
}

void normalizeLength(std::span<float> vector) {
  double squares = 0;
  for (float value : vector)
    squares += double(value) * value;
  if (squares > 0)
    for (float &value : vector)
      value = float(value / std::sqrt(squares));
}

} // namespace ph
