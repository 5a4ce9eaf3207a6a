// Random matrices in the source formats, and what they mean.
#pragma once
#include "powerhouse/Codegen/CPU/PackWeights.h"
#include <random>

namespace ph::test {

/// Names of all formats that pack.
const std::vector<std::string> &packableFormats();
/// Of these the first of each layout: what kernels are made for.
const std::vector<std::string> &multipliedFormats();

/// A matrix in `format`: random codes, scales of either sign around 0.01.
struct SampleMatrix {
  SampleMatrix(const std::string &format, int64_t rows, int64_t columns, uint32_t seed);
  codegen::PackPart part(const std::string &name = "sample") const;

  const Format *format;
  int64_t rows, columns;
  std::vector<uint8_t> bytes;
  std::vector<float> values; ///< dequantized, [rows][columns]
};

/// Packs, and fails the test if that fails.
std::vector<uint8_t> packAll(const codegen::PackRequest &request);

/// Element (row, column) of packed bytes, by the words of PackedLayout alone.
double packedValue(const PackedLayout &layout, const std::vector<uint8_t> &packed, int64_t columns, int64_t row,
                   int64_t column);

} // namespace ph::test
