// RUN: ph-opt %s -split-input-file -verify-diagnostics

// token_kl (C1)
func.func @f(%h: tensor<3x6xf32>, %w: tensor<7x5xf32>, %t: tensor<3x7xf32>) {
  // expected-error@+1 {{expects the columns of weight to be 6, but got 5}}
  %y = train.token_kl %h, %w, %t temperature = 1.0 : (tensor<3x6xf32>, tensor<7x5xf32>, tensor<3x7xf32>) -> tensor<3xf32>
  return
}

// -----

// token_kl (C2)
func.func @f(%h: tensor<3x6xf32>, %w: tensor<7x6xf32>, %t: tensor<3x8xf32>) {
  // expected-error@+1 {{expects teacher of shape 'tensor<3x7xf32>', but got 'tensor<3x8xf32>'}}
  %y = train.token_kl %h, %w, %t temperature = 1.0 : (tensor<3x6xf32>, tensor<7x6xf32>, tensor<3x8xf32>) -> tensor<3xf32>
  return
}

// -----

// token_kl (C3)
func.func @f(%h: tensor<3x6xf32>, %w: tensor<7x6xf32>, %t: tensor<3x7xf32>, %g: tensor<3xf32>) {
  // expected-error@+1 {{expects a result of the shape of hidden without the last dimension, but got 'tensor<4xf32>' and 'tensor<3x6xf32>'}}
  %y = train.token_kl %h, %w, %t temperature = 1.0 : (tensor<3x6xf32>, tensor<7x6xf32>, tensor<3x7xf32>) -> tensor<4xf32>
  return
}

// -----

// token_kl (C4)
func.func @f(%h: tensor<3x6xf32>, %w: tensor<7x6xf32>, %t: tensor<3x7xf32>, %g: tensor<3xf32>) {
  // expected-error@+1 {{expects a finite temperature > 0, but got 0.000000e+00}}
  %y = train.token_kl %h, %w, %t temperature = 0.0 : (tensor<3x6xf32>, tensor<7x6xf32>, tensor<3x7xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%h: tensor<3x6xf32>, %w: tensor<7x6xf32>, %t: tensor<3x7xf32>, %g: tensor<3xf32>) {
  // expected-error@+1 {{expects soft_cap > 0, but got 0}}
  %y = train.token_kl %h, %w, %t temperature = 1.0 soft_cap = 0.0 : (tensor<3x6xf32>, tensor<7x6xf32>, tensor<3x7xf32>) -> tensor<3xf32>
  return
}

// -----

// token_kl (C5)
func.func @f(%h: tensor<3x6xf32>, %w: tensor<7x6xf32>, %t: tensor<3x7xf32>, %g: tensor<3xf32>) {
  // expected-error@+1 {{expects chunk > 0, but got 0}}
  %y = train.token_kl %h, %w, %t temperature = 1.0 chunk = 0 : (tensor<3x6xf32>, tensor<7x6xf32>, tensor<3x7xf32>) -> tensor<3xf32>
  return
}

// -----

// token_kl_backward (C2)
func.func @f(%h: tensor<3x6xf32>, %w: tensor<7x6xf32>, %t: tensor<3x7xf32>, %g: tensor<3xf32>) {
  // expected-error@+1 {{expects a gradient of the shape of hidden without the last dimension, but got 'tensor<3x7xf32>' and 'tensor<3x6xf32>'}}
  %y = train.token_kl_backward %h, %w, %t, %t temperature = 1.0 : (tensor<3x6xf32>, tensor<7x6xf32>, tensor<3x7xf32>, tensor<3x7xf32>) -> tensor<3x6xf32>
  return
}

// -----

// token_kl_backward (C3)
func.func @f(%h: tensor<3x6xf32>, %w: tensor<7x6xf32>, %t: tensor<3x7xf32>, %g: tensor<3xf32>) {
  // expected-error@+1 {{expects a sum only with weight_gradient}}
  %y = train.token_kl_backward %h, %w, %t, %g into(%w) temperature = 1.0 : (tensor<3x6xf32>, tensor<7x6xf32>, tensor<3x7xf32>, tensor<3xf32>, tensor<7x6xf32>) -> tensor<3x6xf32>
  return
}

// -----

// token_kl_backward (C4)
func.func @f(%h: tensor<3x6xf32>, %w: tensor<7x6xf32>, %t: tensor<3x7xf32>, %g: tensor<3xf32>) {
  // expected-error@+1 {{expects 2 results, but got 1}}
  %y = train.token_kl_backward %h, %w, %t, %g temperature = 1.0 weight_gradient : (tensor<3x6xf32>, tensor<7x6xf32>, tensor<3x7xf32>, tensor<3xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @f(%h: tensor<3x6xf32>, %w: tensor<7x6xf32>, %t: tensor<3x7xf32>, %g: tensor<3xf32>) {
  // expected-error@+1 {{expects the weight's gradient to have the shape of weight, but got 'tensor<7x5xf32>' and 'tensor<7x6xf32>'}}
  %y, %z = train.token_kl_backward %h, %w, %t, %g temperature = 1.0 weight_gradient : (tensor<3x6xf32>, tensor<7x6xf32>, tensor<3x7xf32>, tensor<3xf32>) -> (tensor<3x6xf32>, tensor<7x5xf32>)
  return
}

// -----

// distill_loss (C1)
func.func @f(%k: tensor<3xf32>, %m: tensor<4xi32>) {
  // expected-error@+1 {{expects tensors of the shape of kl, 'tensor<3xf32>', but got 'tensor<4xi32>'}}
  %s, %n = train.distill_loss %k, %m temperature = 1.0 : (tensor<3xf32>, tensor<4xi32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// distill_loss (C2)
func.func @f(%k: tensor<3xf32>, %m: tensor<3xi32>) {
  // expected-error@+1 {{expects a finite temperature > 0, but got -1.000000e+00}}
  %s, %n = train.distill_loss %k, %m temperature = -1.0 : (tensor<3xf32>, tensor<3xi32>) -> (tensor<f32>, tensor<f32>)
  return
}
