// RUN: ph-opt %s -split-input-file -verify-diagnostics

// Type (C1)
// expected-error@+1 {{expects positive layers, heads and head_dim, but got 2 x 0 x 16}}
func.func private @f(!xf.cache<2 x 0 x 16, f32>)

// -----

// expected-error@+1 {{expects at most 1099511627776 elements a position, but got 2097152 x 1048576 x 16}}
func.func private @f(!xf.cache<2097152 x 1048576 x 16, f32>)

// -----

// expected-error@+1 {{expects at most 1099511627776 elements a position, but got 1 x 1 x 9223372036854775807}}
func.func private @f(!xf.cache<1 x 1 x 9223372036854775807, f32>)

// -----

// Type (C2)
// expected-error@+1 {{expects elements of f32 or f16, but got 'i8'}}
func.func private @f(!xf.cache<2 x 2 x 16, i8>)

// -----

// cache_append (C1) keys and values of one shape
func.func @f(%c: !xf.cache<2 x 2 x 16, f32>, %l: index, %k: tensor<?x3x32xf32>, %v: tensor<?x4x32xf32>, %p: tensor<?xi32>) {
  // expected-error@+1 {{expects values to have the shape of keys, but got 'tensor<?x4x32xf32>' and 'tensor<?x3x32xf32>'}}
  %n = xf.cache_append %c[%l], %k, %v, %p : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x3x32xf32>, tensor<?x4x32xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 16, f32>
  return
}

// -----

// cache_append (C2) features
func.func @f(%c: !xf.cache<2 x 2 x 16, f32>, %l: index, %k: tensor<?x?x64xf32>, %p: tensor<?xi32>) {
  // expected-error@+1 {{expects the features of keys to be 32, but got 64}}
  %n = xf.cache_append %c[%l], %k, %k, %p : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 16, f32>
  return
}

// -----

// cache_append (C2) a rank that has batch and sequence
func.func @f(%c: !xf.cache<2 x 2 x 16, f32>, %l: index, %k: tensor<?x32xf32>, %p: tensor<?xi32>) {
  // expected-error@+1 {{expects keys of rank 3, but got 'tensor<?x32xf32>'}}
  %n = xf.cache_append %c[%l], %k, %k, %p : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x32xf32>, tensor<?x32xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 16, f32>
  return
}

// -----

// cache_append (C3) batch of past
func.func @f(%c: !xf.cache<2 x 2 x 16, f32>, %l: index, %k: tensor<3x?x32xf32>, %p: tensor<2xi32>) {
  // expected-error@+1 {{expects the length of past to be 3, but got 2}}
  %n = xf.cache_append %c[%l], %k, %k, %p : (!xf.cache<2 x 2 x 16, f32>, index, tensor<3x?x32xf32>, tensor<3x?x32xf32>, tensor<2xi32>) -> !xf.cache<2 x 2 x 16, f32>
  return
}

// -----

// cache_append (C4) positions with a rope
func.func @f(%c: !xf.cache<2 x 2 x 16, f32>, %l: index, %k: tensor<?x?x32xf32>, %p: tensor<?xi32>) {
  // expected-error@+1 {{expects positions and a rope together, but got only the rope}}
  %n = "xf.cache_append"(%c, %l, %k, %k, %p) {rope = #xf.rope<dim = 16, base = 1.0e4, style = half>} : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 16, f32>
  return
}

// -----

// cache_append (C4) of a fitting dim
func.func @f(%c: !xf.cache<2 x 2 x 16, f32>, %l: index, %k: tensor<?x?x32xf32>, %p: tensor<?xi32>, %pos: tensor<?x?xi32>) {
  // expected-error@+1 {{expects a rope of dim ≤ 16 (head_dim), but got 32}}
  %n = xf.cache_append %c[%l], %k, %k, %p rope(%pos, #xf.rope<dim = 32, base = 1.0e4, style = half>) : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>, tensor<?x?xi32>) -> !xf.cache<2 x 2 x 16, f32>
  return
}

// -----

// cache_append (C4) for as many tokens
func.func @f(%c: !xf.cache<2 x 2 x 16, f32>, %l: index, %k: tensor<?x5x32xf32>, %p: tensor<?xi32>, %pos: tensor<?x4xi32>) {
  // expected-error@+1 {{expects the sequence of positions to be 5, but got 4}}
  %n = xf.cache_append %c[%l], %k, %k, %p rope(%pos, #xf.rope<dim = 16, base = 1.0e4, style = half>) : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x5x32xf32>, tensor<?x5x32xf32>, tensor<?xi32>, tensor<?x4xi32>) -> !xf.cache<2 x 2 x 16, f32>
  return
}

// -----

// (C1) keys of a layer
func.func @f(%c: !xf.cache<2 x 2 x 16, f32>, %l: index) {
  // expected-error@+1 {{expects the features of the result to be 32, but got 64}}
  %y = xf.cache_keys %c[%l] : (!xf.cache<2 x 2 x 16, f32>, index) -> tensor<?x?x64xf32>
  return
}

// -----

// (C1) values of a layer
func.func @f(%c: !xf.cache<2 x 2 x 16, f32>, %l: index) {
  // expected-error@+1 {{expects the features of the result to be 32, but got 64}}
  %y = xf.cache_values %c[%l] : (!xf.cache<2 x 2 x 16, f32>, index) -> tensor<?x?x64xf32>
  return
}

// -----

// (C1) rank
func.func @f(%c: !xf.cache<2 x 2 x 16, f32>, %l: index) {
  // expected-error@+1 {{expects a result of rank 3, but got 'tensor<?x32xf32>'}}
  %y = xf.cache_keys %c[%l] : (!xf.cache<2 x 2 x 16, f32>, index) -> tensor<?x32xf32>
  return
}
