// RUN: ph-opt %s -split-input-file -verify-diagnostics

// (C1)
func.func @f(%x: tensor<?x64xf32>) {
  // expected-error@+1 {{expects an input of rank 3, but got 'tensor<?x64xf32>'}}
  %y = xf.pool mean %x : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

// (C2)
func.func @f(%x: tensor<?x5x64xf32>, %v: tensor<?x4xi32>) {
  // expected-error@+1 {{expects the sequence of valid to be 5, but got 4}}
  %y = xf.pool cls %x valid(%v) : (tensor<?x5x64xf32>, tensor<?x4xi32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @f(%x: tensor<2x?x64xf32>, %v: tensor<3x?xi32>) {
  // expected-error@+1 {{expects the batch of valid to be 2, but got 3}}
  %y = xf.pool cls %x valid(%v) : (tensor<2x?x64xf32>, tensor<3x?xi32>) -> tensor<2x64xf32>
  return
}

// -----

// (C3)
func.func @f(%x: tensor<2x?x64xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<2x64xf32>', but got 'tensor<2x32xf32>'}}
  %y = xf.pool max %x : (tensor<2x?x64xf32>) -> tensor<2x32xf32>
  return
}
