#include "runtime/training/engine/ExportModel.h"
#include "runtime/base/AtomicFile.h"
#include "runtime/base/Json.h"
#include "runtime/base/Quote.h"
#include "runtime/formats/Gguf.h"
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace ph::training {
namespace {

namespace fs = std::filesystem;

/// The trained values of tensors of the source, by name.
using Trained = std::map<std::string, std::span<const uint8_t>, std::less<>>;

Expected<Trained> splitWeights(const HeldTensors &held, std::span<const SafetensorsTensor> weights) {
  Trained result;
  for (const SafetensorsTensor &weight : weights) {
    auto about = held.find(weight.name);
    if (about == held.end() || about->second.empty() || weight.type != SafetensorsType::F32 ||
        weight.data.size() % (4 * about->second.size()))
      return Error{ErrorCode::BadModel,
                   "the artifact does not say which tensors the weight " + quoteText(weight.name) + " holds"};
    const size_t each = weight.data.size() / about->second.size();
    for (size_t i = 0; i < about->second.size(); ++i)
      result[about->second[i]] = weight.data.subspan(i * each, each);
  }
  return result;
}

Error unfit(const std::string &source, const std::string &tensor, const char *what) {
  return {ErrorCode::BadModel,
          source + ": tensor " + quoteText(tensor) + " " + what + "; was the model changed since?"};
}

/// The files of a folder that have its tensors.
Expected<std::vector<std::shared_ptr<SafetensorsFile>>> openShards(const std::string &source) {
  std::vector<fs::path> paths;
  std::error_code failure;
  for (const auto &entry : fs::directory_iterator(source, failure))
    if (entry.path().extension() == ".safetensors" && entry.path().filename().string().starts_with("model"))
      paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::shared_ptr<SafetensorsFile>> shards;
  for (const fs::path &path : paths) {
    auto shard = SafetensorsFile::open(path.string());
    if (!shard)
      return shard.error();
    shards.push_back(std::move(*shard));
  }
  return shards;
}

Status exportFolder(const std::string &source, const std::string &folder, const Trained &trained) {
  auto shards = openShards(source);
  if (!shards)
    return shards.error();
  std::vector<SafetensorsTensor> tensors;
  std::set<std::string, std::less<>> found;
  for (const auto &shard : *shards)
    for (SafetensorsTensor tensor : shard->tensors()) {
      if (auto it = trained.find(tensor.name); it != trained.end()) {
        if (it->second.size() != uint64_t(tensor.elements()) * 4)
          return unfit(source, tensor.name, "has another size than what was trained");
        tensor.type = SafetensorsType::F32;
        tensor.data = it->second;
        found.insert(tensor.name);
      }
      tensors.push_back(std::move(tensor));
    }
  for (const auto &[name, data] : trained)
    if (!found.contains(name))
      return unfit(source, name, "is missing");
  static constexpr const char *smallFiles[] = {"config.json",         "generation_config.json",
                                               "tokenizer.json",      "tokenizer_config.json",
                                               "tokenizer.model",     "special_tokens_map.json",
                                               "added_tokens.json",   "vocab.json",
                                               "vocab.txt",           "merges.txt",
                                               "chat_template.jinja", "preprocessor_config.json"};
  for (const char *name : smallFiles) {
    std::error_code failure;
    const fs::path from = fs::path(source) / name;
    if (!fs::exists(from, failure))
      continue;
    auto file = MappedFile::open(from.string());
    if (!file)
      return file.error();
    auto copy = AtomicFile::create(folder + "/" + name);
    if (!copy)
      return copy.error();
    if (auto e = copy->write(file->bytes()))
      return e;
    if (auto e = copy->commit())
      return e;
  }
  return writeSafetensors(folder + "/model.safetensors", tensors, {{"format", "pt"}});
}

template <class T> Status put(AtomicFile &file, T value) { return file.write(&value, sizeof value); }

/// Header, metadata as they were, infos and data of tensors (GGUF 3).
Status writeGguf(const std::string &path, const GgufFile &source, const Trained &trained) {
  auto file = AtomicFile::create(path);
  if (!file)
    return file.error();
  const uint64_t alignment = source.alignment();
  auto dataOf = [&](const GgufTensor &tensor) {
    auto it = trained.find(tensor.name);
    return it == trained.end() ? tensor.data : it->second;
  };
  for (Status status : {put(*file, uint32_t(0x46554747)), put(*file, uint32_t(3)), // "GGUF"
                        put(*file, uint64_t(source.tensors().size())), put(*file, uint64_t(source.entries().size())),
                        file->write(source.metadataBytes())})
    if (status)
      return status;
  uint64_t offset = 0;
  for (const GgufTensor &tensor : source.tensors()) {
    const bool changed = trained.contains(tensor.name);
    for (Status status : {put(*file, uint64_t(tensor.name.size())), file->write(tensor.name.data(), tensor.name.size()),
                          put(*file, uint32_t(tensor.shape.size()))})
      if (status)
        return status;
    for (size_t i = tensor.shape.size(); i-- > 0;) // innermost first
      if (auto e = put(*file, uint64_t(tensor.shape[i])))
        return e;
    constexpr uint32_t f32 = 0;
    for (Status status : {put(*file, changed ? f32 : uint32_t(tensor.format->ggmlType)), put(*file, offset)})
      if (status)
        return status;
    offset += (dataOf(tensor).size() + alignment - 1) / alignment * alignment;
  }
  if (auto e = file->pad(alignment))
    return e;
  for (const GgufTensor &tensor : source.tensors()) {
    if (auto e = file->write(dataOf(tensor)))
      return e;
    if (auto e = file->pad(alignment))
      return e;
  }
  return file->commit();
}

Status exportGguf(const std::string &source, const std::string &folder, const Trained &trained) {
  auto file = GgufFile::open(source);
  if (!file)
    return file.error();
  for (const auto &[name, data] : trained) {
    const GgufTensor *tensor = (*file)->findTensor(name);
    if (!tensor)
      return unfit(source, name, "is missing");
    if (data.size() != uint64_t(tensor->elements()) * 4)
      return unfit(source, name, "has another size than what was trained");
  }
  return writeGguf(folder + "/model.gguf", **file, trained);
}

} // namespace

Status exportModel(const std::string &source, const std::string &folder, const HeldTensors &held,
                   std::span<const SafetensorsTensor> weights) {
  auto split = splitWeights(held, weights);
  if (!split)
    return split.error();
  std::error_code ignored;
  return fs::is_directory(source, ignored) ? exportFolder(source, folder, *split) : exportGguf(source, folder, *split);
}

Status exportAdapter(const std::string &folder, const HeldTensors &held, std::span<const SafetensorsTensor> weights,
                     const std::string &config) {
  auto trained = splitWeights(held, weights);
  if (!trained)
    return trained.error();
  std::vector<SafetensorsTensor> tensors;
  for (const SafetensorsTensor &weight : weights)
    for (const std::string &name : held.find(weight.name)->second)
      // A weight is a stack of matrices.
      tensors.push_back({name, SafetensorsType::F32, {weight.shape.end() - 2, weight.shape.end()}, (*trained)[name]});
  if (auto e = writeSafetensors(folder + "/adapter_model.safetensors", tensors, {{"format", "pt"}}))
    return e;
  auto file = AtomicFile::create(folder + "/adapter_config.json");
  if (!file)
    return file.error();
  if (auto e = file->write(config.data(), config.size()))
    return e;
  return file->commit();
}

} // namespace ph::training
