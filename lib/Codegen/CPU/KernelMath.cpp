// Elementary functions as polynomials: the same bits at every width and level, and no calls.
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "powerhouse/Codegen/CPU/KernelBuilder.h"

using namespace mlir;

namespace ph::codegen {

/// As Cephes' expf (Moshier, Methods and Programs for Mathematical Functions): x = n ln 2 + r, a polynomial of r, times
/// 2^n by adding to the exponent.
Value KernelBuilder::exp(Value x) {
  Type type = x.getType();
  auto c = [&](double value) { return constant(type, value); };
  Type integers = getI32Type();
  if (auto vector = dyn_cast<VectorType>(type))
    integers = vec(vector.getNumElements(), integers);
  Value clamped = minf(maxf(x, c(-87.33654)), c(88.37626));
  Value n = roundEven(mulf(clamped, c(1.44269504088896341)));
  Value r = fma(n, c(-0.693359375), clamped);
  r = fma(n, c(2.12194440e-4), r);
  Value p = c(1.9875691500e-4);
  for (double coefficient : {1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1})
    p = fma(p, r, c(coefficient));
  Value y = addf(fma(p, mulf(r, r), r), c(1.0));
  Value exponent = arith::ShLIOp::create(*this, toInteger(n, getI32Type()), constant(integers, 23));
  y = bitcast(arith::AddIOp::create(*this, bitcast(y, integers), exponent), type);
  return select(lessf(x, c(-87.33654)), c(0.0), y);
}

Value KernelBuilder::sigmoid(Value x) {
  Value one = constant(x.getType(), 1.0);
  return divf(one, addf(one, exp(negf(x))));
}

Value KernelBuilder::silu(Value x) { return divf(x, addf(constant(x.getType(), 1.0), exp(negf(x)))); }

/// 1 - 2 / (e^2x + 1); near 0, where that cancels, an odd polynomial (Cephes' tanhf).
Value KernelBuilder::tanh(Value x) {
  Type type = x.getType();
  auto c = [&](double value) { return constant(type, value); };
  Value far = subf(c(1.0), divf(c(2.0), addf(exp(mulf(x, c(2.0))), c(1.0))));
  Value z = mulf(x, x);
  Value p = c(-5.70498872745e-3);
  for (double coefficient : {2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1})
    p = fma(p, z, c(coefficient));
  Value near = fma(mulf(p, z), x, x);
  return select(lessf(absf(x), c(0.625)), near, far);
}

/// x times the normal distribution's Phi(x). Phi is taken from the tail of |x|, so that it stays exact where it is
/// small.
Value KernelBuilder::gelu(Value x) {
  Type type = x.getType();
  auto c = [&](double value) { return constant(type, value); };
  Value z = mulf(absf(x), c(0.70710678118654752));
  Value t = divf(c(1.0), fma(z, c(0.3275911), c(1.0)));
  Value p = c(1.061405429);
  for (double coefficient : {-1.453152027, 1.421413741, -0.284496736, 0.254829592})
    p = fma(p, t, c(coefficient));
  Value tail = mulf(mulf(mulf(p, t), c(0.5)), exp(negf(mulf(z, z))));
  Value phi = select(lessf(x, c(0.0)), tail, subf(c(1.0), tail));
  return mulf(x, phi);
}

/// 0.5 x (1 + tanh u) = x sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x^3).
Value KernelBuilder::geluTanh(Value x) {
  Type type = x.getType();
  auto c = [&](double value) { return constant(type, value); };
  Value inner = fma(mulf(mulf(x, x), x), c(0.044715), x);
  return mulf(x, sigmoid(mulf(inner, c(1.5957691216057308))));
}

Value KernelBuilder::relu(Value x) { return maxf(x, constant(x.getType(), 0.0)); }

} // namespace ph::codegen
