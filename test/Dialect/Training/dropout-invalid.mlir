// RUN: ph-opt %s -split-input-file -verify-diagnostics

// dropout (C1)
func.func @f(%x: tensor<4xf32>, %k: tensor<2xi32>) {
  // expected-error@+1 {{expects tensors of the type of input, 'tensor<4xf32>', but got 'tensor<?xf32>'}}
  %y = train.dropout %x, %k stream = 0 probability = 0.1 : (tensor<4xf32>, tensor<2xi32>) -> tensor<?xf32>
  return
}

// -----

// dropout (C2)
func.func @f(%x: tensor<4xf32>, %k: tensor<3xi32>) {
  // expected-error@+1 {{expects a key of type tensor<2xi32>, but got 'tensor<3xi32>'}}
  %y = train.dropout %x, %k stream = 0 probability = 0.1 : (tensor<4xf32>, tensor<3xi32>) -> tensor<4xf32>
  return
}

// -----

// dropout (C3)
func.func @f(%x: tensor<4xf32>, %k: tensor<2xi32>) {
  // expected-error@+1 {{expects 0 ≤ probability < 1, but got 1.000000e+00}}
  %y = train.dropout %x, %k stream = 0 probability = 1.0 : (tensor<4xf32>, tensor<2xi32>) -> tensor<4xf32>
  return
}

// -----

// dropout (C4)
func.func @f(%x: tensor<4xf32>, %k: tensor<2xi32>) {
  // expected-error@+1 {{expects 0 ≤ stream < 2^31, but got -1}}
  %y = train.dropout %x, %k stream = -1 probability = 0.1 : (tensor<4xf32>, tensor<2xi32>) -> tensor<4xf32>
  return
}

// -----

// stop_gradient (C1)
func.func @f(%x: tensor<4xf32>, %k: tensor<2xi32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s) 'tensor<4xf32>' are incompatible with return type(s) of operation 'tensor<?xf32>'}}
  %y = "train.stop_gradient"(%x) : (tensor<4xf32>) -> tensor<?xf32>
  return
}
