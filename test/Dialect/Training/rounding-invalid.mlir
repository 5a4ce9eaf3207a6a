// RUN: ph-opt %s -split-input-file -verify-diagnostics

// round (C1)
func.func @f(%x: tensor<4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s) 'tensor<4xf32>' are incompatible with return type(s) of operation 'tensor<?xf32>'}}
  %y = "train.round"(%x) <{format = #train<half bf16>}> : (tensor<4xf32>) -> tensor<?xf32>
  return
}

// -----

// round_gradient (C1)
func.func @f(%x: tensor<4xf32>) {
  // expected-error@+2 {{failed to infer returned types}}
  // expected-error@+1 {{inferred type(s) 'tensor<4xf32>' are incompatible with return type(s) of operation 'tensor<?xf32>'}}
  %y = "train.round_gradient"(%x) <{format = #train<half f16>}> : (tensor<4xf32>) -> tensor<?xf32>
  return
}
