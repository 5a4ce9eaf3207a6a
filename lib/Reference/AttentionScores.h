// What each query of an attention makes of each key: scores, who sees whom, and the softmax.
#pragma once
#include "lib/Reference/Models.h"
#include <optional>

namespace ph::reference {

/// The keys, or the values, of one head of one sequence: rows that are `stride` elements apart.
struct HeadRows {
  const double *data = nullptr;
  int64_t count = 0, stride = 0;
  const double *row(int64_t j) const { return data + j * stride; }
};

/// A query: row `row` of a head of a sequence, at a position.
struct QueryRow {
  int64_t sequence, head, row, position;
  const double *data;
  int64_t headDim;
};

/// Biases up to here are masks: exporters write -1e4 in half precision, more otherwise.
inline constexpr double kHides = -1e4;

/// What one query makes of the first positions, as many as it may see.
struct RowWeights {
  std::vector<double> weights; ///< of the softmax; 0 where nothing is seen
  std::vector<double> slopes;  ///< derivatives of the scores by scale · q · k: below 1 with a soft cap
  bool hidden = false;         ///< nothing is seen, or nothing without a bias that hides it as masks do, below kHides
};

/// The options of an attention with the values of their operands.
class AttentionScores {
public:
  /// Fails, with a message at `op`, if shapes don't fit a query of this batch and sequence and, without a cache, this
  /// many positions.
  static mlir::FailureOr<AttentionScores> make(mlir::Operation *op, const xf::AttentionOptions &options,
                                               llvm::ArrayRef<Value> inputs, int64_t batch, int64_t sequence,
                                               std::optional<int64_t> positions);

  /// Scores and weights are values of their own where attention is spelled out: they are moved as such.
  void jitterBy(Context &context) { jitter = context.deviations().jitter ? &context : nullptr; }

  /// Fails, with a message, if bias or valid don't cover what the query may see.
  mlir::LogicalResult weigh(const QueryRow &query, HeadRows keys, RowWeights &result) const;

private:
  bool sees(const QueryRow &query, int64_t key) const;
  /// How many of `count` positions the query may see: all others are behind these.
  int64_t reach(const QueryRow &query, int64_t count) const;

  double moved(double x) const { return jitter ? jitter->round(x) : x; }

  mlir::Operation *op = nullptr;
  Context *jitter = nullptr;
  xf::AttentionOptions options;
  const Tensor *bias = nullptr, *sinks = nullptr, *prefix = nullptr, *documents = nullptr, *valid = nullptr;
  llvm::SmallVector<double> slopes; ///< of ALiBi
};

} // namespace ph::reference
