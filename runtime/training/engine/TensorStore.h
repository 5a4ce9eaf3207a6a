// Named tensors that programs read and change in place.
#pragma once
#include "runtime/devices/Memory.h"
#include "runtime/formats/Safetensors.h"
#include "runtime/session/ProgramInfo.h"
#include <map>
#include <span>

namespace ph::training {

/// Tensors of fixed shapes, each at a multiple of 64 bytes, zero at first; in memory, or in a file that memory pages.
class TensorStore {
public:
  /// Adds a tensor that isn't there yet; all before allocate. Errors: BadModel (a dynamic size, another shape or type
  /// under the same name, more bytes than 63 bits count).
  Status add(const ProgramTensor &tensor, bool paged = false);
  /// The file of what is paged has no name in `folder`. Errors: WontFit, Disk and Failed.
  Status allocate(const std::string &folder = "");

  bool has(const std::string &name) const { return places.contains(name); }
  std::span<uint8_t> bytes(const std::string &name);
  int64_t elements(const std::string &name) const;
  uint64_t totalBytes() const { return total[0] + total[1]; }

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
    bool paged;
  };
  std::map<std::string, Place, std::less<>> places;
  uint64_t total[2] = {}; ///< of what is not paged, and of what is
  Region memory[2];
};

} // namespace ph::training
