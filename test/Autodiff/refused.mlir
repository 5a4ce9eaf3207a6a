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
