// The tensors of a model file by name, as floats: what training begins with.
#pragma once
#include "runtime/formats/Gguf.h"
#include "runtime/formats/Safetensors.h"
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ph {

/// A GGUF file, a folder with model.safetensors or the shards of its index, or one with an adapter in PEFT's layout.
class Checkpoint {
public:
  /// Errors: Failed if it can't be read, BadModel if it is malformed.
  static Expected<std::unique_ptr<Checkpoint>> open(const std::string &path);

  /// Nothing if there is none of that name.
  std::optional<std::vector<int64_t>> shapeOf(std::string_view name) const;
  /// The values of a tensor of as many elements as `into`. Errors: BadModel (missing, of another size, of a format that
  /// can't be decoded).
  Status read(std::string_view name, std::span<float> into) const;

private:
  std::string path;
  std::shared_ptr<GgufFile> gguf;
  std::vector<std::shared_ptr<SafetensorsFile>> shards;
};

} // namespace ph
