// The softmax of rows of which only a tile is there at a time (Milakov and Gimelshein, 2018, arXiv:1805.02867): for
// each row the largest score so far, and sums of exponentials relative to it, which shrink when a larger one comes.
#pragma once
#include "lib/Transforms/Attention/TileBuilder.h"

namespace ph {

/// Rows that have seen nothing yet, or a sink: the largest score is the sink's, or -∞.
mlir::Value startLargest(TileBuilder &t, mlir::Value rows, mlir::Value sink);
/// Their sum of exponentials: 1 with a sink, 0 without.
mlir::Value startSum(TileBuilder &t, mlir::Value rows, mlir::Value sink);

/// What scores [rows, columns] make of the largest scores before.
struct Risen {
  mlir::Value largest; ///< of each row; takes the place of those before
  mlir::Value shrink;  ///< by what sums shrink: exp(before - largest)
};
Risen rise(TileBuilder &t, mlir::Value before, mlir::Value scores);
/// exp(score - largest); 0 where a score is -∞, even if all of its row are.
mlir::Value exponentials(TileBuilder &t, mlir::Value scores, mlir::Value largest);
/// Each row of [rows] or [rows, columns] times its factor, in its place.
mlir::Value scaleRows(TileBuilder &t, mlir::Value tile, mlir::Value factors);
/// Each row divided by its sum; 0 where that is 0, as it is for rows that have seen nothing. In the place of `into`, or
/// of a new tile where that is null.
mlir::Value divideRows(TileBuilder &t, mlir::Value tile, mlir::Value sums, mlir::Value into = {});
/// Sums of the rows of [rows, columns], added to `into`.
mlir::Value addRows(TileBuilder &t, mlir::Value tile, mlir::Value into);

} // namespace ph
