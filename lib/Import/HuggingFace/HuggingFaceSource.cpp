// A folder of the Hugging Face hub as a SourceModel.
#include "Quantized.h"
#include "lib/Import/Description/HubConfig.h"
#include "powerhouse/Import/SourceModel.h"
#include "runtime/base/Json.h"
#include "runtime/base/MappedFile.h"
#include "runtime/base/Quote.h"
#include "runtime/formats/GgufRecords.h"
#include "runtime/formats/HubFiles.h"
#include "runtime/formats/Safetensors.h"
#include "runtime/tokenizer/HuggingFaceFiles.h"
#include <filesystem>
#include <map>
#include <set>

namespace ph {
namespace {

namespace fs = std::filesystem;

constexpr const char *kWeights = "model.safetensors", *kIndex = "model.safetensors.index.json";

/// The storage format of a tensor's elements.
const Format *formatOf(SafetensorsType type) {
  switch (type) {
  case SafetensorsType::F32:
    return findFormatByName("f32");
  case SafetensorsType::F16:
    return findFormatByName("f16");
  case SafetensorsType::BF16:
    return findFormatByName("bf16");
  case SafetensorsType::F64:
    return findFormatByName("f64");
  case SafetensorsType::I16:
  case SafetensorsType::U16:
    return findFormatByName("i16");
  case SafetensorsType::I32:
  case SafetensorsType::U32:
    return findFormatByName("i32");
  case SafetensorsType::I64:
  case SafetensorsType::U64:
    return findFormatByName("i64");
  case SafetensorsType::I8:
  case SafetensorsType::U8:
  case SafetensorsType::F8_E4M3: // decoded before anyone looks
  case SafetensorsType::F8_E5M2:
  case SafetensorsType::F8_E8M0:
  case SafetensorsType::Bool:
    return findFormatByName("i8"); // of buffers that are no weights; none of these formats is packed
  }
  return nullptr;
}

class HuggingFaceSource final : public SourceModel {
public:
  explicit HuggingFaceSource(const std::string &folder) : folder(folder) {
    // A trailing slash would hide the folder's name.
    while (this->folder.size() > 1 && this->folder.back() == '/')
      this->folder.pop_back();
  }

  Status open() {
    auto text = MappedFile::open(folder + "/config.json");
    if (!text)
      return Error{ErrorCode::BadModel, folder + ": no model folder: " + text.error().message};
    auto parsed = parse(*text, folder + "/config.json");
    if (!parsed)
      return parsed.error();
    settings = HubConfig(*parsed);
    if (Status error = openWeights())
      return error;
    if (Status error = replaceQuantized())
      return error;
    auto family = architecture();
    records.string("general.architecture", family ? *family : "");
    records.string("general.name", name());
    if (Status error = addHuggingFaceTokenizer(folder, records))
      return error;
    return addHubFiles(folder, records);
  }

  const std::string &path() const override { return folder; }
  std::string_view ecosystem() const override { return "huggingface"; }

  Expected<std::string> architecture() const override {
    Expected<std::optional<std::string>> value = string("model_type");
    if (!value)
      return value.error();
    if (!*value || (*value)->empty())
      return Error{ErrorCode::BadModel, folder + "/config.json: key 'model_type' is missing; without it the family of "
                                                 "the model is unknown"};
    return **value;
  }

  std::string name() const override { return fs::path(folder).filename().string(); }

  std::optional<ConfigValue> config(std::string_view key) const override { return settings.find(key); }
  bool isNull(std::string_view key) const override { return settings.isNull(key); }
  std::vector<std::string_view> configKeys() const override { return settings.keys(); }

  MetadataRecords metadata() const override { return {records.bytes(), records.count()}; }

  const std::vector<SourceTensor> &tensors() const override { return list; }

  const SourceTensor *findTensor(std::string_view name) const override {
    auto it = index.find(name);
    return it == index.end() ? nullptr : &list[it->second];
  }

  void release(std::span<const uint8_t> bytes) const override { MappedFile::release(bytes); }

private:
  static Expected<nlohmann::json> parse(const MappedFile &file, const std::string &path) {
    auto bytes = file.bytes();
    auto json = parseJson({reinterpret_cast<const char *>(bytes.data()), bytes.size()}, path);
    if (json && !json->is_object())
      return Error{ErrorCode::BadModel, path + ": is no JSON object"};
    return json;
  }

  Status openWeights() {
    std::error_code ignored;
    const std::string indexPath = folder + "/" + kIndex;
    if (fs::exists(folder + "/" + kWeights, ignored))
      return openShard(kWeights);
    auto text = MappedFile::open(indexPath);
    if (!text)
      return Error{ErrorCode::BadModel, folder + ": has neither " + kWeights + " nor " + kIndex +
                                            "; weights in other forms (pytorch_model.bin) are not read"};
    auto parsed = parse(*text, indexPath);
    if (!parsed)
      return parsed.error();
    const nlohmann::json *map = jsonMember(*parsed, "weight_map");
    if (!map || !map->is_object())
      return Error{ErrorCode::BadModel, indexPath + ": key 'weight_map' is missing or no object"};
    std::set<std::string> shards;
    for (const auto &[tensor, shard] : map->items()) {
      const std::string *file = shard.get_ptr<const std::string *>();
      // A shard lies beside the index: a path could lead out of the folder.
      if (!file || file->empty() || file->find('/') != std::string::npos || *file == "..")
        return Error{ErrorCode::BadModel, indexPath + ": tensor " + quoteText(tensor) + " is in no file of the folder"};
      shards.insert(*file);
    }
    for (const std::string &shard : shards)
      if (Status error = openShard(shard))
        return error;
    for (const auto &[tensor, shard] : map->items())
      if (!findTensor(tensor))
        return Error{ErrorCode::BadModel,
                     indexPath + ": tensor " + quoteText(tensor) + " is not in " + quoteText(shard.get<std::string>())};
    return {};
  }

  Status openShard(const std::string &file) {
    auto opened = SafetensorsFile::open(folder + "/" + file);
    if (!opened)
      return Error{ErrorCode::BadModel, opened.error().message};
    for (const SafetensorsTensor &tensor : (*opened)->tensors()) {
      if (!index.emplace(tensor.name, list.size()).second)
        return Error{ErrorCode::BadModel, folder + ": tensor " + quoteText(tensor.name) +
                                              " is in two files, one of them " + quoteText(file)};
      raw.emplace(tensor.name, &tensor);
      // A single number is a vector of one: weights have at least one dimension.
      const std::vector<int64_t> shape = tensor.shape.empty() ? std::vector<int64_t>{1} : tensor.shape;
      list.push_back({tensor.name, shape, formatOf(tensor.type), tensor.data});
    }
    files.push_back(std::move(*opened));
    return {};
  }

  /// Puts what quantized tensors stand for in their place.
  Status replaceQuantized() {
    QuantizedCheckpoint checkpoint{*this, raw, scratch, {}, {}};
    if (Status error = decodeQuantized(checkpoint))
      return error;
    if (checkpoint.consumed.empty())
      return {};
    std::erase_if(list, [&](const SourceTensor &tensor) { return checkpoint.consumed.count(tensor.name); });
    for (const DecodedTensor &tensor : checkpoint.decoded)
      list.push_back({tensor.name, tensor.shape, tensor.format, tensor.bytes});
    index.clear();
    for (size_t i = 0; i < list.size(); ++i)
      index.emplace(list[i].name, i);
    return {};
  }

  std::string folder;
  RawTensors raw;
  Scratch scratch;
  HubConfig settings;
  std::vector<std::shared_ptr<SafetensorsFile>> files;
  std::vector<SourceTensor> list;
  std::map<std::string, size_t, std::less<>> index;
  GgufRecords records;
};

} // namespace

Expected<std::unique_ptr<SourceModel>> openHuggingFace(const std::string &folder) {
  auto source = std::make_unique<HuggingFaceSource>(folder);
  if (Status error = source->open())
    return error.error();
  return std::unique_ptr<SourceModel>(std::move(source));
}

} // namespace ph
