// Writes small GGUF files, so that a test states the checkpoint that it means.
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace ph {

struct TinyGguf {
  using Value = std::variant<uint32_t, float, std::string, bool>;
  struct Tensor {
    std::string name;
    std::vector<int64_t> shape; ///< outermost first
    std::string format;         ///< by name in the formats' table
    std::vector<uint8_t> bytes; ///< filled by write() with a pattern if empty
  };
  std::vector<std::pair<std::string, Value>> keys;
  std::vector<Tensor> tensors;

  /// A whole Llama of two layers: width 64, 4 heads of 16, 2 key-value heads, feed-forward 96, vocabulary 40.
  static TinyGguf llama();

  void set(const std::string &key, Value value);
  void removeKey(const std::string &key);
  Tensor &tensor(const std::string &name);
  void removeTensor(const std::string &name);
  /// Writes it into the test's temporary folder; the path.
  std::string write(const std::string &fileName) const;
};

} // namespace ph
