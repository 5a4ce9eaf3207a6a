// Of counter and key 0, Philox 4x32-10 makes the words 6627e8d5 e169c58d bc57ac4c 9b00dbd8 (the known answers of its authors' Random123): the numbers 0.399, 0.881, 0.736
// and 0.606.
// RUN: ph-opt %s --run=seventy | FileCheck %s --check-prefix=SEVENTY
// RUN: ph-opt %s --run=seventy_five | FileCheck %s --check-prefix=SEVENTY-FIVE
// RUN: ph-opt %s --convert-transformer-to-linalg --run=seventy_five | FileCheck %s --check-prefix=SEVENTY-FIVE
// What is left out has no gradient: the same elements of it are.
// RUN: ph-opt %s --xf-autodiff="function=loss of=sum wrt=x" --run=loss_gradient --dims=x=4 | FileCheck %s --check-prefix=GRADIENT

// SEVENTY: out0: [4] = 1.42857 0 0 1.42857
func.func @seventy() -> tensor<4xf32> {
  %x = arith.constant dense<1.0> : tensor<4xf32>
  %key = arith.constant dense<0> : tensor<2xi32>
  %y = train.dropout %x, %key stream = 0 probability = 0.3 : (tensor<4xf32>, tensor<2xi32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// SEVENTY-FIVE: out0: [4] = 1.33333 0 1.33333 1.33333
func.func @seventy_five() -> tensor<4xf32> {
  %x = arith.constant dense<1.0> : tensor<4xf32>
  %key = arith.constant dense<0> : tensor<2xi32>
  %y = train.dropout %x, %key stream = 0 probability = 0.25 : (tensor<4xf32>, tensor<2xi32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// GRADIENT: grad.x: [4] = 1.33333 0 1.33333 1.33333
func.func @loss(%x: tensor<4xf32> {xf.name = "x"}) -> (tensor<f32> {xf.name = "sum"}) {
  %key = arith.constant dense<0> : tensor<2xi32>
  %y = train.dropout %x, %key stream = 0 probability = 0.25 : (tensor<4xf32>, tensor<2xi32>) -> tensor<4xf32>
  %s = xf.reduce sum %y axes = [0] : (tensor<4xf32>) -> tensor<f32>
  return %s : tensor<f32>
}
