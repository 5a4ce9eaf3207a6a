#include "runtime/image/ImageProcessor.h"
#include "runtime/formats/HubFiles.h"
#include <algorithm>
#include <cmath>

namespace ph {
namespace {

constexpr int64_t kLongestEdge = 1 << 16;

Error bad(const std::string &where, const std::string &key, const std::string &what) {
  return {ErrorCode::BadModel, where + ": key '" + key + "' " + what};
}

/// Three numbers, or one for all.
Status readChannels(const nlohmann::json &config, const char *key, const std::string &where,
                    std::array<float, 3> &into) {
  const nlohmann::json *value = jsonMember(config, key);
  if (!value || value->is_null())
    return {};
  if (value->is_number()) {
    into.fill(value->get<float>());
    return {};
  }
  if (!value->is_array() || value->size() != 3 ||
      !std::all_of(value->begin(), value->end(), [](const auto &number) { return number.is_number(); }))
    return bad(where, key, "is no list of 3 numbers");
  for (size_t i = 0; i < 3; ++i)
    into[i] = (*value)[i].get<float>();
  return {};
}

/// Python's a // 2.
int64_t halfDown(int64_t a) { return a >= 0 ? a / 2 : -((1 - a) / 2); }

} // namespace

Expected<std::optional<ImageProcessor::Size>> ImageProcessor::readSize(const nlohmann::json &config, const char *key,
                                                                       bool square, const std::string &where) {
  const nlohmann::json *value = jsonMember(config, key);
  if (!value || value->is_null())
    return std::optional<Size>();
  Size size;
  if (value->is_number_integer()) { // older files
    const int64_t edge = jsonInteger(config, key).value_or(0);
    size = square ? Size{edge, edge, 0} : Size{0, 0, edge};
  } else {
    size = {jsonInteger(*value, "height").value_or(0), jsonInteger(*value, "width").value_or(0),
            jsonInteger(*value, "shortest_edge").value_or(0)};
    if (value->is_object() && value->contains("longest_edge"))
      return bad(where, key, "has a longest_edge, which isn't known; height and width, or shortest_edge alone are");
  }
  const bool edges = size.height > 0 && size.width > 0 && size.shortest == 0;
  const bool shortest = size.shortest > 0 && size.height == 0 && size.width == 0;
  if ((!edges && !shortest) || std::max({size.height, size.width, size.shortest}) > kLongestEdge)
    return bad(where, key,
               "is no size: height and width, or shortest_edge, from 1 to " + std::to_string(kLongestEdge) +
                   ", are expected");
  return std::optional(size);
}

Expected<ImageProcessor> ImageProcessor::parse(const nlohmann::json &config, const std::string &where) {
  if (!config.is_object())
    return Error{ErrorCode::BadModel, where + ": is no JSON object"};
  ImageProcessor result;
  const std::string *type = jsonString(config, "image_processor_type");
  if (!type)
    type = jsonString(config, "feature_extractor_type");
  // An edge alone is the shorter one for CLIP, both for ViT.
  const bool square = !type || !type->starts_with("CLIP");
  if (jsonBool(config, "do_pad").value_or(false))
    return bad(where, "do_pad", "asks for padding, which isn't known");
  if (jsonBool(config, "do_resize").value_or(true)) {
    auto size = readSize(config, "size", square, where);
    if (!size)
      return size.error();
    result.resize = *size;
    const int64_t filter = jsonInteger(config, "resample").value_or(int64_t(result.filter));
    if (filter < 0 || filter > int64_t(ResizeFilter::Hamming))
      return bad(where, "resample", "is none of Pillow's filters 0 to 5");
    result.filter = ResizeFilter(filter);
  }
  if (jsonBool(config, "do_center_crop").value_or(false)) {
    auto size = readSize(config, "crop_size", true, where);
    if (!size)
      return size.error();
    if (!*size || (*size)->shortest)
      return bad(where, "crop_size", "needs height and width");
    result.crop = *size;
  }
  if (jsonBool(config, "do_rescale").value_or(true))
    result.factor = float(jsonNumber(config, "rescale_factor").value_or(1.0 / 255));
  if (!std::isfinite(result.factor))
    return bad(where, "rescale_factor", "is not finite");
  if (jsonBool(config, "do_normalize").value_or(true)) {
    if (auto e = readChannels(config, "image_mean", where, result.mean))
      return e.error();
    if (auto e = readChannels(config, "image_std", where, result.deviation))
      return e.error();
    for (float value : result.deviation)
      if (!(std::abs(value) > 0) || !std::isfinite(value))
        return bad(where, "image_std", "has a value that nothing can be divided by");
  }
  return result;
}

Expected<ImageProcessor> ImageProcessor::of(const GgufFile &metadata) {
  auto config = hubFile(metadata, "preprocessor_config.json");
  if (!config)
    return config.error();
  std::string where = metadata.path() + ": preprocessor_config.json";
  if (config->is_null()) {
    auto all = hubFile(metadata, "processor_config.json");
    if (!all)
      return all.error();
    if (const nlohmann::json *image = jsonMember(*all, "image_processor")) {
      *config = *image;
      where = metadata.path() + ": image_processor of processor_config.json";
    }
  }
  if (config->is_null())
    return Error{ErrorCode::BadModel, metadata.path() + ": doesn't say how images are prepared; put the model's "
                                                        "preprocessor_config.json into its folder and compile it "
                                                        "again"};
  return parse(*config, where);
}

ImageProcessor::Size ImageProcessor::resizedSize(int64_t height, int64_t width) const {
  if (!resize)
    return {height, width, 0};
  if (!resize->shortest)
    return *resize;
  const int64_t longer = resize->shortest * std::max(height, width) / std::min(height, width);
  return width <= height ? Size{longer, resize->shortest, 0} : Size{resize->shortest, longer, 0};
}

/// What is outside of the picture is black.
Image ImageProcessor::cropped(const Image &image) const {
  Image result{crop->width, crop->height, std::vector<uint8_t>(size_t(crop->width * crop->height) * 3, 0)};
  const int64_t top = halfDown(image.height - crop->height), left = halfDown(image.width - crop->width);
  for (int64_t y = std::max<int64_t>(0, -top); y < std::min(crop->height, image.height - top); ++y) {
    const int64_t x = std::max<int64_t>(0, -left), count = std::min(crop->width, image.width - left) - x;
    if (count > 0)
      std::copy_n(&image.pixels[size_t((y + top) * image.width + x + left) * 3], size_t(count) * 3,
                  &result.pixels[size_t(y * crop->width + x) * 3]);
  }
  return result;
}

Expected<std::vector<float>> ImageProcessor::process(const Image &image, int64_t height, int64_t width,
                                                     const ImageLimits &limits) const {
  const Size size = resizedSize(image.height, image.width), last = crop ? *crop : size;
  if (last.height != height || last.width != width)
    return Error{ErrorCode::Usage, "the image becomes " + std::to_string(last.height) + " x " +
                                       std::to_string(last.width) + " pixels, but the model takes " +
                                       std::to_string(height) + " x " + std::to_string(width) +
                                       "; its preprocessor_config.json is of another model"};
  auto made = resizeImage(image, size.width, size.height, filter, limits);
  if (!made)
    return made.error();
  if (crop)
    *made = cropped(*made);
  const size_t pixels = size_t(height * width);
  std::vector<float> values(pixels * 3);
  for (size_t channel = 0; channel < 3; ++channel)
    for (size_t i = 0; i < pixels; ++i)
      values[channel * pixels + i] =
          (float(made->pixels[i * 3 + channel]) * factor - mean[channel]) / deviation[channel];
  return values;
}

} // namespace ph
