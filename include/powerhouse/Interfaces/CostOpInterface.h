// The extension point of the cost analysis: what an op costs.
#pragma once
#include "mlir/IR/OpDefinition.h"

namespace ph {

/// Where a closed form is evaluated.
struct CostPoint {
  double tokens = 1;  ///< T: new tokens of one sequence, the rows of each activation
  double context = 1; ///< C: positions that attention sees from the last of them (the token itself included)
};

/// A multiplication, addition, division, comparison or elementary function is 1 FLOP. Each operand is read once and
/// each result is written once.
struct Cost {
  double flop = 0;
  double weightBytes = 0;     ///< read, in the weights' formats
  double activationBytes = 0; ///< read and written
  double cacheBytesRead = 0;
  double cacheBytesWritten = 0;

  Cost &operator+=(const Cost &other) {
    flop += other.flop;
    weightBytes += other.weightBytes;
    activationBytes += other.activationBytes;
    cacheBytesRead += other.cacheBytesRead;
    cacheBytesWritten += other.cacheBytesWritten;
    return *this;
  }
  Cost operator*(double times) const {
    return {flop * times, weightBytes * times, activationBytes * times, cacheBytesRead * times,
            cacheBytesWritten * times};
  }
  bool operator==(const Cost &) const = default;
};

} // namespace ph

#include "lib/Interfaces/CostOpInterface.h.inc"
