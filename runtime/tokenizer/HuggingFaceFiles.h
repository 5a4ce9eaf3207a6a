// The tokenizer and chat template of a folder of the Hugging Face hub, as metadata of a GGUF.
#pragma once
#include "runtime/formats/GgufRecords.h"

namespace ph {

/// Adds to `records` what Tokenizer::create and chat templates need. `path` is a model's folder, or one file:
/// tokenizer.json, tokenizer.model, vocab.txt, or vocab.json with merges.txt beside it. Of a folder the first of these
/// is read that it has; the keys are `tokenizer.huggingface.json`, or `tokenizer.ggml.*` for a tokenizer.model.
/// tokenizer_config.json, special_tokens_map.json, generation_config.json, config.json and chat_template.jinja give
/// `tokenizer.ggml.*_token_id` and `tokenizer.chat_template`. A folder without a tokenizer adds nothing of it. Errors:
/// Failed for a file that can't be read, BadModel for one that is malformed.
Status addHuggingFaceTokenizer(const std::string &path, GgufRecords &records);

} // namespace ph
