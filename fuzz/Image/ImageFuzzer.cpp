// Decodes any bytes as a picture, and resizes what is one; reads any JSON as the settings of a processor and runs it.
#include "runtime/image/ImageProcessor.h"
#include <cmath>
#include <cstdlib>

using namespace ph;

/// Small enough that each input is quick, and larger than any seed.
static constexpr ImageLimits limits = {.pixels = 1 << 20};

static void require(bool condition) {
  if (!condition)
    std::abort();
}

static void fuzzProcessor(std::string_view text) {
  auto json = parseJson(text, "fuzz");
  if (!json)
    return;
  auto processor = ImageProcessor::parse(*json, "fuzz");
  if (!processor) {
    require(processor.error().code == ErrorCode::BadModel && processor.error().message.starts_with("fuzz"));
    return;
  }
  const Image image{5, 3, std::vector<uint8_t>(45, 200)};
  for (int64_t edge : {4, 14, 16})
    if (auto values = processor->process(image, edge, edge, limits))
      require(values->size() == size_t(3 * edge * edge));
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > 0 && data[0] == '{') {
    fuzzProcessor({reinterpret_cast<const char *>(data), size});
    return 0;
  }
  auto image = decodeImage({data, size}, "fuzz", limits);
  if (!image) {
    require(image.error().message.starts_with("fuzz"));
    require(image.error().code == ErrorCode::BadModel || image.error().code == ErrorCode::WontFit);
    return 0;
  }
  require(image->width > 0 && image->height > 0 && image->width * image->height <= limits.pixels);
  require(image->pixels.size() == size_t(image->width * image->height) * 3);
  auto small = resizeImage(*image, 7, 5, ResizeFilter(data[size - 1] % 6), limits);
  require(small && small->pixels.size() == 105);
  return 0;
}
