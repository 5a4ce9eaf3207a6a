// Products of matrices in blocks of depth: of the right matrix a panel of a few vectors' columns lies packed in the L1
// cache while all rows of the left one pass by, and sums stay in registers. (Goto and van de Geijn, Anatomy of
// High-Performance Matrix Multiplication, 2008.)
#pragma once
#include "powerhouse/Codegen/CPU/KernelBuilder.h"
#include <functional>

namespace ph::codegen {

/// A matrix in flat memory: element (i, k) is at `at` + i * `ld` + k; with `columns`, at `at` + k * `ld` + i.
struct StridedMatrix {
  mlir::Value memory, at, ld;
  bool columns = false;
};

/// Part of a right matrix: its depths [depth, depth + count), and of these the columns [column, column + vectors *
/// lanes). `mask`: which of the last vector's columns there are; null if all.
struct PanelPlace {
  mlir::Value depth, count, column;
  int64_t vectors;
  mlir::Value mask;
};

/// How a right matrix is read: one of both is given.
struct RightMatrix {
  /// Lanes elements of row `k` from `column` on, where the mask is set, as f32.
  std::function<mlir::Value(mlir::Value k, mlir::Value column, mlir::Value mask)> load;
  /// Writes a part to flat memory of f32 from element 0 on, a row of vectors * lanes elements for each depth. Columns
  /// that there aren't may become anything; there is place for `count` rounded up to kDepthsTogether.
  std::function<void(const PanelPlace &, mlir::Value panel)> fill;
};

/// Blocks of depth are a multiple of this many depths, but for the last one.
inline constexpr int64_t kDepthsTogether = 16;

/// c[i][j] += sum of left[i][k] * right[k][j] for i < m, j < n, k < depth: one chain of fma over k for each element,
/// whatever the sizes.
void multiplyByPanels(KernelBuilder &b, const StridedMatrix &left, const RightMatrix &right, const StridedMatrix &c,
                      mlir::Value m, mlir::Value n, mlir::Value depth);

/// Squares of as many rows as lanes, turned round: element `i` of row `r` becomes element `r` of row `i`.
KernelBuilder::Values turnedRound(KernelBuilder &b, KernelBuilder::Values rows);

} // namespace ph::codegen
