// The extension point of --verify-values: a pass that changes values on purpose says so itself, and on what terms
// functions can be compared nevertheless.
#pragma once
#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace ph {

/// What a pass may change. No number is admitted: what is left when the purpose of the pass is taken out must be equal.
struct ValueChange {
  enum Kind {
    Nothing, ///< with the options that the pass has
    /// Weights are stored with fewer bits. With the values that they have after it, functions from before give what
    /// those from after give, and no value of a weight moves by more than a step of its format.
    Weights,
    /// Activations are stored with fewer bits. Where storing them rounds nothing, functions give the same.
    Activations,
    /// Rows of attention that see nothing before the pass, and what depends on them.
    HiddenRows,
    /// What is computed, but for at most `sameUpTo` positions: values from before say nothing about those after.
    Meaning,
  };
  Kind kind = Meaning;
  /// Why, for whoever reads that a comparison was skipped.
  llvm::StringRef why;
  int64_t sameUpTo = 0;
  /// Whether public functions may be removed or get other signatures.
  bool changesInterface = false;
};

/// Base of passes that change values. All others give the same values, but for rounding.
class ChangesValues {
public:
  virtual ~ChangesValues() = default;
  /// With the options that the pass has now.
  virtual ValueChange getValueChange() const = 0;
};

} // namespace ph
