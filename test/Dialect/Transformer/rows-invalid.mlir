// RUN: ph-opt %s -split-input-file -verify-diagnostics

// split (C1)
func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects at least one result, but got none}}
  xf.split %x : (tensor<?x?x64xf32>) -> ()
  return
}

// -----

// split (C2)
func.func @f(%x: tensor<?x5x64xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<?x5x32xf32>', but got 'tensor<?x4x32xf32>'}}
  %y:2 = xf.split %x : (tensor<?x5x64xf32>) -> (tensor<?x5x32xf32>, tensor<?x4x32xf32>)
  return
}

// -----

// split (C3)
func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects results of 64 features together, but got 48}}
  %y:2 = xf.split %x : (tensor<?x?x64xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x16xf32>)
  return
}

// -----

// select_rows (C1)
func.func @f(%x: tensor<?x64xf32>, %r: tensor<?xi32>) {
  // expected-error@+1 {{expects an input of rank 3, but got 'tensor<?x64xf32>'}}
  %y = xf.select_rows %x, %r : (tensor<?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  return
}

// -----

// select_rows (C2)
func.func @f(%x: tensor<?x?x64xf32>, %r: tensor<3xi32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<3x64xf32>', but got 'tensor<4x64xf32>'}}
  %y = xf.select_rows %x, %r : (tensor<?x?x64xf32>, tensor<3xi32>) -> tensor<4x64xf32>
  return
}

// -----

func.func @f(%x: tensor<?x?x64xf32>, %r: tensor<?xi64>) {
  // expected-error@+1 {{operand #1 must be a tensor<?xi32>, but got 'tensor<?xi64>'}}
  %y = xf.select_rows %x, %r : (tensor<?x?x64xf32>, tensor<?xi64>) -> tensor<?x64xf32>
  return
}

// -----

// embedding (C1)
func.func @f(%t: tensor<2x?xi32>, %w: tensor<320x64xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<2x?x64xf32>', but got 'tensor<3x?x64xf32>'}}
  %y = xf.embedding %t, %w : (tensor<2x?xi32>, tensor<320x64xf32>) -> tensor<3x?x64xf32>
  return
}

// -----

// positions (C1)
func.func @f(%t: tensor<2x?xi32>, %p: tensor<3xi32>) {
  // expected-error@+1 {{expects the length of past to be 2, but got 3}}
  %y = xf.positions %t, %p : (tensor<2x?xi32>, tensor<3xi32>) -> tensor<2x?xi32>
  return
}

// -----

// positions (C2)
func.func @f(%t: tensor<?x4xi32>, %p: tensor<?xi32>) {
  // expected-error@+1 {{expects the result to have the shape of tokens, but got 'tensor<?x5xi32>' and 'tensor<?x4xi32>'}}
  %y = xf.positions %t, %p : (tensor<?x4xi32>, tensor<?xi32>) -> tensor<?x5xi32>
  return
}

// -----

// logits (C1)
func.func @f(%x: tensor<?x64xf32>, %w: tensor<320x32xf32>) {
  // expected-error@+1 {{expects the columns of weight to be 64, but got 32}}
  %y = xf.logits %x, %w : (tensor<?x64xf32>, tensor<320x32xf32>) -> tensor<?x320xf32>
  return
}

// -----

// logits (C2)
func.func @f(%x: tensor<?x64xf32>, %w: tensor<320x64xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<?x320xf32>', but got 'tensor<?x64xf32>'}}
  %y = xf.logits %x, %w : (tensor<?x64xf32>, tensor<320x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

// logits (C3)
func.func @f(%x: tensor<?x64xf32>, %w: tensor<320x64xf32>) {
  // expected-error@+1 {{expects soft_cap > 0, but got 0}}
  %y = xf.logits %x, %w soft_cap = 0.0 : (tensor<?x64xf32>, tensor<320x64xf32>) -> tensor<?x320xf32>
  return
}

// -----

// embedding (C2)
func.func @f(%t: tensor<?x?xi32>, %w: tensor<320x64xf32>) {
  // expected-error@+1 {{expects an offset from 0 to 319, but got 320}}
  %y = xf.embedding %t, %w offset = 320 : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// masked_positions (C1)
func.func @f(%m: tensor<?x4xi32>) {
  // expected-error@+1 {{expects the result to have the shape of the mask, but got 'tensor<?x5xi32>' and 'tensor<?x4xi32>'}}
  %p = xf.masked_positions %m : (tensor<?x4xi32>) -> tensor<?x5xi32>
  return
}

// -----

// logits_argmax (C1)
func.func @f(%x: tensor<?x64xf32>, %w: tensor<320x32xf32>) {
  // expected-error@+1 {{expects the columns of weight to be 64, but got 32}}
  %y = xf.logits_argmax %x, %w : (tensor<?x64xf32>, tensor<320x32xf32>) -> tensor<?xi32>
  return
}

// -----

// logits_argmax (C2)
func.func @f(%x: tensor<5x64xf32>, %w: tensor<320x64xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<5xi32>', but got 'tensor<4xi32>'}}
  %y = xf.logits_argmax %x, %w : (tensor<5x64xf32>, tensor<320x64xf32>) -> tensor<4xi32>
  return
}

// -----

// logits_argmax (C3)
func.func @f(%x: tensor<?x64xf32>, %w: tensor<320x64xf32>) {
  // expected-error@+1 {{expects soft_cap > 0, but got -1}}
  %y = xf.logits_argmax %x, %w soft_cap = -1.0 : (tensor<?x64xf32>, tensor<320x64xf32>) -> tensor<?xi32>
  return
}
