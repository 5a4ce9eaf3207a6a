// The pre-tokenizers that GGUF files name.
#pragma once
#include "runtime/tokenizer/splitters/Splitter.h"
#include <span>
#include <string_view>

namespace ph {

/// What `tokenizer.ggml.pre` stands for. Each pattern splits what the ones before it left whole: matches and the
/// stretches between matches become pieces.
struct PreTokenizerSpec {
  std::span<const std::string_view> names;
  std::span<const char *const> patterns;
  bool wholeWordsFirst = false; ///< a word that is a token is not merged together ("ignore_merges")
  bool addBos = false;          ///< BOS is added unless the file says otherwise
};

/// The table.
std::span<const PreTokenizerSpec> preTokenizers();
/// The row of the table with this name, or null.
const PreTokenizerSpec *findPreTokenizer(std::string_view name);
/// Its patterns, compiled.
Expected<Splitters> makeSplitters(const PreTokenizerSpec &spec);

} // namespace ph
