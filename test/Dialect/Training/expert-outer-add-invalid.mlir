// RUN: ph-opt %s -split-input-file -verify-diagnostics

// expert_outer_add (C1)
func.func @f(%g: tensor<3x2x4xf32>, %x: tensor<3x5xf32>, %s: tensor<4x5xf32>, %e: tensor<3x2xi32>) {
  // expected-error@+1 {{expects a sum of rank 3, but got 'tensor<4x5xf32>'}}
  %y = train.expert_outer_add %g, %x into %s at %e : (tensor<3x2x4xf32>, tensor<3x5xf32>, tensor<4x5xf32>, tensor<3x2xi32>) -> tensor<4x5xf32>
  return
}

// -----

// expert_outer_add (C2)
func.func @f(%g: tensor<3x4xf32>, %x: tensor<3x5xf32>, %s: tensor<8x4x5xf32>, %e: tensor<3x2xi32>) {
  // expected-error@+1 {{expects a gradient of the shape 'tensor<3x2x4xf32>', but got 'tensor<3x4xf32>'}}
  %y = train.expert_outer_add %g, %x into %s at %e : (tensor<3x4xf32>, tensor<3x5xf32>, tensor<8x4x5xf32>, tensor<3x2xi32>) -> tensor<8x4x5xf32>
  return
}

// -----

// expert_outer_add (C3)
func.func @f(%g: tensor<3x2x4xf32>, %x: tensor<3x2x6xf32>, %s: tensor<8x4x5xf32>, %e: tensor<3x2xi32>) {
  // expected-error@+1 {{expects an input of the shape 'tensor<3x2x5xf32>', but got 'tensor<3x2x6xf32>'}}
  %y = train.expert_outer_add %g, %x into %s at %e : (tensor<3x2x4xf32>, tensor<3x2x6xf32>, tensor<8x4x5xf32>, tensor<3x2xi32>) -> tensor<8x4x5xf32>
  return
}
