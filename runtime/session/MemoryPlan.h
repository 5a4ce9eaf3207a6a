// What a session needs, computed from the artifact's manifest before anything is allocated.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/devices/Memory.h"
#include <cstdint>

namespace ph {

/// The sizes that the compiler states in the manifest.
struct ModelSizes {
  int64_t vocabulary = 0;
  int64_t contextLength = 0;     ///< positions that the model was trained for
  uint64_t weights = 0;          ///< bytes
  uint64_t arenaFixed = 0;       ///< bytes
  uint64_t arenaPerRow = 0;      ///< bytes per row of a step
  uint64_t cachePerPosition = 0; ///< bytes per position of one slot
};

/// What a caller wishes for.
struct SessionOptions {
  int64_t context = 0; ///< positions per slot; 0: the model's, at most kDefaultContext. Rounded up to a multiple of 64.
  int64_t slots = 1;   ///< independent sequences
  /// Most rows of one step (-b). More rows read the weights less often but need more activations; beyond some 200 the
  /// speed of prefill no longer grows.
  int64_t chunk = 256;
  int64_t logitRows = 1; ///< rows of logits that are kept at a time; at least `slots` are
};
inline constexpr int64_t kDefaultContext = 4096;

/// Bytes by purpose.
struct MemoryPlan {
  int64_t context = 0, slots = 0, capacity = 0, logitRows = 0;
  uint64_t weights = 0, arena = 0, cachePerSlot = 0, cache = 0, logits = 0;
  bool mapWeights = false; ///< they stay in the page cache, which the system can drop, and don't count
  /// All of it, UINT64_MAX if it is more than that.
  uint64_t total() const;
};

enum class WeightsPlacement { Auto, Read, Map };

/// Plans `options` within `available`. With Auto the weights are read if that leaves a quarter of the memory and the
/// rest fits beside them, and mapped otherwise. `weightsLoaded`: they are in memory already and cost nothing more.
/// Errors: Usage (a number out of range), WontFit, which says what is needed, what there is, and which -c would fit.
Expected<MemoryPlan> planMemory(const ModelSizes &model, const SessionOptions &options, WeightsPlacement placement,
                                bool weightsLoaded, const AvailableMemory &available);

} // namespace ph
