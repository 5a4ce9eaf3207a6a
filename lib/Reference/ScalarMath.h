// Ops of arith and math on scalars, as functions of doubles: for ops that stand alone and for the bodies of structured
// ones.
#pragma once
#include "lib/Reference/Models.h"
#include <optional>

namespace ph::reference {

/// How a result is kept.
enum class Rounding { None, F32, F16, Integer };

/// An op of arith or math on scalars. Integers are kept as doubles, exact up to 2^53; i1 is 0 or 1.
struct ScalarOp {
  static constexpr size_t mostOperands = 3;
  double (*function)(const double *operands, int64_t detail) = nullptr;
  int64_t detail = 0; ///< predicate of a comparison
  Rounding rounding = Rounding::None;
  unsigned width = 0; ///< of an integer, to which it wraps

  double operator()(const double *operands) const;
};

/// The function that `op` is of each element; nothing if it is none that is known, or of a type that is none of f16,
/// f32, f64, integer and index. What becomes f16 is rounded to it in any precision, as what comes into a cache is.
std::optional<ScalarOp> findScalarOp(mlir::Operation *op, Precision precision);

/// The elements of a constant attribute, booleans as 0 and 1; nothing if it is neither a number nor a dense tensor.
std::optional<Tensor> readConstant(mlir::Attribute attribute);

/// A number of a value that is a scalar: an integer, or a tensor without dimensions.
double scalarOf(const Value &value);
/// A scalar of an integer or float type.
Value makeScalar(mlir::Type type, double x);

} // namespace ph::reference
