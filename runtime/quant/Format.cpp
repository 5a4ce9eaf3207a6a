#include "runtime/quant/Format.h"
#include "runtime/quant/Blocks.h"
#include "runtime/quant/NormalFloat.h"
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

static void dequantizeNF4(const uint8_t *block, float *values) {
  uint8_t codes[kNormalFloatBlock];
  float scales[2], mins[2];
  blocks::unpackNF4(block, codes, scales, mins);
  for (int64_t i = 0; i < kNormalFloatBlock; ++i)
    values[i] = kNormalFloat4[codes[i]] * scales[0];
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
    affine<blocks::unpackIQ2_XXS, 256, 32, blocks::kIQ2Zero>("iq2_xxs", "IQ2_XXS", 16, 66, 7, false),
    affine<blocks::unpackIQ2_XS, 256, 16, blocks::kIQ2Zero>("iq2_xs", "IQ2_XS", 17, 74, 7, false),
    affine<blocks::unpackIQ3_XXS, 256, 32, blocks::kIQ3XXSZero>("iq3_xxs", "IQ3_XXS", 18, 98, 7, false),
    affine<blocks::unpackIQ1_S, 256, 32, blocks::kIQ1Zero>("iq1_s", "IQ1_S", 19, 50, 5, false),
    affine<blocks::unpackIQ4_NL, 32, 32, blocks::kIQ4Zero>("iq4_nl", "IQ4_NL", 20, 18, 8, true),
    affine<blocks::unpackIQ3_S, 256, 32, blocks::kIQ3SZero>("iq3_s", "IQ3_S", 21, 110, 5, false),
    affine<blocks::unpackIQ2_S, 256, 16, blocks::kIQ2Zero>("iq2_s", "IQ2_S", 22, 82, 7, false),
    affine<blocks::unpackIQ4_XS, 256, 32, blocks::kIQ4Zero>("iq4_xs", "IQ4_XS", 23, 136, 8, false),
    plain("i8", "I8", 24, FormatKind::Integer, 1, dequantizeScalar<int8_t, toFloat<int8_t>>),
    plain("i16", "I16", 25, FormatKind::Integer, 2, dequantizeScalar<int16_t, toFloat<int16_t>>),
    plain("i32", "I32", 26, FormatKind::Integer, 4, dequantizeScalar<int32_t, toFloat<int32_t>>),
    plain("i64", "I64", 27, FormatKind::Integer, 8, dequantizeScalar<int64_t, toFloat<int64_t>>),
    plain("f64", "F64", 28, FormatKind::Float, 8, dequantizeScalar<double, toFloat<double>>,
          quantizeScalar<double, fromFloat<double>>),
    affine<blocks::unpackIQ1_M, 256, 16, blocks::kIQ1Zero>("iq1_m", "IQ1_M", 29, 56, 5, false),
    plain("bf16", "BF16", 30, FormatKind::Float, 2, dequantizeScalar<uint16_t, bfloatToFloat>,
          quantizeScalar<uint16_t, floatToBfloat>),
    affine<blocks::unpackTQ1_0, 256, 32, 1>("tq1_0", "TQ1_0", 34, 54, 2, true),
    affine<blocks::unpackTQ2_0, 256, 32, 1>("tq2_0", "TQ2_0", 35, 66, 2, true),
    affine<blocks::unpackMXFP4, 32, 32, blocks::kE2M1Zero>("mxfp4", "MXFP4", 39, 17, 5, false),
    affine<blocks::unpackNVFP4, 64, 16, blocks::kE2M1Zero>("nvfp4", "NVFP4", 40, 36, 5, true),
    affine<blocks::unpackQ1_0, 128, 32, 1>("q1_0", "Q1_0", 41, 18, 2, true),
    affine<blocks::unpackQ2_0, 64, 32, 1>("q2_0", "Q2_0", 42, 18, 2, true),
    // What checkpoints of the Hugging Face hub have besides.
    affine<blocks::unpackI4F32, 32, 32, 8>("i4_f32", "I4_F32", -1, 20, 4, false),
    affine<blocks::unpackU4F32, 32, 32, -1>("u4_f32", "U4_F32", -1, 24, 4, false),
    affine<blocks::unpackI8F32, 32, 32, 128>("i8_f32", "I8_F32", -1, 36, 8, false),
    affine<blocks::unpackU8F32, 32, 32, -1>("u8_f32", "U8_F32", -1, 40, 8, false),
    {"nf4", "NF4", -1, FormatKind::Table, kNormalFloatBlock, kNormalFloatBytes, 4, 32, false, 0, dequantizeNF4,
     blocks::unpackNF4, nullptr},
};

const Format *findFormatByGgmlType(int64_t type) {
  for (const Format &format : formats)
    if (type >= 0 && format.ggmlType == type)
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
