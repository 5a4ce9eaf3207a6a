#include "runtime/quant/Format.h"
#include "runtime/quant/Blocks.h"
#include <cstring>

namespace ph {

using Unpack = void (*)(const uint8_t *, uint8_t *, float *, float *);

/// Decodes through the codes. With a zero point, scale * (code - zero point) has one rounding where scale * code + min
/// would have two; that is also how ggml computes it.
template <Unpack unpack, int elements, int group, int zeroPoint>
static void dequantizeAffine(const uint8_t *block, float *values) {
  uint8_t codes[elements];
  float scales[elements / group], mins[elements / group];
  unpack(block, codes, scales, mins);
  for (int g = 0; g < elements / group; ++g)
    for (int e = g * group; e < (g + 1) * group; ++e)
      values[e] = zeroPoint >= 0 ? scales[g] * float(int(codes[e]) - zeroPoint) : scales[g] * float(codes[e]) + mins[g];
}

template <class T, float (*convert)(T)> static void dequantizeScalar(const uint8_t *block, float *value) {
  T element;
  std::memcpy(&element, block, sizeof(T));
  *value = convert(element);
}

template <class T> static float toFloat(T value) { return float(value); }

using Quantize = void (*)(const float *, uint8_t *);

template <class T, T (*convert)(float)> static void quantizeScalar(const float *value, uint8_t *block) {
  T element = convert(*value);
  std::memcpy(block, &element, sizeof(T));
}

template <class T> static T fromFloat(float value) { return T(value); }

static constexpr Format plain(std::string_view name, std::string_view label, int type, FormatKind kind, uint32_t bytes,
                              void (*dequantize)(const uint8_t *, float *), Quantize quantize = nullptr) {
  return {name, label, type, kind, 1, bytes, 0, 0, false, -1, dequantize, nullptr, quantize};
}

template <Unpack unpack, int elements, int group, int zeroPoint>
static constexpr Format affine(std::string_view name, std::string_view label, int type, uint32_t bytes, uint32_t bits,
                               bool halfScales, Quantize quantize = nullptr) {
  return {name,
          label,
          type,
          FormatKind::Affine,
          elements,
          bytes,
          bits,
          group,
          halfScales,
          zeroPoint,
          dequantizeAffine<unpack, elements, group, zeroPoint>,
          unpack,
          quantize};
}

static constexpr Format opaque(std::string_view name, std::string_view label, int type, uint32_t elements,
                               uint32_t bytes) {
  return {name, label, type, FormatKind::Opaque, elements, bytes, 0, 0, false, -1, nullptr, nullptr, nullptr};
}

// Numbers 4 and 5 (Q4_2, Q4_3), 31-33 and 36-38 (repacked Q4_0 and IQ4_NL) were removed from ggml and are unknown here.
static constexpr Format formats[] = {
    plain("f32", "F32", 0, FormatKind::Float, 4, dequantizeScalar<float, toFloat<float>>,
          quantizeScalar<float, fromFloat<float>>),
    plain("f16", "F16", 1, FormatKind::Float, 2, dequantizeScalar<uint16_t, halfToFloat>,
          quantizeScalar<uint16_t, floatToHalf>),
    affine<blocks::unpackQ4_0, 32, 32, 8>("q4_0", "Q4_0", 2, 18, 4, true, blocks::quantizeQ4_0),
    affine<blocks::unpackQ4_1, 32, 32, -1>("q4_1", "Q4_1", 3, 20, 4, true, blocks::quantizeQ4_1),
    affine<blocks::unpackQ5_0, 32, 32, 16>("q5_0", "Q5_0", 6, 22, 5, true, blocks::quantizeQ5_0),
    affine<blocks::unpackQ5_1, 32, 32, -1>("q5_1", "Q5_1", 7, 24, 5, true, blocks::quantizeQ5_1),
    affine<blocks::unpackQ8_0, 32, 32, 128>("q8_0", "Q8_0", 8, 34, 8, true, blocks::quantizeQ8_0),
    opaque("q8_1", "Q8_1", 9, 32, 36),
    affine<blocks::unpackQ2_K, 256, 16, -1>("q2_k", "Q2_K", 10, 84, 2, false, blocks::quantizeQ2_K),
    affine<blocks::unpackQ3_K, 256, 16, 4>("q3_k", "Q3_K", 11, 110, 3, false, blocks::quantizeQ3_K),
    affine<blocks::unpackQ4_K, 256, 32, -1>("q4_k", "Q4_K", 12, 144, 4, false, blocks::quantizeQ4_K),
    affine<blocks::unpackQ5_K, 256, 32, -1>("q5_k", "Q5_K", 13, 176, 5, false, blocks::quantizeQ5_K),
    affine<blocks::unpackQ6_K, 256, 16, 32>("q6_k", "Q6_K", 14, 210, 6, false, blocks::quantizeQ6_K),
    affine<blocks::unpackQ8_K, 256, 32, 128>("q8_k", "Q8_K", 15, 292, 8, false),
    opaque("iq2_xxs", "IQ2_XXS", 16, 256, 66),
    opaque("iq2_xs", "IQ2_XS", 17, 256, 74),
    opaque("iq3_xxs", "IQ3_XXS", 18, 256, 98),
    opaque("iq1_s", "IQ1_S", 19, 256, 50),
    opaque("iq4_nl", "IQ4_NL", 20, 32, 18),
    opaque("iq3_s", "IQ3_S", 21, 256, 110),
    opaque("iq2_s", "IQ2_S", 22, 256, 82),
    opaque("iq4_xs", "IQ4_XS", 23, 256, 136),
    plain("i8", "I8", 24, FormatKind::Integer, 1, dequantizeScalar<int8_t, toFloat<int8_t>>),
    plain("i16", "I16", 25, FormatKind::Integer, 2, dequantizeScalar<int16_t, toFloat<int16_t>>),
    plain("i32", "I32", 26, FormatKind::Integer, 4, dequantizeScalar<int32_t, toFloat<int32_t>>),
    plain("i64", "I64", 27, FormatKind::Integer, 8, dequantizeScalar<int64_t, toFloat<int64_t>>),
    plain("f64", "F64", 28, FormatKind::Float, 8, dequantizeScalar<double, toFloat<double>>,
          quantizeScalar<double, fromFloat<double>>),
    opaque("iq1_m", "IQ1_M", 29, 256, 56),
    plain("bf16", "BF16", 30, FormatKind::Float, 2, dequantizeScalar<uint16_t, bfloatToFloat>,
          quantizeScalar<uint16_t, floatToBfloat>),
    opaque("tq1_0", "TQ1_0", 34, 256, 54),
    opaque("tq2_0", "TQ2_0", 35, 256, 66),
    opaque("mxfp4", "MXFP4", 39, 32, 17),
    opaque("nvfp4", "NVFP4", 40, 64, 36),
    opaque("q1_0", "Q1_0", 41, 128, 18),
    opaque("q2_0", "Q2_0", 42, 64, 18),
};

const Format *findFormatByGgmlType(int64_t type) {
  for (const Format &format : formats)
    if (format.ggmlType == type)
      return &format;
  return nullptr;
}

const Format *findFormatByName(std::string_view name) {
  for (const Format &format : formats)
    if (format.name == name)
      return &format;
  return nullptr;
}

void dequantize(const Format &format, const uint8_t *bytes, float *values, size_t count) {
  if (format.ggmlType == 0) {
    std::memcpy(values, bytes, count * sizeof(float));
    return;
  }
  for (size_t e = 0; e < count; e += format.blockElements, bytes += format.blockBytes)
    format.dequantize(bytes, values + e);
}

void quantize(const Format &format, const float *values, uint8_t *bytes, size_t count) {
  for (size_t e = 0; e < count; e += format.blockElements, bytes += format.blockBytes)
    format.quantize(values + e, bytes);
}

} // namespace ph
