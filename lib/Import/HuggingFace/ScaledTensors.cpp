// compressed-tensors, and 8-bit floats with scales: codes with a factor for the whole tensor, each row, group or block.
#include "Quantized.h"
#include <cstring>

namespace ph {

using Type = SafetensorsType;

namespace {
/// Factors and zeros for a matrix: [1], [rows, 1], [rows, groups] or [row blocks, column blocks].
struct Factors {
  std::vector<float> values;
  int64_t rows = 1, columns = 1;         ///< how many there are
  int64_t rowBlock = 1, columnBlock = 1; ///< for how many rows and columns of the matrix one is

  float at(int64_t row, int64_t column) const { return values[row / rowBlock * columns + column / columnBlock]; }
};

/// For how many of `all` one of `count` factors is: the number that `key` of the configuration says, where the last
/// block may be cut, or what divides evenly. 0 if nothing fits.
int64_t blockSize(const QuantizedCheckpoint &c, size_t dimension, int64_t all, int64_t count) {
  std::optional<ConfigValue> said = c.model.config("quantization_config.weight_block_size");
  auto *sizes = said ? std::get_if<std::vector<double>>(&*said) : nullptr;
  if (sizes && dimension < sizes->size() && count > 1) {
    double size = (*sizes)[dimension];
    if (size >= 1 && size <= double(all) && (all + int64_t(size) - 1) / int64_t(size) == count)
      return int64_t(size);
  }
  return all % count == 0 ? all / count : 0;
}

Expected<Factors> readFactors(QuantizedCheckpoint &c, const std::string &prefix, const std::string &suffix,
                              std::initializer_list<Type> types, int64_t rows, int64_t columns) {
  auto tensor = c.take(prefix, suffix, types);
  if (!tensor)
    return tensor.error();
  Factors result;
  result.values = (*tensor)->toFloats();
  const std::vector<int64_t> &shape = (*tensor)->shape;
  if (shape.size() == 2)
    result.rows = shape[0], result.columns = shape[1];
  else if (shape.size() == 1 && shape[0] != 1)
    result.rows = shape[0];
  bool fits = shape.size() <= 2 && result.rows >= 1 && result.columns >= 1;
  result.rowBlock = fits ? blockSize(c, 0, rows, result.rows) : 0;
  result.columnBlock = fits ? blockSize(c, 1, columns, result.columns) : 0;
  if (!result.rowBlock || !result.columnBlock)
    return c.bad(prefix + suffix, "has the shape " + shapeString(shape) + ", which doesn't fit a matrix of " +
                                      std::to_string(rows) + " x " + std::to_string(columns));
  return result;
}

/// Codes of a matrix as they are, times factors.
Status decodePlain(QuantizedCheckpoint &c, const std::string &prefix, const std::string &scaleSuffix) {
  auto codes = c.take(prefix, ".weight", {Type::I8, Type::F8_E4M3, Type::F8_E5M2});
  if (!codes)
    return codes.error();
  if ((*codes)->shape.size() != 2 || (*codes)->elements() == 0)
    return c.bad(prefix + ".weight", "is no matrix");
  const int64_t rows = (*codes)->shape[0], columns = (*codes)->shape[1];
  Expected<Factors> scales = readFactors(c, prefix, scaleSuffix, {Type::F32, Type::F16, Type::BF16}, rows, columns);
  if (!scales)
    return scales.error();
  std::optional<Factors> zeros;
  if (c.find(prefix + ".weight_zero_point")) {
    Expected<Factors> read = readFactors(c, prefix, ".weight_zero_point",
                                         {Type::I8, Type::F8_E4M3, Type::F8_E5M2, Type::I32}, rows, columns);
    if (!read)
      return read.error();
    zeros = std::move(*read);
  }
  const std::vector<float> numbers = (*codes)->toFloats();
  auto into = c.add(prefix + ".weight", {rows, columns});
  if (!into)
    return into.error();
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column) {
      float zero = zeros ? zeros->at(row, column) : 0.0f;
      (*into)[row * columns + column] = (numbers[row * columns + column] - zero) * scales->at(row, column);
    }
  return {};
}

int32_t wordAt(const SafetensorsTensor &tensor, int64_t index) {
  int32_t word;
  std::memcpy(&word, tensor.data.data() + index * 4, 4);
  return word;
}

/// Codes of 4 or 8 bits in words of 32, less half their range.
Status decodePacked(QuantizedCheckpoint &c, const std::string &prefix) {
  auto codes = c.take(prefix, ".weight_packed", {Type::I32});
  const int64_t two[] = {2};
  auto size = codes ? c.take(prefix, ".weight_shape", {Type::I64, Type::I32}, two) : codes;
  if (!size)
    return size.error();
  const std::vector<int64_t> shape = (*size)->toIntegers();
  const int64_t rows = shape[0], columns = shape[1];
  const bool isMatrix = (*codes)->shape.size() == 2 && (*codes)->shape[0] == rows && rows > 0 && columns > 0;
  const int64_t words = isMatrix ? (*codes)->shape[1] : 0;
  const int bits = words == (columns + 7) / 8 ? 4 : 8;
  if (!isMatrix || words != (columns + 32 / bits - 1) / (32 / bits))
    return c.bad(prefix + ".weight_packed", "has the shape " + shapeString((*codes)->shape) + ", which doesn't hold " +
                                                shapeString(shape) + " codes of 4 or 8 bits");
  if (c.find(prefix + ".weight_zero_point") || c.find(prefix + ".weight_g_idx"))
    return c.bad(prefix + ".weight_packed", "has zero points or an order of groups, which are not read");
  Expected<Factors> scales = readFactors(c, prefix, ".weight_scale", {Type::F32, Type::F16, Type::BF16}, rows, columns);
  if (!scales)
    return scales.error();
  auto into = c.add(prefix + ".weight", {rows, columns});
  if (!into)
    return into.error();
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column) {
      int code = bitField(column, bits, [&](int64_t word) { return wordAt(**codes, row * words + word); });
      (*into)[row * columns + column] = float(code - (1 << (bits - 1))) * scales->at(row, column);
    }
  return {};
}

Status decodeEach(QuantizedCheckpoint &c, std::string_view suffix,
                  const std::function<Status(const std::string &prefix)> &decode) {
  for (const auto &[name, tensor] : c.tensors)
    if (name.ends_with(suffix))
      if (Status error = decode(name.substr(0, name.size() - suffix.size())))
        return error;
  return {};
}
} // namespace

Status decodeCompressed(QuantizedCheckpoint &c) {
  return decodeEach(c, ".weight_scale", [&](const std::string &prefix) {
    // Scales of activations say how others round them; here they are not rounded.
    for (const char *suffix : {".input_scale", ".input_zero_point"})
      if (c.find(prefix + suffix))
        c.consumed.insert(prefix + suffix);
    return c.find(prefix + ".weight_packed") ? decodePacked(c, prefix) : decodePlain(c, prefix, ".weight_scale");
  });
}

Status decodeFloat8(QuantizedCheckpoint &c) {
  return decodeEach(c, ".weight_scale_inv",
                    [&](const std::string &prefix) { return decodePlain(c, prefix, ".weight_scale_inv"); });
}

} // namespace ph
