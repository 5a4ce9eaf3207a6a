// A GGUF file as a SourceModel.
#include "dialects/Transformer/Decimal.h"
#include "powerhouse/Import/SourceModel.h"
#include "runtime/formats/Gguf.h"
#include <map>

namespace ph {
namespace {

class GGUFSource final : public SourceModel {
public:
  explicit GGUFSource(std::shared_ptr<GgufFile> opened) : file(std::move(opened)) {
    list.reserve(file->tensors().size());
    for (const GgufTensor &tensor : file->tensors()) {
      index.emplace(tensor.name, list.size());
      list.push_back({tensor.name, tensor.shape, tensor.format, tensor.data});
    }
  }

  const std::string &path() const override { return file->path(); }
  std::string_view ecosystem() const override { return "gguf"; }

  Expected<std::string> architecture() const override {
    Expected<std::optional<std::string>> value = string("general.architecture");
    if (!value)
      return value.error();
    if (!*value || (*value)->empty())
      return Error{ErrorCode::BadModel, path() + ": key 'general.architecture' is missing; without it the family of "
                                                 "the model is unknown"};
    return **value;
  }

  std::string name() const override {
    const GgufValue *value = file->find("general.name");
    return value ? std::string(value->asString().value_or("")) : std::string();
  }

  std::optional<ConfigValue> config(std::string_view key) const override {
    const GgufValue *value = file->find(key);
    if (!value)
      return std::nullopt;
    switch (value->type()) {
    case GgufType::Bool:
      if (auto flag = value->asBool())
        return ConfigValue(*flag);
      return std::nullopt;
    case GgufType::String:
      return ConfigValue(std::string(value->asString().value_or("")));
    case GgufType::F32:
      // As other ecosystems have it, in decimals.
      return ConfigValue(xf::decimalOf(float(value->asNumber().value_or(0.0))));
    case GgufType::F64:
      return ConfigValue(value->asNumber().value_or(0.0));
    case GgufType::Array:
      if (auto strings = value->asStrings())
        return ConfigValue(std::vector<std::string>(strings->begin(), strings->end()));
      if (auto numbers = value->asNumbers())
        return ConfigValue(std::move(*numbers));
      return std::nullopt;
    default:
      if (auto integer = value->asInteger())
        return ConfigValue(*integer);
      return ConfigValue(value->asNumber().value_or(0.0)); // beyond int64: out of every range, but still a number
    }
  }

  std::vector<std::string_view> configKeys() const override {
    std::vector<std::string_view> keys;
    for (const auto &entry : file->entries())
      keys.push_back(entry.first);
    return keys;
  }

  MetadataRecords metadata() const override { return {file->metadataBytes(), file->entries().size()}; }

  const std::vector<SourceTensor> &tensors() const override { return list; }

  const SourceTensor *findTensor(std::string_view name) const override {
    auto it = index.find(name);
    return it == index.end() ? nullptr : &list[it->second];
  }

  void release(std::span<const uint8_t> bytes) const override { MappedFile::release(bytes); }

private:
  std::shared_ptr<GgufFile> file;
  std::vector<SourceTensor> list;
  std::map<std::string, size_t, std::less<>> index;
};

} // namespace

Expected<std::unique_ptr<SourceModel>> openGGUF(const std::string &path) {
  Expected<std::shared_ptr<GgufFile>> file = GgufFile::open(path);
  if (!file)
    return file.error();
  auto source = std::make_unique<GGUFSource>(std::move(*file));
  // Written by gguf-split: the first of several files has all keys, but each has only some of the tensors.
  Expected<std::optional<int64_t>> parts = source->integer("split.count");
  if (!parts)
    return parts.error();
  if (*parts && **parts > 1)
    return Error{ErrorCode::BadModel, path + ": the model is split into " + std::to_string(**parts) +
                                          " files (key 'split.count'); merge them first: gguf-split --merge FIRST-PART "
                                          "MERGED"};
  return std::unique_ptr<SourceModel>(std::move(source));
}

} // namespace ph
