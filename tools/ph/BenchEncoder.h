// ph bench of a model that is a program of token ids.
#pragma once
#include "runtime/session/Model.h"

namespace ph::tool {

struct EncoderBench {
  int64_t length = 128, sequences = 1; ///< tokens of each sequence, and how many of them run together
  int repetitions = 5;
  bool json = false;
  double loadMs = 0;
};

/// Whether the model is one: no decoder, and its `forward` takes token ids and nothing else but their mask.
bool isEncoder(const Model &model);
/// Measures its `forward`, once the weights are loaded, and prints the report. Errors: those of Program::run.
Status benchEncoder(Model &model, const EncoderBench &options);

} // namespace ph::tool
