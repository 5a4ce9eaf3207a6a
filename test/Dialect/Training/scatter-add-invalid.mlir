// RUN: ph-opt %s -split-input-file -verify-diagnostics

// scatter_add (C1)
func.func @f(%v: tensor<3xf32>, %s: tensor<f32>, %i: tensor<3xi32>) {
  // expected-error@+1 {{expects a sum of rank 1 or more, but got 'tensor<f32>'}}
  %y = train.scatter_add %v into %s at %i : tensor<3xf32> into tensor<f32> at tensor<3xi32>
  return
}

// -----

// scatter_add (C2)
func.func @f(%v: tensor<3x4xf32>, %s: tensor<7x5xf32>, %i: tensor<3xi32>) {
  // expected-error@+1 {{expects values of the shape 'tensor<3x5xf32>', but got 'tensor<3x4xf32>'}}
  %y = train.scatter_add %v into %s at %i : tensor<3x4xf32> into tensor<7x5xf32> at tensor<3xi32>
  return
}
