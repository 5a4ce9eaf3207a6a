// Which examples make which rows, and in which order.
#pragma once
#include "runtime/training/data/ExampleSet.h"
#include <span>

namespace ph::training {

/// The examples of an epoch, row by row.
class EpochOrder {
public:
  size_t rows() const { return begins.size() - 1; }
  std::span<const uint32_t> row(size_t i) const {
    return std::span(examples).subspan(begins[i], begins[i + 1] - begins[i]);
  }

private:
  friend EpochOrder orderEpoch(const ExampleSet &, std::span<const uint32_t>, const struct OrderRules &, int64_t);
  std::vector<uint32_t> examples;
  std::vector<size_t> begins = {0};
};

struct OrderRules {
  bool shuffle = true, pack = false;
  int64_t sequenceLen = 512;
  uint64_t seed = 42;
};

/// Orders `members`, numbers of examples. A function of its arguments alone, so that a position in an epoch is a
/// number. Shuffled with CounterRandom(seed, stream 1, epoch). Packed: first fit, each example into the first row that
/// has room for it, in order; rows in the order in which they begin.
EpochOrder orderEpoch(const ExampleSet &set, std::span<const uint32_t> members, const OrderRules &rules, int64_t epoch);

/// Numbers of the examples to train and to evaluate on.
struct Split {
  std::vector<uint32_t> training, validation;
};

/// Holds `amount` examples out: below 1 a part of all (rounded up), from 1 on a number; drawn with
/// CounterRandom(seed, stream 2, 0); both in the order of the files. Errors (Usage): nothing would be left to train on.
Expected<Split> splitExamples(size_t examples, double amount, uint64_t seed);

} // namespace ph::training
