// A model some of whose tensors are others: what is the same for all of these.
#pragma once
#include "powerhouse/Import/SourceModel.h"

namespace ph {

/// Says what `model` says. Which tensors there are is for who derives from it.
class OverlaidSource : public SourceModel {
public:
  explicit OverlaidSource(std::unique_ptr<SourceModel> model) : model(std::move(model)) {}

  const std::string &path() const override { return model->path(); }
  std::string_view ecosystem() const override { return model->ecosystem(); }
  Expected<std::string> architecture() const override { return model->architecture(); }
  std::string name() const override { return model->name(); }
  std::optional<ConfigValue> config(std::string_view key) const override { return model->config(key); }
  bool isNull(std::string_view key) const override { return model->isNull(key); }
  std::vector<std::string_view> configKeys() const override { return model->configKeys(); }
  MetadataRecords metadata() const override { return model->metadata(); }
  void release(std::span<const uint8_t> bytes) const override { model->release(bytes); }

protected:
  std::unique_ptr<SourceModel> model;
};

} // namespace ph
