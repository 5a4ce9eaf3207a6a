// RUN: ph-opt %s -split-input-file -verify-diagnostics

// rms_norm (C1)
func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<32xf32>) {
  // expected-error@+1 {{expects the elements of weight to be 64, but got 32}}
  %y = xf.rms_norm %x, %w eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<32xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// rms_norm (C2)
func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<64xf32>) {
  // expected-error@+1 {{expects the result to have the shape of the input, but got 'tensor<?x?x32xf32>' and 'tensor<?x?x64xf32>'}}
  %y = xf.rms_norm %x, %w eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x32xf32>
  return
}

// -----

// rms_norm (C3)
func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<64xf32>) {
  // expected-error@+1 {{expects eps ≥ 0, but got -1}}
  %y = xf.rms_norm %x, %w eps = -1.0 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// rms_norm (C4)
func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects heads that divide 64 features evenly, but got 3}}
  %y = xf.rms_norm %x eps = 1.0e-6 heads = 3 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects heads that divide 64 features evenly, but got 0}}
  %y = xf.rms_norm %x eps = 1.0e-6 heads = 0 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// A weight is of one head, or of all.
func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<32xf32>) {
  // expected-error@+1 {{expects the elements of weight to be 16, but got 32}}
  %y = xf.rms_norm %x, %w eps = 1.0e-6 heads = 4 : (tensor<?x?x64xf32>, tensor<32xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// rms_norm (C5)
func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects an offset only with a weight, but got one without}}
  %y = xf.rms_norm %x eps = 1.0e-6 offset = 1.0 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// layer_norm (C1)
func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<32xf32>) {
  // expected-error@+1 {{expects the elements of weight to be 64, but got 32}}
  %y = xf.layer_norm %x, %w eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<32xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// layer_norm (C2)
func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<64xf32>, %b: tensor<32xf32>) {
  // expected-error@+1 {{expects the elements of bias to be 64, but got 32}}
  %y = xf.layer_norm %x, %w bias %b eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<32xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// layer_norm (C3)
func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects the result to have the shape of the input, but got 'tensor<?x?x32xf32>' and 'tensor<?x?x64xf32>'}}
  %y = xf.layer_norm %x eps = 1.0e-6 : (tensor<?x?x64xf32>) -> tensor<?x?x32xf32>
  return
}

// -----

// layer_norm (C4)
func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects eps ≥ 0, but got -1}}
  %y = xf.layer_norm %x eps = -1.0 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// layer_norm (C5)
func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects heads that divide 64 features evenly, but got 3}}
  %y = xf.layer_norm %x eps = 1.0e-6 heads = 3 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// layer_norm (C6)
func.func @f(%x: tensor<?x?x64xf32>, %b: tensor<64xf32>) {
  // expected-error@+1 {{expects an offset only with a weight, but got one without}}
  %y = xf.layer_norm %x bias %b eps = 1.0e-6 offset = 1.0 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// add_rms_norm (C1)
func.func @f(%x: tensor<?x?x64xf32>, %r: tensor<?x?x32xf32>) {
  // expected-error@+1 {{expects rhs to have the shape of lhs, but got 'tensor<?x?x32xf32>' and 'tensor<?x?x64xf32>'}}
  %s, %n = xf.add_rms_norm %x, %r eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<?x?x32xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  return
}

// -----

func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects the sum to have the shape of lhs, but got 'tensor<?x?x32xf32>' and 'tensor<?x?x64xf32>'}}
  %s, %n = xf.add_rms_norm %x, %x eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x64xf32>)
  return
}

// -----

func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects the norm to have the shape of lhs, but got 'tensor<?x?x32xf32>' and 'tensor<?x?x64xf32>'}}
  %s, %n = xf.add_rms_norm %x, %x eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x32xf32>)
  return
}

// -----

// add_rms_norm (C2)
func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<32xf32>) {
  // expected-error@+1 {{expects the elements of weight to be 64, but got 32}}
  %s, %n = xf.add_rms_norm %x, %x, %w eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<32xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  return
}

// -----

// add_layer_norm (C1)
func.func @f(%x: tensor<?x?x64xf32>, %r: tensor<?x?x32xf32>) {
  // expected-error@+1 {{expects rhs to have the shape of lhs, but got 'tensor<?x?x32xf32>' and 'tensor<?x?x64xf32>'}}
  %s, %n = xf.add_layer_norm %x, %r eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<?x?x32xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  return
}

// -----

func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects the sum to have the shape of lhs, but got 'tensor<?x?x32xf32>' and 'tensor<?x?x64xf32>'}}
  %s, %n = xf.add_layer_norm %x, %x eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x64xf32>)
  return
}

// -----

func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects the norm to have the shape of lhs, but got 'tensor<?x?x32xf32>' and 'tensor<?x?x64xf32>'}}
  %s, %n = xf.add_layer_norm %x, %x eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x32xf32>)
  return
}

// -----

// add_layer_norm (C2)
func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<32xf32>) {
  // expected-error@+1 {{expects the elements of weight to be 64, but got 32}}
  %s, %n = xf.add_layer_norm %x, %x, %w eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<32xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  return
}

// -----

func.func @f(%x: tensor<?x?x64xf32>, %b: tensor<32xf32>) {
  // expected-error@+1 {{expects the elements of bias to be 64, but got 32}}
  %s, %n = xf.add_layer_norm %x, %x bias %b eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<32xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  return
}
