// Finds all tokens that a text begins with.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace ph {

/// A trie of texts with ids; its edges are in one hash table.
class TokenTrie {
public:
  static constexpr uint32_t root = 0, nothing = ~0u;

  /// Errors (BadModel): more than 16777215 nodes.
  static Expected<TokenTrie> create(const std::vector<std::pair<std::string_view, int32_t>> &texts);

  /// The node after `node` on `byte`, or nothing.
  uint32_t step(uint32_t node, char byte) const {
    const uint32_t key = node << 8 | static_cast<unsigned char>(byte);
    for (size_t slot = hash(key) & (edges.size() - 1); edges[slot].child; slot = (slot + 1) & (edges.size() - 1))
      if (edges[slot].key == key)
        return edges[slot].child;
    return nothing;
  }
  /// The id whose text ends at `node`; -1 if none does.
  int32_t id(uint32_t node) const { return ids[node]; }

private:
  struct Edge {
    uint32_t key = 0, child = 0; ///< child 0: an empty slot, for the root is no child
  };
  static size_t hash(uint32_t key) {
    const uint64_t product = key * 0x9E3779B97F4A7C15ull;
    return static_cast<size_t>(product >> 32);
  }

  std::vector<Edge> edges; ///< open addressing, a power of two, at most half full
  std::vector<int32_t> ids;
};

} // namespace ph
