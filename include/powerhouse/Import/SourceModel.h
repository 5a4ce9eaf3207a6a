// A checkpoint, whatever its file format: typed configuration and mapped tensors. What every reader makes and every
// architecture reads.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/quant/Format.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ph {

/// One tensor of a checkpoint. The bytes stay in the mapped file.
struct SourceTensor {
  std::string name;
  std::vector<int64_t> shape; ///< outermost first: rows before columns
  const Format *format = nullptr;
  std::span<const uint8_t> data; ///< whole blocks, row after row
};

/// One configuration value. Arrays are of numbers or of strings.
using ConfigValue = std::variant<bool, int64_t, double, std::string, std::vector<double>, std::vector<std::string>>;

/// Metadata records in GGUF's form (key, type, value), which an artifact keeps verbatim: names, tokenizer, chat
/// template.
struct MetadataRecords {
  std::span<const uint8_t> bytes;
  uint64_t count = 0;
};

/// A checkpoint. Views that it hands out live as long as it.
class SourceModel {
public:
  virtual ~SourceModel() = default;

  /// Where it is, for messages.
  virtual const std::string &path() const = 0;
  /// The ecosystem, by which architectures name keys and tensors: "gguf", "huggingface"; "onnx" has graphs instead.
  virtual std::string_view ecosystem() const = 0;
  /// The family's name as the checkpoint gives it ("llama"). Errors: BadModel if it gives none.
  virtual Expected<std::string> architecture() const = 0;
  /// The model's own name; empty if it has none.
  virtual std::string name() const = 0;

  /// The value of `key`, if it is there and of a kind that ConfigValue can hold.
  virtual std::optional<ConfigValue> config(std::string_view key) const = 0;
  /// Whether `key` is there and says that it has no value.
  virtual bool isNull(std::string_view key) const { return false; }
  /// Every configuration key, in the file's order.
  virtual std::vector<std::string_view> configKeys() const = 0;

  /// What an artifact keeps of it besides the weights.
  virtual MetadataRecords metadata() const = 0;

  /// All tensors, in the file's order; names are unique.
  virtual const std::vector<SourceTensor> &tensors() const = 0;
  /// Null if there is none of that name.
  virtual const SourceTensor *findTensor(std::string_view name) const = 0;
  /// Says that these bytes won't be read again soon, so that they leave the resident set.
  virtual void release(std::span<const uint8_t> bytes) const = 0;

  // Typed look-ups. Empty if the key is absent; Errors: BadModel, with path and key, if the value is of another kind.
  Expected<std::optional<int64_t>> integer(std::string_view key) const;
  Expected<std::optional<double>> number(std::string_view key) const;
  Expected<std::optional<std::string>> string(std::string_view key) const;
  Expected<std::optional<bool>> boolean(std::string_view key) const;
};

/// Opens a checkpoint, a file recognized by its first bytes or a folder of the Hugging Face hub. Errors: Failed if it
/// can't be read, BadModel if it is of no known format or malformed.
Expected<std::unique_ptr<SourceModel>> openSource(const std::string &path);

/// Opens an ONNX file; its tensors' bytes stay in external data, where they are there. Errors as openSource's.
Expected<std::unique_ptr<SourceModel>> openONNX(const std::string &path);

/// Opens a GGUF file. Errors as openSource's.
Expected<std::unique_ptr<SourceModel>> openGGUF(const std::string &path);

/// Opens a folder in the layout of the Hugging Face hub: config.json, and model.safetensors or the shards that
/// model.safetensors.index.json lists. Keys of nested objects of the configuration, and numbers of the
/// entries of lists, are joined by dots ("rope_parameters.rope_theta", "architectures.0"). Errors as openSource's.
Expected<std::unique_ptr<SourceModel>> openHuggingFace(const std::string &folder);

/// "576x1536"; "scalar" for no dimensions.
std::string shapeString(std::span<const int64_t> shape);

} // namespace ph
