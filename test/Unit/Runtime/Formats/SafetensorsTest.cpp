#include "runtime/formats/Safetensors.h"
#include "test/Unit/Runtime/Base/TemporaryFolder.h"
#include "test/Unit/Runtime/Formats/GgufBuilder.h"
#include <gtest/gtest.h>

using namespace ph;
using namespace ph::test;

template <class T> static std::span<const uint8_t> viewOf(const std::vector<T> &values) {
  return {reinterpret_cast<const uint8_t *>(values.data()), values.size() * sizeof(T)};
}

TEST(Safetensors, WritesAndReadsEveryType) {
  TemporaryFolder folder;
  std::vector<float> f32 = {1, -2.5f, 3};
  std::vector<double> f64 = {0.5, -8};
  std::vector<uint16_t> f16 = {0x3c00, 0xc000}, bf16 = {0x3f80, 0xc000};
  std::vector<int8_t> i8 = {-1, 2};
  std::vector<uint8_t> u8 = {255, 0}, flags = {1, 0};
  std::vector<int16_t> i16 = {-300, 300};
  std::vector<int32_t> i32 = {-70000, 70000};
  std::vector<int64_t> i64 = {-5000000000, 7};
  using Type = SafetensorsType;
  std::vector<SafetensorsTensor> tensors = {
      {"f32", Type::F32, {3, 1}, viewOf(f32)},   {"f64", Type::F64, {2}, viewOf(f64)},
      {"f16", Type::F16, {2}, viewOf(f16)},      {"bf16", Type::BF16, {2}, viewOf(bf16)},
      {"i8", Type::I8, {2}, viewOf(i8)},         {"u8", Type::U8, {2}, viewOf(u8)},
      {"flags", Type::Bool, {2}, viewOf(flags)}, {"i16", Type::I16, {1, 2}, viewOf(i16)},
      {"i32", Type::I32, {2}, viewOf(i32)},      {"i64", Type::I64, {2}, viewOf(i64)},
      {"empty", Type::F32, {0, 4}, {}},          {"scalar", Type::I64, {}, viewOf(i64).subspan(8)}};
  ASSERT_FALSE(writeSafetensors(folder / "a", tensors, {{"made", "here"}}));
  auto file = SafetensorsFile::open(folder / "a");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ((*file)->tensors().size(), tensors.size());
  EXPECT_EQ((*file)->metadata().at("made"), "here");
  using Floats = std::vector<float>;
  using Integers = std::vector<int64_t>;
  EXPECT_EQ((*file)->find("f32")->shape, (Integers{3, 1}));
  EXPECT_EQ((*file)->find("f32")->toFloats(), f32);
  EXPECT_EQ((*file)->find("f32")->toIntegers(), Integers());
  EXPECT_EQ((*file)->find("f64")->toFloats(), (Floats{0.5, -8}));
  EXPECT_EQ((*file)->find("f16")->toFloats(), (Floats{1, -2}));
  EXPECT_EQ((*file)->find("bf16")->toFloats(), (Floats{1, -2}));
  EXPECT_EQ((*file)->find("i8")->toIntegers(), (Integers{-1, 2}));
  EXPECT_EQ((*file)->find("u8")->toIntegers(), (Integers{255, 0}));
  EXPECT_EQ((*file)->find("flags")->toIntegers(), (Integers{1, 0}));
  EXPECT_EQ((*file)->find("i16")->toIntegers(), (Integers{-300, 300}));
  EXPECT_EQ((*file)->find("i32")->toFloats(), (Floats{-70000, 70000}));
  EXPECT_EQ((*file)->find("i64")->toIntegers(), i64);
  EXPECT_EQ((*file)->find("empty")->elements(), 0);
  EXPECT_EQ((*file)->find("scalar")->toIntegers(), Integers{7});
  EXPECT_EQ((*file)->find("none"), nullptr);
}

// Written by Hugging Face's library (make_small.py beside it).
TEST(Safetensors, WritesTheBytesOfAnotherProgram) {
  const std::string theirs = PH_SOURCE_DIR "/test/Data/safetensors/small.safetensors";
  auto file = SafetensorsFile::open(theirs);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ((*file)->tensors().size(), 18u);
  EXPECT_EQ((*file)->find("weight.F32")->toFloats(), (std::vector<float>{0, 1.5f, 3, 4.5f, 6, 7.5f}));
  EXPECT_EQ((*file)->find("weight.BF16")->toFloats(), (*file)->find("weight.F32")->toFloats());
  EXPECT_EQ((*file)->find("weight.I8")->toIntegers(), (std::vector<int64_t>{0, 1, 3, 4, 6, 7}));
  TemporaryFolder folder;
  std::vector<SafetensorsTensor> tensors((*file)->tensors().rbegin(), (*file)->tensors().rend());
  ASSERT_FALSE(writeSafetensors(folder / "ours", tensors, (*file)->metadata()));
  EXPECT_EQ(readFile(folder / "ours"), readFile(theirs));
}

TEST(Safetensors, WriterRefusesASizeThatIsNotTheShapes) {
  TemporaryFolder folder;
  std::vector<float> values(3);
  std::vector<SafetensorsTensor> tensors = {{"t", SafetensorsType::F32, {4}, viewOf(values)}};
  EXPECT_TRUE(writeSafetensors(folder / "a", tensors));
  EXPECT_EQ(folder.files(), 0u);
}

TEST(Safetensors, RefusesBrokenFiles) {
  auto errorOf = [](const std::string &header, size_t dataBytes, int64_t claimed = -1) -> std::string {
    uint64_t length = claimed >= 0 ? uint64_t(claimed) : header.size();
    std::string bytes = GgufBuilder::raw(length) + header + std::string(dataBytes, '\0');
    auto file = SafetensorsFile::parse(bytesOf(bytes), "t");
    if (file)
      return "";
    EXPECT_EQ(file.error().code, ErrorCode::BadModel);
    return file.error().message;
  };
  auto entry = [](const std::string &dtype, const std::string &shape, const std::string &offsets) {
    return R"({"a":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
  };
  EXPECT_EQ(errorOf(entry("F32", "[2]", "[0,8]"), 8), "");
  static const struct {
    std::string header;
    const char *expected;
  } cases[] = {
      {"{", "not valid JSON at byte"},
      {"[]", "not a JSON object"},
      {R"({"a":1})", "tensor 'a' has no dtype"},
      {entry("F4", "[2]", "[0,2]"), "has dtype 'F4'"},
      {entry("F32", "2", "[0,8]"), "has no shape"},
      {entry("F32", "[-2]", "[0,8]"), "not a positive"},
      {entry("F32", "[2.0]", "[0,8]"), "not a positive"},
      {entry("F32", "[9223372036854775808]", "[0,8]"), "not a positive"},
      {entry("F32", "[4611686018427387904,4]", "[0,8]"), "more bytes than 64 bits"},
      {entry("F32", "[2]", "[0]"), "no pair of data_offsets"},
      {entry("F32", "[2]", "[8,0]"), "lies at bytes 8 to 0"},
      {entry("F32", "[2]", "[4,12]"), "lies at bytes 4 to 12 of a data section of 8"},
      {entry("F32", "[1]", "[0,8]"), "has 8 bytes where type and shape say 4"},
      {R"({"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})",
       "'a' and 'b' overlap"},
      {std::string(100, '['), "nested deeper"},
  };
  for (auto &[header, expected] : cases)
    EXPECT_NE(errorOf(header, 8).find(expected), std::string::npos) << header << ": " << errorOf(header, 8);
  EXPECT_NE(errorOf("{}", 0, INT64_MAX).find("truncated"), std::string::npos);
  auto small = SafetensorsFile::parse(bytesOf("abc"), "t");
  ASSERT_FALSE(small);
  EXPECT_NE(small.error().message.find("only 3 bytes"), std::string::npos);
}
