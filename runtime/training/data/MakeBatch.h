// Rows of examples as the tensors of a micro-batch.
#pragma once
#include "runtime/training/Batch.h"
#include "runtime/training/data/EpochOrder.h"

namespace ph::training {

/// The rows `first` to `first + count` (or to the last) of an epoch. They are as long as the longest, or as `length` if
/// that is not 0; what is left is filled with token `padding`. Pairs become two rows each: the chosen ones come first.
Batch makeBatch(const ExampleSet &set, const EpochOrder &order, size_t first, size_t count, int64_t length,
                int32_t padding);

} // namespace ph::training
