#include "runtime/image/Decoders.h"
#include <csetjmp>
#include <cstdio> // jpeglib.h needs FILE

#include <jpeglib.h>

#include <jerror.h>

namespace ph {
namespace {

/// Pixels that all scans of a progressive file may visit together: each scan passes over the whole picture, however few
/// bytes it has.
constexpr int64_t kMostScannedPixels = int64_t(1) << 30;

/// libjpeg's state, and what it said last.
struct JpegReader {
  jpeg_decompress_struct state = {};
  jpeg_error_mgr errors = {};
  jpeg_progress_mgr progress = {};
  std::jmp_buf leave;
  char message[JMSG_LENGTH_MAX] = "";

  ~JpegReader() { jpeg_destroy_decompress(&state); }
};

JpegReader &readerOf(j_common_ptr common) { return *static_cast<JpegReader *>(common->client_data); }

[[noreturn]] void fail(j_common_ptr common) {
  JpegReader &reader = readerOf(common);
  common->err->format_message(common, reader.message);
  std::longjmp(reader.leave, 1);
}

/// Small damage is repaired; of a file that ends too early half of the picture would be gray.
void warn(j_common_ptr common, int level) {
  if (level < 0 && common->err->msg_code == JWRN_JPEG_EOF)
    fail(common);
}

void watchScans(j_common_ptr common) {
  auto *state = reinterpret_cast<j_decompress_ptr>(common);
  const int64_t pixels = int64_t(state->image_width) * state->image_height;
  if (int64_t(state->input_scan_number) * pixels > kMostScannedPixels && state->input_scan_number > 100) {
    std::snprintf(readerOf(common).message, JMSG_LENGTH_MAX, "it has too many scans");
    std::longjmp(readerOf(common).leave, 1);
  }
}

bool readHeader(JpegReader &reader, std::span<const uint8_t> bytes) {
  jpeg_decompress_struct &state = reader.state;
  state.err = jpeg_std_error(&reader.errors);
  state.client_data = &reader;
  reader.errors.error_exit = fail;
  reader.errors.emit_message = warn;
  if (setjmp(reader.leave))
    return false;
  jpeg_create_decompress(&state);
  state.client_data = &reader;
  reader.progress.progress_monitor = watchScans;
  state.progress = &reader.progress;
  jpeg_mem_src(&state, bytes.data(), bytes.size());
  jpeg_read_header(&state, TRUE);
  state.out_color_space = JCS_RGB;
  return true;
}

bool readPixels(JpegReader &reader, Image &image) {
  jpeg_decompress_struct &state = reader.state;
  if (setjmp(reader.leave))
    return false;
  jpeg_start_decompress(&state);
  while (state.output_scanline < state.output_height) {
    JSAMPROW row = image.pixels.data() + size_t(state.output_scanline) * size_t(image.width) * 3;
    jpeg_read_scanlines(&state, &row, 1);
  }
  jpeg_finish_decompress(&state);
  return true;
}

} // namespace

Expected<Image> decodeJpeg(std::span<const uint8_t> bytes, const std::string &name, const ImageLimits &limits) {
  JpegReader reader;
  auto bad = [&] { return Error{ErrorCode::BadModel, name + ": is a damaged JPEG: " + reader.message}; };
  if (!readHeader(reader, bytes))
    return bad();
  const J_COLOR_SPACE colors = reader.state.jpeg_color_space;
  if (colors == JCS_CMYK || colors == JCS_YCCK)
    return Error{ErrorCode::BadModel, name + ": is a JPEG in colors of printers (CMYK); convert it to RGB"};
  auto image = allocateImage(reader.state.image_width, reader.state.image_height, name, limits);
  if (!image)
    return image;
  if (!readPixels(reader, *image))
    return bad();
  return image;
}

} // namespace ph
