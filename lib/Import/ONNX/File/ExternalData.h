// Files beside an ONNX model that hold bytes of its tensors.
#pragma once
#include "runtime/base/MappedFile.h"
#include <map>
#include <memory>

namespace ph::onnx_import {

/// The files in the folder of a model. Each is mapped once, for reading.
class ExternalData {
public:
  /// `modelPath` is the model's own; its folder confines everything.
  explicit ExternalData(const std::string &modelPath);

  /// `length` bytes from `offset` of the file that `location` names in the folder. Errors: BadModel, for a location
  /// that is absolute, leads out of the folder, by `..`, a symlink or a second hard link, or is no regular file; for
  /// bytes beyond its end. Failed if it can't be mapped.
  Expected<std::span<const uint8_t>> read(const std::string &location, uint64_t offset, uint64_t length);

private:
  Expected<const MappedFile *> open(const std::string &location);

  std::string folder;
  std::map<std::string, MappedFile> files;
};

} // namespace ph::onnx_import
