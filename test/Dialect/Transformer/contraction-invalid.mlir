// RUN: ph-opt %s -split-input-file -verify-diagnostics

// matmul (C1)
func.func @f(%a: tensor<4xf32>, %b: tensor<4x3xf32>) {
  // expected-error@+1 {{expects operands of rank 2 or more, but got 'tensor<4xf32>'}}
  %y = xf.matmul %a, %b : (tensor<4xf32>, tensor<4x3xf32>) -> tensor<1x3xf32>
  return
}

// -----

// matmul (C2)
func.func @f(%a: tensor<?x4xf32>, %b: tensor<4x3xf32>) {
  // expected-error@+1 {{expects operands of equal K, but got 4 and 3}}
  %y = xf.matmul %a, %b transpose_b : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x4xf32>
  return
}

// -----

// matmul (C3)
func.func @f(%a: tensor<2x?x4xf32>, %b: tensor<3x4x3xf32>) {
  // expected-error@+1 {{expects leading dimensions that can be broadcast to one another, but got 'tensor<2x?x4xf32>', 'tensor<3x4x3xf32>'}}
  %y = xf.matmul %a, %b : (tensor<2x?x4xf32>, tensor<3x4x3xf32>) -> tensor<2x?x3xf32>
  return
}

// -----

// matmul (C4)
func.func @f(%a: tensor<2x1x?x4xf32>, %b: tensor<6x4x3xf32>) {
  // expected-error@+1 {{expects a result of type 'tensor<2x6x?x3xf32>', but got 'tensor<2x1x?x3xf32>'}}
  %y = xf.matmul %a, %b : (tensor<2x1x?x4xf32>, tensor<6x4x3xf32>) -> tensor<2x1x?x3xf32>
  return
}

// -----

// reduce (C1)
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects axes in ascending order, but got 0 after 1}}
  %y = xf.reduce sum %a axes = [1, 0] : (tensor<2x3xf32>) -> tensor<f32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects an axis below 2, but got 2}}
  %y = xf.reduce sum %a axes = [2] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects at least one axis, but got none}}
  %y = xf.reduce sum %a axes = [] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// reduce (C2)
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects a result of type 'tensor<2x1xf32>', but got 'tensor<2xf32>'}}
  %y = xf.reduce sum %a axes = [1] keepdims : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects a result of type 'tensor<3xf32>', but got 'tensor<2xf32>'}}
  %y = xf.reduce max %a axes = [0] : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}

// -----

// softmax (C1)
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects an axis below 2, but got 3}}
  %y = xf.softmax %a axis = 3 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

// softmax (C2)
func.func @f(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{expects a result of type 'tensor<2x3xf32>', but got 'tensor<3x2xf32>'}}
  %y = xf.softmax %a axis = 1 : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return
}
