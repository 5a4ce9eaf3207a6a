#include "runtime/base/Json.h"

namespace ph {

namespace {
/// Builds nothing: finds the first byte that is wrong, or nesting that is too deep.
struct Checker {
  using Json = nlohmann::json;
  size_t maxDepth, depth = 0, errorAt = 0;
  bool tooDeep = false;

  bool enter() { return ++depth <= maxDepth || ((tooDeep = true), false); }
  bool leave() { return --depth, true; }
  bool null() { return true; }
  bool boolean(bool) { return true; }
  bool number_integer(Json::number_integer_t) { return true; }
  bool number_unsigned(Json::number_unsigned_t) { return true; }
  bool number_float(Json::number_float_t, const std::string &) { return true; }
  bool string(std::string &) { return true; }
  bool binary(Json::binary_t &) { return true; }
  bool start_object(size_t) { return enter(); }
  bool key(std::string &) { return true; }
  bool end_object() { return leave(); }
  bool start_array(size_t) { return enter(); }
  bool end_array() { return leave(); }
  bool parse_error(size_t position, const std::string &, const nlohmann::detail::exception &) {
    errorAt = position;
    return false;
  }
};

/// Whether brackets outside of strings nest deeper than that; of text that is JSON up to there.
bool nestsDeeper(std::string_view text, size_t maxDepth) {
  size_t depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
    case '"':
      for (++i; i < text.size() && text[i] != '"'; ++i)
        i += text[i] == '\\';
      break;
    case '[':
    case '{':
      if (++depth > maxDepth)
        return true;
      break;
    case ']':
    case '}':
      depth -= depth > 0;
      break;
    }
  }
  return false;
}
} // namespace

Expected<nlohmann::json> parseJson(std::string_view text, const std::string &what, size_t maxDepth, size_t maxBytes) {
  auto broken = [&](const std::string &why) { return Error{ErrorCode::BadModel, what + ": " + why}; };
  if (text.size() > maxBytes)
    return broken("JSON of " + std::to_string(text.size()) + " bytes; at most " + std::to_string(maxBytes) +
                  " are accepted");
  // Two quick looks instead of two parses: most texts are well-formed, and some are long.
  nlohmann::json value = nlohmann::json::value_t::discarded;
  if (!nestsDeeper(text, maxDepth))
    value = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!value.is_discarded())
    return value;
  Checker checker{maxDepth};
  nlohmann::json::sax_parse(text, &checker);
  return broken(checker.tooDeep ? "JSON nested deeper than " + std::to_string(maxDepth) + " levels"
                                : "not valid JSON at byte " + std::to_string(checker.errorAt));
}

const nlohmann::json *jsonMember(const nlohmann::json &object, const char *key) {
  if (!object.is_object())
    return nullptr;
  auto it = object.find(key);
  return it == object.end() ? nullptr : &*it;
}

std::optional<int64_t> jsonInteger(const nlohmann::json &object, const char *key) {
  const nlohmann::json *member = jsonMember(object, key);
  if (!member || !member->is_number_integer())
    return std::nullopt;
  if (member->is_number_unsigned() && member->get<uint64_t>() > uint64_t(INT64_MAX))
    return std::nullopt;
  return member->get<int64_t>();
}

std::optional<double> jsonNumber(const nlohmann::json &object, const char *key) {
  const nlohmann::json *member = jsonMember(object, key);
  if (!member || !member->is_number())
    return std::nullopt;
  return member->get<double>();
}

std::optional<bool> jsonBool(const nlohmann::json &object, const char *key) {
  const nlohmann::json *member = jsonMember(object, key);
  if (!member || !member->is_boolean())
    return std::nullopt;
  return member->get<bool>();
}

const std::string *jsonString(const nlohmann::json &object, const char *key) {
  const nlohmann::json *member = jsonMember(object, key);
  return member ? member->get_ptr<const std::string *>() : nullptr;
}

} // namespace ph
