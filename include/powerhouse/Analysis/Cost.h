// What one token costs: arithmetic and bytes, in closed form from the ops' shapes.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include <string>
#include <vector>

namespace ph::analysis {

/// The cost of one op for one token, over all the iterations of the loops around it.
///
/// A multiplication, addition, division, comparison or elementary function counts 1 FLOP:
///   linear        2NK, + N with a bias, + N with a residual        gated_linear   4NK + 2N
///   logits        2NK, + N with a scale, + 3N with a soft cap      gated_activation 2N
///   rms_norm      4K + 3                                           add            N
///   rope          3 · dim · heads (cos and sin come from a table)  encode         3K
///   attention     heads · (4 · head_dim + 5) for each visible position, + its rotations
///   embedding     K with a scale, else 0                           others         0
/// A result that is encoded adds 3K. Weights are counted in the bytes of their format (a look-up reads one row), the
/// cache as it is read by attention and written by cache_append.
struct OpCost {
  std::string op;     ///< "xf.linear"
  std::string weight; ///< the weights' symbols, joined by ", "; empty without
  int64_t times = 1;  ///< iterations
  double flop = 0;    ///< without what depends on the context
  double weightBytes = 0;
  double flopPerPosition = 0;       ///< more for each visible position
  double cacheBytesPerPosition = 0; ///< read for each visible position
  double cacheBytesWritten = 0;
};

struct ModelCost {
  std::vector<OpCost> ops; ///< of @forward, in order, without those that cost nothing
  double flopPerToken = 0;
  double weightBytesPerToken = 0;
  double flopPerTokenAndPosition = 0;
  double cacheBytesPerTokenAndPosition = 0;
  double cacheBytesWrittenPerToken = 0;

  double flopAt(int64_t context) const { return flopPerToken + flopPerTokenAndPosition * double(context); }
};

/// The cost of one decoded token (one sequence, one new token, its logits wanted) of @forward; nothing without one.
ModelCost computeCost(mlir::ModuleOp module);

} // namespace ph::analysis
