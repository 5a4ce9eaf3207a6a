// GGUF files, versions 2 and 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), hardened against hostile
// ones.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/base/MappedFile.h"
#include "runtime/quant/Format.h"
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ph {

/// The type of a metadata value, by its number in the file.
enum class GgufType : uint32_t {
  U8 = 0,
  I8 = 1,
  U16 = 2,
  I16 = 3,
  U32 = 4,
  I32 = 5,
  F32 = 6,
  Bool = 7,
  String = 8,
  Array = 9,
  U64 = 10,
  I64 = 11,
  F64 = 12
};

/// One metadata value: a view of the file's bytes, decoded on demand. Nested arrays are accepted, two levels deep.
class GgufValue {
public:
  GgufType type() const { return kind; }
  bool isString() const { return kind == GgufType::String; }
  bool isArray() const { return kind == GgufType::Array; }
  /// An integer or boolean of any width, if it fits.
  std::optional<int64_t> asInteger() const;
  /// Any number, as double.
  std::optional<double> asNumber() const;
  std::optional<bool> asBool() const;
  std::optional<std::string_view> asString() const;
  /// Arrays: element type, number of elements, and elements in order (strings in one linear pass).
  GgufType elementType() const { return element; }
  uint64_t size() const { return count; }
  std::optional<std::vector<std::string_view>> asStrings() const;
  std::optional<std::vector<int64_t>> asIntegers() const;
  std::optional<std::vector<double>> asNumbers() const;
  /// The inner arrays of an array of arrays.
  std::optional<std::vector<GgufValue>> asArrays() const;
  /// The value's bytes in the file: of a scalar or string its payload, of an array its elements.
  std::span<const uint8_t> rawBytes() const { return bytes; }

private:
  friend class GgufReader;
  GgufType kind = GgufType::U8, element = GgufType::U8;
  uint64_t count = 0;
  std::span<const uint8_t> bytes;
};

/// One tensor. `shape` is outermost first (rows before columns), the reverse of the file's order.
struct GgufTensor {
  std::string name;
  std::vector<int64_t> shape;
  const Format *format = nullptr;
  uint64_t offset = 0;           ///< of the data, from the beginning of the file
  std::span<const uint8_t> data; ///< mapped bytes; whole blocks, checked against the file's length
  int64_t elements() const;
};

/// A parsed file. Owns the mapping; every view above lives as long as it.
class GgufFile {
public:
  /// Maps and checks `path`. Errors are BadModel (or Failed when it can't be opened) and name file, offset, key or
  /// tensor.
  static Expected<std::shared_ptr<GgufFile>> open(const std::string &path);
  /// Parses bytes in memory; `name` stands in errors for the path. The bytes must outlive the result.
  /// With `metadataOnly` tensors must be absent (the metadata section of an artifact).
  static Expected<std::shared_ptr<GgufFile>> parse(std::span<const uint8_t> bytes, const std::string &name,
                                                   bool metadataOnly = false);

  const std::string &path() const { return name; }
  uint32_t version() const { return fileVersion; }
  uint64_t alignment() const { return dataAlignment; }
  /// Bytes of header, metadata and tensor infos as they stand in the file, before padding.
  std::span<const uint8_t> headerBytes() const { return header; }
  /// Just the key-value records, and how many: copied verbatim into artifacts.
  std::span<const uint8_t> metadataBytes() const { return metadata; }
  const std::vector<std::pair<std::string, GgufValue>> &entries() const { return keys; }
  const GgufValue *find(std::string_view key) const;
  const std::vector<GgufTensor> &tensors() const { return tensorList; }
  const GgufTensor *findTensor(std::string_view name) const;
  /// Fails (BadModel, naming tensor and byte) if `tensor` has an element or a block scale that is infinite or NaN.
  /// Reads the tensor's pages; release() them if they won't be read again soon.
  Status checkFinite(const GgufTensor &tensor) const;

private:
  friend class GgufReader;
  std::string name;
  MappedFile file;
  uint32_t fileVersion = 0;
  uint64_t dataAlignment = 32;
  std::span<const uint8_t> header, metadata;
  std::vector<std::pair<std::string, GgufValue>> keys;
  std::map<std::string, size_t, std::less<>> keyIndex, tensorIndex;
  std::vector<GgufTensor> tensorList;
};

} // namespace ph
