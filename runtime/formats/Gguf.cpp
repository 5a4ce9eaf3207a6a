#include "runtime/formats/Gguf.h"
#include "runtime/base/Quote.h"
#include "runtime/quant/Finite.h"
#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace ph {

/// Walks the bytes once, front to back. Every count and length is compared, in 64 bits, with the bytes that are left
/// before anything is read, skipped or allocated.
class GgufReader {
public:
  GgufReader(GgufFile &file, std::span<const uint8_t> bytes) : file(file), bytes(bytes) {}
  Status read(bool metadataOnly);

private:
  Error broken(uint64_t where, const std::string &what) const {
    return {ErrorCode::BadModel, file.name + ": byte " + std::to_string(where) + ": " + what};
  }
  Error truncated(const std::string &what) const {
    return broken(at, "the file ends inside " + what + " (" + std::to_string(bytes.size()) +
                          " bytes in all); it is truncated, fetch it again");
  }
  uint64_t left() const { return bytes.size() - at; }

  template <class T> bool take(T &value) {
    if (left() < sizeof(T))
      return false;
    std::memcpy(&value, bytes.data() + at, sizeof(T));
    at += sizeof(T);
    return true;
  }
  Status takeString(const std::string &what, std::string_view &text);
  Status readHeader(uint64_t &tensorCount, uint64_t &keyCount);
  Status readKey();
  Status readScalar(const std::string &what, GgufValue &value);
  Status readArray(const std::string &what, GgufValue &value, int depth);
  Status readAlignment();
  Status readTensorInfo();
  Status placeTensors();

  GgufFile &file;
  std::span<const uint8_t> bytes;
  uint64_t at = 0;
  std::vector<uint64_t> infoAt; ///< where each tensor's record begins, for messages
};

/// Bytes of a scalar; for strings and arrays the fewest that one can have; 0 if there is no such type.
static uint64_t leastBytes(uint32_t type) {
  static constexpr uint8_t sizes[] = {1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8};
  return type < std::size(sizes) ? sizes[type] : 0;
}

Status GgufReader::takeString(const std::string &what, std::string_view &text) {
  uint64_t begin = at, length;
  if (!take(length))
    return truncated(what);
  if (length > left())
    return broken(begin, what + " claims " + std::to_string(length) + " bytes but only " + std::to_string(left()) +
                             " are left in the file");
  text = {reinterpret_cast<const char *>(bytes.data() + at), size_t(length)};
  at += length;
  return {};
}

Status GgufReader::readHeader(uint64_t &tensorCount, uint64_t &keyCount) {
  if (bytes.size() < 4 || std::memcmp(bytes.data(), "GGUF", 4) != 0)
    return broken(0, "not a GGUF file: it does not begin with 'GGUF'");
  at = 4;
  if (!take(file.fileVersion))
    return truncated("the version");
  if ((file.fileVersion & 0xffff) == 0 && file.fileVersion != 0)
    return broken(4, "this GGUF file is big-endian; convert it to little-endian");
  if (file.fileVersion != 2 && file.fileVersion != 3)
    return broken(4, "GGUF version " + std::to_string(file.fileVersion) +
                         " is not supported, only 2 and 3; convert the model again with current tools");
  if (!take(tensorCount))
    return truncated("the tensor count");
  if (!take(keyCount))
    return truncated("the metadata count");
  // A record has at least a name's length, a type and a byte of value; a tensor also dimensions and an offset.
  if (keyCount > left() / 13)
    return broken(16, "claims " + std::to_string(keyCount) + " metadata keys, more than the file's " +
                          std::to_string(bytes.size()) + " bytes can hold");
  if (tensorCount > left() / 32)
    return broken(8, "claims " + std::to_string(tensorCount) + " tensors, more than the file's " +
                         std::to_string(bytes.size()) + " bytes can hold");
  return {};
}

Status GgufReader::readScalar(const std::string &what, GgufValue &value) {
  uint64_t size = leastBytes(uint32_t(value.kind));
  if (left() < size)
    return truncated(what);
  value.bytes = bytes.subspan(at, size);
  if (value.kind == GgufType::Bool && value.bytes[0] > 1)
    return broken(at, what + " is a boolean but holds " + std::to_string(value.bytes[0]));
  at += size;
  return {};
}

Status GgufReader::readArray(const std::string &what, GgufValue &value, int depth) {
  uint64_t begin = at;
  uint32_t type;
  if (!take(type) || !take(value.count))
    return truncated(what);
  uint64_t least = leastBytes(type);
  if (least == 0)
    return broken(begin,
                  what + " has elements of type number " + std::to_string(type) + ", which GGUF does not define");
  value.element = GgufType(type);
  if (value.count > left() / least)
    return broken(begin + 4, what + " claims " + std::to_string(value.count) + " elements, more than the " +
                                 std::to_string(left()) + " bytes that are left can hold");
  uint64_t first = at;
  if (value.element == GgufType::String) {
    std::string_view text;
    for (uint64_t i = 0; i < value.count; ++i)
      if (auto e = takeString(what, text))
        return e;
  } else if (value.element == GgufType::Array) {
    if (depth == 2)
      return broken(begin, what + " nests arrays more than two levels deep");
    GgufValue inner;
    for (uint64_t i = 0; i < value.count; ++i)
      if (auto e = readArray(what, inner, depth + 1))
        return e;
  } else {
    at += value.count * least;
    if (value.element == GgufType::Bool)
      for (uint64_t i = first; i < at; ++i)
        if (bytes[i] > 1)
          return broken(i, what + " has a boolean that holds " + std::to_string(bytes[i]));
  }
  value.bytes = bytes.subspan(first, at - first);
  return {};
}

Status GgufReader::readKey() {
  uint64_t begin = at;
  std::string_view key;
  if (auto e = takeString("a metadata key", key))
    return e;
  if (key.empty() || key.size() > 65535)
    return broken(begin, "a metadata key of " + std::to_string(key.size()) + " bytes; keys have 1 to 65535");
  std::string what = "the value of key " + quoteText(key);
  if (!file.keyIndex.try_emplace(std::string(key), file.keys.size()).second)
    return broken(begin, "key " + quoteText(key) + " stands in the file twice");
  uint64_t typeAt = at;
  uint32_t type;
  if (!take(type))
    return truncated(what);
  if (leastBytes(type) == 0)
    return broken(typeAt, what + " has type number " + std::to_string(type) + ", which GGUF does not define");
  GgufValue value;
  value.kind = GgufType(type);
  if (value.kind == GgufType::Array) {
    if (auto e = readArray(what, value, 1))
      return e;
  } else if (value.kind == GgufType::String) {
    std::string_view text;
    if (auto e = takeString(what, text))
      return e;
    value.bytes = {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
  } else if (auto e = readScalar(what, value)) {
    return e;
  }
  file.keys.emplace_back(key, value);
  return {};
}

Status GgufReader::readAlignment() {
  const GgufValue *value = file.find("general.alignment");
  if (!value)
    return {};
  auto number = value->type() == GgufType::U32 ? value->asInteger() : std::nullopt;
  if (!number || !std::has_single_bit(uint64_t(*number)))
    return broken(uint64_t(value->rawBytes().data() - bytes.data()),
                  "key 'general.alignment' must be a u32 and a power of two");
  file.dataAlignment = uint64_t(*number);
  return {};
}

Status GgufReader::readTensorInfo() {
  uint64_t begin = at;
  std::string_view name;
  if (auto e = takeString("a tensor's name", name))
    return e;
  if (name.empty() || name.size() > 65535)
    return broken(begin, "a tensor name of " + std::to_string(name.size()) + " bytes; names have 1 to 65535");
  std::string what = "tensor " + quoteText(name);
  if (!file.tensorIndex.try_emplace(std::string(name), file.tensorList.size()).second)
    return broken(begin, what + " stands in the file twice");
  GgufTensor tensor;
  tensor.name = name;
  uint64_t dimensionsAt = at;
  uint32_t dimensions;
  if (!take(dimensions))
    return truncated("the dimensions of " + what);
  if (dimensions < 1 || dimensions > 4)
    return broken(dimensionsAt, what + " has " + std::to_string(dimensions) + " dimensions; 1 to 4 are possible");
  uint64_t elements = 1;
  for (uint32_t d = 0; d < dimensions; ++d) {
    uint64_t size, sizeAt = at;
    if (!take(size))
      return truncated("the dimensions of " + what);
    if (size == 0)
      return broken(sizeAt, what + " has a dimension of 0");
    if (size > uint64_t(std::numeric_limits<int64_t>::max()) / elements)
      return broken(sizeAt, what + " has more elements than 64 bits can count");
    elements *= size;
    tensor.shape.insert(tensor.shape.begin(), int64_t(size));
  }
  uint64_t typeAt = at;
  uint32_t type;
  if (!take(type) || !take(tensor.offset))
    return truncated("the record of " + what);
  tensor.format = findFormatByGgmlType(type);
  if (!tensor.format)
    return broken(typeAt, what + " has type number " + std::to_string(type) +
                              ", which ggml does not define or has removed; convert the model again");
  const Format &format = *tensor.format;
  if (uint64_t(tensor.shape.back()) % format.blockElements != 0)
    return broken(dimensionsAt, what + " has rows of " + std::to_string(tensor.shape.back()) +
                                    " elements, not a multiple of the " + std::to_string(format.blockElements) +
                                    " in a block of " + std::string(format.label));
  if (elements / format.blockElements > std::numeric_limits<uint64_t>::max() / format.blockBytes)
    return broken(dimensionsAt, what + " has more bytes than 64 bits can count");
  infoAt.push_back(begin);
  file.tensorList.push_back(std::move(tensor));
  return {};
}

/// Turns offsets into spans of the file, and refuses those that are misaligned, outside or overlap.
Status GgufReader::placeTensors() {
  if (file.tensorList.empty())
    return {};
  uint64_t start = (at + file.dataAlignment - 1) & ~(file.dataAlignment - 1);
  uint64_t space = start <= bytes.size() ? bytes.size() - start : 0;
  for (size_t i = 0; i < file.tensorList.size(); ++i) {
    GgufTensor &tensor = file.tensorList[i];
    std::string what = "tensor " + quoteText(tensor.name);
    uint64_t size = uint64_t(tensor.elements()) / tensor.format->blockElements * tensor.format->blockBytes;
    if (tensor.offset % file.dataAlignment != 0)
      return broken(infoAt[i], what + " lies at offset " + std::to_string(tensor.offset) +
                                   ", not a multiple of the alignment " + std::to_string(file.dataAlignment));
    if (tensor.offset > space || size > space - tensor.offset)
      return broken(infoAt[i], what + " has " + std::to_string(size) + " bytes at offset " +
                                   std::to_string(tensor.offset) + " of the data section, which has only " +
                                   std::to_string(space) + "; the file is truncated, fetch it again");
    tensor.data = bytes.subspan(start + tensor.offset, size);
    tensor.offset += start;
  }
  std::vector<const GgufTensor *> order;
  for (const GgufTensor &tensor : file.tensorList)
    order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](auto *a, auto *b) { return a->offset < b->offset; });
  for (size_t i = 1; i < order.size(); ++i)
    if (order[i - 1]->offset + order[i - 1]->data.size() > order[i]->offset)
      return broken(order[i]->offset,
                    "tensors " + quoteText(order[i - 1]->name) + " and " + quoteText(order[i]->name) + " overlap");
  return {};
}

Status GgufReader::read(bool metadataOnly) {
  uint64_t tensorCount = 0, keyCount = 0;
  if (auto e = readHeader(tensorCount, keyCount))
    return e;
  if (metadataOnly && tensorCount != 0)
    return broken(8, "expects metadata alone, but there are " + std::to_string(tensorCount) + " tensors");
  uint64_t first = at;
  file.keys.reserve(keyCount);
  for (uint64_t i = 0; i < keyCount; ++i)
    if (auto e = readKey())
      return e;
  file.metadata = bytes.subspan(first, at - first);
  if (auto e = readAlignment())
    return e;
  if (tensorCount > left() / 32)
    return broken(8, "claims " + std::to_string(tensorCount) + " tensors, more than the " + std::to_string(left()) +
                         " bytes behind the metadata can hold");
  file.tensorList.reserve(tensorCount);
  for (uint64_t i = 0; i < tensorCount; ++i)
    if (auto e = readTensorInfo())
      return e;
  file.header = bytes.subspan(0, at);
  return placeTensors();
}

int64_t GgufTensor::elements() const {
  int64_t product = 1;
  for (int64_t size : shape)
    product *= size;
  return product;
}

Expected<std::shared_ptr<GgufFile>> GgufFile::open(const std::string &path) {
  auto mapped = MappedFile::open(path);
  if (!mapped)
    return mapped.error();
  auto file = parse(mapped->bytes(), path);
  if (file)
    (*file)->file = std::move(*mapped);
  return file;
}

Expected<std::shared_ptr<GgufFile>> GgufFile::parse(std::span<const uint8_t> bytes, const std::string &name,
                                                    bool metadataOnly) {
  auto file = std::make_shared<GgufFile>();
  file->name = name;
  if (auto e = GgufReader(*file, bytes).read(metadataOnly))
    return e.error();
  return file;
}

const GgufValue *GgufFile::find(std::string_view key) const {
  auto it = keyIndex.find(key);
  return it == keyIndex.end() ? nullptr : &keys[it->second].second;
}

Status GgufFile::checkFinite(const GgufTensor &tensor) const {
  auto at = findNonFinite(*tensor.format, tensor.data);
  if (!at)
    return {};
  const char *part = tensor.format->kind == FormatKind::Float ? "an element" : "a scale";
  return Error{ErrorCode::BadModel, name + ": byte " + std::to_string(tensor.offset + *at) + ": tensor " +
                                        quoteText(tensor.name) + " (" + std::string(tensor.format->label) + ") has " +
                                        part +
                                        " that is infinite or NaN; the file is damaged, fetch or convert it again"};
}

const GgufTensor *GgufFile::findTensor(std::string_view name) const {
  auto it = tensorIndex.find(name);
  return it == tensorIndex.end() ? nullptr : &tensorList[it->second];
}

} // namespace ph
