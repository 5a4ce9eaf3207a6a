// What Pillow made of the pictures in test/Data/image.
#pragma once
#include "runtime/formats/Safetensors.h"
#include "runtime/image/Image.h"
#include "test/Unit/Runtime/Base/TemporaryFolder.h"
#include <gtest/gtest.h>

namespace ph::test {

inline std::string imagePath(const std::string &name) {
  return std::string(PH_SOURCE_DIR) + "/test/Data/image/" + name;
}

inline std::shared_ptr<SafetensorsFile> recordedImages() {
  auto file = SafetensorsFile::open(imagePath("values.safetensors"));
  if (!file)
    ADD_FAILURE() << file.error().message;
  return file ? *file : nullptr;
}

/// How far the picture is from the recorded bytes at most; -1 where the sizes differ.
inline int difference(const Image &image, const SafetensorsTensor &expected) {
  if (expected.shape != std::vector<int64_t>{image.height, image.width, 3})
    return -1;
  int largest = 0;
  for (size_t i = 0; i < image.pixels.size(); ++i)
    largest = std::max(largest, std::abs(int(image.pixels[i]) - int(expected.data[i])));
  return largest;
}

} // namespace ph::test
