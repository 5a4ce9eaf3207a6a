// Builds xf primitives and structured ops on tensors whose shapes a file says, so they may not fit. After an error
// each function gives null, and takes it.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace ph::onnx_import {

using Size = mlir::OpFoldResult;
using Sizes = llvm::SmallVector<mlir::OpFoldResult>;

class TensorBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  // --- Errors ---
  /// Keeps the first message. Gives null, as what failed has no value.
  mlir::Value fail(const llvm::Twine &message);
  bool hasFailed() const { return !error.empty(); }
  const std::string &message() const { return error; }

  // --- Sizes ---
  Size size(int64_t value) { return getI64IntegerAttr(value); }
  Size add(Size x, Size y);
  Size sub(Size x, Size y);
  Size mul(Size x, Size y);
  /// Rounded down; y > 0.
  Size div(Size x, Size y);
  Size max(Size x, Size y);
  Size min(Size x, Size y);
  Size product(llvm::ArrayRef<Size> sizes);
  /// As a value of type index.
  mlir::Value index(Size size);
  mlir::Value index(int64_t value) { return index(size(value)); }
  Size dim(mlir::Value tensor, int64_t axis);
  Sizes dims(mlir::Value tensor);
  /// Says that the size of a dimension is that of another one.
  void know(mlir::Value tensor, int64_t axis, Size size) { known[{tensor, axis}] = size; }

  /// Where each element is known to be the number of its place along one axis, that axis.
  std::optional<int64_t> coordinateOf(mlir::Value tensor) const;
  /// The number that all elements are known to be.
  static std::optional<double> uniformOf(mlir::Value tensor);
  /// Where a tensor was put together along its last axis of parts of size 1, these.
  llvm::ArrayRef<mlir::Value> columnsOf(mlir::Value tensor) const;

  /// Numbers of places of a matrix whose rows are laid one behind the other: row · length + column, where these are the
  /// element's own coordinates.
  struct FlatPlace {
    int64_t row, column; ///< dimensions of the tensor
    Size length;
  };
  std::optional<FlatPlace> flatPlaceOf(mlir::Value tensor) const;

  // --- Primitives; types of elements must be right, shapes are checked ---
  mlir::Value number(mlir::Type element, double value);
  mlir::Value f32(double value) { return number(getF32Type(), value); }
  mlir::Value i32(int64_t value) { return number(getI32Type(), double(value)); }
  mlir::Value scalar(Size size);
  mlir::Value binary(xf::BinaryKind kind, mlir::Value x, mlir::Value y);
  mlir::Value add(mlir::Value x, mlir::Value y) { return binary(xf::BinaryKind::Add, x, y); }
  mlir::Value sub(mlir::Value x, mlir::Value y) { return binary(xf::BinaryKind::Sub, x, y); }
  mlir::Value mul(mlir::Value x, mlir::Value y) { return binary(xf::BinaryKind::Mul, x, y); }
  mlir::Value div(mlir::Value x, mlir::Value y) { return binary(xf::BinaryKind::Div, x, y); }
  mlir::Value max(mlir::Value x, mlir::Value y) { return binary(xf::BinaryKind::Max, x, y); }
  mlir::Value min(mlir::Value x, mlir::Value y) { return binary(xf::BinaryKind::Min, x, y); }
  mlir::Value unary(xf::UnaryKind kind, mlir::Value x);
  mlir::Value compare(xf::CompareKind kind, mlir::Value x, mlir::Value y);
  mlir::Value select(mlir::Value condition, mlir::Value x, mlir::Value y);
  mlir::Value cast(mlir::Value x, mlir::Type element);
  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int64_t> permutation);
  /// The last two dimensions exchanged.
  mlir::Value transposeLast(mlir::Value x);
  /// Entries as xf.reshape has them: 0 copies, -1 is what is left over.
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<Size> shape);
  /// To a shape whose entries are sizes: 0 is an empty dimension.
  mlir::Value reshapeTo(mlir::Value x, llvm::ArrayRef<Size> shape);
  mlir::Value unsqueeze(mlir::Value x, llvm::ArrayRef<int64_t> axesOfResult);
  mlir::Value broadcast(mlir::Value x, llvm::ArrayRef<Size> shape);
  mlir::Value concat(llvm::ArrayRef<mlir::Value> xs, int64_t axis);
  /// from … to with a positive step.
  mlir::Value slice(mlir::Value x, int64_t axis, Size from, Size to, int64_t step = 1);
  mlir::Value gather(mlir::Value x, mlir::Value indices, int64_t axis);
  /// Of floats.
  mlir::Value reduce(xf::ReduceKind kind, mlir::Value x, llvm::ArrayRef<int64_t> axes, bool keepdims);
  mlir::Value softmax(mlir::Value x, int64_t axis);
  mlir::Value matmul(mlir::Value x, mlir::Value y);
  /// 0, 1, … of i32.
  mlir::Value iota(Size size);

  // --- Structured ops ---
  using Body = llvm::function_ref<mlir::Value(TensorBuilder &, mlir::ValueRange)>;
  /// A new tensor, element by element: the body gets its indices.
  mlir::Value generate(llvm::ArrayRef<Size> sizes, mlir::Type element, Body body);
  /// A new tensor whose elements are folds over `over` more loops that start with `start`: the body gets the indices of
  /// all loops, the result's first, and what there is so far.
  mlir::Value fold(llvm::ArrayRef<Size> sizes, llvm::ArrayRef<Size> over, mlir::Value start, Body body);
  /// A function of elements of tensors, which are broadcast to one another.
  mlir::Value map(llvm::ArrayRef<mlir::Value> tensors, mlir::Type element, Body body);

  // --- In bodies, on scalars ---
  mlir::Value at(mlir::Value tensor, mlir::ValueRange indices);
  mlir::Value scalarNumber(mlir::Type type, double value);
  mlir::Value toIndex(mlir::Value x);
  mlir::Value less(mlir::Value x, mlir::Value y);  ///< of integers or indices
  mlir::Value equal(mlir::Value x, mlir::Value y); ///< likewise
  mlir::Value choose(mlir::Value condition, mlir::Value x, mlir::Value y);
  /// An index that may count from the end of a dimension.
  mlir::Value wrapped(mlir::Value index, mlir::Value size);

  static mlir::RankedTensorType typeOf(mlir::Value tensor) {
    return llvm::cast<mlir::RankedTensorType>(tensor.getType());
  }
  static int64_t rankOf(mlir::Value tensor) { return typeOf(tensor).getRank(); }
  static mlir::Type elementOf(mlir::Value tensor) { return typeOf(tensor).getElementType(); }
  static bool isFloat(mlir::Value tensor) { return elementOf(tensor).isF32(); }

private:
  bool fits(llvm::ArrayRef<mlir::Value> tensors);
  /// Says what the sizes of a result are, null where only it knows, so that later nodes see which are equal.
  mlir::Value remember(mlir::Value tensor, llvm::ArrayRef<Size> sizes);
  /// The sizes that tensors are broadcast to, null where only run time tells.
  Sizes together(llvm::ArrayRef<mlir::Value> tensors);
  Sizes reshapedSizes(mlir::Value x, llvm::ArrayRef<Size> shape);
  bool hasAxis(mlir::Value x, int64_t axis);

  std::string error;
  llvm::DenseMap<std::pair<mlir::Value, int64_t>, Size> known;
  /// Whether `part` is the size of a table that was cut to `size`: it is that, or too short to stand beside it.
  bool isCutTo(Size part, Size size) const;

  llvm::DenseMap<mlir::Value, Size> cuts; ///< what a table was cut to, by the size that came of it
  /// Keeps what a product or a sum says of places.
  void notePlace(xf::BinaryKind kind, mlir::Value x, mlir::Value y, mlir::Value result);

  llvm::DenseMap<mlir::Value, Size> scalars;                  ///< what tensors of one element hold
  llvm::DenseMap<mlir::Value, std::pair<int64_t, Size>> rows; ///< a coordinate, times a size
  llvm::DenseMap<mlir::Value, FlatPlace> flatPlaces;
  llvm::DenseMap<mlir::Value, int64_t> coordinates;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Value>> columns;
};

} // namespace ph::onnx_import
