// RUN: ph-opt %s -split-input-file -verify-diagnostics

// elementwise (C1)
func.func @f(%a: tensor<?x4xf32>, %b: tensor<?x4xi32>) {
  // expected-error@+1 {{expects operands with the same type of elements, but got 'tensor<?x4xf32>' and 'tensor<?x4xi32>'}}
  %y = xf.elementwise add %a, %b : (tensor<?x4xf32>, tensor<?x4xi32>) -> tensor<?x4xf32>
  return
}

// -----

func.func @f(%a: tensor<?x4xi32>) {
  // expected-error@+1 {{expects elements that 'pow' has, but got 'i32'}}
  %y = xf.elementwise pow %a, %a : (tensor<?x4xi32>, tensor<?x4xi32>) -> tensor<?x4xi32>
  return
}

// -----

func.func @f(%a: tensor<?x4xi1>) {
  // expected-error@+1 {{expects elements that 'add' has, but got 'i1'}}
  %y = xf.elementwise add %a, %a : (tensor<?x4xi1>, tensor<?x4xi1>) -> tensor<?x4xi1>
  return
}

// -----

func.func @f(%a: tensor<?x4xf32>) {
  // expected-error@+1 {{expects elements that 'or' has, but got 'f32'}}
  %y = xf.elementwise or %a, %a : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return
}

// -----

// elementwise (C2)
func.func @f(%a: tensor<?x4xf32>, %b: tensor<?x3xf32>) {
  // expected-error@+1 {{expects shapes that can be broadcast to one another, but got 'tensor<?x4xf32>', 'tensor<?x3xf32>'}}
  %y = xf.elementwise add %a, %b : (tensor<?x4xf32>, tensor<?x3xf32>) -> tensor<?x4xf32>
  return
}

// -----

// elementwise (C3)
func.func @f(%a: tensor<2x1x4xf32>, %b: tensor<3x1xf32>) {
  // expected-error@+1 {{expects a result of type 'tensor<2x3x4xf32>', but got 'tensor<2x1x4xf32>'}}
  %y = xf.elementwise add %a, %b : (tensor<2x1x4xf32>, tensor<3x1xf32>) -> tensor<2x1x4xf32>
  return
}

// -----

// unary (C1)
func.func @f(%a: tensor<4xi32>) {
  // expected-error@+1 {{expects elements that 'exp' has, but got 'i32'}}
  %y = xf.unary exp %a : (tensor<4xi32>) -> tensor<4xi32>
  return
}

// -----

func.func @f(%a: tensor<4xf32>) {
  // expected-error@+1 {{expects elements that 'not' has, but got 'f32'}}
  %y = xf.unary not %a : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

// unary (C2)
func.func @f(%a: tensor<4xf32>) {
  // expected-error@+1 {{expects a result of type 'tensor<4xf32>', but got 'tensor<5xf32>'}}
  %y = xf.unary exp %a : (tensor<4xf32>) -> tensor<5xf32>
  return
}

// -----

// compare (C1)
func.func @f(%a: tensor<4xi1>) {
  // expected-error@+1 {{expects numbers to compare, but got 'tensor<4xi1>'}}
  %y = xf.compare eq %a, %a : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  return
}

// -----

func.func @f(%a: tensor<4xi32>, %b: tensor<4xf32>) {
  // expected-error@+1 {{expects operands with the same type of elements, but got 'tensor<4xi32>' and 'tensor<4xf32>'}}
  %y = xf.compare eq %a, %b : (tensor<4xi32>, tensor<4xf32>) -> tensor<4xi1>
  return
}

// -----

// compare (C2)
func.func @f(%a: tensor<4xi32>, %b: tensor<3xi32>) {
  // expected-error@+1 {{expects shapes that can be broadcast to one another, but got 'tensor<4xi32>', 'tensor<3xi32>'}}
  %y = xf.compare eq %a, %b : (tensor<4xi32>, tensor<3xi32>) -> tensor<4xi1>
  return
}

// -----

// compare (C3)
func.func @f(%a: tensor<4x1xi32>, %b: tensor<1x3xi32>) {
  // expected-error@+1 {{expects a result of type 'tensor<4x3xi1>', but got 'tensor<4x1xi1>'}}
  %y = xf.compare eq %a, %b : (tensor<4x1xi32>, tensor<1x3xi32>) -> tensor<4x1xi1>
  return
}

// -----

// select (C1)
func.func @f(%c: tensor<4xi1>, %a: tensor<4xf32>, %b: tensor<4xi32>) {
  // expected-error@+1 {{expects operands with the same type of elements, but got 'tensor<4xf32>' and 'tensor<4xi32>'}}
  %y = xf.select %c, %a, %b : (tensor<4xi1>, tensor<4xf32>, tensor<4xi32>) -> tensor<4xf32>
  return
}

// -----

// select (C2)
func.func @f(%c: tensor<3xi1>, %a: tensor<4xf32>) {
  // expected-error@+1 {{expects shapes that can be broadcast to one another, but got 'tensor<3xi1>', 'tensor<4xf32>', 'tensor<4xf32>'}}
  %y = xf.select %c, %a, %a : (tensor<3xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

// select (C3)
func.func @f(%c: tensor<2x1xi1>, %a: tensor<4xf32>) {
  // expected-error@+1 {{expects a result of type 'tensor<2x4xf32>', but got 'tensor<4xf32>'}}
  %y = xf.select %c, %a, %a : (tensor<2x1xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

// cast (C1)
func.func @f(%a: tensor<4xi1>) {
  // expected-error@+1 {{expects a result of type 'tensor<4xf32>', but got 'tensor<4x1xf32>'}}
  %y = xf.cast %a : (tensor<4xi1>) -> tensor<4x1xf32>
  return
}
