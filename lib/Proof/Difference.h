// Whether the results of a function before and after a pass are the same.
#pragma once
#include "lib/Proof/Samples.h"

namespace ph::proof {

/// Where results differ most.
struct Difference {
  std::string what; ///< "result 'logits' at [0, 3]: 1.5 became 2.5 (largest error 1.00e+00, admitted 1.50e-06)"
};

/// Compares what f64 runs gave. The f32 runs, whose distance to those shows what rounding does to the function before
/// and after, are asked for only where the results differ by more than 1e-6 of their row's largest.
std::optional<Difference> findDifference(const Outcome &before, const Outcome &after,
                                         llvm::function_ref<const Outcome &()> beforeRounded,
                                         llvm::function_ref<const Outcome &()> afterRounded);

/// The largest ‖after - before‖ / ‖before‖ of a result (Euclidean norms, of what is finite).
double findMovement(const Outcome &before, const Outcome &after);

/// Compares f32 runs: values that were finite and are no more.
std::optional<Difference> findOverflow(const Outcome &before, const Outcome &after);

} // namespace ph::proof
