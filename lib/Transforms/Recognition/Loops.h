// What loops over linalg compute, as the importer of ONNX writes them.
#pragma once
#include "dialects/Transformer/Transformer.h"

namespace ph {

/// x, [batch, sequence] of i32, where `value` is the sum of all x up to each element, along the sequence; null
/// otherwise.
mlir::Value matchRunningSum(mlir::Value value);

/// x, of i32, whose largest element `value`, of rank 0, is; null otherwise.
mlir::Value matchLargest(mlir::Value value);

} // namespace ph
