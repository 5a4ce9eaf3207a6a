#include "runtime/training/engine/ExportModel.h"
#include "runtime/formats/Gguf.h"
#include "test/Unit/Runtime/Base/TemporaryFolder.h"
#include "test/Unit/Runtime/Formats/GgufBuilder.h"
#include <gtest/gtest.h>

using namespace ph;
using namespace ph::test;
using namespace ph::training;

namespace {

std::span<const uint8_t> viewOf(const std::vector<float> &values) {
  return {reinterpret_cast<const uint8_t *>(values.data()), values.size() * 4};
}

/// Two layers' matrices in one weight.
const std::vector<float> stacked = {1, 2, 3, 4, 5, 6, 7, 8};
const HeldTensors held = {{"layers.w", {"layer.0.w", "layer.1.w"}}};
const SafetensorsTensor weights[] = {{"layers.w", SafetensorsType::F32, {2, 2, 2}, viewOf(stacked)}};

} // namespace

TEST(ExportModel, WritesAFolderOfTheHub) {
  TemporaryFolder source, out;
  const std::vector<uint16_t> halves = {0x3c00, 0, 0, 0};
  const std::vector<float> bias = {9, 10};
  auto half = [&](const char *name) {
    return SafetensorsTensor{name, SafetensorsType::F16, {2, 2}, {reinterpret_cast<const uint8_t *>(halves.data()), 8}};
  };
  const SafetensorsTensor first[] = {half("layer.0.w")},
                          second[] = {half("layer.1.w"), {"bias", SafetensorsType::F32, {2}, viewOf(bias)}};
  ASSERT_FALSE(writeSafetensors(source / "model-00001-of-00002.safetensors", first));
  ASSERT_FALSE(writeSafetensors(source / "model-00002-of-00002.safetensors", second));
  writeFile(source / "config.json", "{}");
  writeFile(source / "tokenizer.json", "{\"a\": 1}");
  writeFile(source / "README.md", "not this");
  Status failed = exportModel(source.path, out.path, held, weights);
  ASSERT_FALSE(failed) << failed.error().message;
  auto file = SafetensorsFile::open(out / "model.safetensors");
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->find("layer.0.w")->toFloats(), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ((*file)->find("layer.1.w")->toFloats(), (std::vector<float>{5, 6, 7, 8}));
  EXPECT_EQ((*file)->find("layer.1.w")->shape, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ((*file)->find("bias")->toFloats(), bias);
  EXPECT_EQ((*file)->metadata().at("format"), "pt");
  EXPECT_EQ(readFile(out / "tokenizer.json"), "{\"a\": 1}");
  EXPECT_EQ(out.files(), 3u);
}

TEST(ExportModel, WritesAGguf) {
  TemporaryFolder folder;
  GgufBuilder builder;
  builder.key("general.architecture", uint32_t(GgufType::String), GgufBuilder::text("toy"));
  builder.tensor("layer.0.w", {2, 2}, 0, std::string(16, '\1')).tensor("layer.1.w", {2, 2}, 0, std::string(16, '\2'));
  builder.tensor("frozen", {32}, 8, std::string(34, '\0')); // Q8_0
  writeFile(folder / "m.gguf", builder.build());
  Status failed = exportModel(folder / "m.gguf", folder.path, held, weights);
  ASSERT_FALSE(failed) << failed.error().message;
  auto file = GgufFile::open(folder / "model.gguf");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ((*file)->find("general.architecture")->asString(), "toy");
  const GgufTensor *w = (*file)->findTensor("layer.1.w");
  ASSERT_TRUE(w);
  EXPECT_EQ(w->format->name, "f32");
  EXPECT_EQ(w->shape, (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(std::string(w->data.begin(), w->data.end()),
            std::string(reinterpret_cast<const char *>(stacked.data() + 4), 16));
  const GgufTensor *frozen = (*file)->findTensor("frozen");
  ASSERT_TRUE(frozen);
  EXPECT_EQ(frozen->format->name, "q8_0");
  EXPECT_EQ(frozen->data.size(), 34u);
}

TEST(ExportModel, RefusesAnotherModel) {
  TemporaryFolder folder;
  GgufBuilder builder;
  builder.tensor("layer.0.w", {2, 2}, 0, std::string(16, '\1')).tensor("layer.1.w", {2, 3}, 0, std::string(24, '\2'));
  writeFile(folder / "m.gguf", builder.build());
  auto errorOf = [&](const HeldTensors &tensors) {
    Status failed = exportModel(folder / "m.gguf", folder.path, tensors, weights);
    EXPECT_TRUE(failed);
    return failed ? failed.error().message : "";
  };
  EXPECT_NE(errorOf(held).find("tensor 'layer.1.w' has another size than what was trained"), std::string::npos);
  EXPECT_NE(errorOf({{"layers.w", {"layer.0.w", "x"}}}).find("tensor 'x' is missing"), std::string::npos);
  EXPECT_NE(errorOf({}).find("which tensors the weight 'layers.w' holds"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder / "model.gguf"));
}
