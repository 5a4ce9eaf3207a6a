// Remembers the ids of short words, which repeat in any long text.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string_view>
#include <vector>

namespace ph {

/// A table of one place for each hash. Short texts have none: they would pay more for clearing it than it saves.
class WordCache {
public:
  explicit WordCache(size_t textBytes) {
    if (textBytes >= 1024)
      entries.resize(textBytes >= 64 * 1024 ? 8192 : 1024);
  }

  /// Appends the ids of `word` if it is known. Otherwise `encode()` appends them; its Status is the result.
  template <class Encode> auto append(std::string_view word, std::vector<int32_t> &out, Encode encode) {
    Entry *entry = nullptr;
    if (!entries.empty() && word.size() <= sizeof entry->word) {
      entry = &entries[hash(word) % entries.size()];
      if (entry->length == word.size() && word == std::string_view(entry->word, entry->length)) {
        out.insert(out.end(), entry->ids, entry->ids + entry->count);
        return decltype(encode())();
      }
    }
    const size_t before = out.size();
    if (auto e = encode())
      return e;
    const size_t count = out.size() - before;
    if (entry && count <= std::size(entry->ids)) {
      entry->length = static_cast<uint8_t>(word.size());
      entry->count = static_cast<uint8_t>(count);
      std::copy(word.begin(), word.end(), entry->word);
      std::copy(out.begin() + static_cast<ptrdiff_t>(before), out.end(), entry->ids);
    }
    return decltype(encode())();
  }

private:
  struct Entry {
    uint8_t length = 0, count = 0;
    char word[22];
    int32_t ids[6];
  };
  static size_t hash(std::string_view word) { return std::hash<std::string_view>()(word); }

  std::vector<Entry> entries;
};

} // namespace ph
