// A folder of the Hugging Face hub as a SourceModel.
#include "Quantized.h"
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

/// Entries of longer lists have no keys of their own.
constexpr size_t kMostNamedEntries = 1024;

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
    flatten(*parsed, "");
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

  std::optional<ConfigValue> config(std::string_view key) const override {
    auto it = values.find(key);
    return it == values.end() ? std::nullopt : std::optional<ConfigValue>(it->second);
  }

  bool isNull(std::string_view key) const override { return nulls.count(key); }

  std::vector<std::string_view> configKeys() const override {
    std::vector<std::string_view> keys;
    for (const auto &entry : values)
      keys.push_back(entry.first);
    return keys;
  }

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

  void flatten(const nlohmann::json &object, const std::string &prefix) {
    for (const auto &[key, value] : object.items())
      add(prefix + key, value);
  }

  void add(const std::string &key, const nlohmann::json &value) {
    if (value.is_null())
      nulls.insert(key);
    if (value.is_object())
      flatten(value, key + ".");
    if (value.is_array() && value.size() <= kMostNamedEntries)
      for (size_t i = 0; i < value.size(); ++i)
        add(key + "." + std::to_string(i), value[i]);
    if (std::optional<ConfigValue> plain = toValue(value))
      values.emplace(key, std::move(*plain));
  }

  static std::optional<ConfigValue> toValue(const nlohmann::json &value) {
    if (value.is_boolean())
      return ConfigValue(value.get<bool>());
    if (value.is_number_unsigned() && value.get<uint64_t>() > uint64_t(INT64_MAX))
      return ConfigValue(value.get<double>()); // out of every range, but still a number
    if (value.is_number_integer())
      return ConfigValue(value.get<int64_t>());
    if (value.is_number())
      return ConfigValue(value.get<double>());
    if (value.is_string())
      return ConfigValue(value.get<std::string>());
    if (!value.is_array())
      return std::nullopt;
    std::vector<double> numbers;
    std::vector<std::string> strings;
    for (const nlohmann::json &item : value) {
      if (item.is_number())
        numbers.push_back(item.get<double>());
      else if (item.is_boolean())
        numbers.push_back(item.get<bool>());
      else if (item.is_string())
        strings.push_back(item.get<std::string>());
    }
    if (numbers.size() == value.size())
      return ConfigValue(std::move(numbers));
    if (strings.size() == value.size())
      return ConfigValue(std::move(strings));
    return std::nullopt;
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
  std::map<std::string, ConfigValue, std::less<>> values;
  std::set<std::string, std::less<>> nulls;
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
