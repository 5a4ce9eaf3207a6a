// RUN: ph-opt %s -split-input-file -verify-diagnostics

// (C9) rank of the bias
func.func @f(%q: tensor<2x3x64xf32>, %b: tensor<3x3xf32>) {
  // expected-error@+1 {{expects a bias of rank 4, but got 'tensor<3x3xf32>'}}
  %y = xf.attention %q keys(%q) values(%q) bias(%b) heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<3x3xf32>) -> tensor<2x3x64xf32>
  return
}

// -----

// (C9) batch of the bias
func.func @f(%q: tensor<2x3x64xf32>, %b: tensor<3x4x3x3xf32>) {
  // expected-error@+1 {{expects the batch of the bias to be 1 or 2, but got 3}}
  %y = xf.attention %q keys(%q) values(%q) bias(%b) heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<3x4x3x3xf32>) -> tensor<2x3x64xf32>
  return
}

// -----

// (C9) heads of the bias
func.func @f(%q: tensor<2x3x64xf32>, %b: tensor<1x2x3x3xf32>) {
  // expected-error@+1 {{expects a bias of 1 or 4 heads, but got 2}}
  %y = xf.attention %q keys(%q) values(%q) bias(%b) heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<1x2x3x3xf32>) -> tensor<2x3x64xf32>
  return
}

// -----

// (C9) sequence of the bias
func.func @f(%q: tensor<2x3x64xf32>, %b: tensor<1x1x4x3xf32>) {
  // expected-error@+1 {{expects the sequence of the bias to be 3, but got 4}}
  %y = xf.attention %q keys(%q) values(%q) bias(%b) heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<1x1x4x3xf32>) -> tensor<2x3x64xf32>
  return
}

// -----

// (C9) positions of the bias
func.func @f(%q: tensor<2x3x64xf32>, %b: tensor<1x1x3x4xf32>) {
  // expected-error@+1 {{expects the positions of the bias to be 3, but got 4}}
  %y = xf.attention %q keys(%q) values(%q) bias(%b) heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<1x1x3x4xf32>) -> tensor<2x3x64xf32>
  return
}

// -----

// (C10) sinks
func.func @f(%q: tensor<2x3x64xf32>, %s: tensor<3xf32>) {
  // expected-error@+1 {{expects the number of sinks to be 4, but got 3}}
  %y = xf.attention %q keys(%q) values(%q) sinks(%s) heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<3xf32>) -> tensor<2x3x64xf32>
  return
}

// -----

// (C11) batch of prefix
func.func @f(%q: tensor<2x3x64xf32>, %x: tensor<3xi32>) {
  // expected-error@+1 {{expects the length of prefix to be 2, but got 3}}
  %y = xf.attention %q keys(%q) values(%q) prefix(%x) heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<3xi32>) -> tensor<2x3x64xf32>
  return
}

// -----

// (C11) a prefix without a causal mask
func.func @f(%q: tensor<2x3x64xf32>, %x: tensor<2xi32>) {
  // expected-error@+1 {{expects a causal mask with a prefix, but got none}}
  %y = xf.attention %q keys(%q) values(%q) prefix(%x) heads = 4 scale = 0.25 mask = none
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2xi32>) -> tensor<2x3x64xf32>
  return
}

// -----

// (C12) documents in a cache
func.func @f(%q: tensor<2x3x64xf32>, %c: !xf.cache<2 x 4 x 16, f32>, %l: index, %p: tensor<2xi32>, %d: tensor<2x3xi32>) {
  // expected-error@+1 {{expects documents with keys only, but got a cache}}
  %y = xf.attention %q cache(%c[%l], %p) documents(%d) heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, !xf.cache<2 x 4 x 16, f32>, index, tensor<2xi32>, tensor<2x3xi32>) -> tensor<2x3x64xf32>
  return
}

// -----

// (C12) batch of documents
func.func @f(%q: tensor<2x3x64xf32>, %d: tensor<1x3xi32>) {
  // expected-error@+1 {{expects the batch of documents to be 2, but got 1}}
  %y = xf.attention %q keys(%q) values(%q) documents(%d) heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<1x3xi32>) -> tensor<2x3x64xf32>
  return
}

// -----

// (C12) sequence of documents
func.func @f(%q: tensor<2x3x64xf32>, %d: tensor<2x4xi32>) {
  // expected-error@+1 {{expects the sequence of documents to be 3, but got 4}}
  %y = xf.attention %q keys(%q) values(%q) documents(%d) heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x4xi32>) -> tensor<2x3x64xf32>
  return
}

// -----

// (C12) documents of other keys
func.func @f(%q: tensor<2x3x64xf32>, %k: tensor<2x5x64xf32>, %d: tensor<2x3xi32>) {
  // expected-error@+1 {{expects the sequence of keys of documents to be 3, but got 5}}
  %y = xf.attention %q keys(%k) values(%k) documents(%d) heads = 4 scale = 0.25 mask = none
    : (tensor<2x3x64xf32>, tensor<2x5x64xf32>, tensor<2x5x64xf32>, tensor<2x3xi32>) -> tensor<2x3x64xf32>
  return
}

// -----

// (C13) batch of valid
func.func @f(%q: tensor<2x3x64xf32>, %m: tensor<1x3xi32>) {
  // expected-error@+1 {{expects the batch of valid to be 2, but got 1}}
  %y = xf.attention %q keys(%q) values(%q) valid(%m) heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<1x3xi32>) -> tensor<2x3x64xf32>
  return
}

// -----

// (C13) positions of valid
func.func @f(%q: tensor<2x3x64xf32>, %m: tensor<2x4xi32>) {
  // expected-error@+1 {{expects the positions of valid to be 3, but got 4}}
  %y = xf.attention %q keys(%q) values(%q) valid(%m) heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x4xi32>) -> tensor<2x3x64xf32>
  return
}

// -----

// (C14) soft_cap
func.func @f(%q: tensor<2x3x64xf32>) {
  // expected-error@+1 {{expects soft_cap > 0, but got 0}}
  %y = xf.attention %q keys(%q) values(%q)  heads = 4 scale = 0.25 mask = causal soft_cap = 0.0
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>) -> tensor<2x3x64xf32>
  return
}

// -----

// A window is positive.
func.func @f(%q: tensor<2x3x64xf32>) {
  // expected-error@+1 {{attribute 'window' failed to satisfy constraint: 64-bit signless integer attribute whose value is positive}}
  %y = xf.attention %q keys(%q) values(%q)  heads = 4 scale = 0.25 mask = causal window = 0
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>) -> tensor<2x3x64xf32>
  return
}

// -----

// (C15) keep
func.func @f(%q: tensor<2x3x64xf32>) {
  // expected-error@+1 {{expects keep with a window and a causal mask, but got no window}}
  %y = xf.attention %q keys(%q) values(%q) heads = 4 scale = 0.25 mask = causal keep = 1
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>) -> tensor<2x3x64xf32>
  return
}

// -----

func.func @f(%q: tensor<2x3x64xf32>) {
  // expected-error@+1 {{expects keep with a window and a causal mask, but got mask = none}}
  %y = xf.attention %q keys(%q) values(%q) heads = 4 scale = 0.25 mask = none window = 2 keep = 1
    : (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x64xf32>) -> tensor<2x3x64xf32>
  return
}
