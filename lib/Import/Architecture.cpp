#include "Architecture.h"
#include "LinedJson.h"
#include <algorithm>
#include <set>

namespace ph {
namespace {

using Kind = LinedJson::Kind;

bool isName(std::string_view text) {
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && std::all_of(text.begin(), text.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
  });
}

/// Reads a description; every method returns the first error it meets.
class Reader {
public:
  Reader(Architecture &out) : out(out) {}

  Status read(const LinedJson &root) {
    if (!root.is(Kind::Object))
      return at(root, "a description is an object { … }");
    static const std::set<std::string, std::less<>> known = {
        "schema",  "family",         "about",          "matches",     "config", "checks",
        "weights", "ignore_tensors", "refuse_tensors", "ignore_keys", "forward"};
    for (const auto &[key, value] : root.members)
      if (!known.count(key))
        return at(value, "unknown key \"" + key + "\"");
    const LinedJson *schema = root.find("schema");
    if (!schema || !schema->is(Kind::Integer) || schema->integer != 1)
      return at(schema ? *schema : root, "\"schema\" must be 1");
    const LinedJson *family = root.find("family");
    if (!family || !family->is(Kind::String) || !isName(family->string))
      return at(family ? *family : root, "\"family\" must be a name of small letters, digits and _");
    out.family = family->string;
    if (Status error =
            member(root, "matches", Kind::Object, [&](const LinedJson &value) { return readMatches(value); }))
      return error;
    if (Status error = member(root, "config", Kind::Object, [&](const LinedJson &value) { return readConfig(value); }))
      return error;
    if (root.find("checks"))
      if (Status error = member(root, "checks", Kind::Array, [&](const LinedJson &value) { return readChecks(value); }))
        return error;
    if (Status error =
            member(root, "weights", Kind::Object, [&](const LinedJson &value) { return readWeights(value); }))
      return error;
    if (Status error = readNames(root, "ignore_tensors", out.ignoredTensors))
      return error;
    if (Status error = readNames(root, "ignore_keys", out.ignoredKeys))
      return error;
    if (const LinedJson *refused = root.find("refuse_tensors"))
      if (Status error = readRefused(*refused))
        return error;
    return member(root, "forward", Kind::Array, [&](const LinedJson &value) { return readForward(value); });
  }

private:
  Status at(const LinedJson &where, const std::string &message) { return out.errorAt(where.line, message); }

  template <class Fn> Status member(const LinedJson &root, std::string_view key, Kind kind, Fn &&fn) {
    const LinedJson *value = root.find(key);
    if (!value)
      return at(root, "\"" + std::string(key) + "\" is missing");
    if (!value->is(kind))
      return at(*value, "\"" + std::string(key) + "\" must be " + (kind == Kind::Array ? "a list" : "an object"));
    return fn(*value);
  }

  bool isEcosystem(const std::string &key) const { return out.matches.count(key); }

  Status strings(const LinedJson &value, std::vector<std::string> &into) {
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

  /// A number, true, false, or a string that holds an expression.
  Status expression(const LinedJson &value, Expression &into) {
    if (value.isNumber() || value.is(Kind::Bool)) {
      into.kind = value.is(Kind::Integer) ? Expression::Kind::Integer
                  : value.is(Kind::Real)  ? Expression::Kind::Real
                                          : Expression::Kind::Name;
      into.integer = value.integer;
      into.real = value.real;
      into.text = value.boolean ? "true" : "false";
      into.source = value.is(Kind::Integer) ? std::to_string(value.integer) : into.text;
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

  Status readMatches(const LinedJson &value) {
    for (const auto &[ecosystem, names] : value.members) {
      if (ecosystem != "gguf" && ecosystem != "huggingface")
        return at(names, "unknown ecosystem \"" + ecosystem + "\"; known are gguf, huggingface");
      if (Status error = strings(names, out.matches[ecosystem]))
        return error;
    }
    return {};
  }

  Status readNames(const LinedJson &root, std::string_view key, std::map<std::string, std::vector<std::string>> &into) {
    const LinedJson *value = root.find(key);
    if (!value)
      return {};
    for (const auto &[ecosystem, names] : value->members) {
      if (!isEcosystem(ecosystem))
        return at(names, "\"" + ecosystem + "\" is not among \"matches\"");
      if (Status error = strings(names, into[ecosystem]))
        return error;
    }
    return value->is(Kind::Object) ? Status() : at(*value, "\"" + std::string(key) + "\" must be an object");
  }

  Status readRefused(const LinedJson &value) {
    if (!value.is(Kind::Object))
      return at(value, "\"refuse_tensors\" must be an object");
    for (const auto &[ecosystem, names] : value.members) {
      if (!isEcosystem(ecosystem) || !names.is(Kind::Object))
        return at(names, "expected an ecosystem of \"matches\" with an object { tensor: reason }");
      for (const auto &[tensor, reason] : names.members) {
        if (!reason.is(Kind::String))
          return at(reason, "expected the reason in a string");
        out.refusedTensors[ecosystem].emplace_back(tensor, reason.string);
      }
    }
    return {};
  }

  Status readConfig(const LinedJson &value) {
    for (const auto &[name, entry] : value.members) {
      ConfigEntry config;
      config.name = name;
      config.line = entry.line;
      if (!isName(name))
        return at(entry, "\"" + name + "\" is no name of small letters, digits and _");
      if (!entry.is(Kind::Object))
        return at(entry, "\"" + name + "\" must be an object");
      if (Status error = readConfigEntry(entry, config))
        return error;
      if (config.keys.empty() && !config.fallback)
        return at(entry, "\"" + name + "\" has neither a key nor a default");
      out.config.push_back(std::move(config));
    }
    // What the runtime and the cache need to know of every model.
    for (std::string_view needed : {"layers", "kv_heads", "head_dim", "vocabulary", "context_length"}) {
      auto has = [&](const ConfigEntry &entry) {
        return entry.name == needed && entry.type == ConfigEntry::Type::Integer && entry.range &&
               entry.range->first >= 1;
      };
      if (std::none_of(out.config.begin(), out.config.end(), has))
        return at(value, "\"config\" needs an integer \"" + std::string(needed) + "\" with a range from 1 or more");
    }
    return {};
  }

  Status readConfigEntry(const LinedJson &entry, ConfigEntry &config) {
    bool typed = false;
    for (const auto &[key, value] : entry.members) {
      if (key == "about") {
        continue;
      } else if (key == "type") {
        static const std::pair<std::string_view, ConfigEntry::Type> types[] = {{"integer", ConfigEntry::Type::Integer},
                                                                               {"number", ConfigEntry::Type::Number},
                                                                               {"string", ConfigEntry::Type::String},
                                                                               {"boolean", ConfigEntry::Type::Boolean}};
        for (auto [name, type] : types)
          if (value.is(Kind::String) && value.string == name)
            config.type = type, typed = true;
        if (!typed)
          return at(value, "\"type\" must be integer, number, string or boolean");
      } else if (key == "range") {
        if (!value.is(Kind::Array) || value.items.size() != 2 || !value.items[0].isNumber() ||
            !value.items[1].isNumber() || value.items[0].real > value.items[1].real)
          return at(value, "\"range\" must be [least, greatest]");
        config.range = {value.items[0].real, value.items[1].real};
      } else if (key == "one_of") {
        if (Status error = strings(value, config.oneOf))
          return error;
      } else if (key == "default") {
        if (Status error = expression(value, config.fallback.emplace()))
          return error;
      } else if (isEcosystem(key)) {
        if (Status error = strings(value, config.keys[key]))
          return error;
      } else {
        return at(value, "unknown key \"" + key + "\" in the entry \"" + config.name + "\"");
      }
    }
    if (!typed)
      return at(entry, "\"" + config.name + "\" needs a \"type\"");
    bool numeric = config.type == ConfigEntry::Type::Integer || config.type == ConfigEntry::Type::Number;
    if (numeric && !config.range)
      return at(entry, "\"" + config.name + "\" needs a \"range\": a number from a file is never trusted");
    if (config.type == ConfigEntry::Type::String && config.oneOf.empty())
      return at(entry, "\"" + config.name + "\" needs \"one_of\": what the family supports");
    return {};
  }

  Status readChecks(const LinedJson &value) {
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

  Status readWeights(const LinedJson &value) {
    for (const auto &[name, entry] : value.members) {
      WeightEntry weight;
      weight.name = name;
      weight.line = entry.line;
      if (!isName(name))
        return at(entry, "\"" + name + "\" is no name of small letters, digits and _");
      if (!entry.is(Kind::Object))
        return at(entry, "\"" + name + "\" must be an object");
      if (Status error = readWeight(entry, weight))
        return error;
      out.weights.push_back(std::move(weight));
    }
    for (const WeightEntry &weight : out.weights) {
      const WeightEntry *other = weight.otherwise.empty() ? nullptr : out.findWeight(weight.otherwise);
      if (!weight.otherwise.empty() && (!other || !other->otherwise.empty() || other->optional))
        return out.errorAt(weight.line,
                           "\"otherwise\" of \"" + weight.name + "\" must name a weight that is always there");
    }
    return {};
  }

  Status readWeight(const LinedJson &entry, WeightEntry &weight) {
    for (const auto &[key, value] : entry.members) {
      if (key == "about") {
        continue;
      } else if (key == "shape") {
        if (!value.is(Kind::Array) || value.items.empty() || value.items.size() > 3)
          return at(value, "\"shape\" must be a list of one to three sizes, outermost first");
        for (const LinedJson &item : value.items)
          if (Status error = expression(item, weight.shape.emplace_back()))
            return error;
      } else if (key == "otherwise" && value.is(Kind::String)) {
        weight.otherwise = value.string;
      } else if (key == "optional" && value.is(Kind::Bool)) {
        weight.optional = value.boolean;
      } else if (key == "first" || key == "count") {
        if (Status error = expression(value, (key == "first" ? weight.first : weight.count).emplace()))
          return error;
      } else if (isEcosystem(key)) {
        for (const LinedJson &item : value.is(Kind::Array) ? value.items : std::vector<LinedJson>{value})
          if (Status error = readSource(item, weight.sources[key].emplace_back()))
            return error;
      } else {
        return at(value, "unknown or mistyped key \"" + key + "\" in the weight \"" + weight.name + "\"");
      }
    }
    if (weight.shape.empty() || weight.sources.empty())
      return at(entry, "\"" + weight.name + "\" needs a \"shape\" and the tensors' names");
    std::optional<bool> stacked;
    for (const auto &[ecosystem, sources] : weight.sources)
      for (const WeightSource &source : sources) {
        if (stacked.value_or(isPerLayer(source.tensor)) != isPerLayer(source.tensor))
          return at(entry, "either all tensors of \"" + weight.name + "\" are per layer or none");
        stacked = isPerLayer(source.tensor);
      }
    weight.stacked = stacked.value_or(false);
    if (!weight.stacked && (weight.first || weight.count))
      return at(entry, "\"first\" and \"count\" are for weights per layer");
    return {};
  }

  Status readSource(const LinedJson &item, WeightSource &source) {
    if (item.is(Kind::String)) {
      source.tensor = item.string;
      return {};
    }
    const LinedJson *tensor = item.find("tensor"), *transform = item.find("transform");
    if (!tensor || !tensor->is(Kind::String) || !transform || item.members.size() != 2)
      return at(item, "expected a tensor's name or {\"tensor\": name, \"transform\": …}");
    source.tensor = tensor->string;
    return expression(*transform, source.transform.emplace());
  }

  Status readForward(const LinedJson &value) {
    std::vector<std::vector<Statement> *> open = {&out.forward};
    for (const LinedJson &item : value.items) {
      if (!item.is(Kind::String))
        return at(item, "expected a line of the description in a string");
      std::string_view line = item.string;
      while (!line.empty() && line.front() == ' ')
        line.remove_prefix(1);
      while (!line.empty() && line.back() == ' ')
        line.remove_suffix(1);
      if (line == "}") {
        if (open.size() == 1)
          return at(item, "'}' without a repeat");
        open.pop_back();
        continue;
      }
      Statement statement;
      statement.line = item.line;
      if (line.starts_with("repeat ") && line.ends_with("{")) {
        if (open.size() > 1)
          return at(item, "a repeat inside a repeat");
        Expected<Expression> count = parseExpression(line.substr(7, line.size() - 8));
        if (!count)
          return at(item, count.error().message);
        statement.kind = Statement::Kind::Repeat;
        statement.value = std::move(*count);
        open.back()->push_back(std::move(statement));
        open.push_back(&open.back()->back().body);
        continue;
      }
      Expected<Statement> parsed = parseAssignment(line, item.line);
      if (!parsed)
        return at(item, parsed.error().message);
      open.back()->push_back(std::move(*parsed));
    }
    if (open.size() > 1)
      return at(value, "a repeat without its '}'");
    if (out.forward.empty() || out.forward.back().target != "logits")
      return at(value, "the last line must give \"logits\"");
    return {};
  }

  Architecture &out;
};

} // namespace

const WeightEntry *Architecture::findWeight(std::string_view name) const {
  for (const WeightEntry &weight : weights)
    if (weight.name == name)
      return &weight;
  return nullptr;
}

Error Architecture::errorAt(int line, const std::string &message) const {
  return {ErrorCode::BadModel, path + ":" + std::to_string(line) + ": " + message};
}

std::string withLayer(const std::string &name, int64_t layer) {
  size_t at = name.find("{layer}");
  return at == std::string::npos ? name : name.substr(0, at) + std::to_string(layer) + name.substr(at + 7);
}

Expected<std::shared_ptr<const Architecture>> parseArchitecture(std::string_view text, const std::string &path) {
  Expected<LinedJson> json = parseLinedJson(text, path);
  if (!json)
    return json.error();
  auto result = std::make_shared<Architecture>();
  result->path = path;
  if (Status failure = Reader(*result).read(*json))
    return failure.error();
  return std::shared_ptr<const Architecture>(std::move(result));
}

} // namespace ph
