// Matrices of small integers with a scale and a zero for each group of columns: what most schemes of quantization come
// to.
#pragma once
#include "Quantized.h"

namespace ph {

/// value = scale · (code - zero).
struct CodedMatrix {
  int64_t rows = 0, columns = 0;
  int bits = 0;                 ///< codes are below 1 << bits, at most 8
  int64_t groups = 0;           ///< of columns, each with a scale and a zero for every row
  std::vector<float> scales;    ///< [groups][rows]
  std::vector<int> zeros;       ///< [groups][rows]
  std::vector<int64_t> groupOf; ///< of each column
  SafetensorsType scaleType = SafetensorsType::F32;
  /// Writes the codes of `count` rows from `row` on, row after row.
  std::function<void(int64_t row, int64_t count, uint8_t *codes)> read;
};

/// The groups of columns that follow one another, `size` columns each.
std::vector<int64_t> groupsInOrder(int64_t columns, int64_t size);

/// Adds the matrix as tensor `name`. Kernels multiply by its codes where that is exact: where groups are runs of whole
/// 32 columns, and zeros either all the same or so short that, with a scale of 16 bits, their product is exact. Other
/// matrices are decoded to f32. Errors: BadModel, naming `order`, if a column's group isn't there.
Status addCoded(QuantizedCheckpoint &checkpoint, const std::string &name, const CodedMatrix &matrix,
                const std::string &order);

} // namespace ph
