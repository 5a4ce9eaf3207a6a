// Tokenizers from a GGUF's own keys.
#pragma once
#include "runtime/tokenizer/Tokenizer.h"

namespace ph {

/// Reads `tokenizer.ggml.*`: byte-level BPE ("gpt2"), SentencePiece's BPE ("llama") and unigrams ("t5"), and WordPiece
/// ("bert"). Errors as Tokenizer::create's.
Expected<TokenizerParts> readGgufTokenizer(const GgufFile &file);

} // namespace ph
