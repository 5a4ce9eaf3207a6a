#include "OnnxSource.h"
#include "lib/Import/Description/Architecture.h"
#include "runtime/base/Json.h"
#include "runtime/base/MappedFile.h"
#include "runtime/formats/HubFiles.h"
#include "runtime/tokenizer/HuggingFaceFiles.h"
#include "llvm/ADT/STLExtras.h"
#include <filesystem>

namespace ph {
namespace onnx_import {

namespace fs = std::filesystem;

/// Whether a folder says something of a model of the hub.
static bool isHubFolder(const fs::path &folder) {
  std::error_code ignored;
  return llvm::any_of(std::initializer_list<const char *>{"config.json", "tokenizer.json", "tokenizer.model",
                                                          "tokenizer_config.json", "vocab.txt", "vocab.json"},
                      [&](const char *name) { return fs::exists(folder / name, ignored); });
}

OnnxSource::OnnxSource(std::unique_ptr<OnnxFile> opened) : file(std::move(opened)) {
  for (const onnx::StringStringEntryProto &entry : file->model().metadata_props())
    values.emplace(entry.key(), entry.value());
  for (const FileTensor &tensor : file->tensors())
    if (tensor.type->format) {
      index.emplace(tensor.name, list.size());
      list.push_back({tensor.name, tensor.shape, findFormatByName(tensor.type->format), tensor.data});
    }
  records.string("general.architecture", kEcosystem);
  records.string("general.name", name());
}

Status OnnxSource::readFolder() {
  // The path may be written from inside such a folder.
  std::error_code failure;
  fs::path folder = fs::absolute(file->path(), failure).lexically_normal().parent_path();
  if (failure)
    return {};
  if (!isHubFolder(folder) && folder.filename() == "onnx")
    folder = folder.parent_path();
  if (!isHubFolder(folder))
    return {};
  if (Status error = addHuggingFaceTokenizer(folder.string(), records))
    return error;
  if (Status error = addHubFiles(folder.string(), records))
    return error;
  const std::string path = (folder / "config.json").string();
  if (!fs::exists(path, failure))
    return {};
  auto mapped = MappedFile::open(path);
  if (!mapped)
    return mapped.error();
  auto json = parseJson({reinterpret_cast<const char *>(mapped->bytes().data()), mapped->bytes().size()}, path);
  if (!json)
    return json.error();
  if (!json->is_object())
    return Error{ErrorCode::BadModel, path + ": is no JSON object"};
  settings = HubConfig(*json);
  return {};
}

std::optional<int64_t> OnnxSource::contextLength() const {
  auto family = settings.find("model_type");
  auto *name = family ? std::get_if<std::string>(&*family) : nullptr;
  if (!name)
    return std::nullopt;
  std::string known;
  auto architecture = builtInArchitecture("huggingface", *name, known);
  if (!architecture || !*architecture)
    return std::nullopt;
  const ConfigEntry *entry = (*architecture)->findConfig("context_length");
  auto keys = entry->keys.find("huggingface");
  if (keys == entry->keys.end())
    return std::nullopt;
  for (const std::string &key : keys->second)
    if (auto value = settings.find(key))
      if (auto *length = std::get_if<int64_t>(&*value); length && *length > 0)
        return *length;
  return std::nullopt;
}

std::string OnnxSource::name() const {
  const std::string &path = file->path();
  std::string stem = path.substr(path.rfind('/') + 1);
  return stem.ends_with(".onnx") ? stem.substr(0, stem.size() - 5) : stem;
}

std::optional<ConfigValue> OnnxSource::config(std::string_view key) const {
  auto found = values.find(key);
  return found == values.end() ? std::nullopt : std::optional<ConfigValue>(found->second);
}

std::vector<std::string_view> OnnxSource::configKeys() const {
  std::vector<std::string_view> keys;
  for (const auto &entry : values)
    keys.push_back(entry.first);
  return keys;
}

const SourceTensor *OnnxSource::findTensor(std::string_view name) const {
  auto found = index.find(name);
  return found == index.end() ? nullptr : &list[found->second];
}

} // namespace onnx_import

Expected<std::unique_ptr<SourceModel>> openONNX(const std::string &path) {
  auto file = onnx_import::OnnxFile::open(path);
  if (!file)
    return file.error();
  auto source = std::make_unique<onnx_import::OnnxSource>(std::move(*file));
  if (Status error = source->readFolder())
    return error.error();
  return std::unique_ptr<SourceModel>(std::move(source));
}

} // namespace ph
