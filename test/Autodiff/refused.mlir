// RUN: ph-opt %s --split-input-file --verify-diagnostics --xf-autodiff

// expected-error@+1 {{has no result 'loss' to differentiate}}
func.func @forward(%x: tensor<2xf32> {xf.name = "x"}) -> tensor<2xf32> {
  return %x : tensor<2xf32>
}

// -----

// expected-error@+1 {{has a result 'loss' that does not depend on what it is differentiated by}}
func.func @forward(%x: tensor<2xf32> {xf.name = "x"}) -> (tensor<f32> {xf.name = "loss"}) {
  %c = arith.constant dense<1.0> : tensor<f32>
  return %c : tensor<f32>
}

// -----

// expected-error@+1 {{has no argument of floats to differentiate by}}
func.func @forward(%x: tensor<2xi32> {xf.name = "x"}) -> (tensor<f32> {xf.name = "loss"}) {
  %c = arith.constant dense<1.0> : tensor<f32>
  return %c : tensor<f32>
}

// -----

func.func @forward(%x: tensor<4x2xf32> {xf.name = "x"}, %w: tensor<8x8x2xf32>, %i: tensor<4x2xi32>) -> (tensor<f32> {xf.name = "loss"}) {
  // expected-error@+1 {{has a step of 2: only slices of neighbours have a derivative}}
  %y = xf.slice %x axis = 0 [0, 4] step = 2 : (tensor<4x2xf32>) -> tensor<2x2xf32>
  %s = xf.reduce sum %y axes = [0, 1] : (tensor<2x2xf32>) -> tensor<f32>
  return %s : tensor<f32>
}

// -----

func.func @forward(%x: tensor<4x2xf32> {xf.name = "x"}, %n: index) -> (tensor<f32> {xf.name = "loss"}) {
  // expected-error@+1 {{begins at a place that is not known: only other slices have a derivative}}
  %y = xf.slice %x axis = 0 [%n, 4] : (tensor<4x2xf32>, index) -> tensor<?x2xf32>
  %s = xf.reduce sum %y axes = [0, 1] : (tensor<?x2xf32>) -> tensor<f32>
  return %s : tensor<f32>
}

// -----

// Whether the rows of one matrix are repeated for those of the other is not known: they come from slices.
func.func @forward(%x: tensor<4x2xf32> {xf.name = "x"}, %n: index, %m: index) -> (tensor<f32> {xf.name = "loss"}) {
  %a = xf.slice %x axis = 0 [0, %n] : (tensor<4x2xf32>, index) -> tensor<?x2xf32>
  %b = xf.slice %x axis = 0 [0, %m] : (tensor<4x2xf32>, index) -> tensor<?x2xf32>
  // expected-error@+1 {{repeats dimension 0 of 'tensor<?x2xf32>' perhaps: its derivative needs to know}}
  %y = xf.elementwise mul %a, %b : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  %s = xf.reduce sum %y axes = [0, 1] : (tensor<?x2xf32>) -> tensor<f32>
  return %s : tensor<f32>
}

// -----

func.func @forward(%q: tensor<1x2x4xf32> {xf.name = "q"}, %c: !xf.cache<1 x 1 x 4, f32>, %past: tensor<1xi32>) -> (tensor<f32> {xf.name = "loss"}) {
  %l = arith.constant 0 : index
  // expected-error@+1 {{reads a cache, which has no derivative}}
  %y = xf.attention %q cache(%c[%l], %past) heads = 1 scale = 0.5 mask = causal : (tensor<1x2x4xf32>, !xf.cache<1 x 1 x 4, f32>, index, tensor<1xi32>) -> tensor<1x2x4xf32>
  %s = xf.reduce sum %y axes = [0, 1, 2] : (tensor<1x2x4xf32>) -> tensor<f32>
  return %s : tensor<f32>
}

// -----

// Matrices that are packed can be multiplied with, but not by their transposes.
func.func @forward(%x: tensor<3x32xf32> {xf.name = "x"}, %w: tensor<2x8x32xf32, #xf.format<q4_0>>, %e: tensor<3x1xi32>) -> (tensor<f32> {xf.name = "loss"}) {
  // expected-error@+1 {{has packed matrices: a gradient through them needs plain ones}}
  %y = xf.expert_linear %x, %w, %e : (tensor<3x32xf32>, tensor<2x8x32xf32, #xf.format<q4_0>>, tensor<3x1xi32>) -> tensor<3x1x8xf32>
  %s = xf.reduce sum %y axes = [0, 1, 2] : (tensor<3x1x8xf32>) -> tensor<f32>
  return %s : tensor<f32>
}

// -----

// Second derivatives of attention.
func.func @forward(%q: tensor<1x2x4xf32> {xf.name = "q"}) -> (tensor<f32> {xf.name = "loss"}) {
  // expected-error@+1 {{has no derivative rule}}
  %dq, %dk, %dv = xf.attention_backward %q, %q, %q, %q heads = 1 scale = 0.5 mask = causal
    : (tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> (tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)
  %s = xf.reduce sum %dq axes = [0, 1, 2] : (tensor<1x2x4xf32>) -> tensor<f32>
  return %s : tensor<f32>
}
