#include "runtime/base/ByteCount.h"
#include "runtime/base/MappedFile.h"
#include "runtime/base/NearestName.h"
#include "runtime/base/Quote.h"
#include "runtime/training/config/ConfigKeys.h"
#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <set>
#include <yaml-cpp/yaml.h>

namespace ph::training {

namespace fs = std::filesystem;

std::string TrainingConfig::resolve(const std::string &path) const {
  return folder.empty() || path.starts_with("/") ? path : (fs::path(folder) / path).lexically_normal().string();
}

bool TrainingConfig::hasOwnLoss() const {
  constexpr std::string_view known[] = {"clm", "mlm", "classification", "multi_label", "regression"};
  return std::find(std::begin(known), std::end(known), loss) == std::end(known);
}

ExampleKind TrainingConfig::exampleKind() const {
  if (rl == "kto" && !hasOwnLoss())
    return ExampleKind::Judged;
  if (rl == "ppo")
    return ExampleKind::Prompt;
  if (learnsRewards() || !rl.empty())
    return ExampleKind::Pair;
  return loss == "classification" || loss == "multi_label" || loss == "regression" ? ExampleKind::Labelled
                                                                                   : ExampleKind::Text;
}

namespace {

/// The whole of `text` as a number.
template <class T> std::optional<T> numberOf(const std::string &text) {
  T value{};
  const char *begin = text.data() + (text.starts_with("+") ? 1 : 0), *end = text.data() + text.size();
  auto [stop, failed] = std::from_chars(begin, end, value);
  if (failed != std::errc() || stop != end)
    return std::nullopt;
  return value;
}

/// YAML 1.1's words, as PyYAML reads them.
std::optional<bool> booleanOf(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  if (text == "true" || text == "yes" || text == "on")
    return true;
  if (text == "false" || text == "no" || text == "off")
    return false;
  return std::nullopt;
}

/// Puts the values of a YAML document into a configuration.
class Reader {
public:
  Reader(TrainingConfig &config, const std::string &name) : config(config), name(name) {}

  Status read(const YAML::Node &document) {
    if (!document.IsMap())
      return Error{ErrorCode::Usage,
                   name + ": has no keys: write lines of `key: value`; ph train --help-config lists them"};
    std::set<std::string> given;
    for (const auto &entry : document) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      const ConfigKey *known = findConfigKey(key);
      if (!known)
        return unknown(entry.first, "key", key, keyNames(), "; ph train --help-config lists them all");
      if (!given.insert(key).second)
        return at(entry.first, "the key " + key + " is given twice");
      if (entry.second.IsNull()) // "key:" alone
        continue;
      if (auto e = std::visit([&](auto member) { return value(*known, entry.second, config.*member); }, known->member))
        return e;
    }
    for (const ConfigSection &section : configSections())
      for (const ConfigKey &key : section.keys)
        if (key.required && !given.contains(std::string(key.name)))
          return Error{ErrorCode::Usage,
                       name + ": the key " + std::string(key.name) + " is missing: " + std::string(key.doc)};
    return {};
  }

private:
  std::string where(const YAML::Node &node) const { return name + ":" + std::to_string(node.Mark().line + 1); }
  Error at(const YAML::Node &node, const std::string &what) const {
    return {ErrorCode::Usage, where(node) + ": " + what};
  }
  Error unknown(const YAML::Node &node, const std::string &kind, const std::string &written,
                const std::vector<std::string_view> &known, const std::string &more) const {
    const std::string_view nearest = nearestName(written, known);
    return at(node, "there is no " + kind + " " + quoteText(written) +
                        (nearest.empty() ? "" : "; the nearest is " + std::string(nearest)) + more);
  }
  static std::vector<std::string_view> keyNames() {
    std::vector<std::string_view> names;
    for (const ConfigSection &section : configSections())
      for (const ConfigKey &key : section.keys)
        names.push_back(key.name);
    return names;
  }

  Error wrongType(const ConfigKey &key, const YAML::Node &node, const char *wanted) const {
    return at(node, std::string(key.name) + " wants " + wanted + ", but is " +
                        (node.IsScalar() ? quoteText(node.Scalar())
                         : node.IsMap()  ? "a map"
                                         : "a list"));
  }
  Status inRange(const ConfigKey &key, const YAML::Node &node, double value) const {
    if (std::isfinite(value) && value >= key.least && value <= key.most)
      return {};
    auto text = [](double bound) {
      std::string digits(32, '\0');
      digits.resize(size_t(std::to_chars(digits.data(), digits.data() + digits.size(), bound).ptr - digits.data()));
      return digits;
    };
    std::string wanted = key.least > 0 && key.least < 1e-300 ? " above 0" : " from " + text(key.least);
    wanted += std::isfinite(key.most) ? " to " + text(key.most) : "";
    return at(node, std::string(key.name) + " wants a number" + wanted + ", but is " + quoteText(node.Scalar()));
  }

  Status value(const ConfigKey &key, const YAML::Node &node, bool &out) {
    auto read = node.IsScalar() ? booleanOf(node.Scalar()) : std::nullopt;
    if (!read)
      return wrongType(key, node, "true or false");
    out = *read;
    return {};
  }
  Status value(const ConfigKey &key, const YAML::Node &node, int64_t &out) {
    auto read = node.IsScalar() ? numberOf<int64_t>(node.Scalar()) : std::nullopt;
    if (!read)
      return wrongType(key, node, "an integer");
    out = *read;
    return inRange(key, node, double(out));
  }
  Status value(const ConfigKey &key, const YAML::Node &node, double &out) {
    auto read = node.IsScalar() ? numberOf<double>(node.Scalar()) : std::nullopt;
    if (!read)
      return wrongType(key, node, "a number");
    out = *read;
    return inRange(key, node, out);
  }
  Status value(const ConfigKey &key, const YAML::Node &node, std::string &out) {
    if (!node.IsScalar())
      return wrongType(key, node, "a text");
    out = node.Scalar();
    if (key.choices.empty())
      return {};
    std::vector<std::string_view> known;
    for (std::string_view rest = key.choices; !rest.empty();) {
      const size_t end = std::min(rest.find(' '), rest.size());
      const std::string_view choice = rest.substr(0, end), alias = choice.substr(0, choice.find('='));
      if (out == alias) {
        out = choice.substr(alias == choice ? 0 : alias.size() + 1);
        return {};
      }
      known.push_back(alias);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    std::string all;
    for (std::string_view choice : known)
      all += (all.empty() ? ": " : ", ") + std::string(choice);
    return unknown(node, std::string(key.name), node.Scalar(), known, "; it is one of" + all);
  }
  Status value(const ConfigKey &key, const YAML::Node &node, std::vector<std::string> &out) {
    out.clear();
    if (node.IsScalar()) { // one text is a list of one
      out.push_back(node.Scalar());
      return {};
    }
    if (!node.IsSequence())
      return wrongType(key, node, "a list of texts");
    for (const YAML::Node &item : node) {
      if (!item.IsScalar())
        return wrongType(key, item, "a list of texts");
      out.push_back(item.Scalar());
    }
    return {};
  }
  Status value(const ConfigKey &key, const YAML::Node &node, std::vector<DatasetConfig> &out) {
    if (!node.IsSequence() || node.size() == 0)
      return wrongType(key, node, "a list of data sets, each with path and type");
    for (const YAML::Node &item : node) {
      if (!item.IsMap())
        return wrongType(key, item, "a list of data sets, each with path and type");
      DatasetConfig dataset;
      dataset.origin = where(item);
      for (const auto &entry : item) {
        const std::string field = entry.first.IsScalar() ? entry.first.Scalar() : "";
        if (field != "path" && field != "type")
          return unknown(entry.first, "key of a data set", field, {"path", "type"}, "");
        if (!entry.second.IsScalar())
          return at(entry.second, field + " of a data set wants a text");
        (field == "path" ? dataset.path : dataset.type) = entry.second.Scalar();
        std::vector<std::string_view> known;
        for (const DatasetType &type : datasetTypes())
          known.push_back(type.name);
        if (field == "type" && std::find(known.begin(), known.end(), dataset.type) == known.end())
          return unknown(entry.second, "type of data sets", dataset.type, known, "");
      }
      if (dataset.path.empty())
        return at(item, "a data set has no path");
      out.push_back(std::move(dataset));
    }
    return {};
  }

  TrainingConfig &config;
  const std::string &name;
};

/// Keys that contradict each other.
Status checkTogether(const TrainingConfig &config, const std::string &name) {
  auto wrong = [&](const char *what) { return Error{ErrorCode::Usage, name + ": " + what}; };
  if (config.warmupSteps > 0 && config.warmupRatio > 0)
    return wrong("warmup_steps and warmup_ratio are both given; one is enough");
  if (config.bf16 && config.fp16)
    return wrong("bf16 and fp16 are both true; choose one");
  if (config.optimizer != "sgd" && (config.momentum > 0 || config.nesterov))
    return wrong("momentum and nesterov are of the optimizer sgd; the others have their own");
  if (config.nesterov && config.momentum == 0)
    return wrong("nesterov needs a momentum");
  if (config.hasOwnLoss() && !config.loss.ends_with(".mlir"))
    return wrong(
        "loss is clm, mlm, classification, multi_label or regression, or a file of IR whose name ends in .mlir");
  if (!config.teacher.empty() && (config.loss != "clm" || config.learnsRewards() || !config.rl.empty()))
    return wrong("teacher is given, and loss, rl or reward_model; choose one");
  if (!config.hasOwnLoss() && config.loss != "clm" && (config.learnsRewards() || !config.rl.empty()))
    return wrong("loss and rl or reward_model are both given; choose one");
  if (config.gradientCheckpointing && !config.recomputeBudget.empty())
    return wrong("gradient_checkpointing: true keeps nothing, and recompute_budget says how much; one is enough");
  if (!config.recomputeBudget.empty() && !parseByteCount(config.recomputeBudget))
    return wrong("recompute_budget wants a number of bytes, as 300MiB, 1GB or 4096");
  const bool isFolder = !config.rewardModel.empty() && !config.learnsRewards();
  if (config.learnsRewards() && !config.rl.empty())
    return wrong("reward_model and rl are both given; choose one");
  if (isFolder != (config.rl == "ppo"))
    return wrong(isFolder ? "reward_model is a model only for rl: ppo; else it is true or false"
                          : "rl: ppo needs reward_model, a model that gives one number of a text");
  if (config.rl == "ppo" && (config.valSetSize > 0 || !config.testDatasets.empty() || config.hasOwnLoss()))
    return wrong(
        "rl: ppo has no evaluation (val_set_size, test_datasets) and no loss of one's own; its log has rewards");
  if (config.valSetSize > 0 && !config.testDatasets.empty())
    return wrong("val_set_size and test_datasets are both given; choose one");
  if (config.valSetSize >= 1 && config.valSetSize != std::floor(config.valSetSize))
    return wrong("val_set_size is a number of examples from 1 on, so it has no fraction");
  if (config.samplePacking && (config.exampleKind() != ExampleKind::Text || config.masksTokens()))
    return wrong("sample_packing does not go with pairs (rl, reward_model), mlm or labels of texts");
  if (config.loadIn4bit && config.adapter != "qlora")
    return wrong("load_in_4bit needs adapter: qlora: quantized weights don't learn");
  if (!config.adapter.empty() && config.loraTargetModules.empty() && !config.loraTargetLinear)
    return wrong("an adapter needs lora_target_modules, or lora_target_linear: true");
  if (config.loraTargetLinear && !config.loraTargetModules.empty())
    return wrong("lora_target_modules and lora_target_linear are both given; choose one");
  return {};
}

} // namespace

Expected<TrainingConfig> parseTrainingConfig(const std::string &text, const std::string &name) {
  TrainingConfig config;
  config.folder = fs::path(name).parent_path().string();
  // The library reports with exceptions; none of them leaves this function.
  try {
    if (auto e = Reader(config, name).read(YAML::Load(text)))
      return e.error();
  } catch (const YAML::Exception &thrown) {
    return Error{ErrorCode::Usage, name + ":" + std::to_string(thrown.mark.line + 1) + ": is no YAML: " + thrown.msg};
  }
  if (auto flag = booleanOf(config.rewardModel))
    config.rewardModel = *flag ? "true" : "";
  if (auto e = checkTogether(config, name))
    return e.error();
  return config;
}

Expected<TrainingConfig> readTrainingConfig(const std::string &path) {
  auto file = MappedFile::open(path);
  if (!file)
    return file.error();
  constexpr size_t most = 1 << 20;
  if (file->bytes().size() > most)
    return Error{ErrorCode::Usage, path + ": has " + std::to_string(file->bytes().size()) +
                                       " bytes; a configuration has at most " + std::to_string(most)};
  return parseTrainingConfig({reinterpret_cast<const char *>(file->bytes().data()), file->bytes().size()}, path);
}

} // namespace ph::training
