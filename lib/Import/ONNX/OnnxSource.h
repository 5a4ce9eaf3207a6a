// An ONNX file as a SourceModel.
#pragma once
#include "File/OnnxFile.h"
#include "lib/Import/Description/HubConfig.h"
#include "powerhouse/Import/SourceModel.h"
#include "runtime/formats/GgufRecords.h"
#include <map>

namespace ph::onnx_import {

inline constexpr const char *kEcosystem = "onnx";

/// Its configuration is the model's metadata; its tensors are all that a weight can be of. Tokenizer, template and what
/// else says how a model is used are those of the folder of the Hugging Face hub that the file lies in: its own, or the
/// one around that if it is called "onnx", as exporters lay them.
class OnnxSource final : public SourceModel {
public:
  explicit OnnxSource(std::unique_ptr<OnnxFile> opened);

  /// Reads the folder. Errors: as addHuggingFaceTokenizer's and addHubFiles'.
  Status readFolder();

  const OnnxFile &contents() const { return *file; }
  /// How many positions the folder's config.json says that the model was made for, by the key that its family has for
  /// it; nothing without such a file, or of an unknown family.
  std::optional<int64_t> contextLength() const;

  const std::string &path() const override { return file->path(); }
  std::string_view ecosystem() const override { return kEcosystem; }
  Expected<std::string> architecture() const override { return std::string(kEcosystem); }
  std::string name() const override;
  std::optional<ConfigValue> config(std::string_view key) const override;
  std::vector<std::string_view> configKeys() const override;
  MetadataRecords metadata() const override { return {records.bytes(), records.count()}; }
  const std::vector<SourceTensor> &tensors() const override { return list; }
  const SourceTensor *findTensor(std::string_view name) const override;
  void release(std::span<const uint8_t>) const override {}

private:
  std::unique_ptr<OnnxFile> file;
  std::map<std::string, std::string, std::less<>> values;
  std::vector<SourceTensor> list;
  std::map<std::string, size_t, std::less<>> index;
  HubConfig settings;
  GgufRecords records;
};

} // namespace ph::onnx_import
