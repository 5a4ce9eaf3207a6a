// RUN: ph-opt %s -split-input-file -verify-diagnostics

// (C1) heads
func.func @f(%q: tensor<2x3x64xf32>, %k: tensor<2x3x32xf32>, %v: tensor<2x3x32xf32>, %dy: tensor<2x3x64xf32>) {
  // expected-error@+1 {{expects a query of a multiple of 5 features (heads), but got 64}}
  %dq, %dk, %dv = xf.attention_backward %q, %k, %v, %dy heads = 5 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x32xf32>, tensor<2x3x32xf32>, tensor<2x3x64xf32>) -> (tensor<2x3x64xf32>, tensor<2x3x32xf32>, tensor<2x3x32xf32>)
  return
}

// -----

// (C1) keys
func.func @f(%q: tensor<2x3x64xf32>, %k: tensor<2x3x40xf32>, %v: tensor<2x3x32xf32>, %dy: tensor<2x3x64xf32>) {
  // expected-error@+1 {{expects keys of a multiple of 16 features (head_dim), but got 40}}
  %dq, %dk, %dv = xf.attention_backward %q, %k, %v, %dy heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x40xf32>, tensor<2x3x32xf32>, tensor<2x3x64xf32>) -> (tensor<2x3x64xf32>, tensor<2x3x40xf32>, tensor<2x3x32xf32>)
  return
}

// -----

// (C1) masked keys
func.func @f(%q: tensor<2x3x64xf32>, %k: tensor<2x5x32xf32>, %v: tensor<2x5x32xf32>, %dy: tensor<2x3x64xf32>) {
  // expected-error@+1 {{expects the sequence of keys that are masked to be 3, but got 5}}
  %dq, %dk, %dv = xf.attention_backward %q, %k, %v, %dy heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x5x32xf32>, tensor<2x5x32xf32>, tensor<2x3x64xf32>) -> (tensor<2x3x64xf32>, tensor<2x5x32xf32>, tensor<2x5x32xf32>)
  return
}

// -----

// (C1) options
func.func @f(%q: tensor<2x3x64xf32>, %k: tensor<2x3x32xf32>, %v: tensor<2x3x32xf32>, %dy: tensor<2x3x64xf32>, %s: tensor<3xf32>) {
  // expected-error@+1 {{expects the number of sinks to be 4, but got 3}}
  %dq, %dk, %dv = xf.attention_backward %q, %k, %v, %dy sinks(%s) heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x32xf32>, tensor<2x3x32xf32>, tensor<2x3x64xf32>, tensor<3xf32>) -> (tensor<2x3x64xf32>, tensor<2x3x32xf32>, tensor<2x3x32xf32>)
  return
}

// -----

// (C2) gradient
func.func @f(%q: tensor<2x3x64xf32>, %k: tensor<2x3x32xf32>, %v: tensor<2x3x32xf32>, %dy: tensor<2x3x32xf32>) {
  // expected-error@+1 {{expects a gradient of shape 'tensor<2x3x64xf32>', but got 'tensor<2x3x32xf32>'}}
  %dq, %dk, %dv = xf.attention_backward %q, %k, %v, %dy heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x32xf32>, tensor<2x3x32xf32>, tensor<2x3x32xf32>) -> (tensor<2x3x64xf32>, tensor<2x3x32xf32>, tensor<2x3x32xf32>)
  return
}

// -----

// (C3) the query's
func.func @f(%q: tensor<2x3x64xf32>, %k: tensor<2x3x32xf32>, %v: tensor<2x3x32xf32>, %dy: tensor<2x3x64xf32>) {
  // expected-error@+1 {{expects the query's gradient to have the shape of the query, but got 'tensor<2x3x32xf32>' and 'tensor<2x3x64xf32>'}}
  %dq, %dk, %dv = xf.attention_backward %q, %k, %v, %dy heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x32xf32>, tensor<2x3x32xf32>, tensor<2x3x64xf32>) -> (tensor<2x3x32xf32>, tensor<2x3x32xf32>, tensor<2x3x32xf32>)
  return
}

// -----

// (C3) the keys'
func.func @f(%q: tensor<2x3x64xf32>, %k: tensor<2x3x32xf32>, %v: tensor<2x3x32xf32>, %dy: tensor<2x3x64xf32>) {
  // expected-error@+1 {{expects the keys' gradient to have the shape of the keys, but got 'tensor<2x3x64xf32>' and 'tensor<2x3x32xf32>'}}
  %dq, %dk, %dv = xf.attention_backward %q, %k, %v, %dy heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x32xf32>, tensor<2x3x32xf32>, tensor<2x3x64xf32>) -> (tensor<2x3x64xf32>, tensor<2x3x64xf32>, tensor<2x3x32xf32>)
  return
}

// -----

// (C3) the values'
func.func @f(%q: tensor<2x3x64xf32>, %k: tensor<2x3x32xf32>, %v: tensor<2x3x32xf32>, %dy: tensor<2x3x64xf32>) {
  // expected-error@+1 {{expects the values' gradient to have the shape of the values, but got 'tensor<2x3x64xf32>' and 'tensor<2x3x32xf32>'}}
  %dq, %dk, %dv = xf.attention_backward %q, %k, %v, %dy heads = 4 scale = 0.25 mask = causal
    : (tensor<2x3x64xf32>, tensor<2x3x32xf32>, tensor<2x3x32xf32>, tensor<2x3x64xf32>) -> (tensor<2x3x64xf32>, tensor<2x3x32xf32>, tensor<2x3x64xf32>)
  return
}
