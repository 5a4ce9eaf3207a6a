// Softmax, as one op or spelled out.
#pragma once
#include "dialects/Transformer/Transformer.h"

namespace ph {

/// softmax(input) along `axis`; no input where there is none.
struct Softmax {
  mlir::Value input;
  int64_t axis = 0;
};

/// xf.softmax, or e^(x - max x) / Σ e^(x - max x), with the maximum subtracted or not.
Softmax matchSoftmax(mlir::Value value);

} // namespace ph
