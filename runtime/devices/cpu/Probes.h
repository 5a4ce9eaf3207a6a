// What this machine can do at most: plain loops to measure kernels against. Probes, not kernels.
#pragma once
#include "runtime/threads/Team.h"
#include <vector>

namespace ph {

/// Rates of several passes, in the order they were measured.
using Rates = std::vector<double>;

/// The middle one of `values` (mean of two if even), 0 if there is none.
double median(std::vector<double> values);

/// GB/s (1e9 bytes) of `passes` reads of memory far larger than the last cache, shared evenly by the team.
/// Errors: WontFit if there is no memory for it.
Expected<Rates> measureReadBandwidth(Team &team, int passes);

/// GFLOP/s (1e9; an fma counts two) of independent f32 fused multiply-adds in registers, in the widest vectors this
/// machine has (512 bits, 256, or plain), on the whole team, `passes` times some 10 ms.
Rates measureFma(Team &team, int passes);

} // namespace ph
