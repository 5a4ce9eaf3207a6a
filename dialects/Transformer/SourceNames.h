// Names of source tensors that stand for one tensor for each layer.
#pragma once
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <string>

namespace ph::xf {

/// How many layers "{a|b|c}" in a name lists; 0 where there is no such list.
int64_t countListedLayers(llvm::StringRef name);

/// The name for layer `index`: `number` in place of each {layer}, or what is listed for it in place of the list.
std::string nameOfLayer(llvm::StringRef name, int64_t index, int64_t number);

} // namespace ph::xf
