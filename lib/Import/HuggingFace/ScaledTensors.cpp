// compressed-tensors, and 8-bit floats with scales: codes with a factor for the whole tensor, each row, group or block.
#include "CodedMatrix.h"
#include "runtime/base/Quote.h"
#include <algorithm>
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

/// Scales as addCoded takes them: groups of columns, for every row.
void setScales(CodedMatrix &m, const Factors &scales, SafetensorsType type) {
  m.groups = scales.columns;
  m.scaleType = type;
  m.groupOf = groupsInOrder(m.columns, scales.columnBlock);
  for (int64_t group = 0; group < m.groups; ++group)
    for (int64_t row = 0; row < m.rows; ++row)
      m.scales.push_back(scales.at(row, group * scales.columnBlock));
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
  if ((*codes)->type == Type::I8) {
    CodedMatrix matrix{rows, columns, 8};
    setScales(matrix, *scales, c.find(prefix + scaleSuffix)->type);
    for (int64_t group = 0; group < matrix.groups; ++group)
      for (int64_t row = 0; row < rows; ++row)
        matrix.zeros.push_back(128 + int(zeros ? zeros->at(row, group * scales->columnBlock) : 0));
    const SafetensorsTensor &bytes = **codes;
    matrix.read = [&](int64_t first, int64_t count, uint8_t *out) {
      for (int64_t i = 0; i < count * columns; ++i)
        out[i] = bytes.data[first * columns + i] ^ 0x80;
    };
    return addCoded(c, prefix + ".weight", matrix, prefix + scaleSuffix);
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
  Expected<Factors> scales = readFactors(c, prefix, ".weight_scale", {Type::F32, Type::F16, Type::BF16}, rows, columns);
  if (!scales)
    return scales.error();
  CodedMatrix matrix{rows, columns, bits};
  setScales(matrix, *scales, c.find(prefix + ".weight_scale")->type);
  if (c.find(prefix + ".weight_g_idx")) {
    const int64_t wanted[] = {columns};
    auto order = c.take(prefix, ".weight_g_idx", {Type::I32, Type::I64}, wanted);
    if (!order)
      return order.error();
    matrix.groupOf = (*order)->toIntegers();
  }
  matrix.zeros.assign(matrix.groups * rows, 1 << (bits - 1));
  if (c.find(prefix + ".weight_zero_point")) {
    // Packed down the rows, less half their range as the codes.
    const int64_t wanted[] = {(rows + 32 / bits - 1) / (32 / bits), matrix.groups};
    auto zeros = c.take(prefix, ".weight_zero_point", {Type::I32}, wanted);
    if (!zeros)
      return zeros.error();
    for (int64_t group = 0; group < matrix.groups; ++group)
      for (int64_t row = 0; row < rows; ++row)
        matrix.zeros[group * rows + row] =
            int(bitField(row, bits, [&](int64_t word) { return wordAt(**zeros, word * matrix.groups + group); }));
  }
  const SafetensorsTensor &packed = **codes;
  matrix.read = [&](int64_t first, int64_t count, uint8_t *out) {
    for (int64_t row = first; row < first + count; ++row)
      for (int64_t column = 0; column < columns; ++column)
        *out++ = uint8_t(bitField(column, bits, [&](int64_t word) { return wordAt(packed, row * words + word); }));
  };
  return addCoded(c, prefix + ".weight", matrix, prefix + ".weight_g_idx");
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
  static constexpr std::string_view formats[] = {"pack-quantized", "int-quantized", "float-quantized",
                                                 "naive-quantized", "dense"};
  for (std::string_view key : c.model.configKeys()) {
    const bool isFormat = key == "quantization_config.format" ||
                          (key.starts_with("quantization_config.config_groups.") && key.ends_with(".format"));
    if (!isFormat)
      continue;
    Expected<std::optional<std::string>> said = c.model.string(key);
    if (!said)
      return said.error();
    if (*said && std::find(std::begin(formats), std::end(formats), **said) == std::end(formats))
      return Error{ErrorCode::BadModel, c.model.path() + ": key " + quoteText(key) + " is " + quoteText(**said) +
                                            ", but pack-quantized, int-quantized, float-quantized and naive-quantized "
                                            "are read"};
  }
  return decodeEach(c, ".weight_scale", [&](const std::string &prefix) {
    // Scales of activations say how others round them; here they are not rounded.
    for (const char *suffix : {".input_scale", ".input_zero_point"})
      if (c.find(prefix + suffix))
        c.consumed.insert(prefix + suffix);
    return c.find(prefix + ".weight_packed") ? decodePacked(c, prefix) : decodePlain(c, prefix, ".weight_scale");
  });
}

Status decodeFloat8(QuantizedCheckpoint &c) {
  for (const std::string suffix : {".weight_scale_inv", ".weight_scale"}) // by blocks, for the whole tensor
    if (Status error = decodeEach(c, suffix, [&](const std::string &prefix) {
          if (c.find(prefix + ".input_scale"))
            c.consumed.insert(prefix + ".input_scale");
          return decodePlain(c, prefix, suffix);
        }))
      return error;
  return {};
}

} // namespace ph
