// RUN: ph-opt %s -split-input-file -verify-diagnostics

// token_logp (C1)
func.func @f(%h: tensor<?x?x64xf32>, %w: tensor<320x32xf32>, %l: tensor<?x?xi32>) {
  // expected-error@+1 {{expects the columns of weight to be 64, but got 32}}
  %y = train.token_logp %h, %w, %l : (tensor<?x?x64xf32>, tensor<320x32xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
  return
}

// -----

// token_logp (C2)
func.func @f(%h: tensor<?x4x64xf32>, %w: tensor<320x64xf32>, %l: tensor<?x5xi32>) {
  // expected-error@+1 {{expects labels of the shape of hidden without the last dimension, but got 'tensor<?x5xi32>' and 'tensor<?x4x64xf32>'}}
  %y = train.token_logp %h, %w, %l : (tensor<?x4x64xf32>, tensor<320x64xf32>, tensor<?x5xi32>) -> tensor<?x5xf32>
  return
}

// -----

func.func @f(%h: tensor<?x?x64xf32>, %w: tensor<320x64xf32>, %l: tensor<?x?xi32>) {
  // expected-error@+1 {{expects the result to have the shape of labels, but got 'tensor<?xf32>' and 'tensor<?x?xi32>'}}
  %y = train.token_logp %h, %w, %l : (tensor<?x?x64xf32>, tensor<320x64xf32>, tensor<?x?xi32>) -> tensor<?xf32>
  return
}

// -----

// token_logp (C3)
func.func @f(%h: tensor<?x64xf32>, %w: tensor<320x64xf32>, %l: tensor<?xi32>) {
  // expected-error@+1 {{expects soft_cap > 0, but got 0}}
  %y = train.token_logp %h, %w, %l soft_cap = 0.0 : (tensor<?x64xf32>, tensor<320x64xf32>, tensor<?xi32>) -> tensor<?xf32>
  return
}

// -----

// token_logp (C4)
func.func @f(%h: tensor<?x64xf32>, %w: tensor<320x64xf32>, %l: tensor<?xi32>) {
  // expected-error@+1 {{expects chunk > 0, but got -1}}
  %y = train.token_logp %h, %w, %l chunk = -1 : (tensor<?x64xf32>, tensor<320x64xf32>, tensor<?xi32>) -> tensor<?xf32>
  return
}

// -----

// token_logp_backward (C1)
func.func @f(%h: tensor<?x64xf32>, %w: tensor<320x65xf32>, %l: tensor<?xi32>, %g: tensor<?xf32>) {
  // expected-error@+1 {{expects the columns of weight to be 64, but got 65}}
  %y = train.token_logp_backward %h, %w, %l, %g : (tensor<?x64xf32>, tensor<320x65xf32>, tensor<?xi32>, tensor<?xf32>) -> tensor<?x64xf32>
  return
}

// -----

// token_logp_backward (C2)
func.func @f(%h: tensor<3x64xf32>, %w: tensor<320x64xf32>, %l: tensor<3xi32>, %g: tensor<4xf32>) {
  // expected-error@+1 {{expects gradient to have the shape of labels, but got 'tensor<4xf32>' and 'tensor<3xi32>'}}
  %y = train.token_logp_backward %h, %w, %l, %g : (tensor<3x64xf32>, tensor<320x64xf32>, tensor<3xi32>, tensor<4xf32>) -> tensor<3x64xf32>
  return
}

// -----

// token_logp_backward (C3)
func.func @f(%h: tensor<3x64xf32>, %w: tensor<320x64xf32>, %l: tensor<3xi32>, %g: tensor<3xf32>, %s: tensor<320x64xf32>) {
  // expected-error@+1 {{expects a sum only with weight_gradient}}
  %y = train.token_logp_backward %h, %w, %l, %g into(%s)
    : (tensor<3x64xf32>, tensor<320x64xf32>, tensor<3xi32>, tensor<3xf32>, tensor<320x64xf32>) -> tensor<3x64xf32>
  return
}

// -----

func.func @f(%h: tensor<3x64xf32>, %w: tensor<320x64xf32>, %l: tensor<3xi32>, %g: tensor<3xf32>, %s: tensor<320x63xf32>) {
  // expected-error@+1 {{expects sum to have the shape of weight, but got 'tensor<320x63xf32>' and 'tensor<320x64xf32>'}}
  %y, %z = train.token_logp_backward %h, %w, %l, %g into(%s) weight_gradient
    : (tensor<3x64xf32>, tensor<320x64xf32>, tensor<3xi32>, tensor<3xf32>, tensor<320x63xf32>) -> (tensor<3x64xf32>, tensor<320x63xf32>)
  return
}

// -----

// token_logp_backward (C4)
func.func @f(%h: tensor<3x64xf32>, %w: tensor<320x64xf32>, %l: tensor<3xi32>, %g: tensor<3xf32>) {
  // expected-error@+1 {{expects 3 results, but got 2}}
  %y, %z = train.token_logp_backward %h, %w, %l, %g weight_gradient logp
    : (tensor<3x64xf32>, tensor<320x64xf32>, tensor<3xi32>, tensor<3xf32>) -> (tensor<3x64xf32>, tensor<320x64xf32>)
  return
}

// -----

func.func @f(%h: tensor<3x64xf32>, %w: tensor<320x64xf32>, %l: tensor<3xi32>, %g: tensor<3xf32>) {
  // expected-error@+1 {{expects the weight's gradient to have the shape of weight, but got 'tensor<64x320xf32>' and 'tensor<320x64xf32>'}}
  %y, %z = train.token_logp_backward %h, %w, %l, %g weight_gradient
    : (tensor<3x64xf32>, tensor<320x64xf32>, tensor<3xi32>, tensor<3xf32>) -> (tensor<3x64xf32>, tensor<64x320xf32>)
  return
}

// -----

func.func @f(%h: tensor<3x64xf32>, %w: tensor<320x64xf32>, %l: tensor<3xi32>, %g: tensor<3xf32>) {
  // expected-error@+1 {{expects the last result to have the shape of labels, but got 'tensor<2xf32>' and 'tensor<3xi32>'}}
  %y, %z = train.token_logp_backward %h, %w, %l, %g logp
    : (tensor<3x64xf32>, tensor<320x64xf32>, tensor<3xi32>, tensor<3xf32>) -> (tensor<3x64xf32>, tensor<2xf32>)
  return
}

// -----

func.func @f(%h: tensor<3x64xf32>, %w: tensor<320x64xf32>, %l: tensor<3xi32>, %g: tensor<3xf32>) {
  // expected-error@+1 {{expects the first result to have the shape of hidden, but got 'tensor<3x65xf32>' and 'tensor<3x64xf32>'}}
  %y = train.token_logp_backward %h, %w, %l, %g : (tensor<3x64xf32>, tensor<320x64xf32>, tensor<3xi32>, tensor<3xf32>) -> tensor<3x65xf32>
  return
}
