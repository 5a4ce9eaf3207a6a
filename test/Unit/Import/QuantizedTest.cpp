// Quantized checkpoints in folders; test/Import/quantized-folders.test compares most schemes with their definitions.
#include "powerhouse/Import/SourceModel.h"
#include "runtime/formats/Safetensors.h"
#include "runtime/quant/NormalFloat.h"
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <list>

using namespace ph;

namespace {

struct Folder {
  std::string path = testing::TempDir() + "quantized";
  std::vector<SafetensorsTensor> tensors;
  std::list<std::vector<uint8_t>> bytes;

  void add(const std::string &name, SafetensorsType type, std::vector<int64_t> shape, std::vector<uint8_t> data) {
    tensors.push_back({name, type, std::move(shape), bytes.emplace_back(std::move(data))});
  }

  std::string more; ///< of quantization_config

  Expected<std::unique_ptr<SourceModel>> open(const std::string &method) {
    std::filesystem::create_directories(path);
    std::ofstream(path + "/config.json") << R"({"model_type": "x", "quantization_config": {"quant_method": ")" << method
                                         << '"' << more << "}}";
    if (auto error = writeSafetensors(path + "/model.safetensors", tensors))
      return error.error();
    return openHuggingFace(path);
  }

  std::string error(const std::string &method, const std::string &setting = "") {
    const std::string kept = more;
    more += setting;
    auto opened = open(method);
    more = kept;
    return opened ? "opened" : opened.error().message.substr(path.size() + 2);
  }
};

float valueOf(const SourceTensor &tensor, size_t index) {
  float value;
  std::memcpy(&value, tensor.data.data() + index * sizeof(float), sizeof(float));
  return value;
}

} // namespace

TEST(Quantized, Mxfp4BlocksBecomeTransposedMatrices) {
  Folder folder;
  // One expert of two rows of 32: code i in row 0, code 15 - i % 16 in row 1; scales 2^1 and 2^-2.
  std::vector<uint8_t> codes;
  for (int i = 0; i < 32; i += 2)
    codes.push_back(i % 16 | (i + 1) % 16 << 4);
  for (int i = 0; i < 32; i += 2)
    codes.push_back((15 - i % 16) | (15 - (i + 1) % 16) << 4);
  folder.add("up_blocks", SafetensorsType::U8, {1, 2, 1, 16}, codes);
  folder.add("up_scales", SafetensorsType::U8, {1, 2, 1}, {128, 125});
  auto model = folder.open("mxfp4");
  ASSERT_TRUE(model) << model.error().message;
  ASSERT_EQ((*model)->tensors().size(), 1u);
  const SourceTensor *up = (*model)->findTensor("up");
  ASSERT_TRUE(up);
  EXPECT_EQ(up->shape, (std::vector<int64_t>{1, 32, 2}));
  EXPECT_EQ(valueOf(*up, 3 * 2), 3.0f);        // code 3 is 1.5, times 2
  EXPECT_EQ(valueOf(*up, 15 * 2), -12.0f);     // code 15 is -6
  EXPECT_EQ(valueOf(*up, 0 * 2 + 1), -1.5f);   // code 15, a quarter
  EXPECT_EQ(valueOf(*up, 14 * 2 + 1), 0.125f); // code 1 is 0.5

  folder.tensors[1].shape = {1, 1, 2};
  EXPECT_EQ(folder.error("mxfp4"), "tensor 'up_scales' has the shape 1x1x2, but 1x2x1 is expected");
  folder.tensors.pop_back();
  EXPECT_EQ(folder.error("mxfp4"), "tensor 'up_scales' is missing, without which its weight can't be decoded");
}

TEST(Quantized, TheLastBlockMayBeCut) {
  // Five rows in blocks of two: 1, 1, 2, 2, 4.
  Folder folder;
  folder.more = R"(, "weight_block_size": [2, 3])";
  folder.add("a.weight", SafetensorsType::F8_E4M3, {5, 3}, std::vector<uint8_t>(15, 0x38));
  std::vector<float> scales = {1, 2, 4};
  auto *begin = reinterpret_cast<const uint8_t *>(scales.data());
  folder.add("a.weight_scale_inv", SafetensorsType::F32, {3, 1}, {begin, begin + 12});
  auto model = folder.open("fp8");
  ASSERT_TRUE(model) << model.error().message;
  const SourceTensor *tensor = (*model)->findTensor("a.weight");
  ASSERT_TRUE(tensor);
  for (auto [row, value] : {std::pair(0, 1.0f), {1, 1.0f}, {2, 2.0f}, {3, 2.0f}, {4, 4.0f}})
    EXPECT_EQ(valueOf(*tensor, row * 3 + 2), value) << row;
  folder.more = R"(, "weight_block_size": [4, 3])";
  EXPECT_EQ(folder.error("fp8"), "tensor 'a.weight_scale_inv' has the shape 3x1, which doesn't fit a matrix of 5 x 3");
}

/// Packed and unpacked by bitsandbytes itself.
TEST(Quantized, FourBitsAreWhatBitsandbytesDecodes) {
  const char *shared = std::getenv("PH_SHARED");
  const std::string path =
      (shared ? shared : std::string(PH_SOURCE_DIR) + "/../shared") + "/reference/quant/bnb.safetensors";
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "REFERENCE DATA MISSING: " << path << "; set PH_SHARED to the folder that has reference/";
  auto file = SafetensorsFile::open(path);
  ASSERT_TRUE(file) << file.error().message;
  for (const std::string type : {"nf4", "fp4"}) {
    auto part = [&](const std::string &name) {
      const SafetensorsTensor *tensor = (*file)->find(type + name);
      return std::vector<uint8_t>(tensor->data.begin(), tensor->data.end());
    };
    const std::string state = R"({"blocksize": 64, "shape": [64, 128]})";
    Folder folder;
    folder.add("w", SafetensorsType::U8, {4096, 1}, part(".packed"));
    folder.add("w.absmax", SafetensorsType::F32, {128}, part(".absmax"));
    folder.add("w.quant_map", SafetensorsType::F32, {16}, part(".code"));
    folder.add("w.quant_state.bitsandbytes__" + type, SafetensorsType::U8, {int64_t(state.size())},
               {state.begin(), state.end()});
    auto model = folder.open("bitsandbytes");
    ASSERT_TRUE(model) << model.error().message;
    ASSERT_EQ((*model)->tensors().size(), 1u);
    const SourceTensor &weight = (*model)->tensors()[0];
    EXPECT_EQ(weight.shape, (std::vector<int64_t>{64, 128}));
    const std::vector<float> expected = (*file)->find(type + ".values")->toFloats();
    ASSERT_EQ(weight.data.size(), expected.size() * sizeof(float));
    for (size_t i = 0; i < expected.size(); ++i)
      ASSERT_EQ(valueOf(weight, i), expected[i]) << type << " at " << i;
  }
}

/// Codes are those of bitsandbytes, and values with double quantization but for the rounding of scales.
TEST(Quantized, FourBitsAreWhatBitsandbytesMakes) {
  const char *shared = std::getenv("PH_SHARED");
  const std::string path =
      (shared ? shared : std::string(PH_SOURCE_DIR) + "/../shared") + "/reference/quant/bnb.safetensors";
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "REFERENCE DATA MISSING: " << path << "; set PH_SHARED to the folder that has reference/";
  auto file = SafetensorsFile::open(path);
  ASSERT_TRUE(file) << file.error().message;
  const std::vector<float> values = (*file)->find("weight")->toFloats(),
                           expected = (*file)->find("nf4.double.values")->toFloats(),
                           scales = (*file)->find("nf4.absmax")->toFloats();
  const std::span<const uint8_t> codes = (*file)->find("nf4.packed")->data;
  const Format &format = *findFormatByName("nf4");
  std::vector<uint8_t> blocks(values.size() / format.blockElements * format.blockBytes);
  quantizeNormalFloat(values, blocks.data());
  std::vector<float> decoded(values.size());
  dequantize(format, blocks.data(), decoded.data(), decoded.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const uint8_t ours = blocks[i / 64 * format.blockBytes + 4 + i % 64 / 2], theirs = codes[i / 2];
    ASSERT_EQ(i % 2 ? ours >> 4 : ours & 15, i % 2 ? theirs & 15 : theirs >> 4) << i;
    ASSERT_NEAR(decoded[i], expected[i], scales[i / 64] * 5e-7) << i;
  }
  // What is all zero stays so.
  std::vector<float> nothing(128);
  quantizeNormalFloat(nothing, blocks.data());
  dequantize(format, blocks.data(), decoded.data(), nothing.size());
  EXPECT_EQ(std::vector<float>(decoded.begin(), decoded.begin() + 128), nothing);
}

TEST(Quantized, WhatDoesNotFitIsNamed) {
  Folder folder;
  folder.add("a.qweight", SafetensorsType::I32, {4, 8}, std::vector<uint8_t>(4 * 8 * 4));
  EXPECT_EQ(folder.error("squeezed"), "key 'quantization_config.quant_method' is 'squeezed', but only these are read: "
                                      "gptq, awq, bitsandbytes, mxfp4, compressed-tensors, fp8");
  EXPECT_EQ(folder.error("gptq"), "tensor 'a.scales' is missing, without which its weight can't be decoded");
  folder.add("a.scales", SafetensorsType::F32, {1, 8}, std::vector<uint8_t>(32));
  folder.add("a.qzeros", SafetensorsType::I32, {1, 1}, std::vector<uint8_t>(4));
  folder.add("a.g_idx", SafetensorsType::I32, {32}, std::vector<uint8_t>(128));
  EXPECT_EQ(folder.error("gptq"), "opened");
  folder.bytes.back()[4] = 7;
  EXPECT_EQ(folder.error("gptq"), "tensor 'a.g_idx' names group 7 of 1");
  folder.add("a.weight", SafetensorsType::F32, {8, 32}, std::vector<uint8_t>(1024));
  folder.bytes.back()[0] = 0;
  EXPECT_NE(folder.error("gptq").find("is there both quantized and as it is"), std::string::npos);

  folder.tensors.pop_back();
  EXPECT_EQ(folder.error("gptq", R"(, "checkpoint_format": "marlin")"),
            "key 'quantization_config.checkpoint_format' is 'marlin', but 'gptq' or 'gptq_v2' is supported");
  EXPECT_EQ(folder.error("awq", R"(, "version": "gemv")"),
            "key 'quantization_config.version' is 'gemv', but 'gemm' or 'GEMM' is supported");
  EXPECT_EQ(folder.error("awq", R"(, "bits": 3)"), "key 'quantization_config.bits' is 3, but 4 to 4 is supported");
  EXPECT_EQ(folder.error("compressed-tensors", R"(, "format": "marlin-24")"),
            "key 'quantization_config.format' is 'marlin-24', but pack-quantized, int-quantized, float-quantized and "
            "naive-quantized are read");

  Folder rows;
  rows.add("c.weight", SafetensorsType::I8, {1, 32}, std::vector<uint8_t>(32, 0xfd));
  rows.add("c.SCB", SafetensorsType::F32, {1}, {0, 0, 0xfe, 0x42}); // 127
  rows.add("c.weight_format", SafetensorsType::U8, {}, {0});
  auto int8 = rows.open("bitsandbytes");
  ASSERT_TRUE(int8) << int8.error().message;
  const SourceTensor *kept = (*int8)->findTensor("c.weight");
  ASSERT_TRUE(kept && (*int8)->tensors().size() == 1);
  EXPECT_EQ(kept->format->name, "i8_f32");
  float values[32];
  dequantize(*kept->format, kept->data.data(), values, 32);
  EXPECT_EQ(values[31], -3.0f);
  rows.bytes.back()[0] = 1;
  EXPECT_EQ(rows.error("bitsandbytes"),
            "tensor 'c.weight_format' says another order than that of rows, which is not read");

  Folder eight;
  eight.add("b.weight", SafetensorsType::F8_E4M3, {2, 2}, {0x38, 0xb8, 0x7e, 0x01});
  auto model = eight.open("none");
  EXPECT_FALSE(model);
  EXPECT_EQ(eight.error("fp8"), "tensor 'b.weight' has 8-bit floats, but their scales are missing");
}

TEST(Quantized, SettingsThatCouldMeanMoreAreNotPassedOver) {
  Folder folder;
  folder.add("w.qweight", SafetensorsType::I32, {4, 8}, std::vector<uint8_t>(128));
  folder.add("w.qzeros", SafetensorsType::I32, {1, 1}, std::vector<uint8_t>(4));
  folder.add("w.scales", SafetensorsType::F16, {1, 8}, std::vector<uint8_t>(16));
  const std::string bits = R"(, "bits": 4, "group_size": 32)";
  EXPECT_EQ(folder.error("gptq", bits + R"(, "meta": {"quantizer": ["x:1"]}, "damp_percent": 0.1, "dynamic": null)"),
            "opened");
  // Rules that only leave modules out are seen in the tensors.
  EXPECT_EQ(folder.error("gptq", bits + R"(, "dynamic": {"-:.*down.*": {}}, "new_flag": false, "new_list": [])"),
            "opened");
  EXPECT_EQ(folder.error("gptq", bits + R"(, "dynamic": {"+:.*down.*": {"bits": 8}})").substr(0, 100),
            "onfig.json: key 'quantization_config.dynamic.+:.*down.*.bits' gives some modules settings of their o");
  EXPECT_NE(
      folder.error("gptq", bits + R"(, "rotation": "hadamard")").find("rotation' changes what the codes stand for"),
      std::string::npos);
  EXPECT_NE(
      folder.error("gptq", bits + R"(, "bits_of_evens": 3)").find("bits_of_evens' is not known to the scheme gptq"),
      std::string::npos);
  EXPECT_NE(folder.error("awq", R"(, "damp_percent": 1)").find("is not known to the scheme awq"), std::string::npos);
  std::ofstream(folder.path + "/config.json")
      << R"({"model_type": "x", "quantization_config": {"load_in_4bit": true}})";
  auto unnamed = openHuggingFace(folder.path);
  ASSERT_FALSE(unnamed);
  EXPECT_NE(unnamed.error().message.find("'quantization_config.quant_method' is missing"), std::string::npos);
}
