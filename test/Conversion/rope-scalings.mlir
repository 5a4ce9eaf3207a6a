// The table of cos and sin has the scaled angles and the attention factor; angles that change with the length are refused.
// RUN: split-file %s %t
// RUN: ph-opt %t/yarn.mlir --convert-transformer-to-kernels | FileCheck %t/yarn.mlir
// RUN: not ph-opt %t/dynamic.mlir --convert-transformer-to-kernels 2>&1 | FileCheck %t/dynamic.mlir

//--- yarn.mlir
// θ = 1 and 0.01: within 64 positions pairs turn 32 times at -0.25, which is made 0, and once at 0.504, rounded up to 1. So
// YaRN leaves pair 0 as it is and interpolates pair 1.
// CHECK: attention_factor = 2.500000e+00 : f64, frequencies = [1.000000e+00, 5.000000e-03], kind = "rope_table"
module {
  xf.weight @w : tensor<32x16xf32>
  func.func @forward(%t: tensor<?x?xi32>, %past: tensor<?xi32>) -> tensor<?x?x16xf32> {
    %w = xf.load_weight @w : tensor<32x16xf32>
    %p = xf.positions %t, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x16xf32>) -> tensor<?x?x16xf32>
    %r = xf.rope %e, %p rope = #xf.rope<dim = 4, base = 1.0e4, scaling = yarn, factor = 2.0, original = 64, attention_factor = 2.5> heads = 1
      : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
    return %r : tensor<?x?x16xf32>
  }
}

//--- dynamic.mlir
// CHECK: error: 'xf.rope' op expects angles that don't change with the length of the sequence, but got scaling = dynamic: there is no kernel for them
module {
  xf.weight @w : tensor<32x16xf32>
  func.func @forward(%t: tensor<?x?xi32>, %past: tensor<?xi32>) -> tensor<?x?x16xf32> {
    %w = xf.load_weight @w : tensor<32x16xf32>
    %p = xf.positions %t, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x16xf32>) -> tensor<?x?x16xf32>
    %r = xf.rope %e, %p rope = #xf.rope<dim = 4, base = 1.0e4, scaling = dynamic, factor = 2.0, original = 64> heads = 1
      : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
    return %r : tensor<?x?x16xf32>
  }
}
