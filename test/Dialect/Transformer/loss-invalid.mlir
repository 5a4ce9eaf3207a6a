// RUN: ph-opt %s -split-input-file -verify-diagnostics

// (C1)
func.func @f(%z: tensor<?x5x320xf32>, %l: tensor<?x4xi32>) {
  // expected-error@+1 {{expects labels of the shape of logits without the last dimension, but got 'tensor<?x4xi32>' and 'tensor<?x5x320xf32>'}}
  %y = xf.cross_entropy %z, %l : (tensor<?x5x320xf32>, tensor<?x4xi32>) -> tensor<f32>
  return
}

// -----

func.func @f(%z: tensor<?x320xf32>, %l: tensor<?x?xi32>) {
  // expected-error@+1 {{expects labels of the shape of logits without the last dimension, but got 'tensor<?x?xi32>' and 'tensor<?x320xf32>'}}
  %y = xf.cross_entropy %z, %l : (tensor<?x320xf32>, tensor<?x?xi32>) -> tensor<f32>
  return
}

// -----

// (C2)
func.func @f(%z: tensor<?x320xf32>, %l: tensor<?xi32>) {
  // expected-error@+1 {{expects 0 ≤ smoothing < 1, but got 1}}
  %y = xf.cross_entropy %z, %l smoothing = 1.0 : (tensor<?x320xf32>, tensor<?xi32>) -> tensor<f32>
  return
}

// -----

// (C3)
func.func @f(%z: tensor<?x320xf32>, %l: tensor<?xi32>) {
  // expected-error@+1 {{expects a result of rank 0, but got 'tensor<1xf32>'}}
  %y = xf.cross_entropy %z, %l : (tensor<?x320xf32>, tensor<?xi32>) -> tensor<1xf32>
  return
}
