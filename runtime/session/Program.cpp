#include "runtime/session/Program.h"
#include <algorithm>
#include <cstring>

namespace ph {
namespace {

/// "[2, ?, 64]".
std::string shapeText(std::span<const int64_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + (shape[i] < 0 ? std::string("?") : std::to_string(shape[i]));
  return text + "]";
}

/// Bytes of a tensor; UINT64_MAX where that is more than can be counted.
uint64_t bytesOf(std::span<const int64_t> shape, TensorElement element) {
  auto bytes = uint64_t(elementBytes(element));
  for (int64_t size : shape)
    if (__builtin_mul_overflow(bytes, uint64_t(size), &bytes))
      return UINT64_MAX;
  return bytes;
}

} // namespace

int64_t HostTensor::elements() const { return int64_t(bytes.size()) / elementBytes(element); }

HostTensor HostTensor::ofFloats(std::vector<int64_t> shape, std::span<const float> values) {
  auto from = reinterpret_cast<const uint8_t *>(values.data());
  return {TensorElement::F32, std::move(shape), {from, from + values.size_bytes()}};
}

HostTensor HostTensor::ofIntegers(std::vector<int64_t> shape, std::span<const int32_t> values) {
  auto from = reinterpret_cast<const uint8_t *>(values.data());
  return {TensorElement::I32, std::move(shape), {from, from + values.size_bytes()}};
}

std::vector<int64_t> Program::plan(std::span<const int64_t> sizes) const {
  int64_t count = 1;
  for (const ProgramTensor &result : about.results)
    count += result.dynamicSizes();
  std::vector<int64_t> needs(size_t(count), 0);
  planFunction(sizes.data(), needs.data());
  return needs;
}

void Program::call(Team &team, const uint8_t *weights, uint8_t *arena, std::span<void *const> tensors,
                   std::span<const int64_t> sizes) const {
  team.run([&](int thread) {
    function(weights, arena, tensors.data(), sizes.data(), thread, team.size(), Team::next, &team);
  });
}

Expected<std::vector<HostTensor>> Program::run(Team &team, const uint8_t *weights,
                                               const std::map<std::string, HostTensor> &inputs, Region *kept) const {
  auto wrong = [&](const std::string &what) { return Error{ErrorCode::Usage, about.name + ": " + what}; };
  std::vector<int64_t> sizes;
  std::vector<void *> tensors;
  for (const ProgramTensor &input : about.inputs) {
    auto found = inputs.find(input.name);
    if (found == inputs.end())
      return wrong("the input '" + input.name + "' is missing");
    const HostTensor &given = found->second;
    bool fits = given.element == input.element && given.shape.size() == input.shape.size() &&
                bytesOf(given.shape, given.element) == given.bytes.size();
    for (size_t i = 0; fits && i < input.shape.size(); ++i)
      fits = input.shape[i] < 0 ? given.shape[i] > 0 : given.shape[i] == input.shape[i];
    if (!fits)
      return wrong("the input '" + input.name + "' is " + std::string(tensorElementName(given.element)) +
                   shapeText(given.shape) + ", but " + std::string(tensorElementName(input.element)) +
                   shapeText(input.shape) + " is expected");
    for (size_t i = 0; i < input.shape.size(); ++i)
      if (input.shape[i] < 0)
        sizes.push_back(given.shape[i]);
    tensors.push_back(const_cast<uint8_t *>(given.bytes.data()));
  }
  const std::vector<int64_t> needs = plan(sizes);
  std::vector<HostTensor> results;
  size_t next = 1;
  for (const ProgramTensor &result : about.results) {
    HostTensor &made = results.emplace_back();
    made.element = result.element;
    for (int64_t size : result.shape)
      made.shape.push_back(size < 0 ? needs[next++] : size);
    uint64_t bytes = bytesOf(made.shape, made.element);
    if (bytes > availableMemory().bytes)
      return Error{ErrorCode::WontFit, about.name + ": the result '" + result.name + "' of " + shapeText(made.shape) +
                                           " does not fit into memory"};
    made.bytes.resize(bytes);
  }
  for (size_t i = 0; i < results.size(); ++i) {
    int updates = about.results[i].updates;
    tensors.push_back(updates < 0 ? results[i].bytes.data() : tensors[size_t(updates)]);
  }
  Region own;
  Region &arena = kept ? *kept : own;
  if (const auto bytes = std::max<uint64_t>(uint64_t(needs[0]), 1); arena.size() < bytes) {
    arena = Region(); // before there is another
    auto made = Region::allocate(bytes, Region::Pages::Small, "the activations");
    if (!made)
      return made.error();
    arena = std::move(*made);
  }
  call(team, weights, arena.data(), tensors, sizes);
  return results;
}

} // namespace ph
