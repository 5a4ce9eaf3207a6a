// From pictures to values: those of transformers' steps on Pillow.
#include "runtime/image/ImageProcessor.h"
#include "test/Unit/Runtime/Image/Recorded.h"
#include <cmath>

using namespace ph;
using namespace ph::test;

namespace {

nlohmann::json processors() { return *parseJson(readFile(imagePath("processors.json")), "processors.json"); }

TEST(ImageProcessor, ValuesOfEachKind) {
  auto recorded = recordedImages();
  ASSERT_TRUE(recorded);
  auto noise = readImage(imagePath("noise.png"));
  ASSERT_TRUE(noise);
  const nlohmann::json all = processors();
  for (const auto &[name, settings] : all.items()) {
    const SafetensorsTensor *expected = recorded->find("values." + name);
    ASSERT_TRUE(expected) << name;
    auto processor = ImageProcessor::parse(settings, name);
    ASSERT_TRUE(processor) << processor.error().message;
    auto values = processor->process(*noise, expected->shape[1], expected->shape[2]);
    ASSERT_TRUE(values) << values.error().message;
    const std::vector<float> wanted = expected->toFloats();
    ASSERT_EQ(values->size(), wanted.size());
    double largest = 0;
    for (size_t i = 0; i < wanted.size(); ++i)
      largest = std::max(largest, std::abs(double((*values)[i]) - wanted[i]));
    // Of values up to 3 in f32, of which each is rounded three times.
    EXPECT_LE(largest, 1e-6) << name;
  }
}

TEST(ImageProcessor, RefusesAnotherSize) {
  auto noise = readImage(imagePath("noise.png"));
  auto processor = ImageProcessor::parse(processors()["vit"], "vit");
  ASSERT_TRUE(noise && processor);
  auto values = processor->process(*noise, 32, 32);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, ErrorCode::Usage);
  EXPECT_NE(values.error().message.find("becomes 16 x 16 pixels, but the model takes 32 x 32"), std::string::npos);
}

TEST(ImageProcessor, NamesTheKeyThatIsWrong) {
  const std::pair<const char *, const char *> wrong[] = {
      {R"({"size": {"height": 0, "width": 4}})", "'size'"},
      {R"({"size": {"height": 99999999999, "width": 4}})", "'size'"},
      {R"({"size": {"height": 4}})", "'size'"},
      {R"({"size": {"longest_edge": 4}})", "'size'"},
      {R"({"resample": 9})", "'resample'"},
      {R"({"do_center_crop": true})", "'crop_size'"},
      {R"({"do_center_crop": true, "crop_size": {"shortest_edge": 3}})", "'crop_size'"},
      {R"({"image_mean": [0, 1]})", "'image_mean'"},
      {R"({"image_std": [1, 0, 1]})", "'image_std'"},
      {R"({"image_mean": ["a", 0, 1]})", "'image_mean'"},
      {R"({"do_pad": true})", "'do_pad'"}};
  for (auto [text, key] : wrong) {
    auto processor = ImageProcessor::parse(*parseJson(text, "test"), "file.json");
    ASSERT_FALSE(processor) << text;
    EXPECT_EQ(processor.error().code, ErrorCode::BadModel);
    EXPECT_TRUE(processor.error().message.starts_with("file.json: key " + std::string(key)))
        << processor.error().message;
  }
  EXPECT_FALSE(ImageProcessor::parse(nlohmann::json::array(), "file.json"));
}

} // namespace
