// Whether the results of a function before and after a pass are the same.
#pragma once
#include "lib/Proof/Samples.h"

namespace ph::proof {

/// Where results differ most.
struct Difference {
  std::string what; ///< "result 'logits' at [0, 3]: 1.5 became 2.5 (largest error 1.00e+00, admitted 1.50e-06)"
};

/// Compares what f64 runs gave: 1e-6 of a row's largest is admitted, or four times what rounding to f32 does to the
/// function before. The f32 runs are asked for only where that is exceeded. `afterRounded` gives one for functions that
/// read weights which a pass multiplied, null for others: such products are stored in f32, which an f64 run reads.
/// Four times what f32 does to the function after is admitted then too, up to 1e-5 of the row's largest.
std::optional<Difference> findDifference(const Outcome &before, const Outcome &after,
                                         llvm::function_ref<const Outcome &()> beforeRounded,
                                         llvm::function_ref<const Outcome *()> afterRounded);

/// Compares what f32 runs are off from an f64 run of the function before a pass: after it by up to 1e-5 of a row's
/// largest, or four times what it was before.
std::optional<Difference> findRoundingDifference(const Outcome &exact, const Outcome &before, const Outcome &after);

/// The largest ‖after - before‖ / ‖before‖ of a result (Euclidean norms, of what is finite).
double findMovement(const Outcome &before, const Outcome &after);

/// Compares f32 runs: values that were finite and are no more.
std::optional<Difference> findOverflow(const Outcome &before, const Outcome &after);

} // namespace ph::proof
