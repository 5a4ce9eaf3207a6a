#include "runtime/training/engine/BatchInputs.h"
#include <algorithm>
#include <iterator>

namespace ph::training {
namespace {

using Ids = std::vector<int32_t>;

/// Which rows of a batch an input has.
enum class Rows { All, First, Second };

struct Input {
  std::string_view name;
  Rows rows;
  Ids (*make)(const Batch &batch); ///< of all rows
};

Ids whereLearned(const Batch &batch) {
  Ids mask;
  for (int32_t label : batch.labels)
    mask.push_back(label != ignoredLabel);
  return mask;
}

Ids whereReal(const Batch &batch) {
  Ids mask;
  for (int32_t document : batch.documents)
    mask.push_back(document != 0);
  return mask;
}

constexpr Input inputs[] = {
    {"tokens", Rows::All, [](const Batch &batch) { return batch.tokens; }},
    {"labels", Rows::All, [](const Batch &batch) { return batch.labels; }},
    {"positions", Rows::All, [](const Batch &batch) { return batch.positions; }},
    {"documents", Rows::All, [](const Batch &batch) { return batch.documents; }},
    {"attention_mask", Rows::All, whereReal},
    {"chosen", Rows::First, [](const Batch &batch) { return batch.tokens; }},
    {"rejected", Rows::Second, [](const Batch &batch) { return batch.tokens; }},
    {"chosen_mask", Rows::First, whereLearned},
    {"rejected_mask", Rows::Second, whereLearned},
};

const Input *find(std::string_view name) {
  auto found =
      std::find_if(std::begin(inputs), std::end(inputs), [&](const Input &input) { return input.name == name; });
  return found == std::end(inputs) ? nullptr : found;
}

} // namespace

bool isBatchInput(std::string_view name) { return find(name) != nullptr; }

int64_t batchInputSize(std::string_view name, size_t axis, int64_t rows, int64_t length) {
  return axis == 1 ? length : find(name)->rows == Rows::All ? rows : rows / 2;
}

HostTensor makeBatchInput(std::string_view name, const Batch &batch) {
  const Input &input = *find(name);
  const Ids all = input.make(batch);
  const int64_t rows = batchInputSize(name, 0, batch.rows, batch.length);
  const auto first = size_t(input.rows == Rows::Second ? rows * batch.length : 0);
  return HostTensor::ofIntegers({rows, batch.length}, std::span(all).subspan(first, size_t(rows * batch.length)));
}

} // namespace ph::training
