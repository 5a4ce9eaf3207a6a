// Checks that several ops' verifiers share. Each emits its own message: `expects …, but got …`.
#pragma once
#include "dialects/Training/Training.h"
#include "dialects/Transformer/Broadcast.h"

namespace ph::train {

/// Each value is a tensor of rank 0.
mlir::LogicalResult expectScalars(mlir::Operation *op, mlir::ValueRange values);
/// Each value has the type of `like`.
mlir::LogicalResult expectTypeOf(mlir::Operation *op, mlir::ValueRange values, llvm::StringRef name, mlir::Value like);
/// All operands have the shape of the first one, which is named `name`, of rank `rank` if that is not negative; the
/// results are scalars.
mlir::LogicalResult expectLoss(mlir::Operation *op, llvm::StringRef name, int64_t rank = -1);
/// Each value has the shape of `like`.
mlir::LogicalResult expectShapeOf(mlir::Operation *op, mlir::ValueRange values, llvm::StringRef name, mlir::Value like);
/// What `condition` says of an attribute's value; null where the attribute is not given.
mlir::LogicalResult expectNumber(mlir::Operation *op, bool holds, llvm::StringRef condition, mlir::FloatAttr value);
/// 0 ≤ value < 1.
mlir::LogicalResult expectFraction(mlir::Operation *op, llvm::StringRef name, mlir::FloatAttr value);
/// 0 < value < ∞, 0 ≤ value < ∞.
mlir::LogicalResult expectPositive(mlir::Operation *op, llvm::StringRef name, mlir::FloatAttr value);
mlir::LogicalResult expectNotNegative(mlir::Operation *op, llvm::StringRef name, mlir::FloatAttr value);

} // namespace ph::train
