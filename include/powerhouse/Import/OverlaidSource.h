// A model some of whose tensors are others: what is the same for all of these.
#pragma once
#include "powerhouse/Import/SourceModel.h"
#include <map>

namespace ph {

/// Says what `model` says, and has its tensors until who derives from it changes some in `list`. findTensor gives the
/// objects of tensors().
class OverlaidSource : public SourceModel {
public:
  explicit OverlaidSource(std::unique_ptr<SourceModel> given) : model(std::move(given)), list(model->tensors()) {
    for (size_t i = 0; i < list.size(); ++i)
      index.emplace(list[i].name, i);
  }

  const std::string &path() const override { return model->path(); }
  std::string_view ecosystem() const override { return model->ecosystem(); }
  Expected<std::string> architecture() const override { return model->architecture(); }
  std::string name() const override { return model->name(); }
  std::optional<ConfigValue> config(std::string_view key) const override { return model->config(key); }
  bool isNull(std::string_view key) const override { return model->isNull(key); }
  std::vector<std::string_view> configKeys() const override { return model->configKeys(); }
  MetadataRecords metadata() const override { return model->metadata(); }
  void release(std::span<const uint8_t> bytes) const override { model->release(bytes); }

  const std::vector<SourceTensor> &tensors() const override { return list; }
  const SourceTensor *findTensor(std::string_view name) const override {
    auto it = index.find(name);
    return it == index.end() ? nullptr : &list[it->second];
  }

protected:
  std::unique_ptr<SourceModel> model;
  std::vector<SourceTensor> list;
  std::map<std::string, size_t, std::less<>> index; ///< by name, in `list`
};

} // namespace ph
