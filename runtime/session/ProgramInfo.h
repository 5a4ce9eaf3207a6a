// What a manifest says of programs.
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ph {

enum class TensorElement { F32, F16, I32, Bool, I8 };

/// Bytes of an element in memory.
int64_t elementBytes(TensorElement element);
/// "f32", "f16", "i32", "i1", "i8", as manifests say it; nothing for others.
std::optional<TensorElement> parseTensorElement(std::string_view name);
std::string_view tensorElementName(TensorElement element);

/// An input or a result.
struct ProgramTensor {
  std::string name;
  std::vector<int64_t> shape; ///< -1: given by the call
  TensorElement element = TensorElement::F32;
  int updates = -1; ///< of a result: the number of the input whose memory it is; -1: its own

  int64_t dynamicSizes() const;
};

struct ProgramInfo {
  std::string name, symbol, plan; ///< symbols without the level (ProgramABI.h)
  std::vector<ProgramTensor> inputs, results;

  /// The number of the input or result of that name, or -1.
  int findInput(std::string_view name) const;
  int findResult(std::string_view name) const;
};

} // namespace ph
