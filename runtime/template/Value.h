// Values of a running template, with the semantics of the Python objects that Jinja would have.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ph::jinja {

enum class Kind : uint8_t {
  Undefined,
  None,
  Bool,
  Int,
  Float,
  String,
  List,
  Tuple,
  Dict,
  Namespace,
  Loop,
  Macro,
  Function,
  Method
};

struct List;
struct Dict;
struct Loop;
struct Macro;
struct Builtin;
struct Bound;

/// A value: a number, or a view of something that lives as long as the rendering (see Machine). Copied freely.
struct Value {
  Kind kind = Kind::Undefined;
  bool safe = false;     ///< a string that escapes what it is joined with (markupsafe's Markup)
  std::string_view text; ///< of a String; of an Undefined its name, or what to say when it is used
  union {
    int64_t integer = variable; ///< Int, Bool; of an Undefined: where it was missing (`variable`, `message`, or a Kind)
    double number;
    List *list; ///< List, Tuple
    Dict *dict; ///< Dict, Namespace
    Loop *loop;
    Macro *macro;
    const Builtin *function;
    Bound *bound;
  };
  static constexpr int64_t variable = -1, message = -2;

  static Value none() { return of(Kind::None, 0); }
  static Value boolean(bool b) { return of(Kind::Bool, b); }
  static Value of(int64_t i) { return of(Kind::Int, i); }
  static Value of(double d) {
    Value v = of(Kind::Float, 0);
    v.number = d;
    return v;
  }
  /// A view; the bytes must outlive the rendering.
  static Value view(std::string_view text) {
    Value v = of(Kind::String, 0);
    v.text = text;
    return v;
  }
  static Value of(List *list, bool tuple = false) {
    Value v = of(tuple ? Kind::Tuple : Kind::List, 0);
    v.list = list;
    return v;
  }
  static Value of(Dict *dict, Kind kind = Kind::Dict) {
    Value v = of(kind, 0);
    v.dict = dict;
    return v;
  }
  static Value missing(std::string_view name, int64_t where = variable) {
    Value v = of(Kind::Undefined, where);
    v.text = name;
    return v;
  }

  bool isString() const { return kind == Kind::String; }
  bool isUndefined() const { return kind == Kind::Undefined; }
  bool isNone() const { return kind == Kind::None; }
  bool isList() const { return kind == Kind::List || kind == Kind::Tuple; }
  bool isDict() const { return kind == Kind::Dict; }
  /// Int or Bool, as in Python, where the latter is a kind of the former.
  bool isInteger() const { return kind == Kind::Int || kind == Kind::Bool; }
  bool isNumber() const { return isInteger() || kind == Kind::Float; }
  double asDouble() const { return kind == Kind::Float ? number : static_cast<double>(integer); }

private:
  static Value of(Kind kind, int64_t i) {
    Value v;
    v.kind = kind;
    v.integer = i;
    return v;
  }
};

struct List {
  std::vector<Value> items;
};

/// Keys in order of insertion; any hashable kind.
struct Dict {
  std::vector<std::pair<Value, Value>> entries;
};

/// The name of the Python type, for error messages.
const char *typeName(const Value &value);
/// What Python's bool() says.
bool truth(const Value &value);
/// repr() of a float: the shortest digits that read back the same.
std::string floatText(double value);

} // namespace ph::jinja
