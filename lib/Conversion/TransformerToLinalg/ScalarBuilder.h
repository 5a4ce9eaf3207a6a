// Builds arith and math on scalars: in the bodies of structured ops, and on indices outside of them.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace ph::conversion {

/// What an op is called for depends on whether its operands are floats or integers.
class ScalarBuilder : public mlir::ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;

  mlir::Value index(int64_t value);
  mlir::Value i32(int64_t value);
  mlir::Value f32(double value);
  mlir::Value f64(double value);
  /// A number of a float, integer or index type.
  mlir::Value number(mlir::Type type, double value);

  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value sub(mlir::Value x, mlir::Value y);
  mlir::Value mul(mlir::Value x, mlir::Value y);
  /// Of integers rounded towards zero.
  mlir::Value div(mlir::Value x, mlir::Value y);
  mlir::Value rem(mlir::Value x, mlir::Value y);
  /// NaN where one is.
  mlir::Value max(mlir::Value x, mlir::Value y);
  mlir::Value min(mlir::Value x, mlir::Value y);
  /// The other one where one is NaN.
  mlir::Value maxNumber(mlir::Value x, mlir::Value y);
  mlir::Value exp(mlir::Value x);
  mlir::Value tanh(mlir::Value x);
  mlir::Value sigmoid(mlir::Value x);
  mlir::Value compare(xf::CompareKind kind, mlir::Value x, mlir::Value y);
  mlir::Value both(mlir::Value x, mlir::Value y);
  mlir::Value either(mlir::Value x, mlir::Value y);
  mlir::Value inverse(mlir::Value condition);
  mlir::Value select(mlir::Value condition, mlir::Value x, mlir::Value y);
  /// Neither infinite nor NaN.
  mlir::Value isFinite(mlir::Value x);
  mlir::Value activate(xf::Activation activation, mlir::Value x);
  /// c · tanh(x / c).
  mlir::Value capped(mlir::Value x, double cap);
  /// From any float, integer or index type to another, as xf.cast says.
  mlir::Value convert(mlir::Value x, mlir::Type type);
  mlir::Value toIndex(mlir::Value x) { return convert(x, getIndexType()); }

  /// The number of a loop of the structured op whose body this is.
  mlir::Value loop(unsigned dimension);
  mlir::Value at(mlir::Value tensor, mlir::ValueRange indices);
};

} // namespace ph::conversion
