// What exporters let a decoder take besides tokens, and what each is of a text that begins.
#pragma once
#include "File/OnnxFile.h"

namespace ph::onnx_import {

enum class TextInput {
  Other,
  Tokens,    ///< input_ids [batch, sequence]
  Padding,   ///< attention_mask [batch, past and sequence]
  Positions, ///< position_ids [batch, sequence], cache_position [sequence]
  Past,      ///< past_key_values.N.key and .value [batch, heads, past, features]
  Nothing,   ///< use_cache_branch, num_logits_to_keep: 0, no cache, and the scores of all tokens
};

/// By the names that Hugging Face's exporters (optimum, transformers) give, and by types.
TextInput textInputOf(const onnx::ValueInfoProto &input);

/// Whether an output is what its past becomes: present.N.key, present_key_values.…
bool isPresent(const std::string &output);

} // namespace ph::onnx_import
