// Builds primitives of xf, as formulas are written.
#pragma once
#include "dialects/Transformer/Transformer.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace ph {

/// Tensors are broadcast to one another, as by xf.elementwise. Truth is i1.
class Primitives : public mlir::ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;
  using Value = mlir::Value;

  /// tensor<f32>, tensor<i32>.
  Value number(double value);
  Value integer(int64_t value);

  Value add(Value a, Value b) { return binary(xf::BinaryKind::Add, a, b); }
  Value sub(Value a, Value b) { return binary(xf::BinaryKind::Sub, a, b); }
  Value mul(Value a, Value b) { return binary(xf::BinaryKind::Mul, a, b); }
  Value div(Value a, Value b) { return binary(xf::BinaryKind::Div, a, b); }
  Value both(Value a, Value b) { return binary(xf::BinaryKind::And, a, b); }
  Value neg(Value x) { return unary(xf::UnaryKind::Neg, x); }
  Value exp(Value x) { return unary(xf::UnaryKind::Exp, x); }
  Value log(Value x) { return unary(xf::UnaryKind::Log, x); }
  Value sqrt(Value x) { return unary(xf::UnaryKind::Sqrt, x); }
  Value tanh(Value x) { return unary(xf::UnaryKind::Tanh, x); }
  Value sigmoid(Value x) { return unary(xf::UnaryKind::Sigmoid, x); }
  Value square(Value x) { return mul(x, x); }
  Value scaled(Value x, double factor) { return factor == 1 ? x : mul(x, number(factor)); }
  Value compare(xf::CompareKind kind, Value a, Value b);
  Value select(Value condition, Value a, Value b);
  /// 1 where true, 0 elsewhere.
  Value asNumbers(Value truth);
  /// Where integers aren't 0.
  Value asTruth(Value integers) { return compare(xf::CompareKind::Ne, integers, integer(0)); }

  // What has branches is a choice between them: where they meet, the derivative is that of one of them, not what is
  // said of the derivative of a maximum there.
  Value larger(Value a, Value b) { return select(compare(xf::CompareKind::Gt, b, a), b, a); }
  Value clamp(Value x, Value least, Value most);
  Value magnitude(Value x);
  /// log(1 / (1 + e^-x)), for any x.
  Value logSigmoid(Value x);
  /// log(1 - e^x), for x ≤ 0.
  Value logOfRest(Value x);

  /// Σ over all elements, of rank 0.
  Value sum(Value x);
  /// What the elements along the last dimension are reduced to; it goes, or stays as 1.
  Value reduceLast(xf::ReduceKind kind, Value x, bool keepdims = false);
  Value sumLast(Value x) { return reduceLast(xf::ReduceKind::Sum, x); }
  /// The numbers from 0 along the last dimension of x, i32.
  Value placesInLast(Value x);
  /// Σ of x where `truth`, of rank 0.
  Value sumWhere(Value truth, Value x) { return sum(select(truth, x, number(0))); }
  /// How many are true, and how many elements there are; of rank 0.
  Value count(Value truth) { return sum(asNumbers(truth)); }
  Value size(Value x);

private:
  Value binary(xf::BinaryKind kind, Value a, Value b);
  Value unary(xf::UnaryKind kind, Value x);
};

} // namespace ph
