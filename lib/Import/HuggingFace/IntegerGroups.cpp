// GPTQ and AWQ: packed integers with a scale and a zero for each group of inputs.
#include "CodedMatrix.h"
#include "runtime/base/Quote.h"
#include <cstring>

namespace ph {
namespace {

using Type = SafetensorsType;

int32_t wordAt(const SafetensorsTensor &tensor, int64_t index) {
  int32_t word;
  std::memcpy(&word, tensor.data.data() + index * 4, 4);
  return word;
}

/// An integer of quantization_config, `fallback` where it says nothing.
Expected<int64_t> setting(const QuantizedCheckpoint &checkpoint, const char *name, int64_t fallback, int64_t least,
                          int64_t most) {
  const std::string key = std::string("quantization_config.") + name;
  Expected<std::optional<int64_t>> value = checkpoint.model.integer(key);
  if (!value)
    return value.error();
  int64_t said = value->value_or(fallback);
  if (said < least || said > most)
    return Error{ErrorCode::BadModel, checkpoint.model.path() + ": key " + quoteText(key) + " is " +
                                          std::to_string(said) + ", but " + std::to_string(least) + " to " +
                                          std::to_string(most) + " is supported"};
  return said;
}

/// The layers that have a tensor of that suffix: what stands before it in the names.
std::vector<std::string> prefixesOf(const QuantizedCheckpoint &checkpoint, std::string_view suffix) {
  std::vector<std::string> result;
  for (const auto &[name, tensor] : checkpoint.tensors)
    if (name.ends_with(suffix))
      result.push_back(name.substr(0, name.size() - suffix.size()));
  return result;
}

/// Fails if the setting says a text that is none of `known`.
Status expectOneOf(const QuantizedCheckpoint &checkpoint, const char *name,
                   std::initializer_list<std::string_view> known) {
  const std::string key = std::string("quantization_config.") + name;
  Expected<std::optional<std::string>> value = checkpoint.model.string(key);
  if (!value)
    return value.error();
  std::string list;
  for (std::string_view one : known) {
    if (!*value || **value == one)
      return {};
    list += (list.empty() ? "" : " or ") + quoteText(one);
  }
  return Error{ErrorCode::BadModel, checkpoint.model.path() + ": key " + quoteText(key) + " is " + quoteText(**value) +
                                        ", but " + list + " is supported"};
}

} // namespace

Status decodeGptq(QuantizedCheckpoint &c) {
  Expected<int64_t> bits = setting(c, "bits", 4, 2, 8), group = setting(c, "group_size", 128, -1, 1 << 20);
  Expected<std::optional<std::string>> format = c.model.string("quantization_config.checkpoint_format");
  for (const Error *error :
       {bits ? nullptr : &bits.error(), group ? nullptr : &group.error(), format ? nullptr : &format.error()})
    if (error)
      return *error;
  if (Status error = expectOneOf(c, "checkpoint_format", {"gptq", "gptq_v2"}))
    return error;
  // The first format stores zeros less one.
  const int zeroOffset = *format && **format == "gptq_v2" ? 0 : 1;
  const int width = int(*bits);
  for (const std::string &prefix : prefixesOf(c, ".qweight")) {
    auto codes = c.take(prefix, ".qweight", {Type::I32});
    if (!codes)
      return codes.error();
    if ((*codes)->shape.size() != 2 || (*codes)->elements() == 0 || (*codes)->shape[0] * 32 % width)
      return c.bad(prefix + ".qweight", "is no matrix of packed integers");
    const int64_t inputs = (*codes)->shape[0] * 32 / width, outputs = (*codes)->shape[1];
    auto scales = c.take(prefix, ".scales", {Type::F16, Type::BF16, Type::F32});
    if (!scales)
      return scales.error();
    const int64_t groups = (*scales)->shape.empty() ? 0 : (*scales)->shape[0];
    if (groups < 1 || (*scales)->shape != std::vector<int64_t>{groups, outputs})
      return c.bad(prefix + ".scales", "has the shape " + shapeString((*scales)->shape) + ", but groups x " +
                                           std::to_string(outputs) + " is expected");
    const int64_t zerosShape[] = {groups, (outputs * width + 31) / 32};
    auto zeros = c.take(prefix, ".qzeros", {Type::I32}, zerosShape);
    if (!zeros)
      return zeros.error();
    CodedMatrix matrix;
    matrix.rows = outputs;
    matrix.columns = inputs;
    matrix.bits = width;
    matrix.groups = groups;
    matrix.scaleType = (*scales)->type;
    matrix.scales = (*scales)->toFloats();
    if (c.find(prefix + ".g_idx")) {
      const int64_t shape[] = {inputs};
      auto order = c.take(prefix, ".g_idx", {Type::I32, Type::I64}, shape);
      if (!order)
        return order.error();
      matrix.groupOf = (*order)->toIntegers();
    } else {
      matrix.groupOf = groupsInOrder(inputs, *group > 0 ? *group : inputs);
    }
    for (int64_t g = 0; g < groups; ++g)
      for (int64_t output = 0; output < outputs; ++output)
        matrix.zeros.push_back(zeroOffset + int(bitField(output, width, [&](int64_t word) {
                                 return wordAt(**zeros, g * zerosShape[1] + word);
                               })));
    const SafetensorsTensor &words = **codes;
    matrix.read = [&](int64_t first, int64_t count, uint8_t *out) {
      for (int64_t input = 0; input < inputs; ++input)
        for (int64_t row = 0; row < count; ++row)
          out[row * inputs + input] = uint8_t(
              bitField(input, width, [&](int64_t word) { return wordAt(words, word * outputs + first + row); }));
    };
    if (Status error = addCoded(c, prefix + ".weight", matrix, prefix + ".g_idx"))
      return error;
  }
  return {};
}

Status decodeAwq(QuantizedCheckpoint &c) {
  // Eight codes of a word are those of outputs 0, 2, 4, 6, 1, 3, 5, 7, the lowest bits first.
  static constexpr int kPlaces[] = {0, 4, 1, 5, 2, 6, 3, 7};
  Expected<int64_t> bits = setting(c, "bits", 4, 4, 4);
  if (!bits)
    return bits.error();
  if (Status error = expectOneOf(c, "version", {"gemm", "GEMM"}))
    return error;
  for (const std::string &prefix : prefixesOf(c, ".qweight")) {
    auto codes = c.take(prefix, ".qweight", {Type::I32});
    if (!codes)
      return codes.error();
    if ((*codes)->shape.size() != 2 || (*codes)->elements() == 0)
      return c.bad(prefix + ".qweight", "is no matrix of packed integers");
    const int64_t inputs = (*codes)->shape[0], words = (*codes)->shape[1], outputs = words * 8;
    auto scales = c.take(prefix, ".scales", {Type::F16, Type::BF16, Type::F32});
    if (!scales)
      return scales.error();
    const int64_t groups = (*scales)->shape.empty() ? 0 : (*scales)->shape[0];
    if (groups < 1 || inputs % groups || (*scales)->shape != std::vector<int64_t>{groups, outputs})
      return c.bad(prefix + ".scales", "has the shape " + shapeString((*scales)->shape) + ", but groups x " +
                                           std::to_string(outputs) + " is expected");
    const int64_t zerosShape[] = {groups, words};
    auto zeros = c.take(prefix, ".qzeros", {Type::I32}, zerosShape);
    if (!zeros)
      return zeros.error();
    CodedMatrix matrix;
    matrix.rows = outputs;
    matrix.columns = inputs;
    matrix.bits = 4;
    matrix.groups = groups;
    matrix.scaleType = (*scales)->type;
    matrix.scales = (*scales)->toFloats();
    matrix.groupOf = groupsInOrder(inputs, inputs / groups);
    auto codeAt = [&](const SafetensorsTensor &tensor, int64_t line, int64_t output) {
      return wordAt(tensor, line * words + output / 8) >> (4 * kPlaces[output % 8]) & 15;
    };
    for (int64_t g = 0; g < groups; ++g)
      for (int64_t output = 0; output < outputs; ++output)
        matrix.zeros.push_back(codeAt(**zeros, g, output));
    const SafetensorsTensor &packed = **codes;
    matrix.read = [&](int64_t first, int64_t count, uint8_t *out) {
      for (int64_t input = 0; input < inputs; ++input)
        for (int64_t row = 0; row < count; ++row)
          out[row * inputs + input] = uint8_t(codeAt(packed, input, first + row));
    };
    if (Status error = addCoded(c, prefix + ".weight", matrix, prefix + ".qweight"))
      return error;
  }
  return {};
}

} // namespace ph
