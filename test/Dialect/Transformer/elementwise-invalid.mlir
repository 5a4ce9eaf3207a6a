// RUN: ph-opt %s -split-input-file -verify-diagnostics

// gated_activation (C1)
func.func @f(%g: tensor<?x?x64xf32>, %u: tensor<?x?x32xf32>) {
  // expected-error@+1 {{expects up to have the shape of gate, but got 'tensor<?x?x32xf32>' and 'tensor<?x?x64xf32>'}}
  %y = xf.gated_activation silu %g, %u : (tensor<?x?x64xf32>, tensor<?x?x32xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// gated_activation (C2)
func.func @f(%g: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects the result to have the shape of gate, but got 'tensor<?x64xf32>' and 'tensor<?x?x64xf32>'}}
  %y = xf.gated_activation silu %g, %g : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

// add (C1)
func.func @f(%a: tensor<?x?x64xf32>, %b: tensor<?x?x32xf32>) {
  // expected-error@+1 {{expects rhs to have the shape of lhs, but got 'tensor<?x?x32xf32>' and 'tensor<?x?x64xf32>'}}
  %y = xf.add %a, %b : (tensor<?x?x64xf32>, tensor<?x?x32xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

func.func @f(%a: tensor<?x3x64xf32>) {
  // expected-error@+1 {{expects the result to have the shape of lhs, but got 'tensor<?x4x64xf32>' and 'tensor<?x3x64xf32>'}}
  %y = xf.add %a, %a : (tensor<?x3x64xf32>, tensor<?x3x64xf32>) -> tensor<?x4x64xf32>
  return
}

// -----

// encode (C1)
func.func @f(%a: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects a result with an activation encoding, but got 'tensor<?x?x64xf32>'}}
  %y = xf.encode %a : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// encode (C2)
func.func @f(%a: tensor<?x?x64xf32, #xf.format<i8x16>>) {
  // expected-error@+1 {{expects an input without an encoding or with that of the result, but got 'tensor<?x?x64xf32, #xf.format<i8x16>>'}}
  %y = xf.encode %a : (tensor<?x?x64xf32, #xf.format<i8x16>>) -> tensor<?x?x64xf32, #xf.format<i8x32>>
  return
}

// -----

// encode (C3)
func.func @f(%a: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects the result to have the shape of the input, but got 'tensor<?x?x32xf32, #xf.format<i8x32>>' and 'tensor<?x?x64xf32>'}}
  %y = xf.encode %a : (tensor<?x?x64xf32>) -> tensor<?x?x32xf32, #xf.format<i8x32>>
  return
}

// -----

// rope (C1)
func.func @f(%x: tensor<?x64xf32>, %p: tensor<?x?xi32>) {
  // expected-error@+1 {{expects an input of rank 3, but got 'tensor<?x64xf32>'}}
  %y = xf.rope %x, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 4 : (tensor<?x64xf32>, tensor<?x?xi32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @f(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) {
  // expected-error@+1 {{expects an input of a multiple of 3 features (heads), but got 64}}
  %y = xf.rope %x, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 3 : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  return
}

// -----

// rope (C2)
func.func @f(%x: tensor<?x5x64xf32>, %p: tensor<?x4xi32>) {
  // expected-error@+1 {{expects the sequence of positions to be 5, but got 4}}
  %y = xf.rope %x, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 4 : (tensor<?x5x64xf32>, tensor<?x4xi32>) -> tensor<?x5x64xf32>
  return
}

// -----

// rope (C3)
func.func @f(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) {
  // expected-error@+1 {{expects a rope of dim ≤ 16 (head_dim), but got 18}}
  %y = xf.rope %x, %p rope = #xf.rope<dim = 18, base = 1.0e4, style = half> heads = 4 : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  return
}

// -----

// rope (C4)
func.func @f(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) {
  // expected-error@+1 {{expects the result to have the shape of the input, but got 'tensor<?x?x32xf32>' and 'tensor<?x?x64xf32>'}}
  %y = xf.rope %x, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 4 : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  return
}

// -----

// Ops on floats take no codes of int8.
func.func @f(%x: tensor<?x?x64xf32, #xf.format<i8x32>>) {
  // expected-error@+1 {{operand #0 must be an activation of floats (rank 2 or more, f32, static last dimension, no encoding or f16 or bf16), but got}}
  %y = xf.add %x, %x : (tensor<?x?x64xf32, #xf.format<i8x32>>, tensor<?x?x64xf32, #xf.format<i8x32>>) -> tensor<?x?x64xf32>
  return
}

// -----

// activation (C1)
func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects the result to have the shape of the input, but got 'tensor<?x?x32xf32>' and 'tensor<?x?x64xf32>'}}
  %y = xf.activation relu2 %x : (tensor<?x?x64xf32>) -> tensor<?x?x32xf32>
  return
}

// -----

// gated_activation (C3)
func.func @f(%g: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects limit > 0, but got 0}}
  %y = xf.gated_activation silu %g, %g limit = 0.0 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// mul (C1)
func.func @f(%a: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects the result to have the shape of lhs, but got 'tensor<?x?x32xf32>' and 'tensor<?x?x64xf32>'}}
  %y = xf.mul %a, %a : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x32xf32>
  return
}

// -----

// mul (C2)
func.func @f(%a: tensor<?x?x64xf32>, %b: tensor<?x?x32xf32>) {
  // expected-error@+1 {{expects rhs to have the shape of lhs, but got 'tensor<?x?x32xf32>' and 'tensor<?x?x64xf32>'}}
  %y = xf.mul %a, %b : (tensor<?x?x64xf32>, tensor<?x?x32xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// A factor for each row is one for each of the other.
func.func @f(%a: tensor<?x5x64xf32>, %b: tensor<?x4x1xf32>) {
  // expected-error@+1 {{expects rhs of shape 'tensor<?x5x1xf32>', but got 'tensor<?x4x1xf32>'}}
  %y = xf.mul %a, %b : (tensor<?x5x64xf32>, tensor<?x4x1xf32>) -> tensor<?x5x64xf32>
  return
}

// -----

// scale (C1)
func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects the result to have the shape of the input, but got 'tensor<?x?x32xf32>' and 'tensor<?x?x64xf32>'}}
  %y = xf.scale %x by 2.0 : (tensor<?x?x64xf32>) -> tensor<?x?x32xf32>
  return
}

// -----

// scale (C2)
func.func @f(%x: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects a finite factor, but got INF}}
  %y = xf.scale %x by 0x7FF0000000000000 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}
