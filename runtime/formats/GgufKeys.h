// Keys that GGUF files name after the architecture of their model: "bert.pooling_type".
#pragma once
#include "runtime/formats/Gguf.h"
#include <string>

namespace ph {

/// The value of the key `name` behind the architecture's name; null if there is none.
inline const GgufValue *findArchitectureKey(const GgufFile &metadata, std::string_view name) {
  const GgufValue *architecture = metadata.find("general.architecture");
  const auto text = architecture ? architecture->asString() : std::nullopt;
  return text ? metadata.find(std::string(*text) + "." + std::string(name)) : nullptr;
}

} // namespace ph
