#include "runtime/tokenizer/models/TokenTrie.h"
#include <bit>
#include <string>

namespace ph {

Expected<TokenTrie> TokenTrie::create(const std::vector<std::pair<std::string_view, int32_t>> &texts) {
  constexpr size_t maximumNodes = (size_t(1) << 24) - 1; // a node and a byte make a key of 32 bits
  TokenTrie trie;
  trie.ids.push_back(-1);
  trie.edges.resize(1024);
  auto insert = [&](Edge edge) {
    const size_t wrap = trie.edges.size() - 1;
    size_t slot = hash(edge.key) & wrap;
    while (trie.edges[slot].child)
      slot = (slot + 1) & wrap;
    trie.edges[slot] = edge;
  };
  for (auto [text, id] : texts) {
    uint32_t node = root;
    for (char byte : text) {
      uint32_t next = trie.step(node, byte);
      if (next == nothing) {
        if (trie.ids.size() >= maximumNodes)
          return Error{ErrorCode::BadModel, "the texts of the vocabulary have more than " +
                                                std::to_string(maximumNodes) + " different beginnings"};
        next = static_cast<uint32_t>(trie.ids.size());
        trie.ids.push_back(-1);
        if (trie.ids.size() * 2 > trie.edges.size()) {
          std::vector<Edge> before(trie.edges.size() * 2);
          before.swap(trie.edges);
          for (Edge edge : before)
            if (edge.child)
              insert(edge);
        }
        insert({node << 8 | static_cast<unsigned char>(byte), next});
      }
      node = next;
    }
    trie.ids[node] = id;
  }
  return trie;
}

} // namespace ph
