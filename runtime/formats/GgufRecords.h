// Writes metadata records in GGUF's form (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
#pragma once
#include "runtime/formats/Gguf.h"
#include <cstring>

namespace ph {

/// Records one after the other, as GgufFile::metadataBytes gives them. Keys must differ.
class GgufRecords {
public:
  GgufRecords &string(std::string_view key, std::string_view value) {
    begin(key, GgufType::String);
    text(value);
    return *this;
  }

  std::span<const uint8_t> bytes() const { return records; }
  uint64_t count() const { return number; }

private:
  void begin(std::string_view key, GgufType type) {
    text(key);
    raw(static_cast<uint32_t>(type));
    ++number;
  }
  void text(std::string_view value) {
    raw(static_cast<uint64_t>(value.size()));
    records.insert(records.end(), value.begin(), value.end());
  }
  /// Little-endian, as everything here.
  template <class T> void raw(T value) {
    uint8_t out[sizeof(T)];
    std::memcpy(out, &value, sizeof(T));
    records.insert(records.end(), out, out + sizeof(T));
  }

  std::vector<uint8_t> records;
  uint64_t number = 0;
};

} // namespace ph
