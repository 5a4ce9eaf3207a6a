#include "runtime/template/Format.h"
#include "runtime/template/Text.h"
#include <algorithm>

namespace ph::jinja {
namespace {

/// Argument i as a string; fails otherwise.
std::string_view textArgument(Evaluator &e, const Arguments &a, size_t i, const char *method) {
  const Value value = a.get(i);
  if (value.isUndefined())
    e.failUndefined(value);
  if (!value.isString())
    e.fail(std::string(method) + " argument must be str, not " + typeName(value));
  return value.text;
}

int64_t integerArgument(Evaluator &e, const Arguments &a, size_t i, int64_t absent) {
  const Value value = a.get(i, Value::of(absent));
  if (!value.isInteger())
    e.fail(std::string("'") + typeName(value) + "' object cannot be interpreted as an integer");
  return value.isInteger() ? value.integer : absent;
}

template <bool left, bool right> Value stripMethod(Evaluator &e, const Value &self, Arguments &a) {
  e.step(self.text.size() / 16);
  if (!a.has(0) || a.get(0).isNone())
    return Value::view(strip(self.text, nullptr, left, right));
  std::string_view characters = textArgument(e, a, 0, "strip");
  e.step(self.text.size() / 16 * (characters.size() + 1));
  return e.failed() ? Value() : Value::view(strip(self.text, &characters, left, right));
}

template <std::string (*change)(std::string_view)> Value caseMethod(Evaluator &e, const Value &self, Arguments &) {
  return e.step(self.text.size() / 16) ? e.string(change(self.text)) : Value();
}

std::string titled(std::string_view text) {
  std::string out;
  bool inWord = false;
  for (size_t i = 0, length; i < text.size(); i += length) {
    const uint32_t code = decodeFront(text.substr(i, 4), length);
    appendCodePoint(out, inWord ? lowerCase(code) : upperCase(code));
    inWord = upperCase(code) != code || lowerCase(code) != code;
  }
  return out;
}

std::string swapped(std::string_view text) {
  std::string out;
  for (size_t i = 0, length; i < text.size(); i += length) {
    const uint32_t code = decodeFront(text.substr(i, 4), length);
    appendCodePoint(out, upperCase(code) != code ? upperCase(code) : lowerCase(code));
  }
  return out;
}

Value splitWhitespace(Evaluator &e, std::string_view text, int64_t most, bool fromRight) {
  std::vector<std::string_view> parts;
  while (!e.failed() && e.step(1)) {
    text = strip(text, nullptr, !fromRight, fromRight);
    if (text.empty())
      break;
    if (most == 0) {
      parts.push_back(text);
      break;
    }
    --most;
    size_t cut = 0, lastSpace = std::string_view::npos, afterSpace = 0;
    for (size_t i = 0, length; i < text.size(); i += length)
      if (isSpace(decodeFront(text.substr(i, 4), length))) {
        lastSpace = i;
        afterSpace = i + length;
        if (!fromRight)
          break;
      }
    if (fromRight) {
      cut = lastSpace == std::string_view::npos ? 0 : afterSpace;
      e.step(text.size() / 16);
      parts.push_back(text.substr(cut));
      text = text.substr(0, lastSpace == std::string_view::npos ? 0 : lastSpace);
    } else {
      cut = std::min(lastSpace, text.size());
      parts.push_back(text.substr(0, cut));
      text.remove_prefix(cut);
    }
  }
  if (fromRight)
    std::reverse(parts.begin(), parts.end());
  List *list = e.newList(parts.size());
  for (std::string_view part : parts)
    e.push(list, Value::view(part));
  return Value::of(list);
}

template <bool fromRight> Value splitMethod(Evaluator &e, const Value &self, Arguments &a) {
  int64_t most = integerArgument(e, a, 1, -1);
  if (!e.step(self.text.size() / 16))
    return {};
  if (!a.has(0) || a.get(0).isNone())
    return splitWhitespace(e, self.text, most, fromRight);
  const std::string_view separator = textArgument(e, a, 0, "split()");
  if (e.failed())
    return {};
  if (separator.empty())
    return e.fail("empty separator");
  std::vector<std::string_view> parts;
  std::string_view text = self.text;
  for (; most != 0 && e.charge(sizeof(text)); --most) {
    const size_t cut = fromRight ? text.rfind(separator) : text.find(separator);
    if (cut == std::string_view::npos)
      break;
    parts.push_back(fromRight ? text.substr(cut + separator.size()) : text.substr(0, cut));
    text = fromRight ? text.substr(0, cut) : text.substr(cut + separator.size());
  }
  parts.push_back(text);
  if (fromRight)
    std::reverse(parts.begin(), parts.end());
  List *list = e.newList(parts.size());
  for (std::string_view part : parts)
    if (!e.push(list, Value::view(part)))
      break;
  return Value::of(list);
}

Value splitLines(Evaluator &e, const Value &self, Arguments &a) {
  List *list = e.newList();
  std::string_view text = self.text;
  while (!text.empty() && !e.failed()) {
    const size_t end = std::min(text.find_first_of("\n\r\v\f"), text.size());
    const size_t after = text.substr(end, 2) == "\r\n" ? end + 2 : std::min(end + 1, text.size());
    e.push(list, Value::view(text.substr(0, truth(a.get(0)) ? after : end)));
    text.remove_prefix(after);
  }
  return Value::of(list);
}

template <bool atEnd> Value affixMethod(Evaluator &e, const Value &self, Arguments &a) {
  const Value affix = a.get(0);
  const size_t begin = offsetOf(self.text, static_cast<size_t>(std::max<int64_t>(integerArgument(e, a, 1, 0), 0)));
  const std::string_view text = self.text.substr(begin);
  auto one = [&](const Value &value) {
    if (!value.isString()) {
      if (value.isUndefined())
        e.failUndefined(value);
      e.fail(std::string(atEnd ? "endswith" : "startswith") + " first arg must be str or a tuple of str, not " +
             typeName(value));
      return false;
    }
    return atEnd ? text.ends_with(value.text) : text.starts_with(value.text);
  };
  if (affix.kind != Kind::Tuple)
    return Value::boolean(one(affix));
  for (const Value &value : affix.list->items)
    if (one(value))
      return Value::boolean(true);
  return Value::boolean(false);
}

Value replaceMethod(Evaluator &e, const Value &self, Arguments &a) {
  const std::string_view from = textArgument(e, a, 0, "replace()"), to = textArgument(e, a, 1, "replace()");
  int64_t most = integerArgument(e, a, 2, -1);
  if (!e.step(self.text.size() / 16))
    return {};
  std::string out;
  std::string_view text = self.text;
  while (most != 0 && e.charge(to.size()) && e.step()) {
    size_t cut = text.find(from);
    if (cut == std::string_view::npos)
      break;
    if (from.empty()) { // before each character, and at the end
      out += to;
      --most;
      if (text.empty())
        return e.string(std::move(out));
      cut = offsetOf(text.substr(0, 4), 1);
      out += text.substr(0, cut);
    } else {
      (out += text.substr(0, cut)) += to;
      --most;
    }
    text.remove_prefix(cut + from.size());
  }
  out += text;
  return e.failed() ? Value() : e.string(std::move(out));
}

template <bool fromRight, bool required> Value findMethodOf(Evaluator &e, const Value &self, Arguments &a) {
  const std::string_view part = textArgument(e, a, 0, "find()");
  const int64_t start = integerArgument(e, a, 1, 0);
  if (!e.step(self.text.size() / 16 + 1))
    return {};
  const int64_t count = static_cast<int64_t>(codePoints(self.text));
  const size_t from =
      offsetOf(self.text, static_cast<size_t>(std::clamp<int64_t>(start < 0 ? start + count : start, 0, count)));
  const size_t found = start > count ? std::string_view::npos
                       : fromRight   ? self.text.substr(from).rfind(part)
                                     : self.text.substr(from).find(part);
  if (found == std::string_view::npos)
    return required ? e.fail("substring not found") : Value::of(int64_t(-1));
  return Value::of(static_cast<int64_t>(codePoints(self.text.substr(0, from + found))));
}

Value countMethod(Evaluator &e, const Value &self, Arguments &a) {
  const std::string_view part = textArgument(e, a, 0, "count()");
  if (!e.step(self.text.size() / 16 + 1))
    return {};
  if (part.empty())
    return Value::of(static_cast<int64_t>(codePoints(self.text)) + 1);
  int64_t count = 0;
  for (size_t at = self.text.find(part); at != std::string_view::npos; at = self.text.find(part, at + part.size()))
    ++count;
  return Value::of(count);
}

Value joinMethod(Evaluator &e, const Value &self, Arguments &a) {
  std::string out;
  size_t index = 0;
  const std::vector<Value> *items = e.iterate(a.get(0));
  for (const Value &item : *items) {
    if (!item.isString())
      return e.fail("sequence item " + std::to_string(index) + ": expected str instance, " + typeName(item) + " found");
    if (!e.charge(item.text.size() + self.text.size()))
      return {};
    if (index++)
      out += self.text;
    out += item.text;
  }
  return e.failed() ? Value() : e.string(std::move(out));
}

Value formatMethod(Evaluator &e, const Value &self, Arguments &a) { return formatBraces(e, self.text, a); }

template <bool atEnd> Value removeMethod(Evaluator &e, const Value &self, Arguments &a) {
  const std::string_view affix = textArgument(e, a, 0, "removeprefix()");
  if (atEnd ? !self.text.ends_with(affix) : !self.text.starts_with(affix))
    return self;
  return Value::view(atEnd ? self.text.substr(0, self.text.size() - affix.size()) : self.text.substr(affix.size()));
}

template <bool fromRight> Value partitionMethod(Evaluator &e, const Value &self, Arguments &a) {
  const std::string_view separator = textArgument(e, a, 0, "partition()");
  if (e.failed() || !e.step(self.text.size() / 16))
    return {};
  if (separator.empty())
    return e.fail("empty separator");
  const size_t cut = fromRight ? self.text.rfind(separator) : self.text.find(separator);
  List *list = e.newList(3);
  if (cut == std::string_view::npos) {
    e.push(list, fromRight ? Value::view({}) : self);
    e.push(list, Value::view({}));
    e.push(list, fromRight ? self : Value::view({}));
  } else {
    e.push(list, Value::view(self.text.substr(0, cut)));
    e.push(list, Value::view(separator));
    e.push(list, Value::view(self.text.substr(cut + separator.size())));
  }
  return Value::of(list, true);
}

// -1: spaces after, 0: around, 1: before
template <int side> Value justifyMethod(Evaluator &e, const Value &self, Arguments &a) {
  const int64_t width = integerArgument(e, a, 0, 0), count = static_cast<int64_t>(codePoints(self.text));
  const Value fill = a.get(1, Value::view(" "));
  if (!fill.isString() || codePoints(fill.text) != 1)
    return e.fail("The fill character must be exactly one character long");
  if (width <= count || !e.charge(static_cast<size_t>(width - count) * fill.text.size()))
    return self;
  const int64_t spaces = width - count, before = side < 0 ? 0 : side > 0 ? spaces : spaces / 2 + (spaces & width & 1);
  std::string out;
  for (int64_t i = 0; i < before; ++i)
    out += fill.text;
  out += self.text;
  for (int64_t i = before; i < spaces; ++i)
    out += fill.text;
  return e.string(std::move(out));
}

Value zfillMethod(Evaluator &e, const Value &self, Arguments &a) {
  const int64_t width = integerArgument(e, a, 0, 0), count = static_cast<int64_t>(codePoints(self.text));
  if (width <= count || !e.charge(width - count))
    return self;
  std::string out(self.text);
  out.insert(!out.empty() && (out[0] == '-' || out[0] == '+'), width - count, '0');
  return e.string(std::move(out));
}

bool isDigitCode(uint32_t c) { return c >= '0' && c <= '9'; }
// Letters by their having two cases, or by standing beyond the Latin blocks' punctuation.
bool isLetterCode(uint32_t c) {
  return upperCase(c) != c || lowerCase(c) != c || c == 0xAA || c == 0xBA || c == 0xDF || (c >= 0x100 && c < 0x2000) ||
         (c >= 0x3040 && c < 0xD7A4) || (c >= 0x20000 && c < 0x323B0);
}
bool isAlphanumericCode(uint32_t c) { return isDigitCode(c) || isLetterCode(c); }

template <bool (*holds)(uint32_t)> Value allMethod(Evaluator &e, const Value &self, Arguments &) {
  e.step(self.text.size() / 16);
  for (size_t i = 0, length; i < self.text.size(); i += length)
    if (!holds(decodeFront(self.text.substr(i, 4), length)))
      return Value::boolean(false);
  return Value::boolean(!self.text.empty());
}

template <std::string (*change)(std::string_view)> Value isCaseMethod(Evaluator &e, const Value &self, Arguments &) {
  e.step(self.text.size() / 16);
  return Value::boolean(change(self.text) == self.text && upper(self.text) != lower(self.text));
}

constexpr Builtin methods[] = {
    {"strip", stripMethod<true, true>, "chars"},
    {"lstrip", stripMethod<true, false>, "chars"},
    {"rstrip", stripMethod<false, true>, "chars"},
    {"upper", caseMethod<upper>},
    {"lower", caseMethod<lower>},
    {"casefold", caseMethod<lower>},
    {"capitalize", caseMethod<capitalize>},
    {"title", caseMethod<titled>},
    {"swapcase", caseMethod<swapped>},
    {"split", splitMethod<false>, "sep,maxsplit"},
    {"rsplit", splitMethod<true>, "sep,maxsplit"},
    {"splitlines", splitLines, "keepends"},
    {"startswith", affixMethod<false>, "prefix,start", 1},
    {"endswith", affixMethod<true>, "suffix,start", 1},
    {"replace", replaceMethod, "old,new,count", 2},
    {"find", findMethodOf<false, false>, "sub,start", 1},
    {"rfind", findMethodOf<true, false>, "sub,start", 1},
    {"index", findMethodOf<false, true>, "sub,start", 1},
    {"rindex", findMethodOf<true, true>, "sub,start", 1},
    {"count", countMethod, "sub", 1},
    {"join", joinMethod, "iterable", 1},
    {"format", formatMethod, "*"},
    {"removeprefix", removeMethod<false>, "prefix", 1},
    {"removesuffix", removeMethod<true>, "suffix", 1},
    {"partition", partitionMethod<false>, "sep", 1},
    {"rpartition", partitionMethod<true>, "sep", 1},
    {"ljust", justifyMethod<-1>, "width,fillchar", 1},
    {"center", justifyMethod<0>, "width,fillchar", 1},
    {"rjust", justifyMethod<1>, "width,fillchar", 1},
    {"zfill", zfillMethod, "width", 1},
    {"isdigit", allMethod<isDigitCode>},
    {"isdecimal", allMethod<isDigitCode>},
    {"isnumeric", allMethod<isDigitCode>},
    {"isalpha", allMethod<isLetterCode>},
    {"isalnum", allMethod<isAlphanumericCode>},
    {"isspace", allMethod<isSpace>},
    {"isupper", isCaseMethod<upper>},
    {"islower", isCaseMethod<lower>},
};

} // namespace

std::span<const Builtin> stringMethods() { return methods; }

} // namespace ph::jinja
