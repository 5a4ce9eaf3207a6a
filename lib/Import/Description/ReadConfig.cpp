// "config" and "checks" of a description.
#include "DescriptionReader.h"
#include <algorithm>

namespace ph {

using Type = ConfigEntry::Type;

Status DescriptionReader::readConfig(const LinedJson &value) {
  for (const auto &[name, entry] : value.members) {
    ConfigEntry config;
    config.name = name;
    config.line = entry.line;
    if (!isDescriptionName(name) || name == "layer" || name == "ecosystem" || name == "none" || name == "true" ||
        name == "false")
      return at(entry, "\"" + name + "\" is no name of small letters, digits and _, or has a meaning already");
    if (!entry.is(Kind::Object))
      return at(entry, "\"" + name + "\" must be an object");
    if (Status error = readConfigEntry(entry, config))
      return error;
    out.config.push_back(std::move(config));
  }
  // What every module says of its model.
  for (std::string_view needed : {"layers", "vocabulary", "context_length"}) {
    const ConfigEntry *entry = out.findConfig(needed);
    if (!entry || entry->type != Type::Integer || entry->isList || entry->range->first < 1)
      return at(value, "\"config\" needs an integer \"" + std::string(needed) + "\" with a range from 1 or more");
  }
  return {};
}

Status DescriptionReader::readConfigEntry(const LinedJson &entry, ConfigEntry &config) {
  static constexpr std::string_view ropeParts[] = {"dim", "base", "style", "original", "factor"};
  const LinedJson *type = entry.find("type");
  if (!type)
    return at(entry, "\"" + config.name + "\" needs a \"type\"");
  if (Status error = readType(*type, config))
    return error;
  for (const auto &[key, value] : entry.members) {
    if (key == "about" || key == "type")
      continue;
    if (config.type == Type::Rope && std::count(std::begin(ropeParts), std::end(ropeParts), key)) {
      if (Status error = expression(value, config.rope[key]))
        return error;
    } else if (key == "range") {
      if (!value.is(Kind::Array) || value.items.size() != 2 || !value.items[0].isNumber() ||
          !value.items[1].isNumber() || value.items[0].real > value.items[1].real)
        return at(value, "\"range\" must be [least, greatest]");
      config.range = {value.items[0].real, value.items[1].real};
    } else if (key == "one_of") {
      if (Status error = readOneOf(value, config))
        return error;
    } else if (key == "null") {
      if (Status error = condition(value, config.ofNull))
        return error;
    } else if (key == "default") {
      if (Status error = readFallback(value, config))
        return error;
    } else if (isEcosystem(key)) {
      if (Status error = strings(value, config.keys[key]))
        return error;
    } else {
      return at(value, "unknown key \"" + key + "\" in the entry \"" + config.name + "\"");
    }
  }
  return checkConfigEntry(entry, config);
}

Status DescriptionReader::readType(const LinedJson &value, ConfigEntry &config) {
  struct Known {
    std::string_view name;
    Type type;
    bool isList;
  };
  static constexpr Known types[] = {{"integer", Type::Integer, false},       {"number", Type::Number, false},
                                    {"string", Type::String, false},         {"boolean", Type::Boolean, false},
                                    {"activation", Type::Activation, false}, {"rope", Type::Rope, false},
                                    {"integers", Type::Integer, true},       {"numbers", Type::Number, true},
                                    {"strings", Type::String, true},         {"booleans", Type::Boolean, true}};
  for (const Known &known : types)
    if (value.is(Kind::String) && value.string == known.name) {
      config.type = known.type;
      config.isList = known.isList;
      return {};
    }
  return at(value, "\"type\" must be integer, number, string, boolean, activation, rope, or integers, numbers, "
                   "strings, booleans for a list");
}

Status DescriptionReader::readOneOf(const LinedJson &value, ConfigEntry &config) {
  if (!value.is(Kind::Object)) {
    std::vector<std::string> names;
    if (Status error = strings(value, names))
      return error;
    for (std::string &name : names)
      config.oneOf.emplace_back(std::move(name), std::nullopt);
    return {};
  }
  for (const auto &[said, meant] : value.members) {
    if (meant.is(Kind::Null)) { // itself
      config.oneOf.emplace_back(said, std::nullopt);
      continue;
    }
    bool isText = (config.type == Type::String || config.type == Type::Activation) && meant.is(Kind::String);
    bool isFlag = config.type == Type::Boolean && meant.is(Kind::Bool);
    bool isNumber =
        (config.type == Type::Integer && meant.is(Kind::Integer)) || (config.type == Type::Number && meant.isNumber());
    if (!isText && !isFlag && !isNumber)
      return at(meant, "what \"" + said + "\" means must be of the entry's type");
    config.oneOf.emplace_back(said, isText                         ? Scalar(meant.string)
                                    : isFlag                       ? Scalar(meant.boolean)
                                    : config.type == Type::Integer ? Scalar(meant.integer)
                                                                   : Scalar(meant.real));
  }
  return {};
}

Status DescriptionReader::readFallback(const LinedJson &value, ConfigEntry &config) {
  if (!value.is(Kind::Object))
    return expression(value, config.fallback[""]);
  for (const auto &[ecosystem, item] : value.members) {
    if (!isEcosystem(ecosystem))
      return at(item, "\"" + ecosystem + "\" is no ecosystem; known are gguf, huggingface");
    if (Status error = expression(item, config.fallback[ecosystem]))
      return error;
  }
  return {};
}

Status DescriptionReader::checkConfigEntry(const LinedJson &entry, const ConfigEntry &config) {
  if (config.type == Type::Rope) {
    if (!config.rope.count("dim") || !config.rope.count("base"))
      return at(entry, "\"" + config.name + "\" needs \"dim\" and \"base\"");
    return {};
  }
  if (config.keys.empty() && config.fallback.empty())
    return at(entry, "\"" + config.name + "\" has neither a key nor a default");
  bool numeric = config.type == Type::Integer || config.type == Type::Number;
  if (numeric && !config.range)
    return at(entry, "\"" + config.name + "\" needs a \"range\": a number from a file is never trusted");
  if (config.type == Type::String && config.oneOf.empty())
    return at(entry, "\"" + config.name + "\" needs \"one_of\": what the family supports");
  return {};
}

Status DescriptionReader::readChecks(const LinedJson &value) {
  for (const LinedJson &item : value.items) {
    const LinedJson *that = item.find("that"), *message = item.find("else");
    if (!that || !message || !message->is(Kind::String) || item.members.size() != 2)
      return at(item, "a check is {\"that\": condition, \"else\": message}");
    CheckEntry check;
    check.line = item.line;
    check.message = message->string;
    if (Status error = expression(*that, check.condition))
      return error;
    out.checks.push_back(std::move(check));
  }
  return {};
}

} // namespace ph
