#include "Quantized.h"
#include "runtime/base/Quote.h"
#include <algorithm>

namespace ph {

const SafetensorsTensor *QuantizedCheckpoint::find(const std::string &name) const {
  auto it = tensors.find(name);
  return it == tensors.end() ? nullptr : it->second;
}

Error QuantizedCheckpoint::bad(const std::string &tensor, const std::string &what) const {
  return {ErrorCode::BadModel, model.path() + ": tensor " + quoteText(tensor) + " " + what};
}

Expected<std::span<float>> QuantizedCheckpoint::add(const std::string &name, std::vector<int64_t> shape) {
  auto bytes = add(name, std::move(shape), *findFormatByName("f32"));
  if (!bytes)
    return bytes.error();
  return std::span<float>(reinterpret_cast<float *>(bytes->data()), bytes->size() / sizeof(float));
}

Expected<std::span<uint8_t>> QuantizedCheckpoint::add(const std::string &name, std::vector<int64_t> shape,
                                                      const Format &format) {
  uint64_t count = 1;
  for (int64_t size : shape) {
    if (size < 1 || count > (uint64_t(1) << 40) / uint64_t(size))
      return bad(name, "would have the shape " + shapeString(shape) + ", which no quantized tensor can stand for");
    count *= uint64_t(size);
  }
  if (tensors.count(name) && !consumed.count(name))
    return bad(name, "is there both quantized and as it is");
  auto bytes = scratch.allocate(count / format.blockElements * format.blockBytes);
  if (bytes)
    decoded.push_back({name, std::move(shape), &format, *bytes});
  return bytes;
}

Expected<const SafetensorsTensor *> QuantizedCheckpoint::take(const std::string &prefix, const std::string &suffix,
                                                              std::initializer_list<SafetensorsType> types,
                                                              std::span<const int64_t> shape) {
  const std::string name = prefix + suffix;
  const SafetensorsTensor *tensor = find(name);
  if (!tensor)
    return bad(name, "is missing, without which its weight can't be decoded");
  if (std::find(types.begin(), types.end(), tensor->type) == types.end())
    return bad(name, "has the type " + std::string(safetensorsTypeName(tensor->type)) +
                         ", which its scheme of quantization doesn't have");
  if (!shape.empty() && !std::equal(shape.begin(), shape.end(), tensor->shape.begin(), tensor->shape.end()))
    return bad(name, "has the shape " + shapeString(tensor->shape) + ", but " + shapeString(shape) + " is expected");
  consumed.insert(name);
  return tensor;
}

Status decodeQuantized(QuantizedCheckpoint &checkpoint) {
  Expected<std::optional<std::string>> method = checkpoint.model.string("quantization_config.quant_method");
  if (!method)
    return method.error();
  struct Scheme {
    std::string_view name;
    Status (*decode)(QuantizedCheckpoint &);
  };
  static constexpr Scheme schemes[] = {{"gptq", decodeGptq},
                                       {"awq", decodeAwq},
                                       {"bitsandbytes", decodeBitsAndBytes},
                                       {"mxfp4", decodeMxfp4},
                                       {"compressed-tensors", decodeCompressed},
                                       {"fp8", decodeFloat8}};
  std::string known;
  const Scheme *chosen = nullptr;
  for (const Scheme &scheme : schemes) {
    known += (known.empty() ? "" : ", ") + std::string(scheme.name);
    if (*method && **method == scheme.name)
      chosen = &scheme;
  }
  if (*method && !chosen)
    return Error{ErrorCode::BadModel, checkpoint.model.path() + ": key 'quantization_config.quant_method' is " +
                                          quoteText(**method) + ", but only these are read: " + known};
  if (Status error = checkQuantizationKeys(checkpoint.model))
    return error;
  if (chosen)
    if (Status error = chosen->decode(checkpoint))
      return error;
  // 8-bit floats that stand for themselves.
  for (const auto &[name, tensor] : checkpoint.tensors) {
    bool isFloat8 = tensor->type == SafetensorsType::F8_E4M3 || tensor->type == SafetensorsType::F8_E5M2;
    if (!isFloat8 || checkpoint.consumed.count(name) || tensor->elements() == 0)
      continue;
    if (chosen)
      return checkpoint.bad(name, "has 8-bit floats, but their scales are missing");
    checkpoint.consumed.insert(name);
    const std::vector<float> values = tensor->toFloats();
    auto into = checkpoint.add(name, tensor->shape.empty() ? std::vector<int64_t>{1} : tensor->shape);
    if (!into)
      return into.error();
    std::copy(values.begin(), values.end(), into->begin());
  }
  return {};
}

} // namespace ph
