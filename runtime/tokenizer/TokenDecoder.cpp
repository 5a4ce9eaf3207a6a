#include "runtime/tokenizer/TokenDecoder.h"
#include "runtime/tokenizer/models/ByteAlphabet.h"
#include "runtime/tokenizer/normalizers/Normalizer.h"
#include <functional>

namespace ph {
namespace {

void replaceAll(std::string &text, std::string_view pattern, std::string_view replacement) {
  if (pattern.empty() || text.find(pattern) == std::string::npos)
    return;
  // A file's steps could make a token's text longer and longer; what is beyond this is no text.
  const size_t most = 4096 + 8 * text.size();
  std::string out;
  size_t done = 0;
  for (size_t at; out.size() < most && (at = text.find(pattern, done)) != std::string::npos; done = at + pattern.size())
    out.append(text, done, at - done).append(replacement.substr(0, most));
  text = std::move(out.append(text, done));
}

/// What transformers' clean_up_tokenization does.
void cleanUp(std::string &text) {
  for (auto [from, to] : {std::pair<const char *, const char *>(" .", "."),
                          {" ?", "?"},
                          {" !", "!"},
                          {" ,", ","},
                          {" ' ", "'"},
                          {" n't", "n't"},
                          {" 'm", "'m"},
                          {" do not", " don't"},
                          {" 's", "'s"},
                          {" 've", "'ve"},
                          {" 're", "'re"}})
    replaceAll(text, from, to);
}

template <class Apply> class Step final : public TokenDecoder {
public:
  explicit Step(Apply rewrite) : rewrite(std::move(rewrite)) {}
  Status apply(std::string &text, DecodeState &state) const override {
    rewrite(text, state);
    return {};
  }

private:
  const Apply rewrite;
};
template <class Apply> std::unique_ptr<TokenDecoder> step(Apply rewrite) {
  return std::make_unique<Step<Apply>>(std::move(rewrite));
}

class RegexStep final : public TokenDecoder {
public:
  explicit RegexStep(std::unique_ptr<Normalizer> replacer) : replacer(std::move(replacer)) {}
  Status apply(std::string &text, DecodeState &) const override {
    RegexScratch scratch;
    std::string out;
    if (auto e = replacer->apply(text, scratch, out))
      return e;
    text = std::move(out);
    return {};
  }

private:
  const std::unique_ptr<Normalizer> replacer;
};

int hexValue(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

} // namespace

std::unique_ptr<TokenDecoder> decodeSpelledBytes() {
  return step([](std::string &text, DecodeState &) {
    std::string bytes;
    if (appendSpelledBytes(text, bytes))
      text = std::move(bytes);
  });
}

std::unique_ptr<TokenDecoder> decodeByteTokens() {
  return step([](std::string &text, DecodeState &) {
    if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>')
      return;
    const int high = hexValue(text[3]), low = hexValue(text[4]);
    if (high >= 0 && low >= 0)
      text.assign(1, static_cast<char>(high * 16 + low));
  });
}

std::unique_ptr<TokenDecoder> decodeMetaspace(std::string replacement, FirstSpaces first) {
  return step([=](std::string &text, DecodeState &state) {
    if (first == FirstSpaces::DropOne && state.tokens == 0 && text.starts_with(replacement))
      text.erase(0, replacement.size());
    replaceAll(text, replacement, first == FirstSpaces::DropAll && state.tokens == 0 ? "" : " ");
  });
}

std::unique_ptr<TokenDecoder> decodeWordPiece(std::string prefix, bool cleanup) {
  return step([=](std::string &text, DecodeState &state) {
    if (state.tokens != 0) {
      if (text.starts_with(prefix))
        text.erase(0, prefix.size());
      else
        text.insert(0, " ");
    }
    if (cleanup)
      cleanUp(text);
  });
}

std::unique_ptr<TokenDecoder> decodeSuffix(std::string suffix) {
  return step([=](std::string &text, DecodeState &state) {
    const bool owed = state.spaceOwed;
    state.spaceOwed = !suffix.empty() && text.ends_with(suffix);
    if (state.spaceOwed)
      text.resize(text.size() - suffix.size());
    replaceAll(text, suffix, " ");
    if (owed)
      text.insert(0, " ");
  });
}

std::unique_ptr<TokenDecoder> decodeReplacing(std::string pattern, std::string replacement) {
  return step([=](std::string &text, DecodeState &) { replaceAll(text, pattern, replacement); });
}

std::unique_ptr<TokenDecoder> decodeReplacing(Regex pattern, std::string replacement) {
  return std::make_unique<RegexStep>(replaceRegex(std::move(pattern), std::move(replacement)));
}

std::unique_ptr<TokenDecoder> decodeStripping(std::string character, size_t start, size_t stop, bool wholeText) {
  return step([=](std::string &text, DecodeState &state) {
    size_t here = 0, &stripped = wholeText ? state.strippedStart : here;
    while (!(wholeText && state.textBegun) && stripped < start && !character.empty() && text.starts_with(character)) {
      text.erase(0, character.size());
      ++stripped;
    }
    state.textBegun |= !text.empty();
    for (size_t i = 0; i < stop && !character.empty() && text.ends_with(character); ++i)
      text.resize(text.size() - character.size());
  });
}

std::unique_ptr<TokenDecoder> decodeCtc(std::string padding, std::string delimiter, bool cleanup) {
  return step([=](std::string &text, DecodeState &state) {
    if (state.tokens && text == state.previousToken) {
      text.clear();
      return;
    }
    state.previousToken = text;
    replaceAll(text, padding, "");
    if (cleanup) {
      cleanUp(text);
      replaceAll(text, delimiter, " ");
    }
  });
}

std::unique_ptr<TokenDecoder> decodeWithSpaces() {
  return step([](std::string &text, DecodeState &state) {
    if (state.tokens)
      text.insert(0, " ");
  });
}

} // namespace ph
