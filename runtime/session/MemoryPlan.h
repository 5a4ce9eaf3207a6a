// What a session needs, computed from the artifact's manifest before anything is allocated.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/devices/Memory.h"
#include <cstdint>
#include <functional>

namespace ph {

/// The sizes that the compiler states in the manifest.
struct ModelSizes {
  int64_t vocabulary = 0;
  int64_t contextLength = 0;     ///< positions that the model was trained for
  int64_t positionLimit = 0;     ///< positions that it has learned vectors for, and no more; 0: any number
  uint64_t weights = 0;          ///< bytes
  uint64_t arenaFixed = 0;       ///< bytes
  uint64_t arenaPerRow = 0;      ///< bytes per row of a step
  uint64_t cachePerPosition = 0; ///< bytes per position of one slot
  /// Where activations don't grow with the rows alone: bytes for steps of at most so many sequences, rows, rows of
  /// logits and positions.
  std::function<uint64_t(int64_t slots, int64_t capacity, int64_t logitRows, int64_t context)> arenaOf;
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

/// Rows of a step and bytes by purpose.
struct MemoryPlan {
  int64_t context = 0, slots = 0, logitRows = 0;
  int64_t positions = 0; ///< of `context` that may be used: all, but for a model's own limit
  int64_t chunk = 0;     ///< most rows of one step of prefill
  int64_t capacity = 0;  ///< rows that the arena is sized for, a multiple of 64; at least chunk, slots and logitRows
  uint64_t weights = 0, arena = 0, cachePerSlot = 0, cache = 0, logits = 0;
  bool mapWeights = false; ///< they stay in the page cache, which the system can drop, and don't count
  /// All of it, with kMemorySlack; UINT64_MAX if it is more than that.
  uint64_t total() const;
};

enum class WeightsPlacement { Auto, Read, Map };

/// For what isn't planned: the tokenizer, code, stacks, rounding up to huge pages.
inline constexpr uint64_t kMemorySlack = 16'000'000;

/// Plans `options` within `available`. With Auto the weights are read if all fits beside them, and mapped otherwise.
/// Mapped weights need address space, though no memory. `weightsLoaded`: they are in memory already and cost nothing
/// more. Errors: Usage (a number out of range), WontFit, which says what is needed, what there is, and which -c would
/// fit.
Expected<MemoryPlan> planMemory(const ModelSizes &model, const SessionOptions &options, WeightsPlacement placement,
                                bool weightsLoaded, const AvailableMemory &available);

} // namespace ph
