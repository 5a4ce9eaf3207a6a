// The contract between generated code and the runtime: one forward step, run by all threads of a team together.
#pragma once
#include <cstdint>

namespace ph {

/// Grows when the signature below or the manifest's meaning changes; artifacts of another version are refused.
inline constexpr uint32_t kStepABIVersion = 1;

/// Generated code claims work from here: an atomic counter that the barrier resets to zero before it releases the team.
struct alignas(64) StepSync {
  int32_t claim = 0;
};

/// Waits until every thread of the team has called it, resets StepSync::claim to 0, and releases all.
using BarrierFn = void (*)(void *team);

/// One forward step over `batch` sequences of `sequence` new tokens each. Every thread of the team calls it with the
/// same arguments but `thread`. M = batch * sequence rows, row b * sequence + s.
///   weights   packed weights, 64-byte aligned
///   arena     activations: manifest memory.arena_fixed + capacity * memory.arena_per_row bytes, 64-byte aligned
///   cache     KV cache: slot b at b * memory.cache_per_position * context bytes; zeroed before first use
///   tokens    [M] token ids, each below the vocabulary's size (the caller checks)
///   past      [batch] tokens already in the cache; past[b] + sequence <= context
///   rows      [logitRows] the rows whose logits are wanted
///   logits    [logitRows][vocabulary] f32, written
///   capacity  most rows the arena was sized for, a multiple of 64; M <= capacity, logitRows <= capacity
///   context   positions per slot, a multiple of 64
using StepFn = void (*)(const uint8_t *weights, uint8_t *arena, uint8_t *cache, const int32_t *tokens,
                        const int32_t *past, const int32_t *rows, float *logits, int64_t batch, int64_t sequence,
                        int64_t logitRows, int64_t capacity, int64_t context, int64_t thread, int64_t threads,
                        int32_t *claim, BarrierFn barrier, void *team);

} // namespace ph
