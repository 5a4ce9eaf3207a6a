// Hugging Face's tokenizer.json (https://github.com/huggingface/tokenizers), version 1.0.
#pragma once
#include "runtime/tokenizer/Tokenizer.h"

namespace ph {

/// The metadata key under which a GGUF or an artifact keeps a tokenizer.json whole.
inline constexpr std::string_view huggingFaceKey = "tokenizer.huggingface.json";

/// Reads the text under huggingFaceKey; BOS, EOS and others come from `tokenizer.ggml.*_token_id`. Padding and
/// truncation, which are about batches, are ignored. Errors (BadModel) name the key of the text that is missing,
/// mistyped, or of a kind that isn't known.
Expected<TokenizerParts> readTokenizerJson(const GgufFile &file);

} // namespace ph
