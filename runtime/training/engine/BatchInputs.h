// The inputs of programs that are made of a batch.
#pragma once
#include "runtime/session/Program.h"
#include "runtime/training/Batch.h"
#include <string_view>

namespace ph::training {

/// Element and rank of the input of that name that makeBatchInput makes; null if it makes none.
struct BatchInput {
  TensorElement element;
  size_t rank;
};
const BatchInput *findBatchInput(std::string_view name);
/// Its size along an axis, for a batch of `rows` rows.
int64_t batchInputSize(std::string_view name, size_t axis, int64_t rows, int64_t length);

/// The tensor (see ProgramEngine.h).
HostTensor makeBatchInput(std::string_view name, const Batch &batch);

} // namespace ph::training
