#include "OnnxFile.h"
#include "runtime/base/Quote.h"
#include <climits>
#include <cstring>
#include <google/protobuf/io/coded_stream.h>

namespace ph::onnx_import {

template <class T> static T read(std::span<const uint8_t> data, int64_t index) {
  T value;
  std::memcpy(&value, data.data() + size_t(index) * sizeof(T), sizeof(T));
  return value;
}

double FileTensor::number(int64_t index) const {
  switch (type->number) {
  case onnx::TensorProto::FLOAT:
    return double(read<float>(data, index));
  case onnx::TensorProto::DOUBLE:
    return read<double>(data, index);
  case onnx::TensorProto::FLOAT16:
    return double(halfToFloat(read<uint16_t>(data, index)));
  case onnx::TensorProto::BFLOAT16:
    return double(bfloatToFloat(read<uint16_t>(data, index)));
  default:
    return double(integer(index));
  }
}

int64_t FileTensor::integer(int64_t index) const {
  switch (type->number) {
  case onnx::TensorProto::UINT8:
    return read<uint8_t>(data, index);
  case onnx::TensorProto::BOOL:
    return read<uint8_t>(data, index) != 0;
  case onnx::TensorProto::INT8:
    return read<int8_t>(data, index);
  case onnx::TensorProto::UINT16:
    return read<uint16_t>(data, index);
  case onnx::TensorProto::INT16:
    return read<int16_t>(data, index);
  case onnx::TensorProto::INT32:
    return read<int32_t>(data, index);
  case onnx::TensorProto::UINT32:
    return read<uint32_t>(data, index);
  case onnx::TensorProto::INT64:
  case onnx::TensorProto::UINT64:
    return read<int64_t>(data, index);
  default: {
    // The nearest integer that 64 bits hold; 0 for what is no number.
    const double value = number(index);
    if (value >= 0x1p63)
      return INT64_MAX;
    return value >= -0x1p63 ? int64_t(value) : value < 0 ? INT64_MIN : 0;
  }
  }
}

Expected<std::unique_ptr<OnnxFile>> OnnxFile::open(const std::string &path) {
  auto file = MappedFile::open(path);
  if (!file)
    return file.error();
  return parse(file->bytes(), path);
}

Expected<std::unique_ptr<OnnxFile>> OnnxFile::parse(std::span<const uint8_t> bytes, const std::string &path) {
  auto file = std::unique_ptr<OnnxFile>(new OnnxFile(path));
  if (bytes.size() > size_t(INT_MAX))
    return file->bad("an ONNX file has at most 2 GiB; larger models keep their tensors in external data");
  file->message = std::make_unique<onnx::ModelProto>();
  google::protobuf::io::CodedInputStream stream(bytes.data(), int(bytes.size()));
  stream.SetRecursionLimit(64);
  if (!file->message->ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage())
    return file->bad("is no ONNX model: the message ends too early, nests too deep or is none (near byte " +
                     std::to_string(stream.CurrentPosition()) + ")");
  if (Status error = file->check())
    return error.error();
  return file;
}

int64_t OnnxFile::opset(const std::string &domain) const {
  for (const onnx::OperatorSetIdProto &set : message->opset_import())
    if (set.domain() == domain || (domain.empty() && set.domain() == "ai.onnx"))
      return set.version();
  return 0;
}

const FileTensor *OnnxFile::find(const onnx::TensorProto &tensor) const {
  auto found = index.find(&tensor);
  return found == index.end() ? nullptr : found->second;
}

Status OnnxFile::check() {
  if (!message->has_graph())
    return bad("is no ONNX model: it has no graph");
  int64_t version = opset("");
  if (version < kOldestOpset || version > kNewestOpset)
    return bad("has operators of opset version " + std::to_string(version) + "; known are " +
               std::to_string(kOldestOpset) + " to " + std::to_string(kNewestOpset));
  if (Status error = addGraph(message->graph(), 0))
    return error;
  for (const onnx::FunctionProto &function : message->functions())
    for (const onnx::NodeProto &node : function.node())
      if (Status error = addNode(node, 1))
        return error;
  return {};
}

Status OnnxFile::addGraph(const onnx::GraphProto &graph, int depth) {
  if (depth > kMostDepth)
    return bad("has graphs more than " + std::to_string(kMostDepth) + " deep in one another");
  if (graph.sparse_initializer_size())
    return bad("has sparse initializers, which are not read");
  for (const onnx::TensorProto &tensor : graph.initializer())
    if (Status error = add(tensor, tensor.name()))
      return error;
  for (const onnx::NodeProto &node : graph.node())
    if (Status error = addNode(node, depth))
      return error;
  return {};
}

Status OnnxFile::addNode(const onnx::NodeProto &node, int depth) {
  const std::string name = node.output_size() ? node.output(0) : node.name();
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (attribute.has_t())
      if (Status error = add(attribute.t(), name))
        return error;
    for (const onnx::TensorProto &tensor : attribute.tensors())
      if (Status error = add(tensor, name))
        return error;
    if (attribute.has_g())
      if (Status error = addGraph(attribute.g(), depth + 1))
        return error;
    for (const onnx::GraphProto &graph : attribute.graphs())
      if (Status error = addGraph(graph, depth + 1))
        return error;
  }
  return {};
}

Status OnnxFile::add(const onnx::TensorProto &tensor, std::string name) {
  FileTensor result;
  // A subgraph may have a name again.
  result.name = name;
  for (int times = 2; !names.insert(result.name).second; ++times)
    result.name = name + "#" + std::to_string(times);
  auto badTensor = [&](const std::string &what) { return bad("tensor " + quoteText(name) + " " + what); };
  result.type = findElementType(tensor.data_type());
  if (!result.type)
    return badTensor("has elements of the unknown type " + std::to_string(tensor.data_type()));
  result.count = 1;
  for (int64_t size : tensor.dims()) {
    if (size < 0 || __builtin_mul_overflow(result.count, size, &result.count) || result.count > INT64_MAX / 16)
      return badTensor("has an impossible shape");
    result.shape.push_back(size);
  }
  if (tensor.has_segment())
    return badTensor("is stored in segments, which are not read");
  if (result.type->bytes) {
    auto data = dataOf(tensor, result);
    if (!data)
      return badTensor(data.error().message);
    result.data = *data;
  }
  index[&tensor] = &all.emplace_back(std::move(result));
  return {};
}

namespace {
/// Numbers of a repeated field, each cut to the bytes of an element.
template <class Field> std::vector<uint8_t> pack(const Field &field, uint32_t bytes) {
  std::vector<uint8_t> packed(size_t(field.size()) * bytes);
  uint8_t *next = packed.data();
  for (const auto &value : field) {
    std::memcpy(next, &value, bytes); // little endian: the low bytes come first
    next += bytes;
  }
  return packed;
}
} // namespace

Expected<std::span<const uint8_t>> OnnxFile::dataOf(const onnx::TensorProto &tensor, const FileTensor &about) {
  const auto bytes = uint64_t(about.count) * about.type->bytes;
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL)
    return externalOf(tensor, bytes);
  std::span<const uint8_t> data;
  if (tensor.has_raw_data()) {
    data = {reinterpret_cast<const uint8_t *>(tensor.raw_data().data()), tensor.raw_data().size()};
  } else {
    switch (about.type->number) {
    case onnx::TensorProto::FLOAT:
    case onnx::TensorProto::COMPLEX64:
      converted.push_back(pack(tensor.float_data(), 4));
      break;
    case onnx::TensorProto::DOUBLE:
    case onnx::TensorProto::COMPLEX128:
      converted.push_back(pack(tensor.double_data(), 8));
      break;
    case onnx::TensorProto::INT64:
      converted.push_back(pack(tensor.int64_data(), 8));
      break;
    case onnx::TensorProto::UINT32:
    case onnx::TensorProto::UINT64:
      converted.push_back(pack(tensor.uint64_data(), about.type->bytes));
      break;
    default:
      converted.push_back(pack(tensor.int32_data(), about.type->bytes));
    }
    data = converted.back();
  }
  if (data.size() != bytes)
    return Error{ErrorCode::BadModel, "has " + std::to_string(data.size()) +
                                          " bytes of data, but its shape and type ask for " + std::to_string(bytes)};
  return data;
}

/// A decimal number without sign; nothing if it is none or too large.
static std::optional<uint64_t> parseNumber(const std::string &text) {
  uint64_t value = 0;
  if (text.empty())
    return std::nullopt;
  for (char c : text)
    if (c < '0' || c > '9' || __builtin_mul_overflow(value, uint64_t(10), &value) ||
        __builtin_add_overflow(value, uint64_t(c - '0'), &value))
      return std::nullopt;
  return value;
}

Expected<std::span<const uint8_t>> OnnxFile::externalOf(const onnx::TensorProto &tensor, uint64_t bytes) {
  std::string location;
  uint64_t offset = 0, length = bytes;
  for (const onnx::StringStringEntryProto &entry : tensor.external_data()) {
    if (entry.key() == "location")
      location = entry.value();
    if (entry.key() != "offset" && entry.key() != "length")
      continue;
    std::optional<uint64_t> number = parseNumber(entry.value());
    if (!number)
      return Error{ErrorCode::BadModel, "has the external " + entry.key() + " " + quoteText(entry.value()) +
                                            ", which is no number of bytes"};
    (entry.key() == "offset" ? offset : length) = *number;
  }
  if (length != bytes)
    return Error{ErrorCode::BadModel, "has " + std::to_string(length) +
                                          " bytes of external data, but its shape and type ask for " +
                                          std::to_string(bytes)};
  auto data = external.read(location, offset, bytes);
  if (!data)
    return Error{data.error().code, "has " + data.error().message};
  return data;
}

} // namespace ph::onnx_import
