// Reads an adapter of PEFT, strictly: a key that could change what the adapter means is understood or refused.
#include "powerhouse/Import/LoraAdapter.h"
#include "runtime/base/Json.h"
#include "runtime/base/MappedFile.h"
#include "runtime/base/Quote.h"
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

namespace ph {
namespace {

constexpr std::string_view kPrefix = "base_model.model.";

/// Keys that say how the adapter was made or trained, or where its names come from, but not what it computes.
const std::set<std::string_view> &historyKeys() {
  static const std::set<std::string_view> keys = {
      "auto_mapping",
      "base_model_name_or_path",
      "corda_config",
      "ensure_weight_tying",
      "eva_config",
      "exclude_modules",
      "inference_mode",
      "layers_pattern",
      "layers_to_transform",
      "loftq_config",
      "lora_dropout",
      "lora_ga_config",
      "megatron_core",
      "monteclora_config",
      "peft_version",
      "qalora_group_size",
      "revision",
      "runtime_config",
      "task_type",
      "velora_config",
      "peft_type",
      "r",
      "lora_alpha",
      "use_rslora",
      "target_modules",
      "modules_to_save",
      "bias",
      "fan_in_fan_out",
      "init_lora_weights",
      "rank_pattern",
      "alpha_pattern",
  };
  return keys;
}

/// Whether a key's value turns its feature off.
bool isOff(const nlohmann::json &value) {
  return value.is_null() || (value.is_boolean() && !value.get<bool>()) || (value.is_structured() && value.empty());
}

bool isAtEnd(std::string_view module, std::string_view name) {
  return module.ends_with(name) && (module.size() == name.size() || module[module.size() - name.size() - 1] == '.');
}

} // namespace

class LoraReader {
public:
  explicit LoraReader(const std::string &folder) : folder(folder), configPath(folder + "/adapter_config.json") {}

  Expected<std::shared_ptr<const LoraAdapter>> read() {
    adapter->folder = folder;
    Status error = readConfig();
    if (!error)
      error = checkKeys();
    if (!error)
      error = readNumbers();
    if (!error)
      error = readTensors();
    if (!error)
      error = makeTargets();
    if (error)
      return error.error();
    return std::shared_ptr<const LoraAdapter>(std::move(adapter));
  }

private:
  struct Pair {
    const SafetensorsTensor *down = nullptr, *up = nullptr;
    bool embedding = false;
  };

  Error badKey(std::string_view key, const std::string &what) const {
    return {ErrorCode::BadModel, configPath + ": key " + quoteText(key) + " " + what};
  }
  Error badTensor(std::string_view name, const std::string &what) const {
    return {ErrorCode::BadModel, weightsPath + ": tensor " + quoteText(name) + " " + what};
  }

  Status readConfig() {
    auto text = MappedFile::open(configPath);
    if (!text)
      return Error{ErrorCode::BadModel, folder + ": no adapter: " + text.error().message};
    auto parsed = parseJson({reinterpret_cast<const char *>(text->bytes().data()), text->bytes().size()}, configPath);
    if (!parsed)
      return parsed.error();
    config = std::move(*parsed);
    if (!config.is_object())
      return Error{ErrorCode::BadModel, configPath + ": is no JSON object"};
    return {};
  }

  Status checkKeys() const {
    const std::string *kind = jsonString(config, "peft_type");
    if (!kind || *kind != "LORA")
      return badKey("peft_type", "is " + (kind ? quoteText(*kind) : std::string("missing")) +
                                     ", but only adapters of type LORA are read");
    for (const auto &[key, value] : config.items())
      if (!historyKeys().count(key) && !isOff(value) && key != "megatron_config")
        return badKey(key, "is set, which changes how the adapter is applied in a way that isn't supported; merge it "
                           "with PEFT (merge_and_unload) and compile the result");
    // These take something out of the model's weights when they are made.
    if (const std::string *how = jsonString(config, "init_lora_weights"))
      for (std::string_view changing : {"pissa", "olora", "corda", "loftq", "lora_ga"})
        if (how->starts_with(changing))
          return badKey("init_lora_weights", "is " + quoteText(*how) +
                                                 ", so the adapter belongs to other weights than the model's; convert "
                                                 "it to a plain one with PEFT's save_pretrained "
                                                 "(path_initial_model_for_weight_conversion)");
    return {};
  }

  Status readNumbers() {
    auto rank = jsonInteger(config, "r");
    if (!rank || *rank < 1 || *rank > 65536)
      return badKey("r", "must be an integer from 1 to 65536");
    ranks.insert(*rank);
    if (auto *alpha = jsonMember(config, "lora_alpha"); alpha && alpha->is_number())
      defaultAlpha = alpha->get<double>();
    if (!std::isfinite(defaultAlpha) || std::abs(defaultAlpha) > 1e9)
      return badKey("lora_alpha", "must be a finite number");
    for (const char *key : {"use_rslora", "fan_in_fan_out"})
      if (auto *flag = jsonMember(config, key)) {
        if (!flag->is_boolean() && !flag->is_null())
          return badKey(key, "must be true or false");
        (key == std::string_view("use_rslora") ? rootScale : transposed) = flag->is_boolean() && flag->get<bool>();
      }
    for (const char *key : {"rank_pattern", "alpha_pattern"})
      if (Status error = readPattern(key))
        return error;
    const std::string *biases = jsonString(config, "bias");
    hasBiases = biases && *biases != "none";
    if (auto *saved = jsonMember(config, "modules_to_save"); saved && !saved->is_null()) {
      if (!saved->is_array())
        return badKey("modules_to_save", "must be a list of names");
      for (const nlohmann::json &name : *saved)
        savedModules.insert(name.is_string() ? name.get<std::string>() : "");
    }
    return {};
  }

  /// Ranks and alphas of modules by the ends of their names. PEFT takes regular expressions, too.
  Status readPattern(const char *key) {
    const nlohmann::json *pattern = jsonMember(config, key);
    if (!pattern || pattern->is_null())
      return {};
    if (!pattern->is_object())
      return badKey(key, "must be an object");
    for (const auto &[name, value] : pattern->items()) {
      if (!value.is_number() || !std::isfinite(value.get<double>()))
        return badKey(key, "has no number for " + quoteText(name));
      if (key == std::string_view("rank_pattern")) {
        ranks.insert(int64_t(std::clamp(value.get<double>(), 0.0, 65536.0)));
        continue;
      }
      if (name.find_first_of("\\^$*+?()[]{}|") != std::string::npos)
        return badKey(key, "has the regular expression " + quoteText(name) + ", but only names of modules are read");
      alphas.emplace_back(name, value.get<double>());
    }
    return {};
  }

  Status readTensors() {
    weightsPath = folder + "/adapter_model.safetensors";
    std::error_code ignored;
    if (!std::filesystem::exists(weightsPath, ignored))
      return Error{ErrorCode::BadModel,
                   folder + ": has no adapter_model.safetensors; adapters in other forms (adapter_model.bin) are not "
                            "read"};
    auto opened = SafetensorsFile::open(weightsPath);
    if (!opened)
      return Error{ErrorCode::BadModel, opened.error().message};
    adapter->file = std::move(*opened);
    for (const SafetensorsTensor &tensor : adapter->file->tensors())
      if (Status error = sortIn(tensor))
        return error;
    return {};
  }

  Status sortIn(const SafetensorsTensor &tensor) {
    std::string_view name = tensor.name;
    if (!name.starts_with(kPrefix))
      return badTensor(name, "doesn't begin with '" + std::string(kPrefix) + "', as those of PEFT do");
    name.remove_prefix(kPrefix.size());
    for (auto [ending, isUp, isTable] : {std::tuple(".lora_A.weight", false, false),
                                         {".lora_B.weight", true, false},
                                         {".lora_embedding_A", false, true},
                                         {".lora_embedding_B", true, true}})
      if (name.ends_with(ending)) {
        Pair &pair = pairs[std::string(name.substr(0, name.size() - std::string_view(ending).size()))];
        (isUp ? pair.up : pair.down) = &tensor;
        pair.embedding |= isTable;
        return {};
      }
    const size_t dot = name.rfind('.');
    const std::string_view module = name.substr(0, dot == std::string_view::npos ? 0 : dot);
    const bool isSaved = std::any_of(savedModules.begin(), savedModules.end(),
                                     [&](const std::string &saved) { return isAtEnd(module, saved); });
    if (!isSaved && !(hasBiases && name.ends_with(".bias")))
      return badTensor(tensor.name, "is neither a part of LoRA (lora_A, lora_B) nor of a module of modules_to_save");
    adapter->replacedList.emplace_back(std::string(name), &tensor);
    return {};
  }

  Status makeTargets() {
    if (pairs.empty())
      return Error{ErrorCode::BadModel, weightsPath + ": has no tensors of LoRA (lora_A, lora_B)"};
    for (const auto &[module, pair] : pairs) {
      const SafetensorsTensor *one = pair.down ? pair.down : pair.up;
      if (!pair.down || !pair.up)
        return badTensor(one->name, "has no counterpart: lora_A and lora_B belong together");
      for (const SafetensorsTensor *tensor : {pair.down, pair.up})
        if (tensor->shape.size() != 2 || tensor->elements() == 0)
          return badTensor(tensor->name, "has the shape " + shapeString(tensor->shape) +
                                             ", but only matrices are applied; convolutions are not supported");
      const int64_t rank = pair.down->shape[0];
      if (pair.up->shape[1] != rank || !ranks.count(rank))
        return badTensor(one->name, "has the rank " + std::to_string(rank) +
                                        ", which is neither its counterpart's nor "
                                        "that of the keys 'r' and 'rank_pattern' of adapter_config.json");
      if (!isNamed(module))
        return badTensor(one->name, "is of a module that the key 'target_modules' of adapter_config.json doesn't name");
      adapter->targetList.push_back({module, pair.down, pair.up, rank,
                                     alphaOf(module) / (rootScale ? std::sqrt(double(rank)) : double(rank)),
                                     transposed || pair.embedding});
    }
    return {};
  }

  /// By name where those are listed; what a regular expression or "all-linear" meant is known by the tensors only.
  bool isNamed(const std::string &module) const {
    const nlohmann::json *names = jsonMember(config, "target_modules");
    if (!names || !names->is_array())
      return true;
    return std::any_of(names->begin(), names->end(), [&](const nlohmann::json &name) {
      return name.is_string() && isAtEnd(module, name.get_ref<const std::string &>());
    });
  }

  double alphaOf(const std::string &module) const {
    for (const auto &[name, alpha] : alphas)
      if (isAtEnd(module, name))
        return alpha;
    return defaultAlpha;
  }

  std::string folder, configPath, weightsPath;
  nlohmann::json config;
  double defaultAlpha = std::nan("");
  bool rootScale = false, transposed = false, hasBiases = false;
  std::set<int64_t> ranks;
  std::set<std::string> savedModules;
  std::vector<std::pair<std::string, double>> alphas; ///< in the file's order: the first that fits counts
  std::map<std::string, Pair> pairs;
  std::shared_ptr<LoraAdapter> adapter = std::make_shared<LoraAdapter>();
};

int64_t LoraAdapter::rank() const {
  int64_t rank = 0;
  for (const LoraTarget &target : targetList)
    rank = std::max(rank, target.rank);
  return rank;
}

Expected<std::shared_ptr<const LoraAdapter>> LoraAdapter::open(const std::string &folder) {
  return LoraReader(folder).read();
}

} // namespace ph
