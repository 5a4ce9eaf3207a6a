#include "runtime/session/PixelValues.h"
#include "runtime/image/ImageProcessor.h"

namespace ph {

Expected<HostTensor> pixelValues(const Model &model, const Program &program, std::span<const std::string> paths) {
  const int number = program.info().findInput("pixel_values");
  const std::vector<int64_t> shape = number < 0 ? std::vector<int64_t>() : program.info().inputs[size_t(number)].shape;
  if (shape.size() != 4 || shape[1] != 3 || shape[2] < 1 || shape[3] < 1)
    return Error{ErrorCode::Usage, model.path() + ": takes no images in color"};
  auto processor = ImageProcessor::of(model.metadata());
  if (!processor)
    return processor.error();
  std::vector<float> values;
  for (const std::string &path : paths) {
    auto image = readImage(path);
    if (!image)
      return image.error();
    auto made = processor->process(*image, shape[2], shape[3]);
    if (!made)
      return made.error();
    values.insert(values.end(), made->begin(), made->end());
  }
  return HostTensor::ofFloats({int64_t(paths.size()), shape[1], shape[2], shape[3]}, values);
}

} // namespace ph
