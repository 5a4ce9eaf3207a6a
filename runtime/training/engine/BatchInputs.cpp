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
  BatchInput type;
  Rows rows;
  Ids (*make)(const Batch &batch); ///< of all rows; null: the numbers of examples
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

Ids tokensOf(const Batch &batch) { return batch.tokens; }

constexpr BatchInput ids = {TensorElement::I32, 2}, number = {TensorElement::I32, 1}, numbers = {TensorElement::F32, 2};
constexpr Input inputs[] = {
    {"tokens", ids, Rows::All, tokensOf},
    {"labels", ids, Rows::All, [](const Batch &batch) { return batch.labels; }},
    {"positions", ids, Rows::All, [](const Batch &batch) { return batch.positions; }},
    {"documents", ids, Rows::All, [](const Batch &batch) { return batch.documents; }},
    {"attention_mask", ids, Rows::All, whereReal},
    {"chosen", ids, Rows::First, tokensOf},
    {"rejected", ids, Rows::Second, tokensOf},
    {"chosen_mask", ids, Rows::First, whereLearned},
    {"rejected_mask", ids, Rows::Second, whereLearned},
    {"answers", ids, Rows::First, tokensOf},
    {"answers_mask", ids, Rows::First, whereLearned},
    {"mismatched", ids, Rows::Second, tokensOf},
    {"mismatched_mask", ids, Rows::Second, whereLearned},
    {"desirable", number, Rows::First, nullptr},
    {"classes", number, Rows::All, nullptr},
    {"targets", numbers, Rows::All, nullptr},
};

const Input *find(std::string_view name) {
  auto found =
      std::find_if(std::begin(inputs), std::end(inputs), [&](const Input &input) { return input.name == name; });
  return found == std::end(inputs) ? nullptr : found;
}

} // namespace

const BatchInput *findBatchInput(std::string_view name) {
  const Input *found = find(name);
  return found ? &found->type : nullptr;
}

int64_t batchInputSize(std::string_view name, size_t axis, int64_t rows, int64_t length) {
  return axis == 1 ? length : find(name)->rows == Rows::All ? rows : rows / 2;
}

HostTensor makeBatchInput(std::string_view name, const Batch &batch) {
  const Input &input = *find(name);
  const int64_t rows = batchInputSize(name, 0, batch.rows, batch.length);
  if (!input.make) {
    if (input.type.element == TensorElement::F32)
      return HostTensor::ofFloats({rows, batch.targetsEach}, batch.targets);
    return HostTensor::ofIntegers({rows}, Ids(batch.targets.begin(), batch.targets.end()));
  }
  const Ids all = input.make(batch);
  const auto first = size_t(input.rows == Rows::Second ? rows * batch.length : 0);
  return HostTensor::ofIntegers({rows, batch.length}, std::span(all).subspan(first, size_t(rows * batch.length)));
}

} // namespace ph::training
