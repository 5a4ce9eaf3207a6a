#include "runtime/tokenizer/AddedTokens.h"
#include "runtime/tokenizer/unicode/Characters.h"
#include "runtime/tokenizer/unicode/CodePoints.h"
#include <algorithm>
#include <tuple>

namespace ph {

Expected<AddedTokens> AddedTokens::create(std::vector<AddedToken> tokens) {
  constexpr size_t maximumLength = 1024;
  AddedTokens result;
  result.entries = std::move(tokens);
  auto &entries = result.entries;
  std::erase_if(entries, [](const AddedToken &token) { return token.text.empty(); });
  for (const AddedToken &token : entries)
    if (token.text.size() > maximumLength)
      return Error{ErrorCode::BadModel, "special token " + std::to_string(token.id) + " is " +
                                            std::to_string(token.text.size()) +
                                            " bytes long; at most 1024 are accepted"};
  std::sort(entries.begin(), entries.end(),
            [](const AddedToken &a, const AddedToken &b) { return std::tie(a.text, a.id) < std::tie(b.text, b.id); });
  entries.erase(std::unique(entries.begin(), entries.end(),
                            [](const AddedToken &a, const AddedToken &b) { return a.text == b.text; }),
                entries.end());
  for (const AddedToken &token : entries)
    ++result.firstByte[static_cast<unsigned char>(token.text[0]) + 1];
  for (size_t b = 1; b < result.firstByte.size(); ++b)
    result.firstByte[b] += result.firstByte[b - 1];
  return result;
}

Expected<AddedTokens> AddedTokens::of(const Vocabulary &vocabulary, std::span<const TokenType> types) {
  std::vector<AddedToken> tokens;
  for (size_t i = 0; i < vocabulary.size(); ++i)
    if (const auto id = static_cast<int32_t>(i);
        std::find(types.begin(), types.end(), vocabulary.type(id)) != types.end()) {
      AddedToken token;
      token.text = vocabulary.text(id);
      token.id = id;
      token.always = vocabulary.type(id) == TokenType::UserDefined;
      tokens.push_back(std::move(token));
    }
  return create(std::move(tokens));
}

AddedTokens::Match AddedTokens::at(std::string_view text, size_t position, bool all) const {
  const unsigned char first = static_cast<unsigned char>(text[position]);
  auto low = entries.begin() + firstByte[first], high = entries.begin() + firstByte[first + 1];
  Match best{position, position, position, nullptr};
  // All of [low, high) agree with the text on the first `depth` bytes; the one that ends there sorts first.
  for (size_t depth = 1; low != high; ++depth) {
    if (low->text.size() == depth) {
      if (all || low->always)
        best = {position, position + depth, position + depth, &*low};
      ++low;
    }
    if (position + depth == text.size())
      break;
    const unsigned char byte = static_cast<unsigned char>(text[position + depth]);
    auto key = [depth](const AddedToken &token) { return static_cast<unsigned char>(token.text[depth]); };
    low = std::lower_bound(low, high, byte, [&](const AddedToken &token, unsigned char b) { return key(token) < b; });
    high = std::upper_bound(low, high, byte, [&](unsigned char b, const AddedToken &token) { return b < key(token); });
  }
  return best;
}

AddedTokens::Match AddedTokens::next(std::string_view text, size_t from, bool all) const {
  if (!entries.empty())
    for (size_t position = from; position < text.size(); ++position) {
      const unsigned char first = static_cast<unsigned char>(text[position]);
      if (firstByte[first] == firstByte[first + 1])
        continue;
      if (Match match = at(text, position, all); match.entry)
        return match;
    }
  return {text.size(), text.size(), text.size(), nullptr};
}

bool AddedTokens::place(std::string_view text, size_t done, Match &match) {
  if (match.begin < done) // the token before it took this along
    return false;
  if (match.entry->singleWord) {
    const std::string_view before = text.substr(0, match.begin), after = text.substr(match.end);
    if ((!before.empty() && unicode::isWord(lastCodePoint(before).value)) ||
        (!after.empty() && unicode::isWord(firstCodePoint(after).value)))
      return false;
  }
  if (match.entry->stripLeft)
    while (match.begin > done) {
      const CodePoint point = lastCodePoint(text.substr(done, match.begin - done));
      if (!unicode::isWhitespace(point.value))
        break;
      match.begin -= point.length;
    }
  if (match.entry->stripRight)
    while (match.after < text.size()) {
      const CodePoint point = firstCodePoint(text.substr(match.after));
      if (!unicode::isWhitespace(point.value))
        break;
      match.after += point.length;
    }
  return true;
}

} // namespace ph
