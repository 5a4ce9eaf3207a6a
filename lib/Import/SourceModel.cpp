#include "powerhouse/Import/SourceModel.h"
#include "runtime/base/Quote.h"
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>

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

Expected<std::unique_ptr<SourceModel>> openSource(const std::string &path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return openHuggingFace(path);
  std::FILE *file = std::fopen(path.c_str(), "rb");
  if (!file)
    return Error{ErrorCode::Failed, path + ": " + std::strerror(errno)};
  char magic[4] = {};
  size_t got = std::fread(magic, 1, sizeof(magic), file);
  int failure = std::ferror(file) ? errno : 0;
  std::fclose(file);
  if (failure)
    return Error{ErrorCode::Failed, path + ": " + std::strerror(failure)};
  if (got == sizeof(magic) && std::memcmp(magic, "GGUF", 4) == 0)
    return openGGUF(path);
  // An ONNX file has no magic; it begins with the version of its IR, field 1 of the message.
  if (path.ends_with(".onnx") || (got > 1 && magic[0] == 0x08 && magic[1] < 0x40))
    return openONNX(path);
  return Error{ErrorCode::BadModel,
               path + ": not a model file that is known here: " +
                   (got == 0 ? "the file is empty" : "its first bytes are not 'GGUF'") +
                   "; give a GGUF or ONNX file, or a folder with config.json and model.safetensors"};
}

} // namespace ph
