// JSON from untrusted text, without exceptions (nlohmann/json).
#pragma once
#include "runtime/base/Error.h"
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ph {

/// Parses the whole of `text`. `what` stands in errors for its origin (a path, "the manifest of X").
/// Errors are BadModel: text that is not JSON, with the byte where it stops being it; nesting deeper than `maxDepth`;
/// more than `maxBytes`.
Expected<nlohmann::json> parseJson(std::string_view text, const std::string &what, size_t maxDepth = 64,
                                   size_t maxBytes = size_t(100) << 20);

/// The member `key` of `object` if it is there and has that type; integers must fit.
std::optional<int64_t> jsonInteger(const nlohmann::json &object, const char *key);
std::optional<double> jsonNumber(const nlohmann::json &object, const char *key);
std::optional<bool> jsonBool(const nlohmann::json &object, const char *key);
/// A pointer into `object`; null if there is no such string.
const std::string *jsonString(const nlohmann::json &object, const char *key);
/// A pointer into `object`; null if there is no such member.
const nlohmann::json *jsonMember(const nlohmann::json &object, const char *key);

} // namespace ph
