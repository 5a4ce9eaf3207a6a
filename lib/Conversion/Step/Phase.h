// Phases: work that the threads of a team share (NextFn of runtime/formats/StepABI.h).
#pragma once
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace ph::conversion {

/// What a phase needs of the function that it stands in.
struct TeamArguments {
  mlir::Value thread, threads; ///< index
  mlir::Value next, team;      ///< pointers: a NextFn and what to hand to it
};

/// Threads claim ranges [u0, u1) of `units`, `work` on each, and go on when all units are finished.
void emitPhase(mlir::ImplicitLocOpBuilder &b, const TeamArguments &team, mlir::Value units,
               llvm::function_ref<void(mlir::Value u0, mlir::Value u1)> work);

/// Memory without a known end, as functions of a step and kernels take it.
mlir::MemRefType flatMemory(mlir::Type element);

} // namespace ph::conversion
