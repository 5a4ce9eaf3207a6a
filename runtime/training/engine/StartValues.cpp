#include "runtime/training/engine/StartValues.h"
#include "runtime/base/Quote.h"
#include "runtime/formats/Safetensors.h"
#include <algorithm>

namespace ph::training {

size_t StartValues::find(std::string_view name) const {
  return size_t(std::find_if(columns.begin(), columns.end(), [&](const Column &each) { return each.name == name; }) -
                columns.begin());
}

void StartValues::set(std::string_view name, std::span<const uint64_t> examples, std::span<const float> values) {
  for (size_t i = 0; i < examples.size(); ++i)
    columns[find(name)].values[examples[i]] = values[i];
}

Expected<std::vector<float>> StartValues::get(std::string_view name, std::span<const uint64_t> examples) const {
  std::vector<float> values;
  for (uint64_t example : examples) {
    const auto &known = columns[find(name)].values;
    const auto value = known.find(example);
    if (value == known.end())
      return Error{ErrorCode::Failed, "example " + std::to_string(example) + " was not seen before training began"};
    values.push_back(value->second);
  }
  return values;
}

Status StartValues::save(const std::string &path) const {
  std::vector<uint64_t> examples;
  for (const auto &[example, value] : columns.front().values)
    examples.push_back(example);
  std::sort(examples.begin(), examples.end());
  const auto count = int64_t(examples.size());
  auto bytes = [](const auto &values) {
    return std::span(reinterpret_cast<const uint8_t *>(values.data()), values.size() * sizeof values[0]);
  };
  std::vector<SafetensorsTensor> tensors = {{"example", SafetensorsType::U64, {count}, bytes(examples)}};
  std::vector<std::vector<float>> values;
  values.reserve(columns.size()); // they are pointed to
  for (const Column &column : columns) {
    auto gathered = get(column.name, examples);
    if (!gathered)
      return gathered.error();
    values.push_back(std::move(*gathered));
    tensors.push_back({column.name, SafetensorsType::F32, {count}, bytes(values.back())});
  }
  return writeSafetensors(path, tensors);
}

Status StartValues::load(const std::string &path) {
  auto file = SafetensorsFile::open(path);
  if (!file)
    return file.error();
  auto wrong = [&](const std::string &name) {
    return Error{ErrorCode::BadModel, path + ": has no tensor " + quoteText(name) +
                                          " of one number for each example: it is of another training"};
  };
  const SafetensorsTensor *numbers = (*file)->find("example");
  if (!numbers || numbers->type != SafetensorsType::U64)
    return wrong("example");
  const std::vector<int64_t> integers = numbers->toIntegers();
  const std::vector<uint64_t> examples(integers.begin(), integers.end());
  for (Column &column : columns) {
    const SafetensorsTensor *tensor = (*file)->find(column.name);
    if (!tensor || tensor->type != SafetensorsType::F32 || tensor->elements() != int64_t(examples.size()))
      return wrong(column.name);
    column.values.clear();
    set(column.name, examples, tensor->toFloats());
  }
  return {};
}

} // namespace ph::training
