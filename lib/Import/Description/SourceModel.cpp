#include "powerhouse/Import/SourceModel.h"
#include "runtime/base/Quote.h"
#include <cmath>

namespace ph {

static Error wrongKind(const SourceModel &model, std::string_view key, std::string_view expected) {
  return {ErrorCode::BadModel, model.path() + ": key " + quoteText(key) + " must be " + std::string(expected)};
}

Expected<std::optional<int64_t>> SourceModel::integer(std::string_view key) const {
  std::optional<ConfigValue> value = config(key);
  if (!value)
    return std::optional<int64_t>();
  if (auto *integer = std::get_if<int64_t>(&*value))
    return std::optional<int64_t>(*integer);
  return wrongKind(*this, key, "an integer");
}

Expected<std::optional<double>> SourceModel::number(std::string_view key) const {
  std::optional<ConfigValue> value = config(key);
  if (!value)
    return std::optional<double>();
  if (auto *integer = std::get_if<int64_t>(&*value))
    return std::optional<double>(static_cast<double>(*integer));
  if (auto *real = std::get_if<double>(&*value); real && std::isfinite(*real))
    return std::optional<double>(*real);
  return wrongKind(*this, key, "a finite number");
}

Expected<std::optional<std::string>> SourceModel::string(std::string_view key) const {
  std::optional<ConfigValue> value = config(key);
  if (!value)
    return std::optional<std::string>();
  if (auto *text = std::get_if<std::string>(&*value))
    return std::optional<std::string>(*text);
  return wrongKind(*this, key, "a string");
}

Expected<std::optional<bool>> SourceModel::boolean(std::string_view key) const {
  std::optional<ConfigValue> value = config(key);
  if (!value)
    return std::optional<bool>();
  if (auto *flag = std::get_if<bool>(&*value))
    return std::optional<bool>(*flag);
  return wrongKind(*this, key, "true or false");
}

std::string shapeString(std::span<const int64_t> shape) {
  if (shape.empty())
    return "scalar";
  std::string text;
  for (int64_t size : shape)
    text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

} // namespace ph
