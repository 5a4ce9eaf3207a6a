// RUN: ph-opt %s -split-input-file -verify-diagnostics

// transpose (C1)
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects a permutation of the 2 dimensions of the input, but got [0, 0]}}
  %y = xf.transpose %a [0, 0] : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects a permutation of the 2 dimensions of the input, but got [1, 0, 2]}}
  %y = xf.transpose %a [1, 0, 2] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return
}

// -----

// transpose (C2)
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects a result of type 'tensor<3x2xf32>', but got 'tensor<2x3xf32>'}}
  %y = xf.transpose %a [1, 0] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// reshape (C1)
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects entries of -1 or more, but got -2}}
  %y = xf.reshape %a [-2] : (tensor<2x3xf32>) -> tensor<6xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects at most one entry of -1, but got 2}}
  %y = xf.reshape %a [-1, -1] : (tensor<2x3xf32>) -> tensor<6x1xf32>
  return
}

// -----

// reshape (C2)
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects a dimension of the input to copy at entry 2, but got 'tensor<2x3xf32>'}}
  %y = xf.reshape %a [1, -1, 0] : (tensor<2x3xf32>) -> tensor<1x2x3xf32>
  return
}

// -----

// reshape (C3)
func.func @f(%a: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects a result of type 'tensor<?x?x4x16xf32>', but got 'tensor<?x?x4x8xf32>'}}
  %y = xf.reshape %a [0, 0, 4, -1] : (tensor<?x?x64xf32>) -> tensor<?x?x4x8xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects a result of type 'tensor<6xf32>', but got 'tensor<6xi32>'}}
  %y = xf.reshape %a [-1] : (tensor<2x3xf32>) -> tensor<6xi32>
  return
}

// -----

// reshape (C4)
func.func @f(%a: tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects as many elements as the input has, but got a list that makes 'tensor<?x?x4x12xf32>' of 'tensor<?x?x64xf32>'}}
  %y = xf.reshape %a [0, 0, 4, 12] : (tensor<?x?x64xf32>) -> tensor<?x?x4x12xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects as many elements as the input has}}
  %y = xf.reshape %a [4, -1] : (tensor<2x3xf32>) -> tensor<4x1xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>, %n: index) {
  // expected-error@+1 {{expects 1 computed entries of the list, but got 2}}
  %y = "xf.reshape"(%a, %n, %n) <{shape = array<i64: -9223372036854775808, 3>}> : (tensor<2x3xf32>, index, index) -> tensor<?x3xf32>
  return
}

// -----

// broadcast (C1)
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects entries of 0 or more, but got -1}}
  %y = xf.broadcast %a [-1, 3] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects at least 2 entries, but got 1}}
  %y = xf.broadcast %a [3] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// broadcast (C2)
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects an input that can be broadcast to [4, 3], but got 'tensor<2x3xf32>'}}
  %y = xf.broadcast %a [4, 3] : (tensor<2x3xf32>) -> tensor<4x3xf32>
  return
}

// -----

// broadcast (C3)
func.func @f(%a: tensor<2x1xf32>) {
  // expected-error@+1 {{expects a result of type 'tensor<5x2x3xf32>', but got 'tensor<2x3xf32>'}}
  %y = xf.broadcast %a [5, 1, 3] : (tensor<2x1xf32>) -> tensor<2x3xf32>
  return
}

// -----

// concat (C1)
func.func @f() {
  // expected-error@+1 {{expects at least one input, but got none}}
  %y = "xf.concat"() <{axis = 0 : i64}> : () -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>, %b: tensor<2xf32>) {
  // expected-error@+1 {{expects inputs of 'tensor<2x3xf32>' but for dimension 0, but got 'tensor<2xf32>'}}
  %y = xf.concat %a, %b axis = 0 : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<4x3xf32>
  return
}

// -----

// concat (C2)
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects an axis below 2, but got 2}}
  %y = xf.concat %a, %a axis = 2 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// concat (C3)
func.func @f(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) {
  // expected-error@+1 {{expects inputs of 'tensor<2x3xf32>' but for dimension 0, but got 'tensor<2x4xf32>'}}
  %y = xf.concat %a, %b axis = 0 : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) {
  // expected-error@+1 {{expects a result of type 'tensor<2x7xf32>', but got 'tensor<2x8xf32>'}}
  %y = xf.concat %a, %b axis = 1 : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<2x8xf32>
  return
}

// -----

// slice (C1)
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects an axis below 2, but got 2}}
  %y = xf.slice %a axis = 2 [0, 1] : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}

// -----

// slice (C2)
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects a list of two entries, but got 1}}
  %y = xf.slice %a axis = 1 [0] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// slice (C3)
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects a positive step, but got 0}}
  %y = xf.slice %a axis = 1 [0, 1] step = 0 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// slice (C4)
func.func @f(%a: tensor<2x9xf32>) {
  // expected-error@+1 {{expects a result of type 'tensor<2x4xf32>', but got 'tensor<2x7xf32>'}}
  %y = xf.slice %a axis = 1 [1, -1] step = 2 : (tensor<2x9xf32>) -> tensor<2x7xf32>
  return
}

// -----

// gather (C1)
func.func @f(%a: tensor<2x3xf32>, %i: tensor<4xi32>) {
  // expected-error@+1 {{expects an axis below 2, but got 2}}
  %y = xf.gather %a, %i axis = 2 : (tensor<2x3xf32>, tensor<4xi32>) -> tensor<2x3x4xf32>
  return
}

// -----

// gather (C2)
func.func @f(%a: tensor<2x3xf32>, %i: tensor<4x5xi32>) {
  // expected-error@+1 {{expects a result of type 'tensor<2x4x5xf32>', but got 'tensor<2x4xf32>'}}
  %y = xf.gather %a, %i axis = 1 : (tensor<2x3xf32>, tensor<4x5xi32>) -> tensor<2x4xf32>
  return
}

// -----

// dim (C1)
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects an axis below 2, but got 2}}
  %y = xf.dim %a axis = 2 : (tensor<2x3xf32>) -> index
  return
}

// -----

// iota (C1)
func.func @f(%n: index) {
  // expected-error@+1 {{expects a result of rank 1 of i32 or f32, but got 'tensor<?x2xi32>'}}
  %y = xf.iota %n : (index) -> tensor<?x2xi32>
  return
}

// -----

// iota (C2)
func.func @f(%n: index) {
  // expected-error@+1 {{expects a size if and only if the result's is dynamic, but got one for 'tensor<4xi32>'}}
  %y = xf.iota %n : (index) -> tensor<4xi32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{expects a size if and only if the result's is dynamic, but got none for 'tensor<?xi32>'}}
  %y = xf.iota : () -> tensor<?xi32>
  return
}

// -----

// scalar (C1)
func.func @f(%n: index) {
  // expected-error@+1 {{expects a result of rank 0 of i32 or f32, but got 'tensor<1xi32>'}}
  %y = xf.scalar %n : (index) -> tensor<1xi32>
  return
}
