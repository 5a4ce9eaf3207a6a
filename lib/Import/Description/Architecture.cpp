#include "Architecture.h"
#include "DescriptionReader.h"
#include "Extend.h"
#include <algorithm>

namespace ph {

bool isDescriptionName(std::string_view text) {
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && std::all_of(text.begin(), text.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
  });
}

Status DescriptionReader::read(const LinedJson &root) {
  if (!root.is(Kind::Object))
    return at(root, "a description is an object { … }");
  const LinedJson *schema = root.find("schema");
  if (!schema || !schema->is(Kind::Integer) || schema->integer != 1)
    return at(schema ? *schema : root, "\"schema\" must be 1");
  const LinedJson *family = root.find("family");
  if (!family || !family->is(Kind::String) || !isDescriptionName(family->string))
    return at(family ? *family : root, "\"family\" must be a name of small letters, digits and _");
  out.family = family->string;
  if (const LinedJson *about = root.find("about"); about && about->is(Kind::String))
    out.about = about->string;

  struct Part {
    std::string_view key;
    Kind kind;
    bool needed;
    Status (DescriptionReader::*read)(const LinedJson &);
  };
  // In this order, whatever the file's: what comes later refers to what came before.
  static constexpr Part parts[] = {
      {"matches", Kind::Object, true, &DescriptionReader::readMatches},
      {"prefixes", Kind::Object, false, &DescriptionReader::readPrefixes},
      {"config", Kind::Object, true, &DescriptionReader::readConfig},
      {"checks", Kind::Array, false, &DescriptionReader::readChecks},
      {"weights", Kind::Object, true, &DescriptionReader::readWeights},
      {"refuse_tensors", Kind::Object, false, &DescriptionReader::readRefused},
      {"blocks", Kind::Object, false, &DescriptionReader::readBlocks},
      {"functions", Kind::Array, false, &DescriptionReader::readFunctions},
      {"forward", Kind::Array, false, &DescriptionReader::readForward},
  };
  for (const auto &[key, value] : root.members) {
    bool known =
        key == "schema" || key == "family" || key == "about" || key == "ignore_tensors" || key == "ignore_keys";
    if (!known && std::none_of(std::begin(parts), std::end(parts), [&](const Part &part) { return part.key == key; }))
      return at(value, "unknown key \"" + key + "\"");
  }
  for (const Part &part : parts) {
    const LinedJson *value = root.find(part.key);
    if (!value && !part.needed)
      continue;
    if (!value)
      return at(root, "\"" + std::string(part.key) + "\" is missing");
    if (!value->is(part.kind))
      return at(*value,
                "\"" + std::string(part.key) + "\" must be " + (part.kind == Kind::Array ? "a list" : "an object"));
    if (Status error = (this->*part.read)(*value))
      return error;
  }
  if (const LinedJson *ignored = root.find("ignore_tensors"))
    if (Status error = readNames(*ignored, out.ignoredTensors))
      return error;
  if (const LinedJson *ignored = root.find("ignore_keys"))
    if (Status error = readNames(*ignored, out.ignoredKeys))
      return error;
  if (out.functions.empty())
    return at(root, "\"forward\" is missing");
  return {};
}

Status DescriptionReader::strings(const LinedJson &value, std::vector<std::string> &into) {
  if (value.is(Kind::String)) {
    into.push_back(value.string);
    return {};
  }
  if (!value.is(Kind::Array))
    return at(value, "expected a string or a list of strings");
  for (const LinedJson &item : value.items) {
    if (!item.is(Kind::String))
      return at(item, "expected a string");
    into.push_back(item.string);
  }
  return {};
}

Status DescriptionReader::expression(const LinedJson &value, Expression &into) {
  if (value.isNumber() || value.is(Kind::Bool)) {
    into.kind = value.is(Kind::Integer) ? Expression::Kind::Integer
                : value.is(Kind::Real)  ? Expression::Kind::Real
                                        : Expression::Kind::Name;
    into.integer = value.integer;
    into.real = value.real;
    into.text = value.boolean ? "true" : "false";
    into.source =
        value.is(Kind::Bool) ? into.text : toString(value.is(Kind::Integer) ? Scalar(value.integer) : value.real);
    return {};
  }
  if (!value.is(Kind::String))
    return at(value, "expected a number or an expression in a string");
  Expected<Expression> parsed = parseExpression(value.string);
  if (!parsed)
    return at(value, parsed.error().message);
  into = std::move(*parsed);
  return {};
}

Status DescriptionReader::readMatches(const LinedJson &value) {
  for (const auto &[ecosystem, names] : value.members) {
    if (!isEcosystem(ecosystem))
      return at(names, "unknown ecosystem \"" + ecosystem + "\"; known are gguf, huggingface");
    if (Status error = strings(names, out.matches[ecosystem]))
      return error;
  }
  return {};
}

Status DescriptionReader::readPrefixes(const LinedJson &value) {
  for (const auto &[ecosystem, places] : value.members) {
    if (!isEcosystem(ecosystem) || !places.is(Kind::Object))
      return at(places, "expected an ecosystem with an object { name: [what it may stand for] }");
    for (const auto &[name, choices] : places.members) {
      if (!isDescriptionName(name) || name == "layer" || name == "expert" || name == "architecture")
        return at(choices, "\"" + name + "\" is no name of small letters, digits and _, or has a meaning already");
      if (Status error = strings(choices, out.prefixes[ecosystem][name]))
        return error;
      if (out.prefixes[ecosystem][name].empty())
        return at(choices, "\"" + name + "\" needs at least one text that it may stand for");
    }
  }
  return {};
}

Status DescriptionReader::readNames(const LinedJson &value, ByEcosystem<std::vector<std::string>> &into) {
  if (!value.is(Kind::Object))
    return at(value, "expected an object { ecosystem: [names] }");
  for (const auto &[ecosystem, names] : value.members) {
    if (!isEcosystem(ecosystem))
      return at(names, "\"" + ecosystem + "\" is no ecosystem; known are gguf, huggingface");
    if (Status error = strings(names, into[ecosystem]))
      return error;
  }
  return {};
}

Status DescriptionReader::readRefused(const LinedJson &value) {
  for (const auto &[ecosystem, names] : value.members) {
    if (!isEcosystem(ecosystem) || !names.is(Kind::Object))
      return at(names, "expected an ecosystem with an object { tensor: reason }");
    for (const auto &[tensor, reason] : names.members) {
      if (!reason.is(Kind::String))
        return at(reason, "expected the reason in a string");
      out.refusedTensors[ecosystem].emplace_back(tensor, reason.string);
    }
  }
  return {};
}

template <class T> static const T *findNamed(const std::vector<T> &list, std::string_view name) {
  auto it = std::find_if(list.begin(), list.end(), [&](const T &entry) { return entry.name == name; });
  return it == list.end() ? nullptr : &*it;
}

const WeightEntry *Architecture::findWeight(std::string_view name) const { return findNamed(weights, name); }
const ConfigEntry *Architecture::findConfig(std::string_view name) const { return findNamed(config, name); }

const Expression *ConfigEntry::fallbackIn(std::string_view ecosystem) const {
  auto it = fallback.find(ecosystem);
  if (it == fallback.end())
    it = fallback.find("");
  return it == fallback.end() ? nullptr : &it->second;
}

Error Architecture::errorAt(int line, const std::string &message) const {
  return {ErrorCode::BadModel, pathOf(line) + ":" + std::to_string(lineInFile(line)) + ": " + message};
}

std::string withNumber(std::string name, std::string_view place, int64_t number) {
  const std::string text = std::to_string(number);
  for (size_t at = 0; (at = name.find(place, at)) != std::string::npos; at += text.size())
    name.replace(at, place.size(), text);
  return name;
}

Expected<std::shared_ptr<const Architecture>> parseArchitecture(std::string_view text, const std::string &path) {
  Expected<LinedJson> json = parseLinedJson(text, path);
  if (!json)
    return json.error();
  auto result = std::make_shared<Architecture>();
  result->paths = {path};
  json = extendDescription(std::move(*json), result->paths);
  if (!json)
    return json.error();
  if (Status failure = DescriptionReader(*result).read(*json))
    return failure.error();
  return std::shared_ptr<const Architecture>(std::move(result));
}

} // namespace ph
