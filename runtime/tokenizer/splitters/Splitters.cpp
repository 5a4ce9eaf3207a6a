#include "runtime/tokenizer/models/ByteAlphabet.h"
#include "runtime/tokenizer/splitters/Splitter.h"
#include "runtime/tokenizer/unicode/Characters.h"
#include "runtime/tokenizer/unicode/CodePoints.h"

namespace ph {
namespace {

/// Hands what one step made to the steps after it.
class Rest final : public PieceSink {
public:
  Rest(const Splitters &steps, size_t next, RegexScratch &scratch, PieceSink &sink)
      : steps(steps), next(next), scratch(scratch), sink(sink) {}
  Status piece(Piece piece) override {
    if (next == steps.size())
      return sink.piece(piece);
    Rest after(steps, next + 1, scratch, sink);
    return steps[next]->split(piece, scratch, next + 1 == steps.size() ? sink : after);
  }

private:
  const Splitters &steps;
  const size_t next;
  RegexScratch &scratch;
  PieceSink &sink;
};

/// Takes matches and what lies between, from left to right without gaps, and gives pieces. finish() gives the last.
template <SplitBehavior behavior> class Cutter {
public:
  Cutter(Piece whole, PieceSink &sink) : whole(whole), sink(sink) {}

  Status add(size_t begin, size_t end, bool match) {
    if constexpr (behavior == SplitBehavior::Isolated)
      return give(begin, end);
    if constexpr (behavior == SplitBehavior::Removed)
      return match ? Status() : give(begin, end);
    bool joined = false;
    if constexpr (behavior == SplitBehavior::Contiguous)
      joined = any && match == heldMatch;
    if constexpr (behavior == SplitBehavior::MergedWithPrevious)
      joined = any && match && !heldMatch;
    if constexpr (behavior == SplitBehavior::MergedWithNext)
      joined = any && !match && heldMatch;
    if (!joined) {
      if (auto e = finish())
        return e;
      heldBegin = begin;
    }
    heldEnd = end;
    heldMatch = match;
    any = true;
    return {};
  }
  Status finish() { return any ? give(heldBegin, heldEnd) : Status(); }

private:
  Status give(size_t begin, size_t end) {
    return begin == end ? Status() : sink.piece({whole.text.substr(begin, end - begin), whole.first && begin == 0});
  }

  const Piece whole;
  PieceSink &sink;
  size_t heldBegin = 0, heldEnd = 0;
  bool any = false, heldMatch = false;
};

template <SplitBehavior behavior> class RegexSplitter final : public Splitter {
public:
  RegexSplitter(Regex regex, bool invert) : regex(std::move(regex)), invert(invert) {}
  Status split(Piece piece, RegexScratch &scratch, PieceSink &sink) const override {
    Cutter<behavior> cutter(piece, sink);
    Regex::Search search(regex, piece.text, scratch);
    size_t done = 0;
    for (;;) {
      auto match = search.next();
      if (!match)
        return match.error();
      if (!*match)
        break;
      if ((*match)->begin != done)
        if (auto e = cutter.add(done, (*match)->begin, invert))
          return e;
      if (auto e = cutter.add((*match)->begin, (*match)->end, !invert))
        return e;
      done = (*match)->end;
    }
    if (done != piece.text.size())
      if (auto e = cutter.add(done, piece.text.size(), invert))
        return e;
    return cutter.finish();
  }

private:
  const Regex regex;
  const bool invert;
};

template <SplitBehavior behavior> class CharacterSplitter final : public Splitter {
public:
  explicit CharacterSplitter(bool (*matches)(uint32_t)) : matches(matches) {}
  Status split(Piece piece, RegexScratch &, PieceSink &sink) const override {
    Cutter<behavior> cutter(piece, sink);
    size_t begin = 0;
    for (size_t at = 0; at < piece.text.size();) {
      const CodePoint point = firstCodePoint(piece.text.substr(at));
      if (matches(point.value)) {
        if (begin != at)
          if (auto e = cutter.add(begin, at, false))
            return e;
        if (auto e = cutter.add(at, at + point.length, true))
          return e;
        begin = at + point.length;
      }
      at += point.length;
    }
    if (begin != piece.text.size())
      if (auto e = cutter.add(begin, piece.text.size(), false))
        return e;
    return cutter.finish();
  }

private:
  bool (*const matches)(uint32_t);
};

class WordSplitter final : public Splitter {
public:
  Status split(Piece piece, RegexScratch &, PieceSink &sink) const override {
    enum Kind { Space, Word, Other } kind = Space;
    size_t begin = 0;
    auto give = [&](size_t end) {
      return kind == Space || begin == end
                 ? Status()
                 : sink.piece({piece.text.substr(begin, end - begin), piece.first && begin == 0});
    };
    for (size_t at = 0; at < piece.text.size();) {
      const CodePoint point = firstCodePoint(piece.text.substr(at));
      const Kind now = unicode::isWord(point.value) ? Word : unicode::isWhitespace(point.value) ? Space : Other;
      if (now != kind) {
        if (auto e = give(at))
          return e;
        kind = now;
        begin = at;
      }
      at += point.length;
    }
    return give(piece.text.size());
  }
};

class LengthSplitter final : public Splitter {
public:
  explicit LengthSplitter(size_t length) : length(length) {}
  Status split(Piece piece, RegexScratch &, PieceSink &sink) const override {
    size_t begin = 0, count = 0;
    for (size_t at = 0; at < piece.text.size();) {
      at += firstCodePoint(piece.text.substr(at)).length;
      if (++count == length || at == piece.text.size()) {
        if (auto e = sink.piece({piece.text.substr(begin, at - begin), piece.first && begin == 0}))
          return e;
        begin = at;
        count = 0;
      }
    }
    return {};
  }

private:
  const size_t length;
};

class MetaspaceSplitter final : public Splitter {
public:
  MetaspaceSplitter(std::string replacement, PrependScheme scheme, bool cut)
      : replacement(std::move(replacement)), scheme(scheme), cut(cut) {}
  Status split(Piece piece, RegexScratch &, PieceSink &sink) const override {
    std::string text;
    text.reserve(piece.text.size() + piece.text.size() / 4 + replacement.size());
    if ((scheme == PrependScheme::Always || (scheme == PrependScheme::First && piece.first)) &&
        !piece.text.starts_with(' ') && !piece.text.starts_with(replacement))
      text += replacement;
    for (char c : piece.text)
      c == ' ' ? text += replacement : text += c;
    if (!cut)
      return sink.piece({text, piece.first});
    Cutter<SplitBehavior::MergedWithNext> cutter({text, piece.first}, sink);
    size_t done = 0;
    for (size_t at; (at = text.find(replacement, done)) != std::string::npos; done = at + replacement.size()) {
      if (at != done)
        if (auto e = cutter.add(done, at, false))
          return e;
      if (auto e = cutter.add(at, at + replacement.size(), true))
        return e;
    }
    if (done != text.size())
      if (auto e = cutter.add(done, text.size(), false))
        return e;
    return cutter.finish();
  }

private:
  const std::string replacement;
  const PrependScheme scheme;
  const bool cut;
};

class SpacePrepender final : public Splitter {
public:
  Status split(Piece piece, RegexScratch &, PieceSink &sink) const override {
    return piece.text.starts_with(' ') ? sink.piece(piece) : sink.piece({" " + std::string(piece.text), piece.first});
  }
};

class ByteSpeller final : public Splitter {
public:
  Status split(Piece piece, RegexScratch &, PieceSink &sink) const override {
    std::string spelled;
    appendSpelling(piece.text, spelled);
    return sink.piece({spelled, piece.first});
  }
};

} // namespace

Status splitText(const Splitters &steps, Piece text, RegexScratch &scratch, PieceSink &sink) {
  Rest all(steps, 0, scratch, sink);
  Status failure;
  auto give = [&](PieceSink &to, std::string_view stretch) {
    if (!failure)
      failure = to.piece({stretch, text.first && stretch.data() == text.text.data()});
  };
  // Expressions see well-formed text only, so PCRE2 needs no check of its own (which would be one per match).
  forEachStretch(
      text.text, [&](std::string_view stretch) { give(all, stretch); },
      [&](std::string_view stretch) { give(sink, stretch); });
  return failure;
}

/// Calls `make` with the behavior as a template argument.
template <class Make> static std::unique_ptr<Splitter> withBehavior(SplitBehavior behavior, Make make) {
  switch (behavior) {
  case SplitBehavior::Isolated:
    return make.template operator()<SplitBehavior::Isolated>();
  case SplitBehavior::Removed:
    return make.template operator()<SplitBehavior::Removed>();
  case SplitBehavior::MergedWithPrevious:
    return make.template operator()<SplitBehavior::MergedWithPrevious>();
  case SplitBehavior::MergedWithNext:
    return make.template operator()<SplitBehavior::MergedWithNext>();
  case SplitBehavior::Contiguous:
    break;
  }
  return make.template operator()<SplitBehavior::Contiguous>();
}

std::unique_ptr<Splitter> splitByRegex(Regex regex, SplitBehavior behavior, bool invert) {
  return withBehavior(behavior, [&]<SplitBehavior b>() -> std::unique_ptr<Splitter> {
    return std::make_unique<RegexSplitter<b>>(std::move(regex), invert);
  });
}
std::unique_ptr<Splitter> splitByCharacter(bool (*matches)(uint32_t), SplitBehavior behavior) {
  return withBehavior(behavior, [&]<SplitBehavior b>() -> std::unique_ptr<Splitter> {
    return std::make_unique<CharacterSplitter<b>>(matches);
  });
}
std::unique_ptr<Splitter> splitIntoWords() { return std::make_unique<WordSplitter>(); }
std::unique_ptr<Splitter> splitByLength(size_t length) { return std::make_unique<LengthSplitter>(length); }
std::unique_ptr<Splitter> splitAtMetaspace(std::string replacement, PrependScheme scheme, bool split) {
  return std::make_unique<MetaspaceSplitter>(std::move(replacement), scheme, split);
}
std::unique_ptr<Splitter> prependSpace() { return std::make_unique<SpacePrepender>(); }
std::unique_ptr<Splitter> spellBytes() { return std::make_unique<ByteSpeller>(); }

} // namespace ph
