// Adapters that an artifact holds beside its weights, one of which takes the place that they have there.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/devices/cpu/Weights.h"
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ph {

/// One adapter. Its bytes follow one another as the places of ManifestAdapters do.
struct ManifestAdapter {
  std::string name;
  int64_t rank = 0;
  uint64_t offset = 0; ///< within the weights part
};

struct ManifestAdapters {
  struct Place {
    uint64_t offset = 0, bytes = 0; ///< within the weights part
  };
  std::vector<ManifestAdapter> list;
  std::vector<Place> places; ///< zeros in the file, which are no adapter

  /// The one of that name. Errors: Usage, saying what `artifact` has.
  Expected<const ManifestAdapter *> find(const std::string &name, const std::string &artifact) const;
  /// Puts an adapter in its places in `weights`. `file` is the weights part of the artifact. Errors: WontFit.
  Status apply(const ManifestAdapter &adapter, std::span<const uint8_t> file, Weights &weights) const;
};

} // namespace ph
