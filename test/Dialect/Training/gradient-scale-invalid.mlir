// RUN: ph-opt %s -split-input-file -verify-diagnostics

// global_norm (C1)
func.func @f() {
  // expected-error@+1 {{expects at least one tensor, but got none}}
  %n = "train.global_norm"() : () -> tensor<f32>
  return
}

// -----

// global_norm (C2)
func.func @f(%a: tensor<4xf32>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<1xf32>'}}
  %n = train.global_norm %a : (tensor<4xf32>) -> tensor<1xf32>
  return
}

// -----

// all_finite (C1)
func.func @f() {
  // expected-error@+1 {{expects at least one tensor, but got none}}
  %n = "train.all_finite"() : () -> tensor<i1>
  return
}

// -----

// all_finite (C2)
func.func @f(%a: tensor<4xf32>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<4xi1>'}}
  %n = train.all_finite %a : (tensor<4xf32>) -> tensor<4xi1>
  return
}

// -----

// clip_factor (C1)
func.func @f(%a: tensor<4xf32>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<4xf32>'}}
  %n = train.clip_factor %a max_norm = 1.0 : (tensor<4xf32>) -> tensor<f32>
  return
}

// -----

// clip_factor (C2)
func.func @f(%a: tensor<f32>) {
  // expected-error@+1 {{expects a finite max_norm > 0, but got 0.000000e+00}}
  %n = train.clip_factor %a max_norm = 0.0 : (tensor<f32>) -> tensor<f32>
  return
}

// -----

// loss_scale (C1)
func.func @f(%a: tensor<f32>, %n: tensor<1xi32>, %f: tensor<i1>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<1xi32>'}}
  %s, %t = train.loss_scale %a, %n, %f growth = 2.0 backoff = 0.5 interval = 10 : (tensor<f32>, tensor<1xi32>, tensor<i1>) -> (tensor<f32>, tensor<1xi32>)
  return
}

// -----

// loss_scale (C2)
func.func @f(%a: tensor<f32>, %n: tensor<i32>, %f: tensor<i1>) {
  // expected-error@+1 {{expects a finite growth ≥ 1, but got 5.000000e-01}}
  %s, %t = train.loss_scale %a, %n, %f growth = 0.5 backoff = 0.5 interval = 10 : (tensor<f32>, tensor<i32>, tensor<i1>) -> (tensor<f32>, tensor<i32>)
  return
}

// -----

func.func @f(%a: tensor<f32>, %n: tensor<i32>, %f: tensor<i1>) {
  // expected-error@+1 {{expects 0 < backoff ≤ 1, but got 0.000000e+00}}
  %s, %t = train.loss_scale %a, %n, %f growth = 2.0 backoff = 0.0 interval = 10 : (tensor<f32>, tensor<i32>, tensor<i1>) -> (tensor<f32>, tensor<i32>)
  return
}

// -----

func.func @f(%a: tensor<f32>, %n: tensor<i32>, %f: tensor<i1>) {
  // expected-error@+1 {{expects interval > 0, but got 0}}
  %s, %t = train.loss_scale %a, %n, %f growth = 2.0 backoff = 0.5 interval = 0 : (tensor<f32>, tensor<i32>, tensor<i1>) -> (tensor<f32>, tensor<i32>)
  return
}
