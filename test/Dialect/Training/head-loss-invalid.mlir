// RUN: ph-opt %s -split-input-file -verify-diagnostics

// classification_loss (C1)
func.func @f(%z: tensor<3x5xf32>, %l: tensor<4xi32>) {
  // expected-error@+1 {{expects logits of rank 2 and a label for each row, but got 'tensor<3x5xf32>' and 'tensor<4xi32>'}}
  %s, %n = train.classification_loss %z, %l : (tensor<3x5xf32>, tensor<4xi32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// classification_loss (C2)
func.func @f(%z: tensor<3x5xf32>, %l: tensor<3xi32>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<3xf32>'}}
  %s, %n = train.classification_loss %z, %l : (tensor<3x5xf32>, tensor<3xi32>) -> (tensor<3xf32>, tensor<f32>)
  return
}

// -----

// multi_label_loss (C1)
func.func @f(%z: tensor<3x5xf32>, %t: tensor<3x4xf32>) {
  // expected-error@+1 {{expects tensors of the shape of logits, 'tensor<3x5xf32>', but got 'tensor<3x4xf32>'}}
  %s, %n = train.multi_label_loss %z, %t : (tensor<3x5xf32>, tensor<3x4xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// regression_loss (C1)
func.func @f(%z: tensor<3xf32>, %t: tensor<4xf32>) {
  // expected-error@+1 {{expects tensors of the shape of predictions, 'tensor<3xf32>', but got 'tensor<4xf32>'}}
  %s, %n = train.regression_loss squared %z, %t : (tensor<3xf32>, tensor<4xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// regression_loss (C2)
func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) {
  // expected-error@+1 {{expects a delta if and only if the kind is huber, but got 'huber' without one}}
  %s, %n = train.regression_loss huber %a, %b : (tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) {
  // expected-error@+1 {{expects a delta if and only if the kind is huber, but got 'absolute' with one}}
  %s, %n = train.regression_loss absolute %a, %b delta = 1.0 : (tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) {
  // expected-error@+1 {{expects a finite delta > 0, but got 0.000000e+00}}
  %s, %n = train.regression_loss huber %a, %b delta = 0.0 : (tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return
}
