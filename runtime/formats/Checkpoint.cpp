#include "runtime/formats/Checkpoint.h"
#include "runtime/base/Json.h"
#include "runtime/base/MappedFile.h"
#include "runtime/base/Quote.h"
#include "runtime/quant/Format.h"
#include <filesystem>
#include <numeric>
#include <set>

namespace ph {

namespace fs = std::filesystem;

/// The files of a folder that hold its weights.
static Expected<std::vector<std::string>> filesOf(const std::string &folder) {
  const std::string index = folder + "/model.safetensors.index.json";
  std::error_code ignored;
  const std::string adapter = folder + "/adapter_model.safetensors";
  if (!fs::exists(index, ignored))
    return std::vector<std::string>{fs::exists(adapter, ignored) ? adapter : folder + "/model.safetensors"};
  auto file = MappedFile::open(index);
  if (!file)
    return file.error();
  auto root = parseJson({reinterpret_cast<const char *>(file->bytes().data()), file->bytes().size()}, index);
  if (!root)
    return root.error();
  const nlohmann::json *map = root->is_object() ? jsonMember(*root, "weight_map") : nullptr;
  if (!map || !map->is_object())
    return Error{ErrorCode::BadModel, index + ": has no object 'weight_map'"};
  std::set<std::string> names;
  for (const auto &[tensor, name] : map->items()) {
    // A shard stands in the folder itself.
    if (!name.is_string() || name.get<std::string>().find('/') != std::string::npos)
      return Error{ErrorCode::BadModel, index + ": the file of " + quoteText(tensor) + " is no name of a file"};
    names.insert(folder + "/" + name.get<std::string>());
  }
  return std::vector<std::string>(names.begin(), names.end());
}

Expected<std::unique_ptr<Checkpoint>> Checkpoint::open(const std::string &path) {
  auto checkpoint = std::make_unique<Checkpoint>();
  checkpoint->path = path;
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) {
    auto file = GgufFile::open(path);
    if (!file)
      return file.error();
    checkpoint->gguf = std::move(*file);
    return checkpoint;
  }
  auto files = filesOf(path);
  if (!files)
    return files.error();
  for (const std::string &name : *files) {
    auto shard = SafetensorsFile::open(name);
    if (!shard)
      return shard.error();
    checkpoint->shards.push_back(std::move(*shard));
  }
  return checkpoint;
}

std::optional<std::vector<int64_t>> Checkpoint::shapeOf(std::string_view name) const {
  if (gguf) {
    const GgufTensor *tensor = gguf->findTensor(name);
    return tensor ? std::optional(tensor->shape) : std::nullopt;
  }
  for (const auto &shard : shards)
    if (const SafetensorsTensor *tensor = shard->find(name))
      return tensor->shape;
  return std::nullopt;
}

Status Checkpoint::read(std::string_view name, std::span<float> into) const {
  auto bad = [&](const std::string &what) {
    return Error{ErrorCode::BadModel, path + ": tensor " + quoteText(std::string(name)) + " " + what};
  };
  const auto shape = shapeOf(name);
  if (!shape)
    return bad("is missing");
  int64_t count = 1;
  for (int64_t size : *shape)
    count *= size;
  if (count != int64_t(into.size()))
    return bad("has " + std::to_string(count) + " elements, but " + std::to_string(into.size()) + " are expected");
  if (gguf) {
    const GgufTensor *tensor = gguf->findTensor(name);
    if (!tensor->format->dequantize)
      return bad("has the type " + std::string(tensor->format->label) + ", which can't be decoded");
    dequantize(*tensor->format, tensor->data.data(), into.data(), into.size());
    MappedFile::release(tensor->data);
    return {};
  }
  for (const auto &shard : shards)
    if (const SafetensorsTensor *tensor = shard->find(name)) {
      const std::vector<float> values = tensor->toFloats();
      std::copy(values.begin(), values.end(), into.begin());
      MappedFile::release(tensor->data);
      return {};
    }
  return bad("is missing");
}

} // namespace ph
