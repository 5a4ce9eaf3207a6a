// RUN: ph-opt %s -split-input-file -verify-diagnostics

// argmax (C1)
func.func @f(%z: tensor<4x320xf32>) {
  // expected-error@+1 {{expects a result of the shape of the input without the last dimension, but got 'tensor<5xi32>' and 'tensor<4x320xf32>'}}
  %y = xf.argmax %z : (tensor<4x320xf32>) -> tensor<5xi32>
  return
}

// -----

// sample (C1)
func.func @f(%z: tensor<?x?x320xf32>, %u: tensor<?xf32>) {
  // expected-error@+1 {{expects logits of rank 2, but got 'tensor<?x?x320xf32>'}}
  %y = xf.sample %z, %u : (tensor<?x?x320xf32>, tensor<?xf32>) -> tensor<?xi32>
  return
}

// -----

// sample (C2)
func.func @f(%z: tensor<?x320xf32>, %u: tensor<?x1xf32>) {
  // expected-error@+1 {{expects uniform of rank 1, but got 'tensor<?x1xf32>'}}
  %y = xf.sample %z, %u : (tensor<?x320xf32>, tensor<?x1xf32>) -> tensor<?xi32>
  return
}

// -----

func.func @f(%z: tensor<4x320xf32>, %u: tensor<5xf32>) {
  // expected-error@+1 {{expects the length of uniform to be 4, but got 5}}
  %y = xf.sample %z, %u : (tensor<4x320xf32>, tensor<5xf32>) -> tensor<4xi32>
  return
}

// -----

// sample (C3)
func.func @f(%z: tensor<4x320xf32>, %u: tensor<4xf32>) {
  // expected-error@+1 {{expects recent and repeat_penalty together, but got only repeat_penalty}}
  %y = xf.sample %z, %u repeat_penalty = 1.1 : (tensor<4x320xf32>, tensor<4xf32>) -> tensor<4xi32>
  return
}

// -----

func.func @f(%z: tensor<4x320xf32>, %u: tensor<4xf32>, %r: tensor<5x8xi32>) {
  // expected-error@+1 {{expects the rows of recent to be 4, but got 5}}
  %y = xf.sample %z, %u recent(%r) repeat_penalty = 1.1 : (tensor<4x320xf32>, tensor<4xf32>, tensor<5x8xi32>) -> tensor<4xi32>
  return
}

// -----

// sample (C4)
func.func @f(%z: tensor<4x320xf32>, %u: tensor<4xf32>) {
  // expected-error@+1 {{expects temperature ≥ 0, but got -1}}
  %y = xf.sample %z, %u temperature = -1.0 : (tensor<4x320xf32>, tensor<4xf32>) -> tensor<4xi32>
  return
}

// -----

func.func @f(%z: tensor<4x320xf32>, %u: tensor<4xf32>) {
  // expected-error@+1 {{expects top_k ≥ 0, but got -1}}
  %y = xf.sample %z, %u top_k = -1 : (tensor<4x320xf32>, tensor<4xf32>) -> tensor<4xi32>
  return
}

// -----

func.func @f(%z: tensor<4x320xf32>, %u: tensor<4xf32>) {
  // expected-error@+1 {{expects 0 < top_p ≤ 1, but got 0}}
  %y = xf.sample %z, %u top_p = 0.0 : (tensor<4x320xf32>, tensor<4xf32>) -> tensor<4xi32>
  return
}

// -----

func.func @f(%z: tensor<4x320xf32>, %u: tensor<4xf32>) {
  // expected-error@+1 {{expects 0 ≤ min_p ≤ 1, but got 2}}
  %y = xf.sample %z, %u min_p = 2.0 : (tensor<4x320xf32>, tensor<4xf32>) -> tensor<4xi32>
  return
}

// -----

func.func @f(%z: tensor<4x320xf32>, %u: tensor<4xf32>, %r: tensor<4x8xi32>) {
  // expected-error@+1 {{expects repeat_penalty > 0, but got 0}}
  %y = xf.sample %z, %u recent(%r) repeat_penalty = 0.0 : (tensor<4x320xf32>, tensor<4xf32>, tensor<4x8xi32>) -> tensor<4xi32>
  return
}

// -----

// sample (C5)
func.func @f(%z: tensor<4x320xf32>, %u: tensor<4xf32>) {
  // expected-error@+1 {{expects the length of the result to be 4, but got 5}}
  %y = xf.sample %z, %u : (tensor<4x320xf32>, tensor<4xf32>) -> tensor<5xi32>
  return
}

// -----

// logits_sample (C1)
func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<320x64xf32>, %u: tensor<?xf32>) {
  // expected-error@+1 {{expects an input of rank 2, but got 'tensor<?x?x64xf32>'}}
  %y = xf.logits_sample %x, %w, %u : (tensor<?x?x64xf32>, tensor<320x64xf32>, tensor<?xf32>) -> tensor<?xi32>
  return
}

// -----

// logits_sample (C2)
func.func @f(%x: tensor<4x64xf32>, %w: tensor<320x32xf32>, %u: tensor<4xf32>) {
  // expected-error@+1 {{expects the columns of weight to be 64, but got 32}}
  %y = xf.logits_sample %x, %w, %u : (tensor<4x64xf32>, tensor<320x32xf32>, tensor<4xf32>) -> tensor<4xi32>
  return
}

// -----

// logits_sample (C3)
func.func @f(%x: tensor<4x64xf32>, %w: tensor<320x64xf32>, %u: tensor<4xf32>) {
  // expected-error@+1 {{expects soft_cap > 0, but got 0}}
  %y = xf.logits_sample %x, %w, %u soft_cap = 0.0 : (tensor<4x64xf32>, tensor<320x64xf32>, tensor<4xf32>) -> tensor<4xi32>
  return
}

// -----

// logits_sample (C4)
func.func @f(%x: tensor<4x64xf32>, %w: tensor<320x64xf32>, %u: tensor<5xf32>) {
  // expected-error@+1 {{expects the length of uniform to be 4, but got 5}}
  %y = xf.logits_sample %x, %w, %u : (tensor<4x64xf32>, tensor<320x64xf32>, tensor<5xf32>) -> tensor<4xi32>
  return
}

// -----

// logits_sample (C5)
func.func @f(%x: tensor<4x64xf32>, %w: tensor<320x64xf32>, %u: tensor<4xf32>) {
  // expected-error@+1 {{expects recent and repeat_penalty together, but got only repeat_penalty}}
  %y = xf.logits_sample %x, %w, %u repeat_penalty = 1.1 : (tensor<4x64xf32>, tensor<320x64xf32>, tensor<4xf32>) -> tensor<4xi32>
  return
}

// -----

// logits_sample (C6)
func.func @f(%x: tensor<4x64xf32>, %w: tensor<320x64xf32>, %u: tensor<4xf32>) {
  // expected-error@+1 {{expects top_k ≥ 0, but got -1}}
  %y = xf.logits_sample %x, %w, %u top_k = -1 : (tensor<4x64xf32>, tensor<320x64xf32>, tensor<4xf32>) -> tensor<4xi32>
  return
}

// -----

// logits_sample (C7)
func.func @f(%x: tensor<4x64xf32>, %w: tensor<320x64xf32>, %u: tensor<4xf32>) {
  // expected-error@+1 {{expects the length of the result to be 4, but got 5}}
  %y = xf.logits_sample %x, %w, %u : (tensor<4x64xf32>, tensor<320x64xf32>, tensor<4xf32>) -> tensor<5xi32>
  return
}
