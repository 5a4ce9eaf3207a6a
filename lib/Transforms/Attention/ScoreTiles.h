// An attention's queries, keys and scores by tiles: what flash attention, its derivatives and split keys have in
// common.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "lib/Transforms/Attention/TileBuilder.h"

namespace ph {

/// What is attended with and to; keys and values are tensors.
struct AttentionSource {
  mlir::Value query, keys, values;
  mlir::Value past;      ///< for each sequence the position of its first query; null: 0
  mlir::Value positions; ///< of queries and keys that are rotated; null: they are not
  xf::RopeAttr rope;
  xf::AttentionOptions options;
  int64_t headDim = 0, valueDim = 0;
  int64_t group = 1; ///< heads for each key head

  /// That of an op; a cache's keys and values are read at `builder`.
  static AttentionSource of(mlir::ImplicitLocOpBuilder &builder, xf::AttentionOp op);
  static AttentionSource of(xf::AttentionBackwardOp op);
};

/// Why an op can't be computed by tiles of f32; empty if it can.
std::string refusalOfTiles(mlir::Operation *op);

/// Queries `from` on of a head of a sequence.
struct QueryTile {
  mlir::Value sequence, head, from, count;
  mlir::Value keyHead;
  mlir::Value position; ///< of the first
  mlir::Value prefix;   ///< of the sequence; null if there is none
  mlir::Value slope;    ///< of the head's linear biases; null if there are none
  mlir::Value sink;     ///< of the head; null if there is none
  mlir::Value tile;     ///< [count, head_dim]
};

/// Keys and values `from` on of the same head and sequence.
struct KeyTile {
  mlir::Value from, count;
  mlir::Value keys, values; ///< [count, head_dim], [count, value_head_dim]
};

class ScoreTiles {
public:
  ScoreTiles(TileBuilder &builder, const AttentionSource &source) : t(builder), source(source) {}

  mlir::Value countSequences() { return t.dim(source.query, 0); }
  mlir::Value countQueries() { return t.dim(source.query, 1); }
  mlir::Value countKeys() { return t.dim(source.keys, 1); }
  mlir::Value countHeads() { return t.index(source.options.heads); }

  QueryTile queries(mlir::Value sequence, mlir::Value head, mlir::Value from, mlir::Value count);
  KeyTile keys(const QueryTile &queries, mlir::Value from, mlir::Value count);
  /// The first key that a query of the tile may see, and the one after the last.
  std::pair<mlir::Value, mlir::Value> reach(const QueryTile &queries);

  /// scale · q · k: [queries, keys].
  mlir::Value products(const QueryTile &queries, const KeyTile &keys);
  /// The scores that products become: capped, biased, and -∞ where nothing is seen.
  mlir::Value scores(const QueryTile &queries, const KeyTile &keys, mlir::Value products);
  /// The derivatives of scores by products; null where all are 1.
  mlir::Value slopes(mlir::Value products);

private:
  mlir::Value rotated(mlir::Value tensor, mlir::Value sequence, mlir::Value from, mlir::Value count,
                      mlir::Value column);
  mlir::Value biases(const QueryTile &queries, const KeyTile &keys);

  TileBuilder &t;
  AttentionSource source;
};

} // namespace ph
