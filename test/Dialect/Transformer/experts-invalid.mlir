// RUN: ph-opt %s -split-input-file -verify-diagnostics

// router (C1)
func.func @f(%z: tensor<?x8xf32>) {
  // expected-error@+1 {{expects a top_k of at most 8 (experts), but got 9}}
  %w, %e = xf.router softmax %z top_k = 9 : (tensor<?x8xf32>) -> (tensor<?x9xf32>, tensor<?x9xi32>)
  return
}

// -----

func.func @f(%z: tensor<?x8xf32>) {
  // expected-error@+1 {{attribute 'top_k' failed to satisfy constraint: 64-bit signless integer attribute whose value is positive}}
  %w, %e = xf.router softmax %z top_k = 0 : (tensor<?x8xf32>) -> (tensor<?x0xf32>, tensor<?x0xi32>)
  return
}

// -----

// router (C2)
func.func @f(%z: tensor<?x8xf32>, %b: tensor<4xf32>) {
  // expected-error@+1 {{expects the elements of bias to be 8, but got 4}}
  %w, %e = xf.router sigmoid %z bias %b top_k = 2 : (tensor<?x8xf32>, tensor<4xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
  return
}

// -----

// router (C3)
func.func @f(%z: tensor<?x8xf32>) {
  // expected-error@+1 {{expects groups and group_top_k together, but got only groups}}
  %w, %e = xf.router sigmoid %z top_k = 2 groups = 2 : (tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
  return
}

// -----

func.func @f(%z: tensor<?x8xf32>) {
  // expected-error@+1 {{expects groups and group_top_k together, but got only group_top_k}}
  %w, %e = xf.router sigmoid %z top_k = 2 group_top_k = 2 : (tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
  return
}

// -----

func.func @f(%z: tensor<?x8xf32>) {
  // expected-error@+1 {{expects a group_top_k from 1 to 2 (groups), but got 3}}
  %w, %e = xf.router sigmoid %z top_k = 2 groups = 2 group_top_k = 3 : (tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
  return
}

// -----

func.func @f(%z: tensor<?x8xf32>) {
  // expected-error@+1 {{expects a group_top_k from 1 to 2 (groups), but got 0}}
  %w, %e = xf.router sigmoid %z top_k = 2 groups = 2 group_top_k = 0 : (tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
  return
}

// -----

// router (C4)
func.func @f(%z: tensor<?x8xf32>) {
  // expected-error@+1 {{expects groups that divide 8 experts into at least two each, but got 3}}
  %w, %e = xf.router sigmoid %z top_k = 2 groups = 3 group_top_k = 1 : (tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
  return
}

// -----

func.func @f(%z: tensor<?x8xf32>) {
  // expected-error@+1 {{expects groups that divide 8 experts into at least two each, but got 8}}
  %w, %e = xf.router sigmoid %z top_k = 2 groups = 8 group_top_k = 4 : (tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
  return
}

// -----

// router (C5)
func.func @f(%z: tensor<?x8xf32>) {
  // expected-error@+1 {{expects a top_k of at most 4 (experts of the chosen groups), but got 5}}
  %w, %e = xf.router sigmoid %z top_k = 5 groups = 2 group_top_k = 1 : (tensor<?x8xf32>) -> (tensor<?x5xf32>, tensor<?x5xi32>)
  return
}

// -----

// router (C6)
func.func @f(%z: tensor<?x8xf32>) {
  // expected-error@+1 {{expects weights of shape 'tensor<?x2xf32>', but got 'tensor<?x3xf32>'}}
  %w, %e = xf.router softmax %z top_k = 2 : (tensor<?x8xf32>) -> (tensor<?x3xf32>, tensor<?x2xi32>)
  return
}

// -----

func.func @f(%z: tensor<?x8xf32>) {
  // expected-error@+1 {{expects experts to have the shape of weights, but got 'tensor<?x3xi32>' and 'tensor<?x2xf32>'}}
  %w, %e = xf.router softmax %z top_k = 2 : (tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x3xi32>)
  return
}

// -----

// expert_linear (C1)
func.func @f(%x: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %e: tensor<?x?x2xi32>) {
  // expected-error@+1 {{expects an input of rank 3 or 4, but got 'tensor<?x64xf32>'}}
  %y = xf.expert_linear %x, %w, %e : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x96xf32>
  return
}

// -----

func.func @f(%x: tensor<?x3x64xf32>, %w: tensor<8x96x64xf32>, %e: tensor<?x2xi32>) {
  // expected-error@+1 {{expects an input of shape 'tensor<?x2x64xf32>', but got 'tensor<?x3x64xf32>'}}
  %y = xf.expert_linear %x, %w, %e : (tensor<?x3x64xf32>, tensor<8x96x64xf32>, tensor<?x2xi32>) -> tensor<?x2x96xf32>
  return
}

// -----

func.func @f(%x: tensor<5x64xf32>, %w: tensor<8x96x64xf32>, %e: tensor<4x2xi32>) {
  // expected-error@+1 {{expects an input of shape 'tensor<4x64xf32>', but got 'tensor<5x64xf32>'}}
  %y = xf.expert_linear %x, %w, %e : (tensor<5x64xf32>, tensor<8x96x64xf32>, tensor<4x2xi32>) -> tensor<4x2x96xf32>
  return
}

// -----

func.func @f(%x: tensor<5x64xf32>, %w: tensor<8x96x64xf32>, %e: tensor<5x?xi32>) {
  // expected-error@+1 {{expects experts of rank 2 or more with a static last dimension, but got 'tensor<5x?xi32>'}}
  %y = xf.expert_linear %x, %w, %e : (tensor<5x64xf32>, tensor<8x96x64xf32>, tensor<5x?xi32>) -> tensor<5x?x96xf32>
  return
}

// -----

// expert_linear (C2)
func.func @f(%x: tensor<?x32xf32>, %w: tensor<8x96x64xf32>, %e: tensor<?x2xi32>) {
  // expected-error@+1 {{expects an input of shape 'tensor<?x64xf32>', but got 'tensor<?x32xf32>'}}
  %y = xf.expert_linear %x, %w, %e : (tensor<?x32xf32>, tensor<8x96x64xf32>, tensor<?x2xi32>) -> tensor<?x2x96xf32>
  return
}

// -----

// expert_linear (C3)
func.func @f(%x: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %e: tensor<?x2xi32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<?x2x96xf32>', but got 'tensor<?x2x64xf32>'}}
  %y = xf.expert_linear %x, %w, %e : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<?x2xi32>) -> tensor<?x2x64xf32>
  return
}

// -----

// expert_linear (C4)
func.func @f(%x: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %e: tensor<?x2xi32>, %b: tensor<8x64xf32>) {
  // expected-error@+1 {{expects a bias of shape 'tensor<8x96xf32>', but got 'tensor<8x64xf32>'}}
  %y = xf.expert_linear %x, %w, %e bias %b : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<?x2xi32>, tensor<8x64xf32>) -> tensor<?x2x96xf32>
  return
}

// -----

// Matrices of experts have rank 3.
func.func @f(%x: tensor<?x64xf32>, %w: tensor<96x64xf32>, %e: tensor<?x2xi32>) {
  // expected-error@+1 {{operand #1 must be weight matrices of experts (static, rank 3, f32, no encoding or a storage format), but got}}
  %y = xf.expert_linear %x, %w, %e : (tensor<?x64xf32>, tensor<96x64xf32>, tensor<?x2xi32>) -> tensor<?x2x96xf32>
  return
}

// -----

// combine_experts (C1)
func.func @f(%y: tensor<?x?x2x64xf32>, %w: tensor<?x?x3xf32>) {
  // expected-error@+1 {{expects weights of shape 'tensor<?x?x2xf32>', but got 'tensor<?x?x3xf32>'}}
  %sum = xf.combine_experts %y, %w : (tensor<?x?x2x64xf32>, tensor<?x?x3xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

func.func @f(%y: tensor<?x64xf32>, %w: tensor<?x2xf32>) {
  // expected-error@+1 {{expects an input of rank 3 or more, but got 'tensor<?x64xf32>'}}
  %sum = xf.combine_experts %y, %w : (tensor<?x64xf32>, tensor<?x2xf32>) -> tensor<?x64xf32>
  return
}

// -----

// combine_experts (C2)
func.func @f(%y: tensor<?x?x2x64xf32>, %w: tensor<?x?x2xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<?x?x64xf32>', but got 'tensor<?x?x2xf32>'}}
  %sum = xf.combine_experts %y, %w : (tensor<?x?x2x64xf32>, tensor<?x?x2xf32>) -> tensor<?x?x2xf32>
  return
}
