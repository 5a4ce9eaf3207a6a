// RUN: ph-opt %s -split-input-file -verify-diagnostics

// (C1) something to make
func.func @f(%x: tensor<?x?x96xf32>) {
  // expected-error@+1 {{expects at least one result, but got none}}
  "xf.split_heads"(%x) <{heads = 4 : i64}> : (tensor<?x?x96xf32>) -> ()
  return
}

// -----

// (C2) heads of the input
func.func @f(%x: tensor<?x?x96xf32>) {
  // expected-error@+1 {{expects an input of a multiple of 5 features (heads), but got 96}}
  %a = xf.split_heads %x heads = 5 : (tensor<?x?x96xf32>) -> tensor<?x?x96xf32>
  return
}

// -----

// (C2) heads of a result
func.func @f(%x: tensor<?x?x96xf32>) {
  // expected-error@+1 {{expects a result of a multiple of 4 features (heads), but got 90}}
  %a, %b = xf.split_heads %x heads = 4 : (tensor<?x?x96xf32>) -> (tensor<?x?x90xf32>, tensor<?x?x6xf32>)
  return
}

// -----

// (C3) shape
func.func @f(%x: tensor<2x?x96xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<2x?x64xf32>', but got 'tensor<3x?x64xf32>'}}
  %a, %b = xf.split_heads %x heads = 4 : (tensor<2x?x96xf32>) -> (tensor<3x?x64xf32>, tensor<2x?x32xf32>)
  return
}

// -----

// (C3) sum
func.func @f(%x: tensor<?x?x96xf32>) {
  // expected-error@+1 {{expects results of 96 features together, but got 64}}
  %a, %b = xf.split_heads %x heads = 4 : (tensor<?x?x96xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>)
  return
}

// -----

// (C1) parts
func.func @f() {
  // expected-error@+1 {{expects at least one part, but got none}}
  %y = "xf.join_heads"() <{heads = 4 : i64}> : () -> tensor<?x?x96xf32>
  return
}

// -----

// (C2) a part that is not there
func.func @f(%x: tensor<?x?x96xf32>) {
  // expected-error@+1 {{expects rising numbers of its 1 parts as shared, but got 1}}
  %y = xf.join_heads %x heads = 4 shared = [1] : (tensor<?x?x96xf32>) -> tensor<?x?x96xf32>
  return
}

// -----

// (C2) in order
func.func @f(%x: tensor<?x?x96xf32>) {
  // expected-error@+1 {{expects rising numbers of its 2 parts as shared, but got 0}}
  %y = xf.join_heads %x, %x heads = 4 shared = [1, 0] : (tensor<?x?x96xf32>, tensor<?x?x96xf32>) -> tensor<?x?x96xf32>
  return
}

// -----

// (C3) heads of a part
func.func @f(%x: tensor<?x?x96xf32>) {
  // expected-error@+1 {{expects a part of a multiple of 5 features (heads), but got 96}}
  %y = xf.join_heads %x heads = 5 : (tensor<?x?x96xf32>) -> tensor<?x?x96xf32>
  return
}

// -----

// (C4) parts
func.func @f(%x: tensor<2x?x96xf32>, %z: tensor<3x?x96xf32>) {
  // expected-error@+1 {{expects a part of shape 'tensor<2x?x96xf32>', but got 'tensor<3x?x96xf32>'}}
  %y = xf.join_heads %x, %z heads = 4 : (tensor<2x?x96xf32>, tensor<3x?x96xf32>) -> tensor<2x?x192xf32>
  return
}

// -----

// (C4) result
func.func @f(%x: tensor<?x?x96xf32>, %z: tensor<?x?x8xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<?x?x128xf32>', but got 'tensor<?x?x104xf32>'}}
  %y = xf.join_heads %x, %z heads = 4 shared = [1] : (tensor<?x?x96xf32>, tensor<?x?x8xf32>) -> tensor<?x?x104xf32>
  return
}

// -----

// (C1) rank
func.func @f(%x: tensor<?x?x96xf32>, %w: tensor<4x24xf32>) {
  // expected-error@+1 {{expects a weight of rank 3, but got 'tensor<4x24xf32>'}}
  %y = xf.head_linear %x, %w : (tensor<?x?x96xf32>, tensor<4x24xf32>) -> tensor<?x?x96xf32>
  return
}

// -----

// (C2) input
func.func @f(%x: tensor<?x?x96xf32>, %w: tensor<4x16x25xf32>) {
  // expected-error@+1 {{expects an input of 100 features, but got 96}}
  %y = xf.head_linear %x, %w : (tensor<?x?x96xf32>, tensor<4x16x25xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// (C2) input of a transposed product
func.func @f(%x: tensor<?x?x96xf32>, %w: tensor<4x16x24xf32>) {
  // expected-error@+1 {{expects an input of 64 features, but got 96}}
  %y = xf.head_linear %x, %w transposed : (tensor<?x?x96xf32>, tensor<4x16x24xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// (C3) result
func.func @f(%x: tensor<?x?x96xf32>, %w: tensor<4x16x24xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<?x?x64xf32>', but got 'tensor<?x?x96xf32>'}}
  %y = xf.head_linear %x, %w : (tensor<?x?x96xf32>, tensor<4x16x24xf32>) -> tensor<?x?x96xf32>
  return
}
