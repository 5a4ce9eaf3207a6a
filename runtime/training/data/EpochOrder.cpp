#include "runtime/training/data/EpochOrder.h"
#include "runtime/base/Philox.h"
#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace ph::training {

// Purposes of random numbers: what has one number stays apart from the others, whatever the seed.
static constexpr uint32_t orderStream = 1, splitStream = 2;

namespace {
/// Room in rows, with the first row that has at least so much found in logarithmic time: a tree of maxima.
class Rooms {
public:
  explicit Rooms(size_t rows, uint32_t room)
      : leaves(std::bit_ceil(std::max<size_t>(rows, 1))), tree(2 * leaves, room) {}
  /// Takes `amount` of the first row with that much room; returns its number.
  size_t take(uint32_t amount) {
    size_t node = 1;
    while (node < leaves)
      node = 2 * node + (tree[2 * node] < amount);
    tree[node] -= amount;
    for (size_t up = node / 2; up > 0; up /= 2)
      tree[up] = std::max(tree[2 * up], tree[2 * up + 1]);
    return node - leaves;
  }

private:
  size_t leaves;
  std::vector<uint32_t> tree;
};
} // namespace

EpochOrder orderEpoch(const ExampleSet &set, std::span<const uint32_t> members, const OrderRules &rules,
                      int64_t epoch) {
  std::vector<uint32_t> order(members.begin(), members.end());
  if (rules.shuffle) {
    const auto places = shuffled(uint32_t(order.size()), CounterRandom(rules.seed, orderStream, uint32_t(epoch)));
    for (size_t i = 0; i < order.size(); ++i)
      order[i] = members[places[i]];
  }
  EpochOrder result;
  if (!rules.pack) {
    result.begins.resize(order.size() + 1);
    std::iota(result.begins.begin(), result.begins.end(), size_t(0));
    result.examples = std::move(order);
    return result;
  }
  // Examples are no longer than a row, and there are never more rows than examples.
  Rooms rooms(order.size(), uint32_t(rules.sequenceLen));
  std::vector<size_t> rowOf(order.size());
  size_t rows = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    rowOf[i] = rooms.take(set.length(order[i]));
    rows = std::max(rows, rowOf[i] + 1);
  }
  result.begins.assign(rows + 1, 0);
  for (size_t row : rowOf)
    ++result.begins[row + 1];
  std::partial_sum(result.begins.begin(), result.begins.end(), result.begins.begin());
  std::vector<size_t> next(result.begins.begin(), result.begins.end() - 1);
  result.examples.resize(order.size());
  for (size_t i = 0; i < order.size(); ++i)
    result.examples[next[rowOf[i]]++] = order[i];
  return result;
}

Expected<Split> splitExamples(size_t examples, double amount, uint64_t seed) {
  Split split;
  const auto held = size_t(amount < 1 ? std::ceil(amount * double(examples)) : amount);
  if (held >= examples)
    return Error{ErrorCode::Usage, "val_set_size holds out " + std::to_string(held) + " of " +
                                       std::to_string(examples) + " examples, which leaves none to train on"};
  std::vector<bool> out(examples, false);
  if (held > 0) {
    const auto order = shuffled(uint32_t(examples), CounterRandom(seed, splitStream, 0));
    for (size_t i = 0; i < held; ++i)
      out[order[i]] = true;
  }
  for (size_t i = 0; i < examples; ++i)
    (out[i] ? split.validation : split.training).push_back(uint32_t(i));
  return split;
}

} // namespace ph::training
