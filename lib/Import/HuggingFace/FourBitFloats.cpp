// bitsandbytes' NF4 and FP4 (and its int8), and MXFP4: codes that name numbers of a table, with scales of blocks.
#include "CodedMatrix.h"
#include "runtime/base/Json.h"
#include <cmath>

namespace ph {

using Type = SafetensorsType;

/// The scales of blocks, which may be quantized themselves.
static Expected<std::vector<float>> blockScales(QuantizedCheckpoint &c, const std::string &weight,
                                                const nlohmann::json &state, const std::string &stateName) {
  auto scales = c.take(weight, ".absmax", {Type::F32, Type::U8});
  if (!scales)
    return scales.error();
  std::vector<float> values = (*scales)->toFloats();
  if ((*scales)->type == Type::F32)
    return values;
  const int64_t tableShape[] = {256};
  auto table = c.take(weight, ".nested_quant_map", {Type::F32}, tableShape);
  auto outer = table ? c.take(weight, ".nested_absmax", {Type::F32}) : table;
  if (!outer)
    return outer.error();
  const nlohmann::json *size = jsonMember(state, "nested_blocksize"), *offset = jsonMember(state, "nested_offset");
  if (!size || !size->is_number_unsigned() || size->get<uint64_t>() < 1 || !offset || !offset->is_number())
    return c.bad(stateName, "says no nested_blocksize and nested_offset");
  const uint64_t block = size->get<uint64_t>();
  const std::vector<float> numbers = (*table)->toFloats(), factors = (*outer)->toFloats();
  if (factors.size() < (values.size() + block - 1) / block)
    return c.bad(weight + ".nested_absmax", "has fewer scales than there are blocks");
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = numbers[size_t(values[i])] * factors[i / block] + offset->get<float>();
  return values;
}

static Status decodeFourBits(QuantizedCheckpoint &c, const std::string &weight, const std::string &stateName) {
  const SafetensorsTensor &stateTensor = *c.find(stateName);
  c.consumed.insert(stateName);
  auto state = parseJson({reinterpret_cast<const char *>(stateTensor.data.data()), stateTensor.data.size()},
                         c.model.path() + ": " + stateName);
  if (!state)
    return state.error();
  const nlohmann::json *size = jsonMember(*state, "blocksize"), *shape = jsonMember(*state, "shape");
  if (!size || !size->is_number_unsigned() || size->get<uint64_t>() < 2 || !shape || !shape->is_array())
    return c.bad(stateName, "says no blocksize and shape");
  std::vector<int64_t> sizes;
  uint64_t count = 1;
  for (const nlohmann::json &one : *shape) {
    if (!one.is_number_unsigned() || one.get<uint64_t>() < 1 || one.get<uint64_t>() > (uint64_t(1) << 40) / count)
      return c.bad(stateName, "says a shape that is none");
    count *= one.get<uint64_t>();
    sizes.push_back(one.get<int64_t>());
  }
  const uint64_t block = size->get<uint64_t>();
  const int64_t mapShape[] = {16};
  auto codes = c.take(weight, "", {Type::U8});
  auto map = codes ? c.take(weight, ".quant_map", {Type::F32}, mapShape) : codes;
  if (!map)
    return map.error();
  Expected<std::vector<float>> scales = blockScales(c, weight, *state, stateName);
  if (!scales)
    return scales.error();
  if ((*codes)->data.size() != (count + 1) / 2 || scales->size() < (count + block - 1) / block)
    return c.bad(weight, "has other numbers of codes and scales than its shape needs");
  const std::vector<float> numbers = (*map)->toFloats();
  auto into = c.add(weight, sizes);
  if (!into)
    return into.error();
  for (uint64_t i = 0; i < count; ++i) {
    uint8_t both = (*codes)->data[i / 2]; // the upper half first
    (*into)[i] = numbers[i % 2 ? both & 15 : both >> 4] * (*scales)[i / block];
  }
  return {};
}

Status decodeBitsAndBytes(QuantizedCheckpoint &c) {
  for (const auto &[name, tensor] : c.tensors) {
    if (size_t at = name.find(".quant_state.bitsandbytes__"); at != std::string::npos) {
      if (Status error = decodeFourBits(c, name.substr(0, at), name))
        return error;
    } else if (name.ends_with(".SCB")) {
      const std::string prefix = name.substr(0, name.size() - 4);
      auto codes = c.take(prefix, ".weight", {Type::I8});
      if (!codes)
        return codes.error();
      if ((*codes)->shape.size() != 2 || (*codes)->elements() == 0)
        return c.bad(prefix + ".weight", "is no matrix");
      const int64_t rows = (*codes)->shape[0], columns = (*codes)->shape[1], shape[] = {rows};
      auto scales = c.take(prefix, ".SCB", {Type::F32}, shape);
      if (!scales)
        return scales.error();
      if (const SafetensorsTensor *format = c.find(prefix + ".weight_format")) {
        if (format->elements() != 1 || format->data[0] != 0)
          return c.bad(format->name, "says another order than that of rows, which is not read");
        c.consumed.insert(format->name);
      }
      CodedMatrix matrix;
      matrix.rows = rows;
      matrix.columns = columns;
      matrix.bits = 8;
      matrix.groups = 1;
      matrix.scales = (*scales)->toFloats();
      for (float &scale : matrix.scales)
        scale /= 127.0f;
      matrix.zeros.assign(rows, 128);
      matrix.groupOf.assign(columns, 0);
      const SafetensorsTensor &bytes = **codes;
      matrix.read = [&](int64_t first, int64_t count, uint8_t *out) {
        for (int64_t i = 0; i < count * columns; ++i)
          out[i] = bytes.data[first * columns + i] ^ 0x80;
      };
      if (Status error = addCoded(c, prefix + ".weight", matrix, prefix + ".SCB"))
        return error;
    }
  }
  return {};
}

/// [E, N, G, 16] bytes and [E, N, G] exponents stand for [E, 32 · G, N]: transformers keeps these matrices transposed.
Status decodeMxfp4(QuantizedCheckpoint &c) {
  static constexpr float kNumbers[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6};
  for (const auto &[name, tensor] : c.tensors) {
    constexpr std::string_view suffix = "_blocks";
    if (!name.ends_with(suffix))
      continue;
    const std::string prefix = name.substr(0, name.size() - suffix.size());
    auto codes = c.take(prefix, "_blocks", {Type::U8});
    if (!codes)
      return codes.error();
    const std::vector<int64_t> &shape = (*codes)->shape;
    if (shape.size() != 4 || shape[3] != 16)
      return c.bad(name, "has the shape " + shapeString(shape) + ", but experts x rows x blocks x 16 is expected");
    auto scales = c.take(prefix, "_scales", {Type::U8, Type::F8_E8M0}, std::span(shape).first(3));
    if (!scales)
      return scales.error();
    const int64_t experts = shape[0], rows = shape[1], blocks = shape[2], inputs = blocks * 32;
    auto into = c.add(prefix, {experts, inputs, rows});
    if (!into)
      return into.error();
    for (int64_t e = 0; e < experts; ++e)
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t block = 0; block < blocks; ++block) {
          const int64_t at = (e * rows + row) * blocks + block;
          const int exponent = int((*scales)->data[at]) - 127;
          for (int i = 0; i < 32; ++i) {
            uint8_t both = (*codes)->data[at * 16 + i / 2]; // the lower half first
            float number = kNumbers[i % 2 ? both >> 4 : both & 15];
            (*into)[(e * inputs + block * 32 + i) * rows + row] = std::ldexp(number, exponent);
          }
        }
  }
  return {};
}

} // namespace ph
