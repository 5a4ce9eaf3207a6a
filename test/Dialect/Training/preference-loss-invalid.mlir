// RUN: ph-opt %s -split-input-file -verify-diagnostics

// sequence_logp (C1)
func.func @f(%p: tensor<3x4xf32>, %m: tensor<3x5xi32>) {
  // expected-error@+1 {{expects tensors of the shape of logp, 'tensor<3x4xf32>', but got 'tensor<3x5xi32>'}}
  %s, %n = train.sequence_logp %p, %m : (tensor<3x4xf32>, tensor<3x5xi32>) -> (tensor<3xf32>, tensor<3xf32>)
  return
}

// -----

func.func @f(%p: tensor<4xf32>, %m: tensor<4xi32>) {
  // expected-error@+1 {{expects logp of rank 2, but got 'tensor<4xf32>'}}
  %s, %n = train.sequence_logp %p, %m : (tensor<4xf32>, tensor<4xi32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// sequence_logp (C2)
func.func @f(%p: tensor<3x4xf32>, %m: tensor<3x4xi32>) {
  // expected-error@+1 {{expects a number for each sequence of 'tensor<3x4xf32>', but got 'tensor<4xf32>'}}
  %s, %n = train.sequence_logp %p, %m : (tensor<3x4xf32>, tensor<3x4xi32>) -> (tensor<3xf32>, tensor<4xf32>)
  return
}

// -----

// reward_loss (C1)
func.func @f(%a: tensor<3xf32>, %b: tensor<4xf32>) {
  // expected-error@+1 {{expects tensors of the shape of chosen, 'tensor<3xf32>', but got 'tensor<4xf32>'}}
  %s, %n = train.reward_loss %a, %b : (tensor<3xf32>, tensor<4xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// reward_loss (C2)
func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<1xf32>'}}
  %s, %n = train.reward_loss %a, %b : (tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<1xf32>)
  return
}

// -----

// dpo_loss (C1)
func.func @f(%a: tensor<?x1xf32>) {
  // expected-error@+1 {{expects chosen of rank 1, but got 'tensor<?x1xf32>'}}
  %s, %n = train.dpo_loss %a, %a, %a, %a beta = 0.1 : (tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x1xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// dpo_loss (C2)
func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) {
  // expected-error@+1 {{expects a finite beta > 0, but got 0.000000e+00}}
  %s, %n = train.dpo_loss %a, %b, %a, %b beta = 0.0 : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// dpo_loss (C3)
func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) {
  // expected-error@+1 {{expects 0 ≤ label_smoothing < 1, but got 1.000000e+00}}
  %s, %n = train.dpo_loss %a, %b, %a, %b beta = 0.1 label_smoothing = 1.0 : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// dpo_loss (C4)
func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<?xf32>'}}
  %s, %n = train.dpo_loss %a, %b, %a, %b beta = 0.1 : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<?xf32>, tensor<f32>)
  return
}

// -----

// ipo_loss (C2)
func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) {
  // expected-error@+1 {{expects a finite beta > 0, but got -1.000000e+00}}
  %s, %n = train.ipo_loss %a, %b, %a, %b beta = -1.0 : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// simpo_loss (C2)
func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) {
  // expected-error@+1 {{expects a finite beta > 0, but got 0.000000e+00}}
  %s, %n = train.simpo_loss %a, %b beta = 0.0 margin = 0.5 : (tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// simpo_loss (C3)
func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) {
  // expected-error@+1 {{expects a finite margin ≥ 0, but got -1.000000e+00}}
  %s, %n = train.simpo_loss %a, %b beta = 1.0 margin = -1.0 : (tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// orpo_loss (C1)
func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<?xf32>'}}
  %s, %n = train.orpo_loss %a, %b, %a, %b tokens_per_pair(%a) lambda = 1.0
    : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// orpo_loss (C2)
func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) {
  // expected-error@+1 {{expects a finite lambda ≥ 0, but got -1.000000e+00}}
  %s, %n = train.orpo_loss %a, %b, %a, %b lambda = -1.0 : (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// kto_baseline (C1)
func.func @f(%a: tensor<3xf32>, %b: tensor<4xf32>) {
  // expected-error@+1 {{expects tensors of the shape of policy, 'tensor<3xf32>', but got 'tensor<4xf32>'}}
  %z = train.kto_baseline %a, %b : (tensor<3xf32>, tensor<4xf32>) -> tensor<f32>
  return
}

// -----

// kto_loss (C1)
func.func @f(%a: tensor<3xf32>, %d: tensor<4xi32>, %z: tensor<f32>) {
  // expected-error@+1 {{expects tensors of the shape of policy, 'tensor<3xf32>', but got 'tensor<4xi32>'}}
  %s, %n = train.kto_loss %a, %a, %d, %z beta = 0.1 : (tensor<3xf32>, tensor<3xf32>, tensor<4xi32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// kto_loss (C2)
func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>, %d: tensor<?xi32>, %z: tensor<f32>) {
  // expected-error@+1 {{expects a finite beta > 0, but got 0.000000e+00}}
  %s, %n = train.kto_loss %a, %b, %d, %z beta = 0.0 : (tensor<?xf32>, tensor<?xf32>, tensor<?xi32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// kto_loss (C3)
func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>, %d: tensor<?xi32>, %z: tensor<f32>) {
  // expected-error@+1 {{expects a finite undesirable_weight ≥ 0, but got -1.000000e+00}}
  %s, %n = train.kto_loss %a, %b, %d, %z beta = 0.1 undesirable_weight = -1.0 : (tensor<?xf32>, tensor<?xf32>, tensor<?xi32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return
}

// -----

// kto_loss (C4)
func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>, %d: tensor<?xi32>) {
  // expected-error@+1 {{expects scalars of rank 0, but got 'tensor<?xf32>'}}
  %s, %n = train.kto_loss %a, %b, %d, %a beta = 0.1 : (tensor<?xf32>, tensor<?xf32>, tensor<?xi32>, tensor<?xf32>) -> (tensor<f32>, tensor<f32>)
  return
}
