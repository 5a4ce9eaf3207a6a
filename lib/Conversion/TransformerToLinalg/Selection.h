// Choosing the best of a row, one after the other.
#pragma once
#include "Lowering.h"

namespace ph::conversion {

/// An element of a row, as scalars: f32 and i32.
struct Candidate {
  mlir::Value value, place;
};

/// What stands ahead of every element: where a selection starts.
Candidate aheadOfAll(ScalarBuilder &s);

/// The best element of a new tensor of rank 1 that comes after `previous`: larger ones come first, of equals that of
/// the lower place; NaN counts as -∞. Elements count where the body says so, which gets the element and its place. The
/// place is -1 where none is left.
Candidate nextBest(Lowering &l, mlir::Value row, const Candidate &previous,
                   llvm::function_ref<mlir::Value(ScalarBuilder &, mlir::Value, mlir::Value)> counts = nullptr);

} // namespace ph::conversion
