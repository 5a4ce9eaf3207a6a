// Rotary positions as they are spelled out in primitives.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include <string>

namespace ph {

/// What was found behind x · cos(a) + turned(x) · sin(a).
struct SpelledRope {
  mlir::Value input; ///< x, […, dim]
  xf::RopeStyle style = xf::RopeStyle::Half;
  mlir::Value cosine, sine;                  ///< the factors, as they are multiplied
  mlir::Value angles;                        ///< [… sequence, dim / 2], of one of each pair
  mlir::Value positions;                     ///< numbers, before they are reshaped and converted
  double factor = 1;                         ///< that cosine and sine have
  llvm::SmallVector<double> frequencies;     ///< of each pair
  llvm::SmallVector<double> longFrequencies; ///< where the largest position is `original` or beyond; empty: the same
  int64_t original = 0;
};

/// Looks whether `sum` is a rotation; `reason` says what is missing, and is empty where it doesn't look like one.
std::optional<SpelledRope> matchRope(xf::ElementwiseOp sum, std::string &reason);

} // namespace ph
