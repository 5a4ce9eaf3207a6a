// JSON that remembers the line of every value, so that a mistake in an architecture file can be shown where it stands.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ph {

struct LinedMember;

/// One JSON value (RFC 8259; duplicate keys are errors). Numbers written without point or exponent are integers.
struct LinedJson {
  enum class Kind { Null, Bool, Integer, Real, String, Array, Object };
  Kind kind = Kind::Null;
  int line = 0;
  bool boolean = false;
  int64_t integer = 0;
  double real = 0; ///< of integers too
  std::string string;
  std::vector<LinedJson> items;
  std::vector<LinedMember> members; ///< in the order written

  bool is(Kind wanted) const { return kind == wanted; }
  bool isNumber() const { return kind == Kind::Integer || kind == Kind::Real; }
  /// The member called `key`; null if there is none or this is no object.
  const LinedJson *find(std::string_view key) const;
};

struct LinedMember {
  std::string key;
  LinedJson value;
};

/// Parses one document. `path` stands in errors: BadModel, "path:line: what". Nesting deeper than 32 is refused.
Expected<LinedJson> parseLinedJson(std::string_view text, const std::string &path);

} // namespace ph
