// The contract between generated code and the runtime: one forward step, run by all threads of a team together.
#pragma once
#include <cstdint>

namespace ph {

/// Grows when the signature below or the manifest's meaning changes; artifacts of another version are refused.
inline constexpr uint32_t kStepABIVersion = 2;

/// Gives a thread its next share of the phase that it is in. A step is a sequence of phases, the same for every thread;
/// a phase is `units` of work (fewer than 2^31), claimed in shares of `chunk` of them.
///   done      units of the thread's last share in this phase, which it has finished; 0 at first
/// Returns the first unit of a share, which ends `chunk` units later or at `units`; or -1, once all units of the phase
/// are finished, whoever did them, and what was written is visible: the thread is in the next phase then. A thread that
/// comes late to a phase finds it finished, so one that lost its core holds up only the share it has claimed.
using NextFn = int64_t (*)(void *team, int64_t thread, int64_t units, int64_t chunk, int64_t done);

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
                        NextFn next, void *team);

} // namespace ph
