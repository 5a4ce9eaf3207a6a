// A checkpoint in memory for the fuzz targets of descriptions: keys and values, and tensors of zeros.
#pragma once
#include "lib/Import/Description/HubConfig.h"
#include "runtime/base/Json.h"

namespace ph {

class MemorySource final : public SourceModel {
public:
  /// `text`: {"ecosystem": "huggingface" or "gguf", "config": object, "tensors": {name: [sizes]}}. Errors: BadModel.
  static Expected<std::unique_ptr<MemorySource>> parse(std::string_view text) {
    auto json = parseJson(text, "fuzz");
    if (!json)
      return json.error();
    auto source = std::make_unique<MemorySource>();
    if (const std::string *kind = json->is_object() ? jsonString(*json, "ecosystem") : nullptr)
      source->kind = *kind == "gguf" ? "gguf" : "huggingface";
    if (const auto *config = json->is_object() ? jsonMember(*json, "config") : nullptr; config && config->is_object())
      source->settings = HubConfig(*config);
    if (const auto *tensors = json->is_object() ? jsonMember(*json, "tensors") : nullptr;
        tensors && tensors->is_object())
      for (const auto &[name, sizes] : tensors->items())
        source->add(name, sizes);
    return source;
  }

  const std::string &path() const override { return where; }
  std::string_view ecosystem() const override { return kind; }
  Expected<std::string> architecture() const override {
    auto name = string(kind == "gguf" ? "general.architecture" : "model_type");
    if (!name)
      return name.error();
    return *name ? Expected<std::string>(**name) : Error{ErrorCode::BadModel, "fuzz: no architecture"};
  }
  std::string name() const override { return "fuzz"; }
  std::optional<ConfigValue> config(std::string_view key) const override { return settings.find(key); }
  bool isNull(std::string_view key) const override { return settings.isNull(key); }
  std::vector<std::string_view> configKeys() const override { return settings.keys(); }
  MetadataRecords metadata() const override { return {}; }
  const std::vector<SourceTensor> &tensors() const override { return list; }
  const SourceTensor *findTensor(std::string_view name) const override {
    auto it = index.find(name);
    return it == index.end() ? nullptr : &list[it->second];
  }
  void release(std::span<const uint8_t>) const override {}

private:
  /// One that would be larger than a real file of this size could say is left out.
  void add(const std::string &name, const nlohmann::json &sizes) {
    static const std::vector<uint8_t> zeros(1 << 20);
    std::vector<int64_t> shape;
    int64_t bytes = 4;
    for (const nlohmann::json &size : sizes) {
      shape.push_back(size.is_number_integer() ? size.get<int64_t>() : -1);
      if (shape.back() < 1 || shape.back() > int64_t(zeros.size()) / bytes)
        return;
      bytes *= shape.back();
    }
    if (shape.empty() || !index.emplace(name, list.size()).second)
      return;
    list.push_back({name, shape, findFormatByName("f32"), {zeros.data(), size_t(bytes)}});
  }

  std::string where = "fuzz", kind = "huggingface";
  HubConfig settings;
  std::vector<SourceTensor> list;
  std::map<std::string, size_t, std::less<>> index;
};

} // namespace ph
