// RUN: ph-opt %s -split-input-file -verify-diagnostics

// lm_loss (C1)
func.func @f(%p: tensor<?x4xf32>, %l: tensor<?x5xi32>) {
  // expected-error@+1 {{expects labels to have the shape of logp, but got 'tensor<?x5xi32>' and 'tensor<?x4xf32>'}}
  %sum, %count = train.lm_loss %p, %l : (tensor<?x4xf32>, tensor<?x5xi32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// lm_loss (C2)
func.func @f(%p: tensor<?x4xf32>, %l: tensor<?x4xi32>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<?xf32>'}}
  %sum, %count = train.lm_loss %p, %l : (tensor<?x4xf32>, tensor<?x4xi32>) -> (tensor<f32>, tensor<?xf32>)
  return
}
