// ph verify MODEL EXPECTED: compares a model with the outputs that another program computed for the same token ids.
#pragma once
#include "runtime/base/Error.h"
#include "tools/ph/Flags.h"
#include <string>

namespace ph::tool {

/// `file` is a safetensors file. For a model that generates text from tokens: `input_ids` [batch, sequence] and,
/// optionally, `attention_mask` of the same shape, whose tokens with 0 are left out; and at least one output:
///   logits [batch, sequence, vocabulary]  within `tolerance`, absolute
///   greedy [n]  row 0's tokens, and what follows by taking the likeliest one each time; exact
///   beam4 [n]   the same by beam search of width 4 without an end token; exact
/// For any other, and an ONNX graph where the file has more than that or padding: all inputs of its program by name,
/// and results of it, by name or as `out.` and the name; rows where `attention_mask` is 0 are not compared. `greedy`
/// and `beam4` continue row 0 of `decoder_input_ids`, or of `input_ids` where there are none; for the former they begin
/// with its first id. A model is compiled with f32 activations first. Errors: those of compiling and loading, BadModel
/// (not such a file, or a tensor that this doesn't compare), Failed with an empty message if anything differs.
Status verifyTensors(const std::string &source, const std::string &file, double tolerance, const RunFlags &flags,
                     bool json);

} // namespace ph::tool
