// RUN: ph-opt %s -split-input-file -verify-diagnostics

// linear (C1)
func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<96x32xf32>) {
  // expected-error@+1 {{expects the columns of weight to be 64, but got 32}}
  %y = xf.linear %x, %w : (tensor<?x?x64xf32>, tensor<96x32xf32>) -> tensor<?x?x96xf32>
  return
}

// -----

// linear (C2)
func.func @f(%x: tensor<?x5x64xf32>, %w: tensor<96x64xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<?x5x96xf32>', but got 'tensor<?x6x96xf32>'}}
  %y = xf.linear %x, %w : (tensor<?x5x64xf32>, tensor<96x64xf32>) -> tensor<?x6x96xf32>
  return
}

// -----

func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<96x64xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<?x?x96xf32>', but got 'tensor<?x?x64xf32>'}}
  %y = xf.linear %x, %w : (tensor<?x?x64xf32>, tensor<96x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// linear (C3)
func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<96x64xf32>, %b: tensor<64xf32>) {
  // expected-error@+1 {{expects the elements of bias to be 96, but got 64}}
  %y = xf.linear %x, %w bias %b : (tensor<?x?x64xf32>, tensor<96x64xf32>, tensor<64xf32>) -> tensor<?x?x96xf32>
  return
}

// -----

// linear (C4)
func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<96x64xf32>) {
  // expected-error@+1 {{expects residual to have the shape of the result, but got 'tensor<?x?x64xf32>' and 'tensor<?x?x96xf32>'}}
  %y = xf.linear %x, %w residual %x : (tensor<?x?x64xf32>, tensor<96x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x96xf32>
  return
}

// -----

// An input isn't stored as weights are.
func.func @f(%x: tensor<?x?x64xf32, #xf.format<q8_0>>, %w: tensor<96x64xf32>) {
  // expected-error@+1 {{operand #0 must be an activation (rank 2 or more, f32, static last dimension, no encoding or an activation encoding), but got}}
  %y = xf.linear %x, %w : (tensor<?x?x64xf32, #xf.format<q8_0>>, tensor<96x64xf32>) -> tensor<?x?x96xf32>
  return
}

// -----

// A weight isn't stored as activations are.
func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<96x64xf32, #xf.format<i8x32>>) {
  // expected-error@+1 {{operand #1 must be a weight matrix (static, rank 2, f32, no encoding or a storage format), but got}}
  %y = xf.linear %x, %w : (tensor<?x?x64xf32>, tensor<96x64xf32, #xf.format<i8x32>>) -> tensor<?x?x96xf32>
  return
}

// -----

// gated_linear (C1)
func.func @f(%x: tensor<?x?x64xf32>, %g: tensor<96x32xf32>, %u: tensor<96x64xf32>) {
  // expected-error@+1 {{expects the columns of gate to be 64, but got 32}}
  %y = xf.gated_linear silu %x, %g, %u : (tensor<?x?x64xf32>, tensor<96x32xf32>, tensor<96x64xf32>) -> tensor<?x?x96xf32>
  return
}

// -----

func.func @f(%x: tensor<?x?x64xf32>, %g: tensor<96x64xf32>, %u: tensor<96x32xf32>) {
  // expected-error@+1 {{expects the columns of up to be 64, but got 32}}
  %y = xf.gated_linear silu %x, %g, %u : (tensor<?x?x64xf32>, tensor<96x64xf32>, tensor<96x32xf32>) -> tensor<?x?x96xf32>
  return
}

// -----

// gated_linear (C2)
func.func @f(%x: tensor<?x?x64xf32>, %g: tensor<96x64xf32>, %u: tensor<80x64xf32>) {
  // expected-error@+1 {{expects the rows of up to be 96, but got 80}}
  %y = xf.gated_linear silu %x, %g, %u : (tensor<?x?x64xf32>, tensor<96x64xf32>, tensor<80x64xf32>) -> tensor<?x?x96xf32>
  return
}

// -----

// gated_linear (C3)
func.func @f(%x: tensor<?x?x64xf32>, %g: tensor<96x64xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<?x?x96xf32>', but got 'tensor<?x?x192xf32>'}}
  %y = xf.gated_linear silu %x, %g, %g : (tensor<?x?x64xf32>, tensor<96x64xf32>, tensor<96x64xf32>) -> tensor<?x?x192xf32>
  return
}

// -----

// gated_linear (C4)
func.func @f(%x: tensor<?x?x64xf32>, %g: tensor<96x64xf32>, %b: tensor<64xf32>) {
  // expected-error@+1 {{expects the elements of gate_bias to be 96, but got 64}}
  %y = xf.gated_linear silu %x, %g, %g gate_bias %b : (tensor<?x?x64xf32>, tensor<96x64xf32>, tensor<96x64xf32>, tensor<64xf32>) -> tensor<?x?x96xf32>
  return
}

// -----

func.func @f(%x: tensor<?x?x64xf32>, %g: tensor<96x64xf32>, %b: tensor<64xf32>) {
  // expected-error@+1 {{expects the elements of up_bias to be 96, but got 64}}
  %y = xf.gated_linear silu %x, %g, %g up_bias %b : (tensor<?x?x64xf32>, tensor<96x64xf32>, tensor<96x64xf32>, tensor<64xf32>) -> tensor<?x?x96xf32>
  return
}
