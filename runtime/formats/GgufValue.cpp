// Accessors of metadata values. The reader has checked every length before a value exists, so nothing here can run
// past its bytes.
#include "runtime/formats/Gguf.h"
#include <cstring>

namespace ph {

template <class T> static T load(const uint8_t *bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

static size_t scalarBytes(GgufType type) {
  switch (type) {
  case GgufType::U8:
  case GgufType::I8:
  case GgufType::Bool:
    return 1;
  case GgufType::U16:
  case GgufType::I16:
    return 2;
  case GgufType::U32:
  case GgufType::I32:
  case GgufType::F32:
    return 4;
  case GgufType::U64:
  case GgufType::I64:
  case GgufType::F64:
    return 8;
  case GgufType::String:
  case GgufType::Array:
    break;
  }
  return 0;
}

static std::optional<int64_t> loadInteger(GgufType type, const uint8_t *bytes) {
  switch (type) {
  case GgufType::U8:
  case GgufType::Bool:
    return *bytes;
  case GgufType::I8:
    return int8_t(*bytes);
  case GgufType::U16:
    return load<uint16_t>(bytes);
  case GgufType::I16:
    return load<int16_t>(bytes);
  case GgufType::U32:
    return load<uint32_t>(bytes);
  case GgufType::I32:
    return load<int32_t>(bytes);
  case GgufType::I64:
    return load<int64_t>(bytes);
  case GgufType::U64: {
    uint64_t value = load<uint64_t>(bytes);
    if (value > uint64_t(INT64_MAX))
      return std::nullopt;
    return int64_t(value);
  }
  default:
    return std::nullopt;
  }
}

static std::optional<double> loadNumber(GgufType type, const uint8_t *bytes) {
  switch (type) {
  case GgufType::F32:
    return load<float>(bytes);
  case GgufType::F64:
    return load<double>(bytes);
  case GgufType::U64:
    return double(load<uint64_t>(bytes));
  case GgufType::Bool:
    return std::nullopt;
  default:
    if (auto integer = loadInteger(type, bytes))
      return double(*integer);
    return std::nullopt;
  }
}

std::optional<int64_t> GgufValue::asInteger() const { return loadInteger(kind, bytes.data()); }

std::optional<double> GgufValue::asNumber() const { return loadNumber(kind, bytes.data()); }

std::optional<bool> GgufValue::asBool() const {
  if (kind != GgufType::Bool)
    return std::nullopt;
  return bytes[0] != 0;
}

static std::string_view asText(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

std::optional<std::string_view> GgufValue::asString() const {
  if (kind != GgufType::String)
    return std::nullopt;
  return asText(bytes);
}

std::optional<std::vector<std::string_view>> GgufValue::asStrings() const {
  if (kind != GgufType::Array || element != GgufType::String)
    return std::nullopt;
  std::vector<std::string_view> strings;
  strings.reserve(count);
  size_t at = 0;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t length = load<uint64_t>(bytes.data() + at);
    strings.push_back(asText(bytes.subspan(at + 8, length)));
    at += 8 + length;
  }
  return strings;
}

std::optional<std::vector<int64_t>> GgufValue::asIntegers() const {
  size_t step = scalarBytes(element);
  if (kind != GgufType::Array || step == 0 || element == GgufType::F32 || element == GgufType::F64)
    return std::nullopt;
  std::vector<int64_t> integers;
  integers.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    auto integer = loadInteger(element, bytes.data() + i * step);
    if (!integer)
      return std::nullopt;
    integers.push_back(*integer);
  }
  return integers;
}

std::optional<std::vector<double>> GgufValue::asNumbers() const {
  size_t step = scalarBytes(element);
  if (kind != GgufType::Array || step == 0 || element == GgufType::Bool)
    return std::nullopt;
  std::vector<double> numbers;
  numbers.reserve(count);
  for (uint64_t i = 0; i < count; ++i)
    numbers.push_back(*loadNumber(element, bytes.data() + i * step));
  return numbers;
}

std::optional<std::vector<GgufValue>> GgufValue::asArrays() const {
  if (kind != GgufType::Array || element != GgufType::Array)
    return std::nullopt;
  std::vector<GgufValue> arrays;
  arrays.reserve(count);
  size_t at = 0;
  for (uint64_t i = 0; i < count; ++i) {
    GgufValue inner;
    inner.kind = GgufType::Array;
    inner.element = GgufType(load<uint32_t>(bytes.data() + at));
    inner.count = load<uint64_t>(bytes.data() + at + 4);
    size_t begin = at + 12, length = 0;
    if (size_t step = scalarBytes(inner.element))
      length = inner.count * step;
    else
      for (uint64_t s = 0; s < inner.count; ++s)
        length += 8 + load<uint64_t>(bytes.data() + begin + length);
    inner.bytes = bytes.subspan(begin, length);
    at = begin + length;
    arrays.push_back(inner);
  }
  return arrays;
}

} // namespace ph
