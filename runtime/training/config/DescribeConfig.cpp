#include "runtime/training/config/ConfigKeys.h"
#include <array>
#include <charconv>
#include <cmath>

namespace ph::training {
namespace {

std::string shortest(double value) {
  std::array<char, 32> text;
  auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

/// What a value of the key looks like.
struct TypeName {
  std::string operator()(bool TrainingConfig::*) const { return "true or false"; }
  std::string operator()(int64_t TrainingConfig::*) const { return "integer"; }
  std::string operator()(double TrainingConfig::*) const { return "number"; }
  std::string operator()(std::string TrainingConfig::*) const { return "text"; }
  std::string operator()(std::vector<std::string> TrainingConfig::*) const { return "list of texts"; }
  std::string operator()(std::vector<DatasetConfig> TrainingConfig::*) const { return "list"; }
};

struct DefaultText {
  const TrainingConfig &defaults;
  std::string operator()(bool TrainingConfig::*member) const { return defaults.*member ? "true" : "false"; }
  std::string operator()(int64_t TrainingConfig::*member) const { return std::to_string(defaults.*member); }
  std::string operator()(double TrainingConfig::*member) const { return shortest(defaults.*member); }
  std::string operator()(std::string TrainingConfig::*member) const { return defaults.*member; }
  std::string operator()(std::vector<std::string> TrainingConfig::*) const { return ""; }
  std::string operator()(std::vector<DatasetConfig> TrainingConfig::*) const { return ""; }
};

std::string rangeOf(const ConfigKey &key) {
  const bool numeric = std::holds_alternative<int64_t TrainingConfig::*>(key.member) ||
                       std::holds_alternative<double TrainingConfig::*>(key.member);
  if (!numeric)
    return "";
  const bool above = key.least > 0 && key.least < 1e-300;
  std::string text = above ? ", above 0" : std::isfinite(key.least) ? ", from " + shortest(key.least) : "";
  if (std::isfinite(key.most) && key.most < 2147483647)
    text += (text.empty() ? ", to " : " to ") + shortest(key.most);
  return text;
}

/// "a, b (or c), d" of choices "a b c=b d".
std::string choicesOf(std::string_view choices) {
  std::string text;
  while (!choices.empty()) {
    const size_t end = std::min(choices.find(' '), choices.size());
    const std::string_view choice = choices.substr(0, end);
    if (const size_t equals = choice.find('='); equals == std::string_view::npos)
      text += (text.empty() ? "" : ", ") + std::string(choice);
    else if (text.ends_with(")"))
      text.insert(text.size() - 1, ", " + std::string(choice.substr(0, equals)));
    else
      text += " (or " + std::string(choice.substr(0, equals)) + ")";
    choices.remove_prefix(std::min(end + 1, choices.size()));
  }
  return text;
}

/// Appends `text` in lines of at most 100 columns that begin with `indent` spaces, with the first one's there already.
void wrap(std::string &out, std::string_view text, size_t indent) {
  size_t column = indent;
  bool first = true;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (!first && column + 1 + end > 100) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
      first = true;
    }
    out += (first ? "" : " ") + std::string(text.substr(0, end));
    column += end + !first;
    first = false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out += "\n";
}

constexpr size_t nameColumns = 30;

void describe(std::string &out, std::string_view name, std::string_view text) {
  out += "  " + std::string(name);
  out.append(nameColumns - std::min(nameColumns, out.size() - out.rfind('\n') - 1), ' ');
  wrap(out, text, nameColumns);
}

} // namespace

std::string describeConfigKeys() {
  const TrainingConfig defaults;
  std::string out;
  for (const ConfigSection &section : configSections()) {
    out += std::string(out.empty() ? "" : "\n") + std::string(section.title) + "\n";
    for (const ConfigKey &key : section.keys) {
      std::string text = std::string(key.doc) + " [";
      text += key.choices.empty() ? std::visit(TypeName(), key.member) + rangeOf(key) : choicesOf(key.choices);
      const std::string value = std::visit(DefaultText{defaults}, key.member);
      text += key.required ? "; required]" : value.empty() ? "]" : "; default " + value + "]";
      describe(out, key.name, text);
    }
  }
  out += "\nTypes of data sets, JSON lines with these keys\n";
  for (const DatasetType &type : datasetTypes())
    describe(out, type.name, type.doc);
  return out;
}

nlohmann::json configToJson(const TrainingConfig &config) {
  nlohmann::json result = nlohmann::json::object();
  for (const ConfigSection &section : configSections())
    for (const ConfigKey &key : section.keys) {
      if (key.onResume == OnResume::Free)
        continue;
      result[std::string(key.name)] = std::visit(
          [&](auto member) -> nlohmann::json {
            if constexpr (std::is_same_v<decltype(member), std::vector<DatasetConfig> TrainingConfig::*>) {
              auto list = nlohmann::json::array();
              for (const DatasetConfig &dataset : config.*member)
                list.push_back({{"path", dataset.path}, {"type", dataset.type}});
              return list;
            } else {
              return config.*member;
            }
          },
          key.member);
    }
  return result;
}

} // namespace ph::training
