// RUN: ph-opt %s -split-input-file -verify-diagnostics

// (C1) query
func.func @f(%t: tensor<32x8xf32>, %x: tensor<2x64xf32>) {
  // expected-error@+1 {{expects a query of rank 3, but got 'tensor<2x64xf32>'}}
  %b = xf.relative_position_bias %t query(%x) max_distance = 128 : (tensor<32x8xf32>, tensor<2x64xf32>) -> tensor<1x8x3x3xf32>
  return
}

// -----

// (C1) keys
func.func @f(%t: tensor<32x8xf32>, %x: tensor<2x3x64xf32>, %k: tensor<3x64xf32>) {
  // expected-error@+1 {{expects keys of rank 3, but got 'tensor<3x64xf32>'}}
  %b = xf.relative_position_bias %t query(%x) keys(%k) max_distance = 128 : (tensor<32x8xf32>, tensor<2x3x64xf32>, tensor<3x64xf32>) -> tensor<1x8x3x3xf32>
  return
}

// -----

// (C2) past
func.func @f(%t: tensor<32x8xf32>, %x: tensor<2x3x64xf32>, %p: tensor<3xi32>) {
  // expected-error@+1 {{expects the length of past to be 2, but got 3}}
  %b = xf.relative_position_bias %t query(%x) past(%p) max_distance = 128 : (tensor<32x8xf32>, tensor<2x3x64xf32>, tensor<3xi32>) -> tensor<2x8x3x?xf32>
  return
}

// -----

// (C3) buckets
func.func @f(%t: tensor<1x8xf32>, %x: tensor<2x3x64xf32>) {
  // expected-error@+1 {{expects at least 2 buckets, but got 1}}
  %b = xf.relative_position_bias %t query(%x) max_distance = 128 : (tensor<1x8xf32>, tensor<2x3x64xf32>) -> tensor<1x8x3x3xf32>
  return
}

// -----

// (C3) buckets of both directions
func.func @f(%t: tensor<31x8xf32>, %x: tensor<2x3x64xf32>) {
  // expected-error@+1 {{expects an even number of at least 4 buckets, but got 31}}
  %b = xf.relative_position_bias %t query(%x) max_distance = 128 bidirectional : (tensor<31x8xf32>, tensor<2x3x64xf32>) -> tensor<1x8x3x3xf32>
  return
}

// -----

// (C4) max_distance
func.func @f(%t: tensor<32x8xf32>, %x: tensor<2x3x64xf32>) {
  // expected-error@+1 {{expects max_distance above 16, but got 16}}
  %b = xf.relative_position_bias %t query(%x) max_distance = 16 : (tensor<32x8xf32>, tensor<2x3x64xf32>) -> tensor<1x8x3x3xf32>
  return
}

// -----

// (C5) heads of the result
func.func @f(%t: tensor<32x8xf32>, %x: tensor<2x3x64xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<1x8x3x3xf32>', but got 'tensor<1x4x3x3xf32>'}}
  %b = xf.relative_position_bias %t query(%x) max_distance = 128 : (tensor<32x8xf32>, tensor<2x3x64xf32>) -> tensor<1x4x3x3xf32>
  return
}

// -----

// (C5) positions of the result
func.func @f(%t: tensor<32x8xf32>, %x: tensor<2x3x64xf32>, %k: tensor<2x5x64xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<1x8x3x5xf32>', but got 'tensor<1x8x3x3xf32>'}}
  %b = xf.relative_position_bias %t query(%x) keys(%k) max_distance = 128 : (tensor<32x8xf32>, tensor<2x3x64xf32>, tensor<2x5x64xf32>) -> tensor<1x8x3x3xf32>
  return
}

// -----

// (C5) batch of the result
func.func @f(%t: tensor<32x8xf32>, %x: tensor<2x3x64xf32>, %p: tensor<2xi32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<2x8x3x?xf32>', but got 'tensor<1x8x3x3xf32>'}}
  %b = xf.relative_position_bias %t query(%x) past(%p) max_distance = 128 : (tensor<32x8xf32>, tensor<2x3x64xf32>, tensor<2xi32>) -> tensor<1x8x3x3xf32>
  return
}

// -----

// (C1) of #xf.alibi
// expected-error@+1 {{expects max_bias > 0, but got 0}}
func.func private @f() attributes {alibi = #xf.alibi<max_bias = 0.0>}
