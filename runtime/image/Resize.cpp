#include "runtime/image/Resize.h"
#include "runtime/image/Decoders.h"
#include <algorithm>
#include <cmath>
#include <numbers>

namespace ph {
namespace {

constexpr int kWeightBits = 22;

double sinc(double x) { return x == 0 ? 1 : std::sin(x * std::numbers::pi) / (x * std::numbers::pi); }

/// How far a filter reaches from its middle, in pixels of the larger picture.
double reach(ResizeFilter filter) {
  switch (filter) {
  case ResizeFilter::Lanczos:
    return 3;
  case ResizeFilter::Bicubic:
    return 2;
  case ResizeFilter::Box:
    return 0.5;
  default:
    return 1;
  }
}

double weightAt(ResizeFilter filter, double x) {
  switch (filter) {
  case ResizeFilter::Lanczos:
    return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0;
  case ResizeFilter::Bicubic: { // Keys's kernel with a = -0.5
    constexpr double a = -0.5;
    x = std::abs(x);
    return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1 : x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  }
  case ResizeFilter::Box:
    return x > -0.5 && x <= 0.5 ? 1 : 0;
  case ResizeFilter::Hamming:
    x = std::abs(x);
    return x == 0 ? 1 : x >= 1 ? 0 : sinc(x) * (0.54 + 0.46 * std::cos(x * std::numbers::pi));
  default:
    x = std::abs(x);
    return x < 1 ? 1 - x : 0;
  }
}

/// The pixels that one new pixel is made of.
struct Window {
  int64_t first = 0;
  std::vector<int32_t> weights;
};

std::vector<Window> windowsOf(int64_t from, int64_t to, ResizeFilter filter) {
  const double scale = double(from) / double(to), spread = std::max(scale, 1.0), radius = reach(filter) * spread;
  std::vector<Window> windows;
  windows.reserve(size_t(to));
  for (int64_t i = 0; i < to; ++i) {
    const double middle = (double(i) + 0.5) * scale;
    Window &window = windows.emplace_back();
    window.first = std::max<int64_t>(int64_t(middle - radius + 0.5), 0);
    const int64_t last = std::min<int64_t>(int64_t(middle + radius + 0.5), from);
    std::vector<double> weights;
    double sum = 0;
    for (int64_t at = window.first; at < last; ++at) {
      weights.push_back(weightAt(filter, (double(at) - middle + 0.5) / spread));
      sum += weights.back();
    }
    for (double weight : weights) {
      const double scaled = (sum != 0 ? weight / sum : weight) * (1 << kWeightBits);
      window.weights.push_back(int32_t(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
    }
  }
  return windows;
}

uint8_t toByte(int64_t sum) { return uint8_t(std::clamp<int64_t>(sum >> kWeightBits, 0, 255)); }

/// `step` bytes lie between the pixels of a window; `at` is the window's origin.
void mix(const uint8_t *at, size_t step, const Window &window, uint8_t *into) {
  int64_t sums[3] = {1 << (kWeightBits - 1), 1 << (kWeightBits - 1), 1 << (kWeightBits - 1)};
  const uint8_t *pixel = at + size_t(window.first) * step;
  for (int32_t weight : window.weights) {
    for (int channel = 0; channel < 3; ++channel)
      sums[channel] += int64_t(pixel[channel]) * weight;
    pixel += step;
  }
  for (int channel = 0; channel < 3; ++channel)
    into[channel] = toByte(sums[channel]);
}

Image nearest(const Image &image, Image result) {
  for (int64_t y = 0; y < result.height; ++y)
    for (int64_t x = 0; x < result.width; ++x) {
      const auto fromX = int64_t((double(x) + 0.5) * (double(image.width) / double(result.width)));
      const auto fromY = int64_t((double(y) + 0.5) * (double(image.height) / double(result.height)));
      std::copy_n(&image.pixels[size_t(fromY * image.width + fromX) * 3], 3,
                  &result.pixels[size_t(y * result.width + x) * 3]);
    }
  return result;
}

} // namespace

Expected<Image> resizeImage(const Image &image, int64_t width, int64_t height, ResizeFilter filter,
                            const ImageLimits &limits) {
  if (width == image.width && height == image.height)
    return image;
  auto result = allocateImage(width, height, "the resized image", limits);
  if (!result || filter == ResizeFilter::Nearest)
    return result ? nearest(image, std::move(*result)) : result;
  const Image *source = &image;
  Image narrow;
  if (width != image.width) {
    auto room = allocateImage(width, image.height, "the resized image", limits);
    if (!room)
      return room;
    narrow = std::move(*room);
    const std::vector<Window> windows = windowsOf(image.width, width, filter);
    for (int64_t y = 0; y < image.height; ++y)
      for (int64_t x = 0; x < width; ++x)
        mix(&image.pixels[size_t(y * image.width) * 3], 3, windows[size_t(x)],
            &narrow.pixels[size_t(y * width + x) * 3]);
    if (height == image.height)
      return narrow;
    source = &narrow;
  }
  const std::vector<Window> windows = windowsOf(image.height, height, filter);
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x)
      mix(&source->pixels[size_t(x) * 3], size_t(width) * 3, windows[size_t(y)],
          &result->pixels[size_t(y * width + x) * 3]);
  return result;
}

} // namespace ph
