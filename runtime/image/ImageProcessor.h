// From a picture to what a vision model takes, as preprocessor_config.json says.
#pragma once
#include "runtime/base/Json.h"
#include "runtime/formats/Gguf.h"
#include "runtime/image/Resize.h"
#include <array>
#include <optional>

namespace ph {

/// The steps of Hugging Face's image processors on Pillow (ViT, CLIP, SigLIP, LLaVA), in their order.
class ImageProcessor {
public:
  /// Of the file's JSON; `where` stands in errors for it. Errors: BadModel, naming the key that is mistyped, out of
  /// range, or of a meaning that isn't known.
  static Expected<ImageProcessor> parse(const nlohmann::json &config, const std::string &where);
  /// Of a model's metadata (HubFiles.h): preprocessor_config.json, or `image_processor` of processor_config.json.
  /// Errors: BadModel, also where the model has neither.
  static Expected<ImageProcessor> of(const GgufFile &metadata);

  /// Values [3, height, width] for a model that takes exactly this size. Errors: Usage if the steps would end in
  /// another size; WontFit for more pixels between them than `limits`.
  Expected<std::vector<float>> process(const Image &image, int64_t height, int64_t width,
                                       const ImageLimits &limits = {}) const;

private:
  struct Size {
    int64_t height = 0, width = 0; ///< both, or
    int64_t shortest = 0;          ///< of the shorter edge, with the longer one in proportion
  };
  static Expected<std::optional<Size>> readSize(const nlohmann::json &config, const char *key, bool square,
                                                const std::string &where);
  /// What resizing makes of a picture of this size.
  Size resizedSize(int64_t height, int64_t width) const;
  Image cropped(const Image &image) const;

  std::optional<Size> resize, crop;
  ResizeFilter filter = ResizeFilter::Bilinear;
  float factor = 1;
  std::array<float, 3> mean = {0, 0, 0}, deviation = {1, 1, 1};
};

} // namespace ph
