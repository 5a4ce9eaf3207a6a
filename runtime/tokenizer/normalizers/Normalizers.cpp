#include "runtime/tokenizer/models/ByteAlphabet.h"
#include "runtime/tokenizer/normalizers/Normalizer.h"
#include "runtime/tokenizer/unicode/CodePoints.h"

namespace ph {
namespace {

/// How long a text may become: Unicode's longest decompositions are 11 times as long, and steps come with a file, which
/// is not to be trusted.
size_t mostBytes(std::string_view text) { return 4096 + 32 * text.size(); }

Error tooLong() { return {ErrorCode::Failed, "the text becomes more than 32 times as long when it is normalized"}; }

/// A step that rewrites each code point for itself: `rewrite(point, out)`.
template <class Rewrite> class PerCharacter final : public Normalizer {
public:
  explicit PerCharacter(Rewrite rewrite) : rewrite(rewrite) {}
  Status apply(std::string_view text, RegexScratch &, std::string &out) const override {
    for (size_t at = 0; at < text.size();) {
      const CodePoint point = firstCodePoint(text.substr(at));
      rewrite(point.value, out);
      at += point.length;
    }
    return {};
  }

private:
  const Rewrite rewrite;
};

/// A step that rewrites a whole text: `rewrite(text, out)`.
template <class Rewrite> class Whole final : public Normalizer {
public:
  explicit Whole(Rewrite rewrite) : rewrite(std::move(rewrite)) {}
  Status apply(std::string_view text, RegexScratch &, std::string &out) const override {
    rewrite(text, out);
    return {};
  }

private:
  const Rewrite rewrite;
};

template <template <class> class Step, class Rewrite> std::unique_ptr<Normalizer> step(Rewrite rewrite) {
  return std::make_unique<Step<Rewrite>>(std::move(rewrite));
}

/// Whether a replacement of the first `length` bytes is of one character, or of none, by some.
bool replacesOne(std::string_view text, size_t length, std::string_view replacement) {
  return length == 0 || (firstCodePoint(text).length == length && !replacement.empty());
}

class TextReplacer final : public Normalizer {
public:
  TextReplacer(std::string pattern, std::string replacement)
      : pattern(std::move(pattern)), replacement(std::move(replacement)) {}
  Status apply(std::string_view text, RegexScratch &, std::string &out) const override {
    const size_t most = out.size() + mostBytes(text);
    size_t done = 0;
    for (size_t at; !pattern.empty() && (at = text.find(pattern, done)) != std::string_view::npos;
         done = at + pattern.size()) {
      out.append(text.substr(done, at - done)).append(replacement);
      if (out.size() > most)
        return tooLong();
    }
    out += text.substr(done);
    return {};
  }

  bool keepsStart(std::string_view text, RegexScratch &) const override {
    return pattern.empty() || !text.starts_with(pattern) || replacesOne(text, pattern.size(), replacement);
  }

private:
  const std::string pattern, replacement;
};

class RegexReplacer final : public Normalizer {
public:
  RegexReplacer(Regex pattern, std::string replacement)
      : pattern(std::move(pattern)), replacement(std::move(replacement)) {}
  Status apply(std::string_view text, RegexScratch &scratch, std::string &out) const override {
    const size_t most = out.size() + mostBytes(text);
    Status failure;
    auto well = [&](std::string_view stretch) {
      Regex::Search search(pattern, stretch, scratch);
      size_t done = 0;
      while (!failure) {
        auto match = search.next();
        if (!match)
          failure = match.error();
        else if (out.size() > most)
          failure = tooLong();
        if (failure || !*match)
          break;
        out.append(stretch.substr(done, (*match)->begin - done)).append(replacement);
        done = (*match)->end;
      }
      out += stretch.substr(done);
    };
    forEachStretch(text, well, [&](std::string_view stretch) { out += stretch; });
    return failure;
  }

  bool keepsStart(std::string_view text, RegexScratch &scratch) const override {
    size_t end = 0; // expressions see UTF-8 only
    for (int length; (length = utf8Length(text.substr(end, 4))) > 0;)
      end += static_cast<size_t>(length);
    text = text.substr(0, end);
    auto match = Regex::Search(pattern, text, scratch).next();
    return !match || !*match || (*match)->begin != 0 || replacesOne(text, (*match)->end, replacement);
  }

private:
  const Regex pattern;
  const std::string replacement;
};

class Stripper final : public Normalizer {
public:
  Stripper(bool left, bool right) : left(left), right(right) {}
  Status apply(std::string_view text, RegexScratch &, std::string &out) const override {
    while (left && !text.empty() && unicode::isWhitespace(firstCodePoint(text).value))
      text.remove_prefix(firstCodePoint(text).length);
    while (right && !text.empty() && unicode::isWhitespace(lastCodePoint(text).value))
      text.remove_suffix(lastCodePoint(text).length);
    out += text;
    return {};
  }
  bool keepsStart(std::string_view text, RegexScratch &) const override {
    return !left || text.empty() || !unicode::isWhitespace(firstCodePoint(text).value);
  }

private:
  const bool left, right;
};

bool isNmtRemoved(uint32_t point) {
  return (point >= 0x1 && point <= 0x8) || point == 0xB || (point >= 0xE && point <= 0x1F) || point == 0x7F ||
         point == 0x8F || point == 0x9F;
}

bool isNmtSpace(uint32_t point) {
  return point == 0x9 || point == 0xA || point == 0xC || point == 0xD || point == 0x1680 ||
         (point >= 0x200B && point <= 0x200F) || point == 0x2028 || point == 0x2029 || point == 0x2581 ||
         point == 0xFEFF || point == 0xFFFD;
}

} // namespace

bool Normalizer::keepsStart(std::string_view text, RegexScratch &scratch) const {
  std::string first;
  if (text.empty())
    return true;
  return !apply(text.substr(0, firstCodePoint(text).length), scratch, first) && !first.empty();
}

Expected<NormalizedText> normalize(const Normalizers &steps, std::string_view text, RegexScratch &scratch) {
  NormalizedText now = {std::string(text), true};
  std::string next;
  for (const auto &step : steps) {
    next.clear();
    if (auto e = step->apply(now.text, scratch, next))
      return e.error();
    if (next.size() > mostBytes(text))
      return tooLong();
    now.startKept = now.startKept && step->keepsStart(now.text, scratch);
    std::swap(now.text, next);
  }
  return now;
}

std::unique_ptr<Normalizer> toNormalForm(unicode::NormalForm form) {
  return step<Whole>([form](std::string_view text, std::string &out) { unicode::appendNormalized(text, form, out); });
}
std::unique_ptr<Normalizer> toLowercase() {
  return step<PerCharacter>([](uint32_t point, std::string &out) { unicode::appendLowercase(point, out); });
}
std::unique_ptr<Normalizer> stripAccents() {
  return step<PerCharacter>([](uint32_t point, std::string &out) {
    if (!unicode::isCombiningMark(point))
      appendCodePoint(point, out);
  });
}
std::unique_ptr<Normalizer> cleanAsNmt() {
  return step<PerCharacter>([](uint32_t point, std::string &out) {
    if (!isNmtRemoved(point))
      appendCodePoint(isNmtSpace(point) ? ' ' : point, out);
  });
}
std::unique_ptr<Normalizer> stripWhitespace(bool left, bool right) { return std::make_unique<Stripper>(left, right); }
std::unique_ptr<Normalizer> prependText(std::string prefix) {
  return step<Whole>([prefix = std::move(prefix)](std::string_view text, std::string &out) {
    if (!text.empty())
      out.append(prefix).append(text);
  });
}
std::unique_ptr<Normalizer> spellText() {
  return step<Whole>([](std::string_view text, std::string &out) { appendSpelling(text, out); });
}
std::unique_ptr<Normalizer> replaceText(std::string pattern, std::string replacement) {
  return std::make_unique<TextReplacer>(std::move(pattern), std::move(replacement));
}
std::unique_ptr<Normalizer> replaceRegex(Regex pattern, std::string replacement) {
  return std::make_unique<RegexReplacer>(std::move(pattern), std::move(replacement));
}

} // namespace ph
