// Named tensors that programs read and change in place.
#pragma once
#include "runtime/devices/Memory.h"
#include "runtime/formats/Safetensors.h"
#include "runtime/session/ProgramInfo.h"
#include <map>
#include <span>

namespace ph::training {

/// Tensors of fixed shapes in one region of memory, each at a multiple of 64 bytes, zero at first.
class TensorStore {
public:
  /// Adds a tensor that isn't there yet; all before allocate. Errors: BadModel (a dynamic size, another shape or type
  /// under the same name, more bytes than 63 bits count).
  Status add(const ProgramTensor &tensor);
  /// Errors: WontFit.
  Status allocate();

  bool has(const std::string &name) const { return places.contains(name); }
  std::span<uint8_t> bytes(const std::string &name);
  int64_t elements(const std::string &name) const;
  uint64_t totalBytes() const { return total; }

  /// Writes the tensors of these names to a file. Errors: those of writeSafetensors.
  Status save(const std::string &path, std::span<const std::string> names);
  /// Reads them back. Errors: BadModel, naming file and tensor: one is missing, is of another type or shape, or more.
  Status load(const std::string &path, std::span<const std::string> names);
  /// A tensor as a file has it.
  SafetensorsTensor view(const std::string &name);

private:
  struct Place {
    ProgramTensor tensor;
    uint64_t offset, bytes;
  };
  std::map<std::string, Place, std::less<>> places;
  uint64_t total = 0;
  Region memory;
};

} // namespace ph::training
