// RUN: ph-opt %s -split-input-file -verify-diagnostics

// adamw (C1)
func.func @f(%w: tensor<4xf32>, %g: tensor<5xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects tensors of the type of parameter, 'tensor<4xf32>', but got 'tensor<5xf32>'}}
  %a, %b, %c = train.adamw %w, %g, %w, %w lr(%s) step(%i) beta1 = 0.9 beta2 = 0.9 eps = 1.0e-8 weight_decay = 0.0
    : (tensor<4xf32>, tensor<5xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<i32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects tensors of the type of parameter, 'tensor<4xf32>', but got 'tensor<?xf32>'}}
  %a, %b, %c = train.adamw %w, %w, %w, %w lr(%s) step(%i) beta1 = 0.9 beta2 = 0.9 eps = 1.0e-8 weight_decay = 0.0
    : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<i32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<?xf32>)
  return
}

// -----

// adamw (C2)
func.func @f(%w: tensor<4xf32>, %s: tensor<1xf32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<1xf32>'}}
  %a, %b, %c = train.adamw %w, %w, %w, %w lr(%s) step(%i) beta1 = 0.9 beta2 = 0.9 eps = 1.0e-8 weight_decay = 0.0
    : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<1xf32>, tensor<i32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

// adamw (C3)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects 0 ≤ beta2 < 1, but got 1.000000e+00}}
  %a, %b, %c = train.adamw %w, %w, %w, %w lr(%s) step(%i) beta1 = 0.9 beta2 = 1.0 eps = 1.0e-8 weight_decay = 0.0
    : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<i32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

// adamw (C4)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects a finite eps > 0, but got 0.000000e+00}}
  %a, %b, %c = train.adamw %w, %w, %w, %w lr(%s) step(%i) beta1 = 0.9 beta2 = 0.9 eps = 0.0 weight_decay = 0.0
    : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<i32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

// adamw (C5)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects a finite weight_decay ≥ 0, but got -1.000000e+00}}
  %a, %b, %c = train.adamw %w, %w, %w, %w lr(%s) step(%i) beta1 = 0.9 beta2 = 0.9 eps = 1.0e-8 weight_decay = -1.0
    : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<i32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
  return
}
