// Masks as they are spelled out in primitives, said in the options of xf.attention.
#pragma once
#include "dialects/Transformer/Dims.h"

namespace ph {

/// Collects what masks say. Scores are […, queries, keys].
class SpelledMask {
public:
  /// `scores` is any value of the scores' shape, of rank 3 to 5.
  explicit SpelledMask(mlir::Value scores) : scores(scores) {}

  /// A float that is added to the scores; false if it can't be said in options, and nothing was collected.
  bool addFloat(mlir::Value mask);
  /// A condition under which a score stays (or, `negated`, doesn't).
  bool addCondition(mlir::Value condition, bool negated);

  /// Writes what was collected into `options`.
  void apply(xf::AttentionOptions &options) const;

private:
  bool collectFloat(mlir::Value mask);
  bool collect(mlir::Value condition, bool negated);
  bool collectForm(mlir::Value condition, bool negated);
  bool collectDistance(xf::CompareOp compare);
  bool collectPadding(mlir::Value mask);
  template <class Function> bool orNothing(Function function);
  bool coversScores(mlir::Value mask);
  bool isExpressible() const;

  mlir::Value scores;
  std::optional<int64_t> above;  ///< j - i ≤ above
  std::optional<int64_t> before; ///< i - j ≤ before
  mlir::Value padding;           ///< [batch, keys], 0 where nothing is
};

} // namespace ph
