// RUN: ph-opt %s -split-input-file --convert-transformer-to-linalg -verify-diagnostics -o /dev/null

func.func @encoded(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32, #xf.format<i8x32>> {
  // expected-error@+1 {{expects activations without an encoding, but got 'tensor<?x?x64xf32, #xf.format<i8x32>>': run xf-default-pipeline with activations=f32}}
  %y = xf.encode %x : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32, #xf.format<i8x32>>
  return %y : tensor<?x?x64xf32, #xf.format<i8x32>>
}

// -----

// expected-error@+1 {{expects activations without an encoding, but got 'tensor<?x?x64xf32, #xf.format<f16>>'}}
func.func @argument(%x: tensor<?x?x64xf32, #xf.format<f16>>) -> tensor<?x?x64xf32> {
  %y = xf.scale %x by 2.0 : (tensor<?x?x64xf32, #xf.format<f16>>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// -----

func.func @derived(%q: tensor<?x?x64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  // expected-error@+1 {{expects attention to be tiles already: run xf-flash-attention}}
  %dq, %dk, %dv = xf.attention_backward %q, %q, %q, %q heads = 4 scale = 0.25 mask = causal
    : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>)
    -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  return %dq, %dk, %dv : tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// -----

// A cache in a branch is in no module that is imported.
func.func @branch(%c: !xf.cache<1 x 1 x 4, f32>, %x: tensor<?x?x4xf32>, %past: tensor<?xi32>, %yes: tensor<i1>) -> !xf.cache<1 x 1 x 4, f32> {
  %condition = tensor.extract %yes[] : tensor<i1>
  // expected-error@+1 {{has a cache, which becomes two tensors: it has no lowering to linalg}}
  %y = arith.select %condition, %c, %c : !xf.cache<1 x 1 x 4, f32>
  return %y : !xf.cache<1 x 1 x 4, f32>
}

// -----

func.func @growing(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = xf.repeat %layer = 3 iter(%h = %x) : tensor<?x8xf32> {
    %z = xf.concat %h, %h axis = 0 : (tensor<?x8xf32>, tensor<?x8xf32>) -> tensor<?x8xf32>
    xf.yield %z : tensor<?x8xf32>
  }
  return %y : tensor<?x8xf32>
}
