#include "OnnxSource.h"

namespace ph {
namespace onnx_import {

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
  return std::unique_ptr<SourceModel>(std::make_unique<onnx_import::OnnxSource>(std::move(*file)));
}

} // namespace ph
