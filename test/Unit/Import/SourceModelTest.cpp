#include "powerhouse/Import/SourceModel.h"
#include "TinyGguf.h"
#include <fstream>
#include <gtest/gtest.h>

using namespace ph;

TEST(SourceModel, GivesTypedConfigurationAndTensorsOfAGguf) {
  TinyGguf file = TinyGguf::llama();
  file.set("llama.some.flag", true);
  auto model = openSource(file.write("source.gguf"));
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ((*model)->ecosystem(), "gguf");
  EXPECT_EQ(*(*model)->architecture(), "llama");
  EXPECT_EQ((*model)->name(), "Tiny Llama");
  EXPECT_EQ(**(*model)->integer("llama.block_count"), 2);
  EXPECT_EQ(**(*model)->number("llama.block_count"), 2.0);
  EXPECT_EQ(**(*model)->number("llama.rope.freq_base"), 50000.0);
  EXPECT_EQ(**(*model)->boolean("llama.some.flag"), true);
  EXPECT_EQ(**(*model)->string("general.name"), "Tiny Llama");
  EXPECT_FALSE((*model)->integer("llama.absent")->has_value());
  EXPECT_EQ((*model)->configKeys().size(), file.keys.size());
  const SourceTensor *down = (*model)->findTensor("blk.1.ffn_down.weight");
  ASSERT_NE(down, nullptr);
  EXPECT_EQ(shapeString(down->shape), "64x96");
  EXPECT_EQ(down->format->name, "q4_1");
  EXPECT_EQ(down->data.size(), 64u * 96 / 32 * 20);
  EXPECT_EQ((*model)->findTensor("blk.2.ffn_down.weight"), nullptr);
  (*model)->release(down->data);
}

TEST(SourceModel, NamesTheKeyOfAnotherKind) {
  auto model = openSource(TinyGguf::llama().write("kinds.gguf"));
  ASSERT_TRUE(model) << model.error().message;
  auto integer = (*model)->integer("general.name");
  ASSERT_FALSE(integer);
  EXPECT_EQ(integer.error().code, ErrorCode::BadModel);
  EXPECT_NE(integer.error().message.find("kinds.gguf: key 'general.name' must be an integer"), std::string::npos)
      << integer.error().message;
  EXPECT_FALSE((*model)->integer("llama.rope.freq_base"));
  EXPECT_FALSE((*model)->string("llama.block_count"));
  EXPECT_FALSE((*model)->boolean("llama.block_count"));
}

TEST(SourceModel, RefusesAPartOfAModel) {
  TinyGguf file = TinyGguf::llama();
  file.set("split.no", 0u);
  file.set("split.count", 1u);
  EXPECT_TRUE(openSource(file.write("whole.gguf")));
  file.set("split.count", 3u);
  auto part = openSource(file.write("part.gguf"));
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().code, ErrorCode::BadModel);
  EXPECT_NE(part.error().message.find("part.gguf: the model is split into 3 files (key 'split.count'); merge them"),
            std::string::npos)
      << part.error().message;
  file.set("split.count", std::string("three"));
  auto text = openSource(file.write("part.gguf"));
  ASSERT_FALSE(text);
  EXPECT_NE(text.error().message.find("key 'split.count' must be an integer"), std::string::npos)
      << text.error().message;
}

TEST(SourceModel, RefusesWhatIsNoModel) {
  std::string path = testing::TempDir() + "text.bin";
  std::ofstream(path) << "hello, world";
  auto text = openSource(path);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::BadModel);
  EXPECT_NE(text.error().message.find("not a model file"), std::string::npos) << text.error().message;

  std::ofstream(path, std::ios::trunc).close();
  auto empty = openSource(path);
  ASSERT_FALSE(empty);
  EXPECT_NE(empty.error().message.find("the file is empty"), std::string::npos) << empty.error().message;

  auto missing = openSource(path + ".missing");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::Failed);

  auto folder = openSource(testing::TempDir());
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::BadModel);
  EXPECT_NE(folder.error().message.find("config.json"), std::string::npos) << folder.error().message;
}
