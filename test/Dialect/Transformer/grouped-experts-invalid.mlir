// RUN: ph-opt %s -split-input-file -verify-diagnostics

// sort_by_expert (C1)
func.func @f(%c: tensor<2xi32>) {
  // expected-error@+1 {{expects choices of rank 2 or more with a static last dimension, but got 'tensor<2xi32>'}}
  %order, %offsets = xf.sort_by_expert %c experts = 8 : (tensor<2xi32>) -> (tensor<2xi32>, tensor<9xi32>)
  return
}

// -----

func.func @f(%c: tensor<?x?xi32>) {
  // expected-error@+1 {{expects choices of rank 2 or more with a static last dimension, but got 'tensor<?x?xi32>'}}
  %order, %offsets = xf.sort_by_expert %c experts = 8 : (tensor<?x?xi32>) -> (tensor<?xi32>, tensor<9xi32>)
  return
}

// -----

// sort_by_expert (C2)
func.func @f(%c: tensor<3x2xi32>) {
  // expected-error@+1 {{expects the elements of order to be 6, but got 5}}
  %order, %offsets = xf.sort_by_expert %c experts = 8 : (tensor<3x2xi32>) -> (tensor<5xi32>, tensor<9xi32>)
  return
}

// -----

// sort_by_expert (C3)
func.func @f(%c: tensor<?x2xi32>) {
  // expected-error@+1 {{expects the elements of offsets to be 9, but got 8}}
  %order, %offsets = xf.sort_by_expert %c experts = 8 : (tensor<?x2xi32>) -> (tensor<?xi32>, tensor<8xi32>)
  return
}

// -----

// gather_tokens (C1)
func.func @f(%x: tensor<?x?x64xf32>, %order: tensor<?xi32>) {
  // expected-error@+1 {{attribute 'top_k' failed to satisfy constraint: 64-bit signless integer attribute whose value is positive}}
  %y = xf.gather_tokens %x, %order top_k = 0 : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  return
}

// -----

// gather_tokens (C2)
func.func @f(%x: tensor<?x?x64xf32>, %order: tensor<6xi32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<6x64xf32>', but got 'tensor<3x64xf32>'}}
  %y = xf.gather_tokens %x, %order top_k = 2 : (tensor<?x?x64xf32>, tensor<6xi32>) -> tensor<3x64xf32>
  return
}

// -----

// grouped_linear (C1)
func.func @f(%x: tensor<?x32xf32>, %w: tensor<8x96x64xf32>, %o: tensor<9xi32>) {
  // expected-error@+1 {{expects an input of shape 'tensor<?x64xf32>', but got 'tensor<?x32xf32>'}}
  %y = xf.grouped_linear %x, %w, %o : (tensor<?x32xf32>, tensor<8x96x64xf32>, tensor<9xi32>) -> tensor<?x96xf32>
  return
}

// -----

func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<8x96x64xf32>, %o: tensor<9xi32>) {
  // expected-error@+1 {{expects an input of shape 'tensor<?x64xf32>', but got 'tensor<?x?x64xf32>'}}
  %y = xf.grouped_linear %x, %w, %o : (tensor<?x?x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>) -> tensor<?x96xf32>
  return
}

// -----

// grouped_linear (C2)
func.func @f(%x: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %o: tensor<8xi32>) {
  // expected-error@+1 {{expects the elements of offsets to be 9, but got 8}}
  %y = xf.grouped_linear %x, %w, %o : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<8xi32>) -> tensor<?x96xf32>
  return
}

// -----

// grouped_linear (C3)
func.func @f(%x: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %o: tensor<9xi32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<?x96xf32>', but got 'tensor<?x64xf32>'}}
  %y = xf.grouped_linear %x, %w, %o : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>) -> tensor<?x64xf32>
  return
}

// -----

// grouped_linear (C4)
func.func @f(%x: tensor<?x64xf32>, %w: tensor<8x96x64xf32>, %o: tensor<9xi32>, %b: tensor<4x96xf32>) {
  // expected-error@+1 {{expects a bias of shape 'tensor<8x96xf32>', but got 'tensor<4x96xf32>'}}
  %y = xf.grouped_linear %x, %w, %o bias %b : (tensor<?x64xf32>, tensor<8x96x64xf32>, tensor<9xi32>, tensor<4x96xf32>) -> tensor<?x96xf32>
  return
}

// -----

// scatter_combine (C1)
func.func @f(%y: tensor<5x64xf32>, %order: tensor<?xi32>, %w: tensor<3x2xf32>) {
  // expected-error@+1 {{expects an input of shape 'tensor<6x64xf32>', but got 'tensor<5x64xf32>'}}
  %sum = xf.scatter_combine %y, %order, %w : (tensor<5x64xf32>, tensor<?xi32>, tensor<3x2xf32>) -> tensor<3x64xf32>
  return
}

// -----

func.func @f(%y: tensor<?x64xf32>, %order: tensor<5xi32>, %w: tensor<3x2xf32>) {
  // expected-error@+1 {{expects the elements of order to be 6, but got 5}}
  %sum = xf.scatter_combine %y, %order, %w : (tensor<?x64xf32>, tensor<5xi32>, tensor<3x2xf32>) -> tensor<3x64xf32>
  return
}

// -----

// scatter_combine (C2)
func.func @f(%y: tensor<?x64xf32>, %order: tensor<?xi32>, %w: tensor<?x?x2xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<?x?x64xf32>', but got 'tensor<?x?x32xf32>'}}
  %sum = xf.scatter_combine %y, %order, %w : (tensor<?x64xf32>, tensor<?xi32>, tensor<?x?x2xf32>) -> tensor<?x?x32xf32>
  return
}
