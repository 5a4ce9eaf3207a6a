// Pictures out of PNG and JPEG files, as three bytes a pixel.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ph {

/// RGB, row by row without gaps, the first row on top.
struct Image {
  int64_t width = 0, height = 0;
  std::vector<uint8_t> pixels; ///< height x width x 3
};

struct ImageLimits {
  int64_t pixels = int64_t(50) << 20; ///< of one picture: 157 MB
};

/// Decodes a PNG (ISO/IEC 15948) or a baseline or progressive JPEG (ITU-T T.81), as its first bytes say. As Pillow's
/// convert("RGB") does it: transparency is dropped, 16 bits become their upper 8, gray becomes three equal channels.
/// `name` stands in errors for the path. Errors: BadModel (neither format, damaged, truncated, colors of printers);
/// WontFit for more pixels than `limits`, before any are allocated.
Expected<Image> decodeImage(std::span<const uint8_t> bytes, const std::string &name, const ImageLimits &limits = {});

/// Reads and decodes a file. Errors:
/// Failed if it can't be read, those of decodeImage.
Expected<Image> readImage(const std::string &path, const ImageLimits &limits = {});

} // namespace ph
