#include "runtime/training/data/MakeBatch.h"
#include <algorithm>

namespace ph::training {

namespace {
/// Writes sequences into a batch.
class Writer {
public:
  Writer(const ExampleSet &set, Batch &batch) : set(set), batch(batch) {}

  /// Puts a sequence behind what row `row` has.
  void put(size_t row, size_t sequence) {
    if (row != current)
      current = row, column = 0, document = 0;
    const ExampleSet::Sequence &s = set.sequence(sequence);
    ++document;
    size_t to = row * size_t(batch.length) + column;
    for (uint32_t i = 0; i < s.length; ++i, ++to) {
      const bool counts = i > 0 && set.learned(s.begin + i);
      batch.tokens[to] = set.token(s.begin + i);
      batch.labels[to] = counts ? batch.tokens[to] : ignoredLabel;
      batch.positions[to] = int32_t(i);
      batch.documents[to] = document;
      batch.labelled += counts;
    }
    column += s.length;
    batch.real += s.length;
  }

private:
  const ExampleSet &set;
  Batch &batch;
  size_t current = SIZE_MAX, column = 0;
  int32_t document = 0;
};
} // namespace

Batch makeBatch(const ExampleSet &set, const EpochOrder &order, size_t first, size_t count, int64_t length,
                int32_t padding) {
  const size_t last = std::min(first + count, order.rows());
  Batch batch;
  batch.pairs = set.hasPairs();
  batch.targetsEach = set.targetsEach();
  batch.rows = int64_t(last - first) * (batch.pairs ? 2 : 1);
  for (size_t row = first; row < last; ++row) {
    int64_t tokens = 0;
    for (uint32_t example : order.row(row)) {
      tokens += set.length(example);
      const auto &sequence = set.sequence(batch.pairs ? 2 * size_t(example) : example);
      batch.origins.push_back({set.file(sequence.file), sequence.line});
      batch.examples.push_back(set.id(example));
      const auto targets = set.targets(example);
      batch.targets.insert(batch.targets.end(), targets.begin(), targets.end());
    }
    batch.length = std::max(batch.length, tokens);
  }
  batch.length = length ? length : batch.length;
  const auto places = size_t(batch.rows * batch.length);
  batch.tokens.assign(places, padding);
  batch.labels.assign(places, ignoredLabel);
  batch.positions.assign(places, 0);
  batch.documents.assign(places, 0);
  Writer writer(set, batch);
  for (int half = 0; half < (batch.pairs ? 2 : 1); ++half)
    for (size_t row = first; row < last; ++row)
      for (uint32_t example : order.row(row))
        writer.put(row - first + size_t(half) * (last - first),
                   batch.pairs ? 2 * size_t(example) + size_t(half) : example);
  return batch;
}

} // namespace ph::training
