// What matchers of spelled-out computations ask about values.
#pragma once
#include "dialects/Transformer/Transformer.h"

namespace ph {

/// The number that every element of `value` is; nothing where it isn't known.
std::optional<double> getUniform(mlir::Value value);

/// True if `other`, broadcast against `kept`, may give a larger shape than that of `kept`: at run time a dynamic
/// dimension may be 1.
bool mayWiden(mlir::Value other, mlir::Value kept);

/// A value that another one is a multiple of.
struct Multiple {
  mlir::Value of;
  double factor;
};

/// What `value` is a constant multiple of, with its shape: c · x, x · c or x / c.
std::optional<Multiple> matchMultiple(mlir::Value value);

/// The operands of `value`, if it is made by an xf.elementwise of that kind.
std::optional<std::pair<mlir::Value, mlir::Value>> matchBinary(mlir::Value value, xf::BinaryKind kind);
/// The operand of `value`, if it is made by an xf.unary of that kind; null otherwise.
mlir::Value matchUnary(mlir::Value value, xf::UnaryKind kind);
/// The operand that isn't uniform of an xf.elementwise whose other operand is `number`, within f32's precision; null
/// otherwise. Of `sub`, `div` and `pow` the number is the right one.
mlir::Value matchWithNumber(mlir::Value value, xf::BinaryKind kind, double number);

/// True if the numbers are the same to the precision of f32.
bool isNear(double a, double b);

} // namespace ph
