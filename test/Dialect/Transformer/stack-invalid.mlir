// RUN: ph-opt %s -split-input-file -verify-diagnostics

// stack_empty (C1)
func.func @f(%x: tensor<?x64xf32>) {
  // expected-error@+1 {{attribute 'count' failed to satisfy constraint: 64-bit signless integer attribute whose value is positive}}
  %y = xf.stack_empty 0 of %x : (tensor<?x64xf32>) -> tensor<0x?x64xf32>
  return
}

// -----

// stack_empty (C2)
func.func @f(%x: tensor<?x64xf32>) {
  // expected-error@+1 {{expects a result of type 'tensor<3x?x64xf32>', but got 'tensor<3x?x32xf32>'}}
  %y = xf.stack_empty 3 of %x : (tensor<?x64xf32>) -> tensor<3x?x32xf32>
  return
}

// -----

// stack_read (C1)
func.func @f(%x: tensor<f32>, %i: index) {
  // expected-error@+1 {{expects a stack of rank 1 or more, but got 'tensor<f32>'}}
  %y = xf.stack_read %x[%i] : tensor<f32> -> tensor<f32>
  return
}

// -----

// stack_read (C2)
func.func @f(%x: tensor<3x?x64xf32>, %i: index) {
  // expected-error@+1 {{expects a result of type 'tensor<?x64xf32>', but got 'tensor<?x32xf32>'}}
  %y = xf.stack_read %x[%i] : tensor<3x?x64xf32> -> tensor<?x32xf32>
  return
}

// -----

// stack_write (C1)
func.func @f(%x: tensor<f32>, %i: index) {
  // expected-error@+1 {{expects a stack of rank 1 or more, but got 'tensor<f32>'}}
  %y = xf.stack_write %x into %x[%i] : tensor<f32> into tensor<f32>
  return
}

// -----

// stack_write (C2)
func.func @f(%v: tensor<?x32xf32>, %x: tensor<3x?x64xf32>, %i: index) {
  // expected-error@+1 {{expects a value of the shape of 'tensor<3x?x64xf32>' without its first dimension, but got 'tensor<?x32xf32>'}}
  %y = xf.stack_write %v into %x[%i] : tensor<?x32xf32> into tensor<3x?x64xf32>
  return
}

// -----

// linear_backward (C1)
func.func @f(%dy: tensor<?x?x64xf32>, %w: tensor<96x64xf32>) {
  // expected-error@+1 {{expects the rows of weight to be 64, but got 96}}
  %dx = xf.linear_backward %dy, %w : (tensor<?x?x64xf32>, tensor<96x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// linear_backward (C2)
func.func @f(%dy: tensor<?x?x96xf32>, %w: tensor<96x64xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<?x?x64xf32>', but got 'tensor<?x?x96xf32>'}}
  %dx = xf.linear_backward %dy, %w : (tensor<?x?x96xf32>, tensor<96x64xf32>) -> tensor<?x?x96xf32>
  return
}

// -----

// matmul (C2) with transpose_a
func.func @f(%a: tensor<3x4xf32>, %b: tensor<4x3xf32>) {
  // expected-error@+1 {{expects operands of equal K, but got 3 and 4}}
  %y = xf.matmul %a, %b transpose_a : (tensor<3x4xf32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  return
}
