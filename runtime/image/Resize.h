// Resizing as Pillow does it.
#pragma once
#include "runtime/image/Image.h"

namespace ph {

/// By Pillow's numbers.
enum class ResizeFilter { Nearest = 0, Lanczos = 1, Bilinear = 2, Bicubic = 3, Box = 4, Hamming = 5 };

/// A picture of another size, with the values that Pillow's Image.resize gives: rows first, then columns, each pixel a
/// weighted mean of those under its filter, which is as wide as the new pixel where the picture becomes smaller
/// (antialiasing); weights are fixed-point numbers of 22 bits, values are rounded to bytes after both passes. Errors:
/// WontFit for more pixels than `limits`.
Expected<Image> resizeImage(const Image &image, int64_t width, int64_t height, ResizeFilter filter,
                            const ImageLimits &limits = {});

} // namespace ph
