// RUN: ph-opt %s -split-input-file -verify-diagnostics

// kl_rewards (C1)
func.func @f(%p: tensor<3x4xf32>, %m: tensor<3x5xi32>, %s: tensor<3xf32>) {
  // expected-error@+1 {{expects tensors of the shape of logp, 'tensor<3x4xf32>', but got 'tensor<3x5xi32>'}}
  %y = train.kl_rewards %s, %p, %p, %m beta = 0.1 : (tensor<3xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x5xi32>) -> tensor<3x4xf32>
  return
}

// -----

// kl_rewards (C2)
func.func @f(%p: tensor<3x4xf32>, %m: tensor<3x4xi32>, %s: tensor<4xf32>) {
  // expected-error@+1 {{expects a score for each sequence of 'tensor<3x4xf32>', but got 'tensor<4xf32>'}}
  %y = train.kl_rewards %s, %p, %p, %m beta = 0.1 : (tensor<4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xi32>) -> tensor<3x4xf32>
  return
}

// -----

// kl_rewards (C3)
func.func @f(%p: tensor<3x4xf32>, %m: tensor<3x4xi32>, %s: tensor<3xf32>) {
  // expected-error@+1 {{expects a finite beta ≥ 0, but got -1.000000e+00}}
  %y = train.kl_rewards %s, %p, %p, %m beta = -1.0 : (tensor<3xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xi32>) -> tensor<3x4xf32>
  return
}

// -----

// gae (C1)
func.func @f(%p: tensor<4xf32>, %m: tensor<4xi32>) {
  // expected-error@+1 {{expects rewards of rank 2, but got 'tensor<4xf32>'}}
  %a, %b = train.gae %p, %p, %m gamma = 1.0 lambda = 1.0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xi32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

// gae (C2)
func.func @f(%p: tensor<3x4xf32>, %m: tensor<3x4xi32>, %s: tensor<3xf32>) {
  // expected-error@+1 {{expects 0 ≤ lambda ≤ 1, but got 2.000000e+00}}
  %a, %b = train.gae %p, %p, %m gamma = 1.0 lambda = 2.0 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xi32>) -> (tensor<3x4xf32>, tensor<3x4xf32>)
  return
}

// -----

// whiten (C1)
func.func @f(%p: tensor<3x4xf32>, %m: tensor<3x5xi32>) {
  // expected-error@+1 {{expects tensors of the shape of input, 'tensor<3x4xf32>', but got 'tensor<3x5xi32>'}}
  %y = train.whiten %p, %m eps = 1.0e-8 : (tensor<3x4xf32>, tensor<3x5xi32>) -> tensor<3x4xf32>
  return
}

// -----

// whiten (C2)
func.func @f(%p: tensor<3x4xf32>, %m: tensor<3x4xi32>, %s: tensor<3xf32>) {
  // expected-error@+1 {{expects a finite eps > 0, but got 0.000000e+00}}
  %y = train.whiten %p, %m eps = 0.0 : (tensor<3x4xf32>, tensor<3x4xi32>) -> tensor<3x4xf32>
  return
}

// -----

// ppo_loss (C1)
func.func @f(%p: tensor<3x4xf32>, %m: tensor<3x5xi32>) {
  // expected-error@+1 {{expects tensors of the shape of logp, 'tensor<3x4xf32>', but got 'tensor<3x5xi32>'}}
  %y, %n = train.ppo_loss %p, %p, %p, %m clip = 0.2 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x5xi32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// ppo_loss (C2)
func.func @f(%p: tensor<3x4xf32>, %m: tensor<3x4xi32>, %s: tensor<3xf32>) {
  // expected-error@+1 {{expects a finite clip > 0, but got 0.000000e+00}}
  %y, %n = train.ppo_loss %p, %p, %p, %m clip = 0.0 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xi32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// ppo_loss (C3)
func.func @f(%p: tensor<3x4xf32>, %m: tensor<3x4xi32>, %s: tensor<3xf32>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<3x4xf32>'}}
  %y, %n = train.ppo_loss %p, %p, %p, %m clip = 0.2 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xi32>) -> (tensor<3x4xf32>, tensor<f32>)
  return
}

// -----

// value_loss (C1)
func.func @f(%p: tensor<3x4xf32>, %m: tensor<3x5xi32>) {
  // expected-error@+1 {{expects tensors of the shape of values, 'tensor<3x4xf32>', but got 'tensor<3x5xi32>'}}
  %y, %n = train.value_loss %p, %p, %p, %m clip = 0.2 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x5xi32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// value_loss (C2)
func.func @f(%p: tensor<3x4xf32>, %m: tensor<3x4xi32>, %s: tensor<3xf32>) {
  // expected-error@+1 {{expects a finite clip > 0, but got -1.000000e+00}}
  %y, %n = train.value_loss %p, %p, %p, %m clip = -1.0 : (tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>, tensor<3x4xi32>) -> (tensor<f32>, tensor<f32>)
  return
}
