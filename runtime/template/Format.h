// Ways to write values: %-formatting, str.format, JSON, time.
#pragma once
#include "runtime/template/Evaluator.h"
#include <ctime>

namespace ph::jinja {

/// Python's `format % values`: %s %r %d %i %f %g %e %x %X %o %c %%, flags, width, precision, %(name).
Value formatPercent(Evaluator &evaluator, std::string_view format, const Value &values);
/// Python's format.format(…): {}, {0}, {name}, !r and !s; no format specification.
Value formatBraces(Evaluator &evaluator, std::string_view format, const Arguments &arguments);

struct JsonStyle {
  bool asciiOnly = false, sortKeys = false;
  std::optional<std::string> indent;
  std::string itemSeparator = ", ", keySeparator = ": ";
};
/// Python's json.dumps.
Value toJson(Evaluator &evaluator, const Value &value, const JsonStyle &style);
/// The value of a parsed JSON document; strings are views of it.
Value fromJson(Machine &machine, const nlohmann::ordered_json &json);

/// strftime in English, the conversions that templates use; others are copied as they are.
std::string formatTime(std::string_view format, const std::tm &time);

} // namespace ph::jinja
