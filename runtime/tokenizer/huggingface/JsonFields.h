// Members of untrusted JSON objects, read with one place for the first error.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/base/Quote.h"
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ph {

/// An object and where it stands. A member that is null counts as absent. A member that is missing or mistyped is noted
/// in the one Status that all objects of a text share, and something of its type is given.
class JsonFields {
public:
  /// `failure` says what went wrong first; `path` is empty for the whole text.
  JsonFields(const nlohmann::json &value, std::string path, Status &failure)
      : value(&value), path(std::move(path)), failure(&failure) {
    if (!value.is_object())
      fail("", "must be an object");
  }

  bool failed() const { return bool(*failure); }
  /// Notes that member `key` (or with "" the object itself) `what`.
  void fail(const std::string &key, const std::string &what) const {
    if (!*failure)
      *failure = Error{ErrorCode::BadModel, "key '" + at(key) + "'" + (what.starts_with(":") ? "" : " ") + what};
  }

  const nlohmann::json *find(const char *key) const {
    if (!value->is_object())
      return nullptr;
    auto it = value->find(key);
    return it == value->end() || it->is_null() ? nullptr : &*it;
  }
  bool has(const char *key) const { return find(key) != nullptr; }

  bool boolean(const char *key, bool absent) const {
    const nlohmann::json *member = find(key);
    if (member && !member->is_boolean())
      fail(key, "must be true or false");
    return member && member->is_boolean() ? member->get<bool>() : absent;
  }
  int64_t integer(const char *key, int64_t absent, int64_t least, int64_t most) const {
    const nlohmann::json *member = find(key);
    if (!member)
      return absent;
    const bool fits = member->is_number_integer() &&
                      !(member->is_number_unsigned() && member->get<uint64_t>() > uint64_t(INT64_MAX)) &&
                      member->get<int64_t>() >= least && member->get<int64_t>() <= most;
    if (!fits)
      fail(key, "must be an integer from " + std::to_string(least) + " to " + std::to_string(most));
    return fits ? member->get<int64_t>() : least;
  }
  std::string string(const char *key, const char *absent) const {
    const nlohmann::json *member = find(key);
    if (member && !member->is_string())
      fail(key, "must be a string");
    return member && member->is_string() ? member->get<std::string>() : absent;
  }
  std::string requiredString(const char *key) const {
    if (!has(key))
      fail(key, "is missing");
    return string(key, "");
  }
  /// The member as an object.
  JsonFields object(const char *key) const {
    static const nlohmann::json none = nlohmann::json::object();
    const nlohmann::json *member = find(key);
    if (!member)
      fail(key, "is missing");
    return {member ? *member : none, at(key), *failure};
  }
  /// The elements of the array `key`, each an object; none if it is absent.
  std::vector<JsonFields> objects(const char *key) const {
    std::vector<JsonFields> result;
    const nlohmann::json *member = find(key);
    if (member && !member->is_array())
      fail(key, "must be an array");
    if (member && member->is_array())
      for (size_t i = 0; i < member->size() && !failed(); ++i)
        result.emplace_back((*member)[i], at(key) + "[" + std::to_string(i) + "]", *failure);
    return result;
  }
  /// Notes that the `type` of this object isn't known.
  void unknownType(const std::string &type, const std::string &known) const {
    fail("type", "is " + quoteText(type) + ", which is not supported; " + known + " are");
  }

private:
  std::string at(const std::string &key) const { return path.empty() || key.empty() ? path + key : path + "." + key; }

  const nlohmann::json *value;
  std::string path;
  Status *failure;
};

} // namespace ph
