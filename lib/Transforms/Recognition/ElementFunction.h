// Values of tensors as functions of the indices of their last two dimensions.
#pragma once
#include "dialects/Transformer/Transformer.h"

namespace ph {

/// A matrix that primitives make of numbers of rows and columns and of constants; leading dimensions are of size 1.
class ElementFunction {
public:
  explicit ElementFunction(mlir::Value value) : value(value) {}

  /// Element [i, j], in f32 and i32 as the primitives compute it; nothing where it depends on anything else.
  std::optional<double> at(int64_t i, int64_t j);

private:
  /// A value that isn't computed from others, as far as it matters: a number, or an affine function of i and j.
  struct Leaf {
    int64_t ofRow = 0, ofColumn = 0;
    double constant = 0;
    bool isTruth = false; ///< whether that is ≥ 0
  };
  std::optional<Leaf> leafOf(mlir::Value value);
  std::optional<double> evaluate(mlir::Value value);

  mlir::Value value;
  int64_t row = 0, column = 0;
  llvm::DenseMap<mlir::Value, std::optional<Leaf>> leaves;
  llvm::DenseMap<mlir::Value, std::optional<double>> done; ///< for this row and column
};

} // namespace ph
