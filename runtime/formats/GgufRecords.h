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
  GgufRecords &integer(std::string_view key, uint32_t value) {
    begin(key, GgufType::U32);
    raw(value);
    return *this;
  }
  GgufRecords &boolean(std::string_view key, bool value) {
    begin(key, GgufType::Bool);
    raw(static_cast<uint8_t>(value));
    return *this;
  }
  GgufRecords &strings(std::string_view key, std::span<const std::string_view> values) {
    array(key, GgufType::String, values.size());
    for (std::string_view value : values)
      text(value);
    return *this;
  }
  GgufRecords &numbers(std::string_view key, std::span<const float> values) {
    return elements(key, GgufType::F32, values);
  }
  GgufRecords &integers(std::string_view key, std::span<const int32_t> values) {
    return elements(key, GgufType::I32, values);
  }
  GgufRecords &byteArray(std::string_view key, std::span<const uint8_t> values) {
    return elements(key, GgufType::U8, values);
  }

  /// A whole file without tensors, for GgufFile::parse, of `count` records.
  static std::vector<uint8_t> file(std::span<const uint8_t> records, uint64_t count) {
    GgufRecords head;
    head.raw(uint32_t(0x46554747)); // "GGUF"
    head.raw(uint32_t(3));
    head.raw(uint64_t(0));
    head.raw(count);
    head.records.insert(head.records.end(), records.begin(), records.end());
    return std::move(head.records);
  }

  std::span<const uint8_t> bytes() const { return records; }
  uint64_t count() const { return number; }

private:
  void begin(std::string_view key, GgufType type) {
    text(key);
    raw(static_cast<uint32_t>(type));
    ++number;
  }
  void array(std::string_view key, GgufType element, size_t size) {
    begin(key, GgufType::Array);
    raw(static_cast<uint32_t>(element));
    raw(static_cast<uint64_t>(size));
  }
  template <class T> GgufRecords &elements(std::string_view key, GgufType element, std::span<const T> values) {
    array(key, element, values.size());
    const auto *data = reinterpret_cast<const uint8_t *>(values.data());
    records.insert(records.end(), data, data + values.size_bytes());
    return *this;
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
