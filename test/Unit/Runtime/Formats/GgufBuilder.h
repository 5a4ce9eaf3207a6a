// GGUF files in memory, right or wrong.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ph::test {

struct GgufBuilder {
  template <class T> static std::string raw(T value) { return {reinterpret_cast<const char *>(&value), sizeof(T)}; }
  static std::string text(const std::string &text) { return raw(uint64_t(text.size())) + text; }
  template <class T> static std::string array(uint32_t type, const std::vector<T> &items) {
    std::string result = raw(type) + raw(uint64_t(items.size()));
    for (const T &item : items) {
      if constexpr (std::is_same_v<T, std::string>)
        result += item; // encoded already
      else
        result += raw(item);
    }
    return result;
  }

  GgufBuilder &key(const std::string &name, uint32_t type, const std::string &payload) {
    keys += text(name) + raw(type) + payload;
    ++keyCount;
    return *this;
  }
  /// `dims` in the file's order, innermost first; `data` is padded to the alignment.
  GgufBuilder &tensor(const std::string &name, const std::vector<uint64_t> &dims, uint32_t type, std::string bytes) {
    infos += text(name) + raw(uint32_t(dims.size()));
    for (uint64_t size : dims)
      infos += raw(size);
    infos += raw(type) + raw(uint64_t(data.size()));
    data += bytes;
    pad(data);
    ++tensorCount;
    return *this;
  }
  std::string header() const { return "GGUF" + raw(version) + raw(tensorCount) + raw(keyCount) + keys + infos; }
  std::string build() const {
    std::string result = header();
    pad(result);
    return result + data;
  }
  void pad(std::string &bytes) const { bytes.resize((bytes.size() + alignment - 1) / alignment * alignment); }

  uint32_t version = 3;
  size_t alignment = 32;
  uint64_t tensorCount = 0, keyCount = 0;
  std::string keys, infos, data;
};

inline std::span<const uint8_t> bytesOf(const std::string &text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

} // namespace ph::test
