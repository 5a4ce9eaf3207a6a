#include "runtime/tokenizer/SpecialTokens.h"
#include <algorithm>

namespace ph {

Expected<SpecialTokens> SpecialTokens::create(const Vocabulary &vocabulary) {
  constexpr size_t maximumLength = 1024;
  SpecialTokens special;
  for (size_t i = 0; i < vocabulary.size(); ++i) {
    const int32_t id = static_cast<int32_t>(i);
    std::string_view text = vocabulary.text(id);
    if (!vocabulary.isVerbatim(id) || text.empty())
      continue;
    if (text.size() > maximumLength)
      return Error{ErrorCode::BadModel, "special token " + std::to_string(id) + " is " + std::to_string(text.size()) +
                                            " bytes long; at most 1024 are accepted"};
    special.entries.push_back({text, id, vocabulary.type(id) == TokenType::UserDefined});
  }
  std::sort(special.entries.begin(), special.entries.end(),
            [](const Entry &a, const Entry &b) { return a.text < b.text; });
  for (const Entry &entry : special.entries)
    ++special.firstByte[static_cast<unsigned char>(entry.text[0]) + 1];
  for (size_t b = 1; b < special.firstByte.size(); ++b)
    special.firstByte[b] += special.firstByte[b - 1];
  return special;
}

SpecialTokens::Match SpecialTokens::at(std::string_view text, size_t position, bool all) const {
  const unsigned char first = static_cast<unsigned char>(text[position]);
  auto low = entries.begin() + firstByte[first], high = entries.begin() + firstByte[first + 1];
  Match best{text.size(), 0, Vocabulary::none};
  // All of [low, high) agree with the text on the first `depth` bytes; the one that ends there sorts first.
  for (size_t depth = 1; low != high; ++depth) {
    if (low->text.size() == depth) {
      if (all || low->always)
        best = {position, depth, low->id};
      ++low;
    }
    if (position + depth == text.size())
      break;
    const unsigned char byte = static_cast<unsigned char>(text[position + depth]);
    auto key = [depth](const Entry &entry) { return static_cast<unsigned char>(entry.text[depth]); };
    low = std::lower_bound(low, high, byte, [&](const Entry &entry, unsigned char b) { return key(entry) < b; });
    high = std::upper_bound(low, high, byte, [&](unsigned char b, const Entry &entry) { return b < key(entry); });
  }
  return best;
}

SpecialTokens::Match SpecialTokens::next(std::string_view text, size_t from, bool all) const {
  if (!entries.empty())
    for (size_t position = from; position < text.size(); ++position) {
      const unsigned char first = static_cast<unsigned char>(text[position]);
      if (firstByte[first] == firstByte[first + 1])
        continue;
      if (Match match = at(text, position, all); match.length)
        return match;
    }
  return {text.size(), 0, Vocabulary::none};
}

} // namespace ph
