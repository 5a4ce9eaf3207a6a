// Builds computations on tiles: tensors of few rows, cut out of larger ones.
#pragma once
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace ph {

/// A tile that a structured op reads or adds to, and the loops that its dimensions follow.
struct Indexed {
  mlir::Value tile;
  llvm::SmallVector<unsigned> loops;
};

class TileBuilder {
public:
  using Body = llvm::function_ref<mlir::Value(mlir::ImplicitLocOpBuilder &, mlir::ValueRange)>;

  TileBuilder(mlir::OpBuilder &builder, mlir::Location loc) : b(loc, builder) {}
  mlir::ImplicitLocOpBuilder &builder() { return b; }

  // Indices.
  mlir::Value index(int64_t value);
  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value sub(mlir::Value x, mlir::Value y);
  mlir::Value min(mlir::Value x, mlir::Value y);
  mlir::Value max(mlir::Value x, mlir::Value y);
  /// x · factor.
  mlir::Value times(mlir::Value x, int64_t factor);
  /// An i32 of a tensor of rank 1, as an index.
  mlir::Value entry(mlir::Value tensor, mlir::Value place);
  mlir::Value dim(mlir::Value tensor, int64_t dimension);
  mlir::Value number(double value);

  /// for i = from, from + step, … below to. `body` gets i and what is carried, and gives what is carried on.
  llvm::SmallVector<mlir::Value>
  loop(mlir::Value from, mlir::Value to, mlir::Value step, mlir::ValueRange carried,
       llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)> body);

  /// The same for all points of `to` (from 0 on, in steps), which may be computed at once. `parts` gets the point and
  /// the outputs, and gives what of each its part is; `body` gets these and gives them anew.
  llvm::SmallVector<mlir::Value>
  forall(llvm::ArrayRef<mlir::Value> to, llvm::ArrayRef<int64_t> steps, mlir::ValueRange outputs,
         llvm::function_ref<llvm::SmallVector<mlir::tensor::ExtractSliceOp>(mlir::ValueRange, mlir::ValueRange)> parts,
         llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::ValueRange, mlir::ValueRange)> body);

  /// How many there are from `from` to below `to`, but at most `most`, which tiles of so many may rely on.
  mlir::Value count(mlir::Value from, mlir::Value to, int64_t most);
  /// Uninitialized. Where each dynamic size is a count with a limit, it is a part of one whose size is static.
  mlir::Value empty(mlir::RankedTensorType type, mlir::ValueRange sizes);
  /// The size of a dimension of a tile, as it was asked for where that is known.
  mlir::Value size(mlir::Value tile, int64_t dimension);
  /// A tile of `type`, whose dynamic sizes are those given, of one value.
  mlir::Value filled(mlir::RankedTensorType type, mlir::ValueRange sizes, mlir::Value value);
  /// f32[rows], f32[rows, columns]; columns may be static.
  mlir::RankedTensorType tileType(llvm::ArrayRef<int64_t> shape);
  /// Rows `from` on of sequence `b`, `columns` elements from `column` on: [rows, columns].
  mlir::Value rows(mlir::Value tensor, mlir::Value b, mlir::Value from, mlir::Value count, mlir::Value column,
                   int64_t columns);
  /// All rows of sequence `b`, `columns` elements from `column` on: [1, rows, columns].
  mlir::tensor::ExtractSliceOp strip(mlir::Value tensor, mlir::Value b, mlir::Value column, int64_t columns);
  /// What `rows` took, put back.
  mlir::Value putRows(mlir::Value tile, mlir::Value tensor, mlir::Value b, mlir::Value from, mlir::Value count,
                      mlir::Value column, int64_t columns);
  /// Elements `from` on of row `b`: [count].
  mlir::Value entries(mlir::Value tensor, mlir::Value b, mlir::Value from, mlir::Value count);

  /// A structured op over `loops` loops, of which those in `reduced` add up. `body` gets the elements of the inputs and
  /// of `into`.
  mlir::Value structured(llvm::ArrayRef<Indexed> inputs, Indexed into, unsigned loops, llvm::ArrayRef<unsigned> reduced,
                         Body body);
  /// The same for each element of `like`, into a new tile of its shape.
  mlir::Value each(llvm::ArrayRef<Indexed> inputs, mlir::Value like, Body body);
  /// into + Σ x y over the loops that `into` doesn't have.
  mlir::Value product(Indexed x, Indexed y, Indexed into);

private:
  mlir::ImplicitLocOpBuilder b;
  llvm::DenseMap<mlir::Value, int64_t> limits; ///< of counts
};

} // namespace ph
