// RUN: ph-opt %s -split-input-file -verify-diagnostics

// adamw8 (C2)
func.func @f(%w: tensor<250xf32>, %c: tensor<1x256xi8>, %m: tensor<1xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects a parameter of static shape whose elements are a multiple of 256, but got 'tensor<250xf32>'}}
  %a, %b, %d, %e, %f = train.adamw8 %w, %w, %c, %c, %m, %m lr(%s) step(%i) beta1 = 0.9 beta2 = 0.9 eps = 1.0e-8 weight_decay = 0.0 : (tensor<250xf32>, tensor<250xf32>, tensor<1x256xi8>, tensor<1x256xi8>, tensor<1xf32>, tensor<1xf32>, tensor<f32>, tensor<i32>) -> (tensor<250xf32>, tensor<1x256xi8>, tensor<1x256xi8>, tensor<1xf32>, tensor<1xf32>)
  return
}

// -----

// adamw8 (C1)
func.func @f(%w: tensor<256xf32>, %c: tensor<1x256xi8>, %m: tensor<1xf32>, %s: tensor<f32>, %i: tensor<i32>, %g: tensor<1x256xf32>) {
  // expected-error@+1 {{expects tensors of the type of parameter, 'tensor<256xf32>', but got 'tensor<1x256xf32>'}}
  %a, %b, %d, %e, %f = train.adamw8 %w, %g, %c, %c, %m, %m lr(%s) step(%i) beta1 = 0.9 beta2 = 0.9 eps = 1.0e-8 weight_decay = 0.0 : (tensor<256xf32>, tensor<1x256xf32>, tensor<1x256xi8>, tensor<1x256xi8>, tensor<1xf32>, tensor<1xf32>, tensor<f32>, tensor<i32>) -> (tensor<256xf32>, tensor<1x256xi8>, tensor<1x256xi8>, tensor<1xf32>, tensor<1xf32>)
  return
}

// -----

func.func @f(%w: tensor<256xf32>, %c: tensor<2x256xi8>, %m: tensor<1xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects codes of type 'tensor<1x256xi8>' and magnitudes of type 'tensor<1xf32>', but got 'tensor<2x256xi8>'}}
  %a, %b, %d, %e, %f = train.adamw8 %w, %w, %c, %c, %m, %m lr(%s) step(%i) beta1 = 0.9 beta2 = 0.9 eps = 1.0e-8 weight_decay = 0.0 : (tensor<256xf32>, tensor<256xf32>, tensor<2x256xi8>, tensor<2x256xi8>, tensor<1xf32>, tensor<1xf32>, tensor<f32>, tensor<i32>) -> (tensor<256xf32>, tensor<1x256xi8>, tensor<1x256xi8>, tensor<1xf32>, tensor<1xf32>)
  return
}

// -----

// adamw8 (C3)
func.func @f(%w: tensor<256xf32>, %c: tensor<1x256xi8>, %m: tensor<1xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects codes of type 'tensor<1x256xi8>' and magnitudes of type 'tensor<1xf32>', but got 'tensor<2xf32>'}}
  %a, %b, %d, %e, %f = train.adamw8 %w, %w, %c, %c, %m, %m lr(%s) step(%i) beta1 = 0.9 beta2 = 0.9 eps = 1.0e-8 weight_decay = 0.0 : (tensor<256xf32>, tensor<256xf32>, tensor<1x256xi8>, tensor<1x256xi8>, tensor<1xf32>, tensor<1xf32>, tensor<f32>, tensor<i32>) -> (tensor<256xf32>, tensor<1x256xi8>, tensor<1x256xi8>, tensor<1xf32>, tensor<2xf32>)
  return
}

// -----

// adamw8 (C4)
func.func @f(%w: tensor<256xf32>, %c: tensor<1x256xi8>, %m: tensor<1xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<1xf32>'}}
  %a, %b, %d, %e, %f = train.adamw8 %w, %w, %c, %c, %m, %m lr(%m) step(%i) beta1 = 0.9 beta2 = 0.9 eps = 1.0e-8 weight_decay = 0.0 : (tensor<256xf32>, tensor<256xf32>, tensor<1x256xi8>, tensor<1x256xi8>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<i32>) -> (tensor<256xf32>, tensor<1x256xi8>, tensor<1x256xi8>, tensor<1xf32>, tensor<1xf32>)
  return
}

// -----

// adamw8 (C5)
func.func @f(%w: tensor<256xf32>, %c: tensor<1x256xi8>, %m: tensor<1xf32>, %s: tensor<f32>, %i: tensor<i32>) {
  // expected-error@+1 {{expects 0 ≤ beta2 < 1, but got 1.000000e+00}}
  %a, %b, %d, %e, %f = train.adamw8 %w, %w, %c, %c, %m, %m lr(%s) step(%i) beta1 = 0.9 beta2 = 1.0 eps = 1.0e-8 weight_decay = 0.0 : (tensor<256xf32>, tensor<256xf32>, tensor<1x256xi8>, tensor<1x256xi8>, tensor<1xf32>, tensor<1xf32>, tensor<f32>, tensor<i32>) -> (tensor<256xf32>, tensor<1x256xi8>, tensor<1x256xi8>, tensor<1xf32>, tensor<1xf32>)
  return
}
