// Safetensors files (https://github.com/huggingface/safetensors#format): reading, hardened, and writing.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/base/MappedFile.h"
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ph {

enum class SafetensorsType {
  F32,
  F16,
  BF16,
  F64,
  F8_E4M3,
  F8_E5M2,
  F8_E8M0,
  I8,
  U8,
  I16,
  U16,
  I32,
  U32,
  I64,
  U64,
  Bool
};

/// The name in the header ("F32", "BOOL").
std::string_view safetensorsTypeName(SafetensorsType type);
size_t safetensorsTypeBytes(SafetensorsType type);

/// One tensor, row-major; shape [] is a scalar.
struct SafetensorsTensor {
  std::string name;
  SafetensorsType type = SafetensorsType::F32;
  std::vector<int64_t> shape;
  std::span<const uint8_t> data; ///< exactly elements() x the type's bytes, not necessarily aligned
  int64_t elements() const;
  /// The elements converted to f32 (F64 is rounded). Any type.
  std::vector<float> toFloats() const;
  /// The elements as integers; empty if the type is a floating-point one.
  std::vector<int64_t> toIntegers() const;
};

/// A parsed file; owns the mapping that its tensors' data point into.
class SafetensorsFile {
public:
  /// Errors: Failed if it can't be opened, else BadModel; they name file and tensor.
  static Expected<std::shared_ptr<SafetensorsFile>> open(const std::string &path);
  /// Parses bytes in memory, which must outlive the result; `name` stands in errors for the path.
  static Expected<std::shared_ptr<SafetensorsFile>> parse(std::span<const uint8_t> bytes, const std::string &name);
  /// In the order of their data.
  const std::vector<SafetensorsTensor> &tensors() const { return tensorList; }
  const SafetensorsTensor *find(std::string_view name) const;
  /// The strings of __metadata__.
  const std::map<std::string, std::string> &metadata() const { return strings; }

private:
  MappedFile file;
  std::vector<SafetensorsTensor> tensorList;
  std::map<std::string, size_t, std::less<>> index;
  std::map<std::string, std::string> strings;
};

/// Writes `tensors`, with names of their own, to `path`, whole or not at all. Each one's data must have the size that
/// type and shape say. The bytes are those of Hugging Face's library: larger elements first, then by name; so data are
/// aligned to their elements.
Status writeSafetensors(const std::string &path, std::span<const SafetensorsTensor> tensors,
                        const std::map<std::string, std::string> &metadata = {});

} // namespace ph
