// RUN: ph-opt %s -split-input-file -verify-diagnostics

// (C1) either keys and values or a cache
func.func @f(%q: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects either keys and values or a cache with layer and past, but got neither}}
  %y = xf.attention %q heads = 4 scale = 0.25 mask = causal : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

func.func @f(%q: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects either keys and values or a cache with layer and past, but got a part of them}}
  %y = xf.attention %q keys(%q) heads = 4 scale = 0.25 mask = causal : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

func.func @f(%q: tensor<?x?x64xf32>, %c: !xf.cache<2 x 4 x 16, f32>, %l: index, %p: tensor<?xi32>) {
  // expected-error@+1 {{expects either keys and values or a cache with layer and past, but got both}}
  %y = xf.attention %q keys(%q) values(%q) cache(%c[%l], %p) heads = 4 scale = 0.25 mask = causal
    : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, !xf.cache<2 x 4 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
  return
}

// -----

// (C2) even heads
func.func @f(%q: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects a query of a multiple of 5 features (heads), but got 64}}
  %y = xf.attention %q keys(%q) values(%q) heads = 5 scale = 0.25 mask = causal : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

func.func @f(%q: tensor<?x64xf32>) {
  // expected-error@+1 {{expects a query of rank 3, but got 'tensor<?x64xf32>'}}
  %y = xf.attention %q keys(%q) values(%q) heads = 4 scale = 0.25 mask = causal : (tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @f(%q: tensor<?x?x64xf32>) {
  // expected-error@+1 {{attribute 'heads' failed to satisfy constraint: 64-bit signless integer attribute whose value is positive}}
  %y = xf.attention %q keys(%q) values(%q) heads = 0 scale = 0.25 mask = causal : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// (C3) groups
func.func @f(%q: tensor<?x?x64xf32>, %k: tensor<?x?x48xf32>) {
  // expected-error@+1 {{expects heads that are a multiple of the 3 key/value heads, but got 4}}
  %y = xf.attention %q keys(%k) values(%k) heads = 4 scale = 0.25 mask = causal : (tensor<?x?x64xf32>, tensor<?x?x48xf32>, tensor<?x?x48xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// (C3) more key heads than heads
func.func @f(%q: tensor<?x?x64xf32>, %c: !xf.cache<2 x 8 x 16, f32>, %l: index, %p: tensor<?xi32>) {
  // expected-error@+1 {{expects heads that are a multiple of the 8 key/value heads, but got 4}}
  %y = xf.attention %q cache(%c[%l], %p) heads = 4 scale = 0.25 mask = causal : (tensor<?x?x64xf32>, !xf.cache<2 x 8 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
  return
}

// -----

// (C3) whole key heads
func.func @f(%q: tensor<?x?x64xf32>, %k: tensor<?x?x40xf32>) {
  // expected-error@+1 {{expects keys of a multiple of 16 features (head_dim), but got 40}}
  %y = xf.attention %q keys(%k) values(%k) heads = 4 scale = 0.25 mask = causal : (tensor<?x?x64xf32>, tensor<?x?x40xf32>, tensor<?x?x40xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// (C4) head_dim of the cache
func.func @f(%q: tensor<?x?x64xf32>, %c: !xf.cache<2 x 2 x 32, f32>, %l: index, %p: tensor<?xi32>) {
  // expected-error@+1 {{expects a cache of head_dim 16, but got 32}}
  %y = xf.attention %q cache(%c[%l], %p) heads = 4 scale = 0.25 mask = causal : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 32, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
  return
}

// -----

// (C5) values of whole heads
func.func @f(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %v: tensor<?x?x33xf32>) {
  // expected-error@+1 {{expects values of a multiple of 2 features (key/value heads), but got 33}}
  %y = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.25 mask = causal : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x33xf32>) -> tensor<?x?x66xf32>
  return
}

// -----

// (C5) positions of values
func.func @f(%q: tensor<?x?x64xf32>, %k: tensor<?x5x64xf32>, %v: tensor<?x6x64xf32>) {
  // expected-error@+1 {{expects the positions of values to be 5, but got 6}}
  %y = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.25 mask = none : (tensor<?x?x64xf32>, tensor<?x5x64xf32>, tensor<?x6x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// (C5) rank of values
func.func @f(%q: tensor<?x?x64xf32>, %v: tensor<?x64xf32>) {
  // expected-error@+1 {{expects values of rank 3, but got 'tensor<?x64xf32>'}}
  %y = xf.attention %q keys(%q) values(%v) heads = 4 scale = 0.25 mask = none : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// (C5) batch
func.func @f(%q: tensor<2x?x64xf32>, %k: tensor<3x?x64xf32>) {
  // expected-error@+1 {{expects the batch of keys to be 2, but got 3}}
  %y = xf.attention %q keys(%k) values(%k) heads = 4 scale = 0.25 mask = none : (tensor<2x?x64xf32>, tensor<3x?x64xf32>, tensor<3x?x64xf32>) -> tensor<2x?x64xf32>
  return
}

// -----

// (C5) rank
func.func @f(%q: tensor<?x?x64xf32>, %k: tensor<?x64xf32>) {
  // expected-error@+1 {{expects keys of rank 3, but got 'tensor<?x64xf32>'}}
  %y = xf.attention %q keys(%k) values(%k) heads = 4 scale = 0.25 mask = none : (tensor<?x?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// (C6) a cache is causal
func.func @f(%q: tensor<?x?x64xf32>, %c: !xf.cache<2 x 2 x 16, f32>, %l: index, %p: tensor<?xi32>) {
  // expected-error@+1 {{expects a causal mask with a cache, but got none}}
  %y = xf.attention %q cache(%c[%l], %p) heads = 4 scale = 0.25 mask = none : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
  return
}

// -----

// (C6) as many causal keys as queries
func.func @f(%q: tensor<?x5x64xf32>, %k: tensor<?x7x64xf32>) {
  // expected-error@+1 {{expects the sequence of keys that are masked or rotated to be 5, but got 7}}
  %y = xf.attention %q keys(%k) values(%k) heads = 4 scale = 0.25 mask = causal : (tensor<?x5x64xf32>, tensor<?x7x64xf32>, tensor<?x7x64xf32>) -> tensor<?x5x64xf32>
  return
}

// -----

// (C7) positions and rope
func.func @f(%q: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects positions and a rope together, but got only the rope}}
  %y = "xf.attention"(%q, %q, %q) {heads = 4 : i64, mask = #xf<mask causal>, rope = #xf.rope<dim = 16, base = 1.0e4, style = half>, scale = 2.5e-01 : f64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0>} : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

func.func @f(%q: tensor<?x?x64xf32>, %pos: tensor<?x?xi32>) {
  // expected-error@+1 {{expects positions and a rope together, but got only positions}}
  %y = "xf.attention"(%q, %q, %q, %pos) {heads = 4 : i64, mask = #xf<mask causal>, scale = 2.5e-01 : f64, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0>} : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  return
}

// -----

func.func @f(%q: tensor<?x?x64xf32>, %pos: tensor<?x?xi32>) {
  // expected-error@+1 {{expects a rope of dim ≤ 16 (head_dim), but got 64}}
  %y = xf.attention %q keys(%q) values(%q) rope(%pos, #xf.rope<dim = 64, base = 1.0e4, style = half>) heads = 4 scale = 0.25 mask = none : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  return
}

// -----

func.func @f(%q: tensor<2x?x64xf32>, %pos: tensor<3x?xi32>) {
  // expected-error@+1 {{expects the batch of positions to be 2, but got 3}}
  %y = xf.attention %q keys(%q) values(%q) rope(%pos, #xf.rope<dim = 16, base = 1.0e4, style = half>) heads = 4 scale = 0.25 mask = none : (tensor<2x?x64xf32>, tensor<2x?x64xf32>, tensor<2x?x64xf32>, tensor<3x?xi32>) -> tensor<2x?x64xf32>
  return
}

// -----

// (C8) result
func.func @f(%q: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<?x?x64xf32>', but got 'tensor<?x?x32xf32>'}}
  %y = xf.attention %q keys(%q) values(%q) heads = 4 scale = 0.25 mask = none : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x32xf32>
  return
}

// -----

// (C8) values of another head_dim
func.func @f(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %v: tensor<?x?x16xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<?x?x32xf32>', but got 'tensor<?x?x64xf32>'}}
  %y = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.25 mask = none : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x16xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// (C8) past
func.func @f(%q: tensor<2x?x64xf32>, %c: !xf.cache<2 x 2 x 16, f32>, %l: index, %p: tensor<3xi32>) {
  // expected-error@+1 {{expects the length of past to be 2, but got 3}}
  %y = xf.attention %q cache(%c[%l], %p) heads = 4 scale = 0.25 mask = causal : (tensor<2x?x64xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<3xi32>) -> tensor<2x?x64xf32>
  return
}

// -----

// A query is not encoded.
func.func @f(%q: tensor<?x?x64xf32, #xf.format<i8x32>>) {
  // expected-error@+1 {{operand #0 must be an activation of floats (rank 2 or more, f32, static last dimension, no encoding or f16 or bf16), but got}}
  %y = xf.attention %q keys(%q) values(%q) heads = 4 scale = 0.25 mask = none : (tensor<?x?x64xf32, #xf.format<i8x32>>, tensor<?x?x64xf32, #xf.format<i8x32>>, tensor<?x?x64xf32, #xf.format<i8x32>>) -> tensor<?x?x64xf32>
  return
}
