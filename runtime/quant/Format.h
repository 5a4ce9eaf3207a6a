// Storage formats of weights: one table row per format, shared by readers, the IR's #xf.format, packing and tests.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ph {

/// How the numbers of a block are coded, as far as packing and kernels care.
enum class FormatKind {
  Float,   ///< f32, f16, bf16, f64: a plain element type, block of 1
  Affine,  ///< value = scale * code + min with an unsigned code of at most 8 bits, per group; levels of codebooks too
  Table,   ///< value = scale * number[code] with the numbers of NormalFloat.h, per group
  Integer, ///< i8, i16, i32, i64
  Opaque,  ///< known by number and size only (Q8_1, of activations): named in errors
};

/// One storage format, as ggml numbers and lays it out (ggml.h, ggml-common.h of llama.cpp).
struct Format {
  std::string_view name;  ///< lower case, the name used in #xf.format<...>: "q4_1"
  std::string_view label; ///< as ggml writes it: "Q4_1"
  int ggmlType;           ///< number in GGUF files, -1 if it has none
  FormatKind kind;
  uint32_t blockElements; ///< elements per block along the last dimension
  uint32_t blockBytes;    ///< bytes per block
  uint32_t bits;          ///< Affine, Table: bits of a code
  uint32_t groupElements; ///< Affine, Table: elements that share one (scale, min): 16 or 32
  bool halfScales;        ///< Affine: scale and min are exactly representable as f16
  int zeroPoint;          ///< Affine: min = -zeroPoint * scale in every group; -1 if each group has its own min
  /// Decodes one block to f32 (blockElements values), exactly as ggml's dequantize_row_* does. Null if Opaque.
  void (*dequantize)(const uint8_t *block, float *values);
  /// Affine: codes (blockElements bytes), and per group scale and min, such that value = scale * code + min holds
  /// exactly in real arithmetic up to one f32 rounding. Table: codes and scales. Null otherwise.
  void (*unpack)(const uint8_t *block, uint8_t *codes, float *scales, float *mins);
  /// Encodes blockElements finite values, exactly as ggml's quantize_row_*_ref does. Null if nothing here writes the
  /// format.
  void (*quantize)(const float *values, uint8_t *block);
};

/// The row for ggml type number `type`; null if ggml defines no such type.
const Format *findFormatByGgmlType(int64_t type);
/// The row whose lower-case name is `name`; null if there is none.
const Format *findFormatByName(std::string_view name);

/// Decodes `count` elements (a multiple of blockElements) that start at a block boundary.
void dequantize(const Format &format, const uint8_t *bytes, float *values, size_t count);

/// Encodes `count` elements (a multiple of blockElements), all finite, of a format that has a `quantize`.
void quantize(const Format &format, const float *values, uint8_t *bytes, size_t count);

float halfToFloat(uint16_t bits);
uint16_t floatToHalf(float value); ///< round to nearest even
float bfloatToFloat(uint16_t bits);
uint16_t floatToBfloat(float value); ///< round to nearest even

} // namespace ph
