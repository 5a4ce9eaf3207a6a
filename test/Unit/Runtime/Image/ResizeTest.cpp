// Resizing: the bytes that Pillow gives.
#include "runtime/image/Resize.h"
#include "test/Unit/Runtime/Image/Recorded.h"

using namespace ph;
using namespace ph::test;

namespace {

TEST(Resize, EveryFilterAsPillow) {
  auto recorded = recordedImages();
  ASSERT_TRUE(recorded);
  auto noise = readImage(imagePath("noise.png"));
  ASSERT_TRUE(noise);
  const std::pair<const char *, ResizeFilter> filters[] = {
      {"nearest", ResizeFilter::Nearest}, {"lanczos", ResizeFilter::Lanczos}, {"bilinear", ResizeFilter::Bilinear},
      {"bicubic", ResizeFilter::Bicubic}, {"box", ResizeFilter::Box},         {"hamming", ResizeFilter::Hamming}};
  for (auto [name, filter] : filters)
    for (auto [height, width] : {std::pair(11, 17), {40, 24}, {64, 20}, {23, 9}, {7, 37}, {1, 1}}) {
      const std::string key =
          "resize." + std::string(name) + "." + std::to_string(height) + "x" + std::to_string(width);
      const SafetensorsTensor *expected = recorded->find(key);
      ASSERT_TRUE(expected) << key;
      auto image = resizeImage(*noise, width, height, filter);
      ASSERT_TRUE(image);
      EXPECT_EQ(difference(*image, *expected), 0) << key;
    }
}

TEST(Resize, RefusesWhatIsTooLarge) {
  auto image = resizeImage({1, 1, {0, 0, 0}}, 1 << 20, 1 << 20, ResizeFilter::Bilinear);
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::WontFit);
  EXPECT_FALSE(resizeImage({1, 1, {0, 0, 0}}, 0, 3, ResizeFilter::Bilinear));
}

} // namespace
