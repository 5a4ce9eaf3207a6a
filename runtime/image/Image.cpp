#include "runtime/image/Image.h"
#include "runtime/base/MappedFile.h"
#include "runtime/image/Decoders.h"
#include <algorithm>

namespace ph {
namespace {

bool startsWith(std::span<const uint8_t> bytes, std::string_view magic) {
  return bytes.size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), bytes.begin(), [](char a, uint8_t b) { return uint8_t(a) == b; });
}

} // namespace

Expected<Image> allocateImage(int64_t width, int64_t height, const std::string &name, const ImageLimits &limits) {
  int64_t pixels = 0;
  if (width < 1 || height < 1)
    return Error{ErrorCode::BadModel, name + ": is a picture without pixels"};
  if (__builtin_mul_overflow(width, height, &pixels) || pixels > limits.pixels)
    return Error{ErrorCode::WontFit, name + ": is a picture of " + std::to_string(width) + " x " +
                                         std::to_string(height) + " pixels, more than the " +
                                         std::to_string(limits.pixels) + " that are read; make it smaller"};
  return Image{width, height, std::vector<uint8_t>(size_t(pixels) * 3)};
}

Expected<Image> decodeImage(std::span<const uint8_t> bytes, const std::string &name, const ImageLimits &limits) {
  if (startsWith(bytes, "\x89PNG\r\n\x1a\n"))
    return decodePng(bytes, name, limits);
  if (startsWith(bytes, "\xff\xd8\xff"))
    return decodeJpeg(bytes, name, limits);
  return Error{ErrorCode::BadModel, name + ": is neither a PNG nor a JPEG; convert it to one of these"};
}

Expected<Image> readImage(const std::string &path, const ImageLimits &limits) {
  auto file = MappedFile::open(path);
  if (!file)
    return file.error();
  return decodeImage(file->bytes(), path, limits);
}

} // namespace ph
