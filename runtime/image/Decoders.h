// The readers of each format, for Image.cpp. Both libraries leave by longjmp where a file is bad: what they need is
// made before, so that nothing between has to be destroyed.
#pragma once
#include "runtime/image/Image.h"

namespace ph {

Expected<Image> decodePng(std::span<const uint8_t> bytes, const std::string &name, const ImageLimits &limits);
Expected<Image> decodeJpeg(std::span<const uint8_t> bytes, const std::string &name, const ImageLimits &limits);

/// The room for a picture of this size, or why it is refused.
Expected<Image> allocateImage(int64_t width, int64_t height, const std::string &name, const ImageLimits &limits);

} // namespace ph
