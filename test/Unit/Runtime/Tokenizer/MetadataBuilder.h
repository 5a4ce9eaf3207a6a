// Writes GGUF metadata for tests: a file without tensors.
#pragma once
#include "runtime/formats/Gguf.h"
#include <cstring>

namespace ph::test {

class MetadataBuilder {
public:
  MetadataBuilder &string(std::string_view key, std::string_view value) {
    begin(key, GgufType::String);
    text(value);
    return *this;
  }
  MetadataBuilder &integer(std::string_view key, uint32_t value) {
    begin(key, GgufType::U32);
    raw(value);
    return *this;
  }
  MetadataBuilder &boolean(std::string_view key, bool value) {
    begin(key, GgufType::Bool);
    raw(static_cast<uint8_t>(value));
    return *this;
  }
  template <class Strings> MetadataBuilder &strings(std::string_view key, const Strings &values) {
    begin(key, GgufType::Array);
    raw(static_cast<uint32_t>(GgufType::String));
    raw(static_cast<uint64_t>(values.size()));
    for (const auto &value : values)
      text(value);
    return *this;
  }
  MetadataBuilder &numbers(std::string_view key, const std::vector<float> &values) {
    begin(key, GgufType::Array);
    raw(static_cast<uint32_t>(GgufType::F32));
    raw(static_cast<uint64_t>(values.size()));
    for (float value : values)
      raw(value);
    return *this;
  }
  MetadataBuilder &integers(std::string_view key, const std::vector<int32_t> &values) {
    begin(key, GgufType::Array);
    raw(static_cast<uint32_t>(GgufType::I32));
    raw(static_cast<uint64_t>(values.size()));
    for (int32_t value : values)
      raw(value);
    return *this;
  }
  /// The file so far.
  std::vector<uint8_t> bytes() const {
    MetadataBuilder head;
    head.raw(uint32_t(0x46554747)); // "GGUF"
    head.raw(uint32_t(3));
    head.raw(uint64_t(0));
    head.raw(count);
    head.body.insert(head.body.end(), body.begin(), body.end());
    return head.body;
  }

private:
  void begin(std::string_view key, GgufType type) {
    text(key);
    raw(static_cast<uint32_t>(type));
    ++count;
  }
  void text(std::string_view value) {
    raw(static_cast<uint64_t>(value.size()));
    body.insert(body.end(), value.begin(), value.end());
  }
  template <class T> void raw(T value) {
    uint8_t bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    body.insert(body.end(), bytes, bytes + sizeof(T));
  }

  std::vector<uint8_t> body;
  uint64_t count = 0;
};

/// The spelling of each byte in byte-level vocabularies.
inline std::vector<std::string> byteTokens() {
  std::vector<std::string> tokens;
  unsigned next = 256;
  for (unsigned b = 0; b < 256; ++b) {
    const bool printable = (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || (b >= 174 && b <= 255);
    const unsigned code = printable ? b : next++;
    std::string token;
    if (code < 0x80)
      token += static_cast<char>(code);
    else {
      token += static_cast<char>(0xC0 | code >> 6);
      token += static_cast<char>(0x80 | (code & 0x3F));
    }
    tokens.push_back(token);
  }
  return tokens;
}

/// A small vocabulary: 256 bytes (id = byte), ten merges (256 …), special tokens (266 …).
struct SmallModel {
  std::vector<std::string> tokens = byteTokens();
  std::vector<std::string> merges = {"h e", "l l", "he ll", "hell o", "Ġ w", "Ġw o", "a a", "aa aa", "1 2", "12 3"};
  std::vector<int32_t> types;
  static constexpr int32_t startId = 266, stopId = 267, stopLongId = 268, gapId = 269;

  SmallModel() {
    for (const char *merged : {"he", "ll", "hell", "hello", "Ġw", "Ġwo", "aa", "aaaa", "12", "123"})
      tokens.push_back(merged);
    types.assign(tokens.size(), 1);
    for (auto [text, type] : {std::pair<const char *, int32_t>("<s>", 3), {"</s>", 3}, {"</s>!", 3}, {"<gap>", 4}}) {
      tokens.push_back(text);
      types.push_back(type);
    }
  }
  MetadataBuilder build(std::string_view pre = "gpt-2", std::string_view kind = "gpt2") const {
    MetadataBuilder builder;
    builder.string("tokenizer.ggml.model", kind).string("tokenizer.ggml.pre", pre);
    builder.strings("tokenizer.ggml.tokens", tokens).integers("tokenizer.ggml.token_type", types);
    builder.strings("tokenizer.ggml.merges", merges);
    builder.integer("tokenizer.ggml.bos_token_id", startId).integer("tokenizer.ggml.eos_token_id", stopId);
    return builder;
  }
};

} // namespace ph::test
