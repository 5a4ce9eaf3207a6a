// The extension point of --verify-values: a pass that changes values on purpose says so itself, and by how much.
#pragma once
#include "llvm/ADT/StringRef.h"
#include <limits>

namespace ph {

/// By how much a pass may change what functions compute.
struct ValueChange {
  /// What is admitted of ‖after - before‖ / ‖before‖ for each result (Euclidean norms). Infinite: the pass changes what
  /// is computed, so that values from before say nothing about those after. 0: with these options it changes none.
  double admitted = std::numeric_limits<double>::infinity();
  /// Why, for whoever reads that a comparison was skipped.
  llvm::StringRef why;
};

/// Base of passes that change values. All others give the same values, but for rounding.
class ChangesValues {
public:
  virtual ~ChangesValues() = default;
  /// With the options that the pass has now.
  virtual ValueChange getValueChange() const = 0;
};

} // namespace ph
