// What the dialect can say and no kernel can do is refused, not ignored.
// RUN: ph-opt %s --convert-transformer-to-kernels -split-input-file -verify-diagnostics

xf.weight @w : tensor<32x32xf32>
xf.weight @n : tensor<32xf32>
func.func @forward(%t: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %n = xf.load_weight @n : tensor<32xf32>
  // expected-error@+1 {{'xf.embedding' op has an offset: there is no kernel for one}}
  %y = xf.embedding %t, %w offset = 1 : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// -----

xf.weight @w : tensor<32x32xf32>
xf.weight @n : tensor<32xf32>
func.func @forward(%t: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %n = xf.load_weight @n : tensor<32xf32>
  %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{'xf.rms_norm' op has no weight: there is no kernel for one}}
  %y = xf.rms_norm %e eps = 1.0e-5 : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// -----

xf.weight @w : tensor<32x32xf32>
xf.weight @n : tensor<32xf32>
func.func @forward(%t: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %n = xf.load_weight @n : tensor<32xf32>
  %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{'xf.rms_norm' op has an offset: there is no kernel for one}}
  %y = xf.rms_norm %e, %n eps = 1.0e-5 offset = 1.0 : (tensor<?x?x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// -----

xf.weight @w : tensor<32x32xf32>
xf.weight @n : tensor<32xf32>
func.func @forward(%t: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %n = xf.load_weight @n : tensor<32xf32>
  %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{'xf.rms_norm' op has heads: there is no kernel for one}}
  %y = xf.rms_norm %e, %n eps = 1.0e-5 heads = 1 : (tensor<?x?x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// -----

xf.weight @w : tensor<32x32xf32>
xf.weight @n : tensor<32xf32>
func.func @forward(%t: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %n = xf.load_weight @n : tensor<32xf32>
  %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{'xf.linear' op has an activation: there is no kernel for one}}
  %y = xf.linear %e, %w activation = relu : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// -----

xf.weight @w : tensor<32x32xf32>
xf.weight @g : tensor<32x32xf32>
xf.weight @u : tensor<32x32xf32>
xf.weight @n : tensor<32xf32>
func.func @forward(%t: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %g = xf.load_weight @g : tensor<32x32xf32>
  %u = xf.load_weight @u : tensor<32x32xf32>
  %n = xf.load_weight @n : tensor<32xf32>
  %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{'xf.gated_linear' op has the activation relu2, which has no kernel}}
  %y = xf.gated_linear relu2 %e, %g, %u : (tensor<?x?x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// -----

xf.weight @w : tensor<32x32xf32>
xf.weight @n : tensor<32xf32>
func.func @forward(%t: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %n = xf.load_weight @n : tensor<32xf32>
  %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{'xf.gated_activation' op has a limit or an offset: there is no kernel for one}}
  %y = xf.gated_activation silu %e, %e limit = 2.0 : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// -----

xf.weight @w : tensor<32x32xf32>
xf.weight @n : tensor<32xf32>
func.func @forward(%t: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %n = xf.load_weight @n : tensor<32xf32>
  %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{'xf.gated_activation' op has the activation tanh, which has no kernel}}
  %y = xf.gated_activation tanh %e, %e : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// -----

xf.weight @w : tensor<32x32xf32>
xf.weight @n : tensor<32xf32>
func.func @forward(%t: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %n = xf.load_weight @n : tensor<32xf32>
  %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{'xf.activation' op has no kernel}}
  %y = xf.activation silu %e : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}
