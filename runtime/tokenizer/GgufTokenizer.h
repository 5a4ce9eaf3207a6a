// Tokenizers from a GGUF's own keys.
#pragma once
#include "runtime/tokenizer/Tokenizer.h"

namespace ph {

/// A boolean of our own, true where a tokenizer.model was: user-defined pieces are found as SentencePiece finds them.
inline constexpr const char *sentencePieceKey = "tokenizer.ggml.sentencepiece";

/// Reads `tokenizer.ggml.*`: byte-level BPE ("gpt2"), SentencePiece's BPE ("llama") and unigrams ("t5"), and WordPiece
/// ("bert"). Errors as Tokenizer::create's.
Expected<TokenizerParts> readGgufTokenizer(const GgufFile &file);

} // namespace ph
