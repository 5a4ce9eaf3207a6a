// RUN: ph-opt %s -split-input-file -verify-diagnostics

// sgd (C1)
func.func @f(%w: tensor<4xf32>, %g: tensor<5xf32>, %s: tensor<f32>) {
  // expected-error@+1 {{expects tensors of the type of parameter, 'tensor<4xf32>', but got 'tensor<5xf32>'}}
  %a = train.sgd %w, %g lr(%s) weight_decay = 0.0 : (tensor<4xf32>, tensor<5xf32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

// sgd (C2)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<4xf32>'}}
  %a = train.sgd %w, %w lr(%w) weight_decay = 0.0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

// sgd (C3)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects a velocity and a momentum together, but got only the velocity}}
  %a, %b = train.sgd %w, %w velocity(%w) lr(%s) weight_decay = 0.0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects 0 ≤ momentum < 1, but got 1.000000e+00}}
  %a, %b = train.sgd %w, %w velocity(%w) lr(%s) momentum = 1.0 weight_decay = 0.0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

// sgd (C4)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects nesterov only with a momentum}}
  %a = train.sgd %w, %w lr(%s) nesterov weight_decay = 0.0 : (tensor<4xf32>, tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

// sgd (C5)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects a finite weight_decay ≥ 0, but got -1.000000e+00}}
  %a = train.sgd %w, %w lr(%s) weight_decay = -1.0 : (tensor<4xf32>, tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

// sgd (C6)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects 2 results, but got 1}}
  %a = train.sgd %w, %w velocity(%w) lr(%s) momentum = 0.9 weight_decay = 0.0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return
}

// -----

// lion (C1)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects tensors of the type of parameter, 'tensor<4xf32>', but got 'tensor<f32>'}}
  %a, %b = train.lion %w, %s, %w lr(%s) beta1 = 0.9 beta2 = 0.9 weight_decay = 0.0 : (tensor<4xf32>, tensor<f32>, tensor<4xf32>, tensor<f32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

// lion (C2)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<4xf32>'}}
  %a, %b = train.lion %w, %w, %w lr(%w) beta1 = 0.9 beta2 = 0.9 weight_decay = 0.0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

// lion (C3)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects 0 ≤ beta1 < 1, but got 1.000000e+00}}
  %a, %b = train.lion %w, %w, %w lr(%s) beta1 = 1.0 beta2 = 0.9 weight_decay = 0.0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

// lion (C4)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects a finite weight_decay ≥ 0, but got -1.000000e+00}}
  %a, %b = train.lion %w, %w, %w lr(%s) beta1 = 0.9 beta2 = 0.9 weight_decay = -1.0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

// adafactor (C1)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects a parameter of static shape and of rank 2 or more, but got 'tensor<4xf32>'}}
  %a, %b = train.adafactor %w, %w states(%w) lr(%s) step(%i) stacked beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.0 weight_decay = 0.0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<i32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

// adafactor (C2)
func.func @f(%w: tensor<4x5xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects states of type 'tensor<4xf32>', 'tensor<5xf32>', but got 'tensor<4x5xf32>'}}
  %a, %b = train.adafactor %w, %w states(%w) lr(%s) step(%i) beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.0 weight_decay = 0.0 : (tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<f32>, tensor<i32>) -> (tensor<4x5xf32>, tensor<4x5xf32>)
  return
}

// -----

func.func @f(%w: tensor<4x5xf32>, %r: tensor<4xf32>, %c: tensor<5xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects states of type 'tensor<4x5xf32>', but got 'tensor<4xf32>', 'tensor<5xf32>'}}
  %a, %b, %d = train.adafactor %w, %w states(%r, %c) lr(%s) step(%i) stacked beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.0 weight_decay = 0.0 : (tensor<4x5xf32>, tensor<4x5xf32>, tensor<4xf32>, tensor<5xf32>, tensor<f32>, tensor<i32>) -> (tensor<4x5xf32>, tensor<4xf32>, tensor<5xf32>)
  return
}

// -----

// adafactor (C3)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects new states of the types of the states, but got results of type 'tensor<4xf32>'}}
  %a = train.adafactor %w, %w states(%w) lr(%s) step(%i) beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.0 weight_decay = 0.0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<i32>) -> tensor<4xf32>
  return
}

// -----

// adafactor (C4)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<4xf32>'}}
  %a, %b = train.adafactor %w, %w states(%w) lr(%w) step(%i) beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.0 weight_decay = 0.0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<i32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

// adafactor (C5)
func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects a finite beta2_decay ≤ 0, but got 8.000000e-01}}
  %a, %b = train.adafactor %w, %w states(%w) lr(%s) step(%i) beta2_decay = 0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 1.0 weight_decay = 0.0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<i32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

func.func @f(%w: tensor<4xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects a finite clip_threshold > 0, but got 0.000000e+00}}
  %a, %b = train.adafactor %w, %w states(%w) lr(%s) step(%i) beta2_decay = -0.8 eps1 = 1.0e-3 eps2 = 1.0e-3 clip_threshold = 0.0 weight_decay = 0.0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<i32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}
