#include "runtime/quant/Format.h"
#include "runtime/formats/Safetensors.h"
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <gtest/gtest.h>
#include <random>

using namespace ph;

namespace {

/// Blocks and values of ggml's own quantizers; see test/Data/quant/README.md.
const SafetensorsFile &reference() {
  static auto file = SafetensorsFile::open(PH_SOURCE_DIR "/test/Data/quant/ggml.safetensors");
  if (!file) {
    ADD_FAILURE() << file.error().message;
    std::abort();
  }
  return **file;
}

/// Blocks of random bits and what ggml decodes them to.
const SafetensorsFile &codebooks() {
  static auto file = SafetensorsFile::open(PH_SOURCE_DIR "/test/Data/quant/codebooks.safetensors");
  if (!file) {
    ADD_FAILURE() << file.error().message;
    std::abort();
  }
  return **file;
}

void expectDecoded(const Format &format, const SafetensorsFile &file, const std::string &name) {
  const SafetensorsTensor *blocks = file.find(name + ".bytes"), *wanted = file.find(name + ".values");
  ASSERT_TRUE(blocks && wanted) << name;
  std::vector<float> expected = wanted->toFloats(), values(expected.size(), NAN);
  ASSERT_EQ(blocks->data.size(), expected.size() / format.blockElements * format.blockBytes);
  dequantize(format, blocks->data.data(), values.data(), values.size());
  for (size_t i = 0; i < values.size(); ++i)
    ASSERT_EQ(std::bit_cast<uint32_t>(values[i]), std::bit_cast<uint32_t>(expected[i])) << name << " at " << i;
}

class AffineFormat : public testing::TestWithParam<const char *> {
protected:
  const Format &format = *findFormatByName(GetParam());

  /// Real blocks: what ggml made of a matrix, with and without an importance matrix.
  std::vector<const SafetensorsTensor *> referenceBlocks() {
    std::vector<const SafetensorsTensor *> found;
    for (const char *suffix : {"", ".imatrix"})
      for (const SafetensorsFile *file : {&reference(), &codebooks()})
        if (auto *tensor = file->find(std::string(format.label) + suffix + ".bytes"))
          found.push_back(tensor);
    return found;
  }

  /// Blocks of random bits whose f16 and f32 fields are finite, so that every bit of every field matters.
  std::vector<uint8_t> randomBlocks(size_t count) {
    std::mt19937 random(7);
    std::vector<uint8_t> bytes(count * format.blockBytes);
    for (uint8_t &byte : bytes)
      byte = uint8_t(random());
    for (size_t at = 0; at < bytes.size(); at += format.blockBytes)
      for (uint32_t field : scaleFields())
        bytes[at + field] &= 0x3f; // the high byte of the exponent
    // Scales beside mins have 16 bits, so that products are exact.
    for (size_t at = 0; at < bytes.size() && format.ggmlType < 0 && format.zeroPoint < 0; at += format.blockBytes)
      bytes[at] = bytes[at + 1] = 0;
    return bytes;
  }

  /// Offsets of the high bytes of a block's floating-point fields.
  std::vector<uint32_t> scaleFields() {
    if (format.ggmlType < 0)
      return format.zeroPoint < 0 ? std::vector<uint32_t>{3, 7} : std::vector<uint32_t>{3};
    switch (format.ggmlType) {
    case 2:
    case 6:
    case 8:
      return {1};
    case 3:
    case 7:
    case 12:
    case 13:
      return {1, 3};
    case 10:
      return {81, 83};
    case 11:
      return {109};
    case 14:
      return {209};
    case 15:
      return {3}; // q8_k: f32
    case 29:
      return {55}; // iq1_m: the upper bits of its last scale
    case 34:
      return {53};
    case 35:
      return {65};
    case 39:
    case 40:
      return {0};
    default:
      return {1};
    }
  }
};

/// The formats that ggml's quantizers write: all but Q8_K.
class QuantizedFormat : public AffineFormat {};

TEST_P(QuantizedFormat, DequantizesBitForBitAsGgml) {
  auto blocks = referenceBlocks();
  ASSERT_FALSE(blocks.empty());
  for (const SafetensorsTensor *tensor : blocks) {
    std::string name = tensor->name.substr(0, tensor->name.size() - 6);
    expectDecoded(format, reference(), name);
  }
}

TEST_P(QuantizedFormat, QuantizesBitForBitAsGgml) {
  std::vector<float> weight = reference().find("weight")->toFloats();
  const SafetensorsTensor *expected = reference().find(std::string(format.label) + ".bytes");
  std::vector<uint8_t> bytes(weight.size() / format.blockElements * format.blockBytes, 0xee);
  ASSERT_EQ(bytes.size(), expected->data.size());
  quantize(format, weight.data(), bytes.data(), weight.size());
  for (size_t i = 0; i < bytes.size(); ++i)
    ASSERT_EQ(bytes[i], expected->data[i]) << "byte " << i % format.blockBytes << " of block " << i / format.blockBytes;
}

TEST_P(QuantizedFormat, QuantizesZerosAndTheSmallestToThem) {
  for (float value : {0.0f, 1e-30f}) {
    std::vector<float> values(format.blockElements, value);
    std::vector<uint8_t> block(format.blockBytes, 0xee);
    format.quantize(values.data(), block.data());
    format.dequantize(block.data(), values.data());
    for (float got : values)
      ASSERT_EQ(got, 0) << value;
  }
}

/// Formats with codebooks, of few values and of floats of 4 bits.
class CodebookFormat : public AffineFormat {};

TEST_P(CodebookFormat, DequantizesRandomBlocksBitForBitAsGgml) {
  expectDecoded(format, codebooks(), std::string(format.label));
}

/// What ggml's own quantizers write, where the reference data has it.
TEST_P(CodebookFormat, DequantizesWhatGgmlWrites) {
  const char *folder = std::getenv("PH_SHARED");
  const std::string path =
      (folder ? folder : std::string(PH_SOURCE_DIR) + "/../shared") + "/reference/quant/ggml.safetensors";
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "REFERENCE DATA MISSING: " << path << "; set PH_SHARED to the folder that has reference/";
  auto file = SafetensorsFile::open(path);
  ASSERT_TRUE(file) << file.error().message;
  for (const char *suffix : {"", ".imatrix"})
    if ((*file)->find(std::string(format.label) + suffix + ".bytes"))
      expectDecoded(format, **file, std::string(format.label) + suffix);
}

TEST_P(AffineFormat, UnpackSaysTheSameAsDequantize) {
  std::vector<uint8_t> bytes = randomBlocks(500);
  for (const SafetensorsTensor *tensor : referenceBlocks())
    bytes.insert(bytes.end(), tensor->data.begin(), tensor->data.end());
  const uint32_t n = format.blockElements, groups = n / format.groupElements;
  std::vector<uint8_t> codes(n);
  std::vector<float> values(n), scales(groups), mins(groups);
  for (size_t at = 0; at < bytes.size(); at += format.blockBytes) {
    format.dequantize(&bytes[at], values.data());
    format.unpack(&bytes[at], codes.data(), scales.data(), mins.data());
    double largest = 0;
    for (float value : values)
      largest = std::max(largest, std::abs(double(value)));
    for (uint32_t e = 0; e < n; ++e) {
      uint32_t g = e / format.groupElements;
      ASSERT_LT(codes[e], 1u << format.bits);
      // Exactly one rounding away from real arithmetic, so half a unit in the last place.
      double real = double(scales[g]) * codes[e] + double(mins[g]);
      ASSERT_EQ(float(real), values[e]) << "block at " << at << " element " << e;
      ASSERT_NEAR(double(scales[g] * float(codes[e]) + mins[g]), double(values[e]), 1e-6 * largest);
      if (format.zeroPoint >= 0) {
        ASSERT_EQ(mins[g], -float(format.zeroPoint) * scales[g]);
      }
      if (format.halfScales) {
        ASSERT_EQ(halfToFloat(floatToHalf(scales[g])), scales[g]);
        // A zero point's min may leave the range of f16; it is not stored.
        if (format.zeroPoint < 0) {
          ASSERT_EQ(halfToFloat(floatToHalf(mins[g])), mins[g]);
        }
      }
    }
  }
}

static std::string nameOf(const testing::TestParamInfo<const char *> &info) { return info.param; }
INSTANTIATE_TEST_SUITE_P(All, QuantizedFormat,
                         testing::Values("q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q2_k", "q3_k", "q4_k", "q5_k",
                                         "q6_k"),
                         nameOf);
INSTANTIATE_TEST_SUITE_P(All, AffineFormat,
                         testing::Values("q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q2_k", "q3_k", "q4_k", "q5_k", "q6_k",
                                         "q8_k", "i4_f32", "u4_f32", "i8_f32", "u8_f32", "iq1_s", "iq1_m", "iq2_xxs",
                                         "iq2_xs", "iq2_s", "iq3_xxs", "iq3_s", "iq4_nl", "iq4_xs", "tq1_0", "tq2_0",
                                         "mxfp4", "nvfp4", "q1_0", "q2_0"),
                         nameOf);
INSTANTIATE_TEST_SUITE_P(All, CodebookFormat,
                         testing::Values("iq1_s", "iq1_m", "iq2_xxs", "iq2_xs", "iq2_s", "iq3_xxs", "iq3_s", "iq4_nl",
                                         "iq4_xs", "tq1_0", "tq2_0", "mxfp4", "nvfp4", "q1_0", "q2_0"),
                         nameOf);

TEST(Format, Q8KIsAScaleTimesInt8) {
  uint8_t block[292] = {};
  float scale = -0.37f, values[256];
  std::memcpy(block, &scale, 4);
  for (int e = 0; e < 256; ++e)
    block[4 + e] = uint8_t(e * 5);
  findFormatByName("q8_k")->dequantize(block, values);
  for (int e = 0; e < 256; ++e)
    EXPECT_EQ(values[e], scale * float(int8_t(e * 5)));
}

TEST(Format, CodesWithSingleScales) {
  // Scale, min, then codes 0 to 31; of 4 bits, two in a byte as in Q4_0.
  const float scale = -0.37f, min = 1.5f;
  for (const char *name : {"i4_f32", "u4_f32", "i8_f32", "u8_f32"}) {
    const Format &format = *findFormatByName(name);
    std::vector<uint8_t> block(format.blockBytes);
    std::memcpy(block.data(), &scale, 4);
    if (format.zeroPoint < 0)
      std::memcpy(&block[4], &min, 4);
    const size_t first = format.zeroPoint < 0 ? 8 : 4;
    ASSERT_EQ(block.size(), first + (format.bits == 4 ? 16 : 32));
    for (size_t i = 0; i < 32; ++i)
      block[first + i % (format.bits == 4 ? 16 : 32)] |= format.bits == 8 ? i * 7 : i < 16 ? i : (31 - i) << 4;
    float values[32];
    format.dequantize(block.data(), values);
    for (int i = 0; i < 32; ++i) {
      const int code = format.bits == 8 ? i * 7 : i < 16 ? i : 31 - i, zero = format.bits == 8 ? 128 : 8;
      EXPECT_EQ(values[i], format.zeroPoint < 0 ? scale * float(code) + min : scale * float(code - zero)) << name << i;
    }
  }
}

TEST(Format, DequantizesPlainTypes) {
  auto one = [](const char *name, auto element) {
    float value = NAN;
    dequantize(*findFormatByName(name), reinterpret_cast<const uint8_t *>(&element), &value, 1);
    return value;
  };
  EXPECT_EQ(one("f32", 1.25f), 1.25f);
  EXPECT_EQ(one("f64", 0.1), 0.1f);
  EXPECT_EQ(one("f16", uint16_t(0xbe00)), -1.5f);
  EXPECT_EQ(one("bf16", uint16_t(0xbfc0)), -1.5f);
  EXPECT_EQ(one("i8", int8_t(-7)), -7.0f);
  EXPECT_EQ(one("i16", int16_t(-700)), -700.0f);
  EXPECT_EQ(one("i32", int32_t(1 << 20)), 1048576.0f);
  EXPECT_EQ(one("i64", int64_t(-5)), -5.0f);
  float two[2], expected[2] = {3, 4};
  dequantize(*findFormatByName("f32"), reinterpret_cast<const uint8_t *>(expected), two, 2);
  EXPECT_EQ(two[1], 4);
}

/// Number, name, elements and bytes of a block as ggml 0.25 (ggml_type_name, ggml_blck_size, ggml_type_size) gives
/// them.
TEST(Format, TableAgreesWithGgml) {
  static const struct {
    int type;
    const char *label;
    uint32_t elements, bytes;
  } rows[] = {{0, "F32", 1, 4},         {1, "F16", 1, 2},         {2, "Q4_0", 32, 18},      {3, "Q4_1", 32, 20},
              {6, "Q5_0", 32, 22},      {7, "Q5_1", 32, 24},      {8, "Q8_0", 32, 34},      {9, "Q8_1", 32, 36},
              {10, "Q2_K", 256, 84},    {11, "Q3_K", 256, 110},   {12, "Q4_K", 256, 144},   {13, "Q5_K", 256, 176},
              {14, "Q6_K", 256, 210},   {15, "Q8_K", 256, 292},   {16, "IQ2_XXS", 256, 66}, {17, "IQ2_XS", 256, 74},
              {18, "IQ3_XXS", 256, 98}, {19, "IQ1_S", 256, 50},   {20, "IQ4_NL", 32, 18},   {21, "IQ3_S", 256, 110},
              {22, "IQ2_S", 256, 82},   {23, "IQ4_XS", 256, 136}, {24, "I8", 1, 1},         {25, "I16", 1, 2},
              {26, "I32", 1, 4},        {27, "I64", 1, 8},        {28, "F64", 1, 8},        {29, "IQ1_M", 256, 56},
              {30, "BF16", 1, 2},       {34, "TQ1_0", 256, 54},   {35, "TQ2_0", 256, 66},   {39, "MXFP4", 32, 17},
              {40, "NVFP4", 64, 36},    {41, "Q1_0", 128, 18},    {42, "Q2_0", 64, 18}};
  int known = 0;
  for (int type = -5; type < 200; ++type)
    known += findFormatByGgmlType(type) != nullptr;
  EXPECT_EQ(known, int(std::size(rows)));
  for (auto &row : rows) {
    const Format *format = findFormatByGgmlType(row.type);
    ASSERT_NE(format, nullptr) << row.label;
    EXPECT_EQ(format->label, row.label);
    EXPECT_EQ(format->blockElements, row.elements) << row.label;
    EXPECT_EQ(format->blockBytes, row.bytes) << row.label;
    EXPECT_EQ(findFormatByName(format->name), format);
    EXPECT_EQ(format->unpack != nullptr, format->kind == FormatKind::Affine);
    EXPECT_EQ(format->dequantize != nullptr, format->kind != FormatKind::Opaque);
  }
  for (int64_t removed : {4, 5, 31, 32, 33, 36, 37, 38, 43})
    EXPECT_EQ(findFormatByGgmlType(removed), nullptr);
  EXPECT_EQ(findFormatByGgmlType(int64_t(1) << 32), nullptr);
  EXPECT_EQ(findFormatByName("Q4_1"), nullptr);
}

} // namespace
