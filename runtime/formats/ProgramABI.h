// The contract between generated code and the runtime: a function on named tensors, run by all threads of a team
// together.
#pragma once
#include "runtime/formats/StepABI.h"
#include <cstdint>

namespace ph {

/// A program's functions stand in the shared object once for each level: their symbols are those of the manifest, then
/// "_" and the level's name with "_" for "-".

/// What a call needs, from the sizes of what goes in.
///   sizes    the dynamic dimensions of the inputs, in order: those of the first input, then those of the second, …
///   needs    written: bytes of the arena, then the dynamic dimensions of the results, in the same order
using ProgramPlanFn = void (*)(const int64_t *sizes, int64_t *needs);

/// One call. Every thread of the team calls it with the same arguments but `thread`. Tensors are row-major without
/// gaps: f32, i32, i8, and i1 as bytes.
///   weights  packed weights, 64-byte aligned
///   arena    as many bytes as the plan of these sizes says, 64-byte aligned
///   tensors  the inputs, then the results; a result that changes an input in place (a cache) is that input's memory.
///            The caller checks that sizes agree with each other, and that ids are in range.
///   sizes    as the plan function takes them
using ProgramFn = void (*)(const uint8_t *weights, uint8_t *arena, void *const *tensors, const int64_t *sizes,
                           int64_t thread, int64_t threads, NextFn next, void *team);

} // namespace ph
