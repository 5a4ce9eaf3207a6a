// Decoding: the bytes that Pillow gives, and what is refused.
#include "runtime/image/Image.h"
#include "test/Unit/Runtime/Image/Recorded.h"

using namespace ph;
using namespace ph::test;

namespace {

std::span<const uint8_t> bytesOf(const std::string &text) {
  return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

TEST(Image, DecodesAsPillow) {
  auto recorded = recordedImages();
  ASSERT_TRUE(recorded);
  size_t count = 0;
  for (const SafetensorsTensor &expected : recorded->tensors()) {
    if (!expected.name.ends_with(".png") && !expected.name.ends_with(".jpg"))
      continue;
    auto image = readImage(imagePath(expected.name));
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(difference(*image, expected), 0) << expected.name;
    ++count;
  }
  EXPECT_EQ(count, 11u);
}

TEST(Image, RefusesWhatIsDamaged) {
  for (const char *name : {"noise.png", "interlaced.png", "smooth.jpg", "progressive.jpg"}) {
    const std::string whole = readFile(imagePath(name));
    for (size_t part : {size_t(3), size_t(30), whole.size() / 2, whole.size() - 40}) {
      auto image = decodeImage(bytesOf(whole.substr(0, part)), name);
      ASSERT_FALSE(image) << name << " " << part;
      EXPECT_EQ(image.error().code, ErrorCode::BadModel);
      EXPECT_TRUE(image.error().message.starts_with(name)) << image.error().message;
    }
  }
  std::string broken = readFile(imagePath("noise.png"));
  broken[60] = char(~broken[60]);
  EXPECT_FALSE(decodeImage(bytesOf(broken), "broken.png"));
  auto other = decodeImage(bytesOf("GIF89a"), "x.gif");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().message, "x.gif: is neither a PNG nor a JPEG; convert it to one of these");
  EXPECT_FALSE(readImage(imagePath("missing.png")));
}

TEST(Image, RefusesWhatIsTooLargeBeforeAnyOfIt) {
  for (const char *name : {"noise.png", "smooth.jpg"}) {
    auto image = readImage(imagePath(name), {.pixels = 23 * 37 - 1});
    ASSERT_FALSE(image);
    EXPECT_EQ(image.error().code, ErrorCode::WontFit);
    EXPECT_NE(image.error().message.find("37 x 23 pixels, more than the 850"), std::string::npos);
    EXPECT_TRUE(readImage(imagePath(name), {.pixels = 23 * 37}));
  }
  // A header that claims 60000 x 60000: only the first bytes are needed to refuse it.
  std::string claims = readFile(imagePath("smooth.jpg"));
  const size_t frame = claims.find("\xff\xc0");
  ASSERT_NE(frame, std::string::npos);
  for (size_t at : {size_t(5), size_t(7)})
    claims.replace(frame + at, 2, "\xea\x60");
  auto image = decodeImage(bytesOf(claims), "claims.jpg");
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::WontFit);
}

} // namespace
