// What the targets do with a tokenizer that a hostile file made.
#pragma once
#include "runtime/formats/GgufRecords.h"
#include "runtime/tokenizer/StreamDecoder.h"
#include <cstdlib>

namespace ph::fuzz {

inline void require(bool condition) {
  if (!condition)
    std::abort();
}

/// Makes the tokenizer of `records` and encodes `text` with it, up to 200 bytes: the same ids each time, all of them in
/// the vocabulary, and what streams is what decodes, but for bytes that are no text.
inline void useTokenizer(const GgufRecords &records, std::string_view text) {
  const std::vector<uint8_t> bytes = GgufRecords::file(records.bytes(), records.count());
  auto file = GgufFile::parse(bytes, "fuzz", /*metadataOnly=*/true);
  require(bool(file));
  auto tokenizer = Tokenizer::create(**file);
  if (!tokenizer) {
    require(tokenizer.error().code == ErrorCode::BadModel && tokenizer.error().message.starts_with("fuzz"));
    return;
  }
  text = text.substr(0, 200);
  for (bool special : {true, false}) {
    auto ids = (*tokenizer)->encode(text, {.addSpecial = special, .parseSpecial = special});
    auto again = (*tokenizer)->encode(text, {.addSpecial = special, .parseSpecial = special});
    require(bool(ids) == bool(again));
    if (!ids) {
      require(ids.error().code == ErrorCode::Failed && !ids.error().message.empty());
      continue;
    }
    require(*ids == *again);
    StreamDecoder stream(**tokenizer, special);
    size_t streamed = 0;
    for (int32_t id : std::span(*ids).first(std::min<size_t>(ids->size(), 256))) {
      require((*tokenizer)->vocabulary().contains(id));
      streamed += stream.next(id).size();
    }
    streamed += stream.flush().size();
    if (ids->size() <= 256)
      require((*tokenizer)->decode(*ids, special).size() <= streamed);
  }
}

} // namespace ph::fuzz
