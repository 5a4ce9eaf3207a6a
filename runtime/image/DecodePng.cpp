#include "runtime/image/Decoders.h"
#include <csetjmp>
#include <cstring>
#include <png.h>

namespace ph {
namespace {

/// What libpng reads from, and what it said last. Lives outside of the frames that longjmp leaves.
struct PngInput {
  std::span<const uint8_t> bytes;
  size_t at = 0;
  char message[128] = "";
};

void fail(png_structp png, png_const_charp message) {
  auto *input = static_cast<PngInput *>(png_get_error_ptr(png));
  std::strncpy(input->message, message, sizeof input->message - 1);
  png_longjmp(png, 1);
}

void readBytes(png_structp png, png_bytep into, size_t count) {
  auto *input = static_cast<PngInput *>(png_get_io_ptr(png));
  if (count > input->bytes.size() - input->at)
    png_error(png, "the file ends too early");
  std::memcpy(into, input->bytes.data() + input->at, count);
  input->at += count;
}

/// libpng's two structures, destroyed together.
class PngReader {
public:
  explicit PngReader(PngInput &input)
      : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, &input, fail, [](png_structp, png_const_charp) {})),
        info(png ? png_create_info_struct(png) : nullptr) {
    if (info)
      png_set_read_fn(png, &input, readBytes);
  }
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
  png_structp png;
  png_infop info;
};

/// False where the file is bad.
bool readHeader(PngReader &reader) {
  if (setjmp(png_jmpbuf(reader.png)))
    return false;
  // Texts, profiles and other chunks that say nothing of the pixels aren't kept.
  png_set_keep_unknown_chunks(reader.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_chunk_malloc_max(reader.png, 8 << 20);
  png_read_info(reader.png, reader.info);
  png_set_expand(reader.png);
  png_set_strip_16(reader.png);
  png_set_strip_alpha(reader.png);
  png_set_gray_to_rgb(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  return true;
}

bool readPixels(PngReader &reader, png_bytepp rows) {
  if (setjmp(png_jmpbuf(reader.png)))
    return false;
  png_read_image(reader.png, rows);
  png_read_end(reader.png, nullptr);
  return true;
}

} // namespace

Expected<Image> decodePng(std::span<const uint8_t> bytes, const std::string &name, const ImageLimits &limits) {
  PngInput input{bytes};
  PngReader reader(input);
  if (!reader.info)
    return Error{ErrorCode::WontFit, name + ": not enough memory to read a PNG"};
  auto bad = [&] { return Error{ErrorCode::BadModel, name + ": is a damaged PNG: " + input.message}; };
  if (!readHeader(reader))
    return bad();
  auto image = allocateImage(png_get_image_width(reader.png, reader.info),
                             png_get_image_height(reader.png, reader.info), name, limits);
  if (!image)
    return image;
  const size_t rowBytes = size_t(image->width) * 3;
  if (png_get_rowbytes(reader.png, reader.info) != rowBytes)
    return Error{ErrorCode::BadModel, name + ": is a PNG of a kind that isn't known"};
  std::vector<png_bytep> rows;
  for (int64_t y = 0; y < image->height; ++y)
    rows.push_back(image->pixels.data() + size_t(y) * rowBytes);
  if (!readPixels(reader, rows.data()))
    return bad();
  return image;
}

} // namespace ph
