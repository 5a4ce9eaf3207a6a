#include "runtime/formats/Safetensors.h"
#include "runtime/base/AtomicFile.h"
#include "runtime/base/Json.h"
#include "runtime/base/Quote.h"
#include "runtime/quant/Format.h"
#include <algorithm>
#include <cmath>
#include <cstring>

namespace ph {

// In the order of SafetensorsType.
static constexpr struct {
  std::string_view name;
  size_t bytes;
} types[] = {{"F32", 4},     {"F16", 2}, {"BF16", 2}, {"F64", 8}, {"F8_E4M3", 1}, {"F8_E5M2", 1},
             {"F8_E8M0", 1}, {"I8", 1},  {"U8", 1},   {"I16", 2}, {"U16", 2},     {"I32", 4},
             {"U32", 4},     {"I64", 8}, {"U64", 8},  {"BOOL", 1}};

std::string_view safetensorsTypeName(SafetensorsType type) { return types[size_t(type)].name; }
size_t safetensorsTypeBytes(SafetensorsType type) { return types[size_t(type)].bytes; }

int64_t SafetensorsTensor::elements() const {
  int64_t product = 1;
  for (int64_t size : shape)
    product *= size;
  return product;
}

/// OCP 8-bit floating point (OFP8, 2023): four bits of exponent, no infinity, one NaN of each sign.
static float e4m3ToFloat(uint8_t bits) {
  int exponent = bits >> 3 & 15, mantissa = bits & 7;
  float value = (bits & 0x7f) == 0x7f ? NAN
                : exponent            ? std::ldexp(float(8 + mantissa), exponent - 10)
                                      : std::ldexp(float(mantissa), -9);
  return bits & 0x80 ? -value : value;
}

/// Five bits of exponent: the upper half of an f16.
static float e5m2ToFloat(uint8_t bits) { return halfToFloat(uint16_t(bits) << 8); }

/// A power of two (OCP microscaling formats, 2023).
static float e8m0ToFloat(uint8_t bits) { return bits == 0xff ? NAN : std::ldexp(1.0f, int(bits) - 127); }

template <class T, class To, class Convert>
static std::vector<To> convert(std::span<const uint8_t> data, Convert &&convert) {
  std::vector<To> values(data.size() / sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    T element;
    std::memcpy(&element, data.data() + i * sizeof(T), sizeof(T));
    values[i] = To(convert(element));
  }
  return values;
}

template <class To> static std::vector<To> convertAny(SafetensorsType type, std::span<const uint8_t> data) {
  auto same = [](auto value) { return value; };
  switch (type) {
  case SafetensorsType::F32:
    return convert<float, To>(data, same);
  case SafetensorsType::F16:
    return convert<uint16_t, To>(data, halfToFloat);
  case SafetensorsType::BF16:
    return convert<uint16_t, To>(data, bfloatToFloat);
  case SafetensorsType::F64:
    return convert<double, To>(data, same);
  case SafetensorsType::F8_E4M3:
    return convert<uint8_t, To>(data, e4m3ToFloat);
  case SafetensorsType::F8_E5M2:
    return convert<uint8_t, To>(data, e5m2ToFloat);
  case SafetensorsType::F8_E8M0:
    return convert<uint8_t, To>(data, e8m0ToFloat);
  case SafetensorsType::I8:
    return convert<int8_t, To>(data, same);
  case SafetensorsType::U8:
    return convert<uint8_t, To>(data, same);
  case SafetensorsType::Bool:
    return convert<uint8_t, To>(data, [](uint8_t value) { return value != 0; });
  case SafetensorsType::I16:
    return convert<int16_t, To>(data, same);
  case SafetensorsType::U16:
    return convert<uint16_t, To>(data, same);
  case SafetensorsType::I32:
    return convert<int32_t, To>(data, same);
  case SafetensorsType::U32:
    return convert<uint32_t, To>(data, same);
  case SafetensorsType::U64:
    return convert<uint64_t, To>(data, same);
  case SafetensorsType::I64:
    return convert<int64_t, To>(data, same);
  }
  return {};
}

std::vector<float> SafetensorsTensor::toFloats() const { return convertAny<float>(type, data); }

std::vector<int64_t> SafetensorsTensor::toIntegers() const {
  if (type <= SafetensorsType::F8_E8M0)
    return {};
  return convertAny<int64_t>(type, data);
}

/// Fills `tensor` from its header entry; a message of what is wrong, empty if nothing is.
static std::string readEntry(const nlohmann::json &entry, std::span<const uint8_t> space, SafetensorsTensor &tensor) {
  const std::string *typeName = jsonString(entry, "dtype");
  if (!typeName)
    return "has no dtype";
  auto it = std::find_if(std::begin(types), std::end(types), [&](auto &type) { return type.name == *typeName; });
  if (it == std::end(types))
    return "has dtype " + quoteText(*typeName) + ", which is not supported";
  tensor.type = SafetensorsType(it - types);
  const nlohmann::json *shape = jsonMember(entry, "shape"), *offsets = jsonMember(entry, "data_offsets");
  if (!shape || !shape->is_array())
    return "has no shape";
  // No dimension may be larger than the data section unless another is 0, and the product is bounded by it too.
  uint64_t bytes = it->bytes;
  for (const nlohmann::json &size : *shape) {
    if (!size.is_number_unsigned() || size.get<uint64_t>() > uint64_t(INT64_MAX))
      return "has a dimension that is not a positive 63-bit integer";
    uint64_t value = size.get<uint64_t>();
    if (value != 0 && bytes > UINT64_MAX / value)
      return "has more bytes than 64 bits can count";
    bytes *= value;
    tensor.shape.push_back(int64_t(value));
  }
  if (!offsets || !offsets->is_array() || offsets->size() != 2 || !(*offsets)[0].is_number_unsigned() ||
      !(*offsets)[1].is_number_unsigned())
    return "has no pair of data_offsets";
  uint64_t begin = (*offsets)[0].get<uint64_t>(), end = (*offsets)[1].get<uint64_t>();
  if (begin > end || end > space.size())
    return "lies at bytes " + std::to_string(begin) + " to " + std::to_string(end) + " of a data section of " +
           std::to_string(space.size());
  if (end - begin != bytes)
    return "has " + std::to_string(end - begin) + " bytes where type and shape say " + std::to_string(bytes);
  tensor.data = space.subspan(begin, end - begin);
  return {};
}

Expected<std::shared_ptr<SafetensorsFile>> SafetensorsFile::parse(std::span<const uint8_t> bytes,
                                                                  const std::string &name) {
  auto broken = [&](const std::string &why) { return Error{ErrorCode::BadModel, name + ": " + why}; };
  uint64_t headerBytes = 0;
  if (bytes.size() < 8)
    return broken("not a safetensors file: it has only " + std::to_string(bytes.size()) + " bytes");
  std::memcpy(&headerBytes, bytes.data(), 8);
  if (headerBytes > bytes.size() - 8)
    return broken("not a safetensors file, or truncated: it claims a header of " + std::to_string(headerBytes) +
                  " bytes but has " + std::to_string(bytes.size()) + " in all");
  auto header = parseJson({reinterpret_cast<const char *>(bytes.data()) + 8, size_t(headerBytes)}, name + ": header");
  if (!header)
    return header.error();
  if (!header->is_object())
    return broken("the header is not a JSON object");
  auto result = std::make_shared<SafetensorsFile>();
  std::span<const uint8_t> space = bytes.subspan(8 + headerBytes);
  for (auto &[key, entry] : header->items()) {
    if (key == "__metadata__") {
      for (auto &[label, value] : entry.items())
        if (const std::string *text = value.get_ptr<const std::string *>())
          result->strings[label] = *text;
      continue;
    }
    SafetensorsTensor tensor;
    tensor.name = key;
    if (std::string why = readEntry(entry, space, tensor); !why.empty())
      return broken("tensor " + quoteText(key) + " " + why);
    result->tensorList.push_back(std::move(tensor));
  }
  auto &list = result->tensorList;
  std::sort(list.begin(), list.end(), [](auto &a, auto &b) {
    return std::pair(a.data.data(), a.data.size()) < std::pair(b.data.data(), b.data.size());
  });
  const uint8_t *end = space.data();
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i].data.data() < end)
      return broken("tensors " + quoteText(list[i - 1].name) + " and " + quoteText(list[i].name) + " overlap");
    end = list[i].data.data() + list[i].data.size();
    result->index[list[i].name] = i;
  }
  return result;
}

Expected<std::shared_ptr<SafetensorsFile>> SafetensorsFile::open(const std::string &path) {
  auto mapped = MappedFile::open(path);
  if (!mapped)
    return mapped.error();
  auto result = parse(mapped->bytes(), path);
  if (result)
    (*result)->file = std::move(*mapped);
  return result;
}

const SafetensorsTensor *SafetensorsFile::find(std::string_view name) const {
  auto it = index.find(name);
  return it == index.end() ? nullptr : &tensorList[it->second];
}

/// Where tensors of a type lie in a file that Hugging Face's library writes: those with larger elements first.
static size_t rankOf(SafetensorsType type) {
  using T = SafetensorsType;
  static constexpr T order[] = {T::U64, T::I64, T::F64,     T::F32,     T::U32,     T::I32, T::BF16, T::F16,
                                T::U16, T::I16, T::F8_E8M0, T::F8_E4M3, T::F8_E5M2, T::I8,  T::U8,   T::Bool};
  return size_t(std::find(std::begin(order), std::end(order), type) - std::begin(order));
}

Status writeSafetensors(const std::string &path, std::span<const SafetensorsTensor> tensors,
                        const std::map<std::string, std::string> &metadata) {
  std::vector<const SafetensorsTensor *> sorted;
  for (const SafetensorsTensor &tensor : tensors) {
    if (tensor.data.size() != uint64_t(tensor.elements()) * safetensorsTypeBytes(tensor.type))
      return Error{ErrorCode::Failed, path + ": tensor " + quoteText(tensor.name) + " has " +
                                          std::to_string(tensor.data.size()) + " bytes, not what its shape says"};
    sorted.push_back(&tensor);
  }
  std::sort(sorted.begin(), sorted.end(), [](const SafetensorsTensor *a, const SafetensorsTensor *b) {
    return std::pair(rankOf(a->type), std::string_view(a->name)) <
           std::pair(rankOf(b->type), std::string_view(b->name));
  });
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty())
    header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const SafetensorsTensor *tensor : sorted) {
    nlohmann::ordered_json entry;
    entry["dtype"] = std::string(safetensorsTypeName(tensor->type));
    entry["shape"] = tensor->shape;
    entry["data_offsets"] = {offset, offset + tensor->data.size()};
    // An ordered object looks for an equal name from its beginning; there are thousands of them, and none is.
    header.get_ref<nlohmann::ordered_json::object_t &>().emplace_back(tensor->name, std::move(entry));
    offset += tensor->data.size();
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');
  auto file = AtomicFile::create(path);
  if (!file)
    return file.error();
  uint64_t headerBytes = text.size();
  if (auto e = file->write(&headerBytes, 8))
    return e;
  if (auto e = file->write(text.data(), text.size()))
    return e;
  for (const SafetensorsTensor *tensor : sorted)
    if (auto e = file->write(tensor->data))
      return e;
  return file->commit();
}

} // namespace ph
