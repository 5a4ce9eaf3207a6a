// What stays and what becomes of it: caches are two tensors that are written in place, products with weights stay where the CPU has kernels for them.
//
// RUN: ph-opt %s -split-input-file --xf-flash-attention="tile-queries=16 tile-keys=64" --convert-transformer-to-linalg --canonicalize --cse \
// RUN:   | FileCheck %s
// RUN: ph-opt %s -split-input-file --convert-transformer-to-linalg="keep-products=true" --verify-diagnostics -o %t.kept.mlir
// RUN: FileCheck %s --check-prefix=KEPT --input-file=%t.kept.mlir

// Heads of sequences are written where their past ends, by threads at once, and the queries' tiles read a head of the cache.
// CHECK-LABEL: func.func @cached(
// CHECK-SAME: %[[KEYS:[^:]*]]: tensor<?x2x2x?x16xf16> {xf.name = "c.keys"}, %[[VALUES:[^:]*]]: tensor<?x2x2x?x16xf16> {xf.name = "c.values"},
// CHECK-SAME: -> (tensor<?x?x64xf32>, tensor<?x2x2x?x16xf16> {xf.name = "out1.keys"}, tensor<?x2x2x?x16xf16> {xf.name = "out1.values"})
// CHECK: %[[NEW:.*]]:2 = scf.forall (%[[B:[^,]*]], %[[H:[^)]*]]) in (%{{.*}}, 2) shared_outs(%[[K:[^ ]*]] = %[[KEYS]], %[[V:[^ ]*]] = %[[VALUES]])
// CHECK: tensor.extract %{{.*}}[%[[B]]] : tensor<?xi32>
// CHECK: tensor.extract_slice %[[K]][%[[B]], 1, %[[H]], %[[FIRST:[^,]*]], 0] [1, 1, 1, %{{.*}}, 16]
// CHECK: arith.truncf
// CHECK: scf.forall.in_parallel
// CHECK: tensor.parallel_insert_slice %{{.*}} into %[[K]][%[[B]], 1, %[[H]], %[[FIRST]], 0]
// CHECK: scf.forall
// CHECK: tensor.extract_slice %[[NEW]]#0[%{{.*}}, 1, %{{.*}}, %{{.*}}, 0] [1, 1, 1, %{{.*}}, 16]
// CHECK: arith.extf
// CHECK-NOT: tensor<?x?x32xf32>
// CHECK: return %{{.*}}, %[[NEW]]#0, %[[NEW]]#1
func.func @cached(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %c: !xf.cache<2 x 2 x 16, f16> {xf.name = "c"}, %past: tensor<?xi32>)
    -> (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f16>) {
  %layer = arith.constant 1 : index
  %new = xf.cache_append %c[%layer], %k, %k, %past
    : (!xf.cache<2 x 2 x 16, f16>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 16, f16>
  // expected-error@+1 {{expects attention to be tiles already: run xf-flash-attention}}
  %y = xf.attention %q cache(%new[%layer], %past) heads = 4 scale = 0.25 mask = causal
    : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f16>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
  return %y, %new : tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f16>
}

// -----

// A table of the angles is made once, in front of the loop, for both rotations of every layer.
// CHECK-LABEL: func.func @rotated
// CHECK: math.cos
// CHECK: math.sin
// CHECK: scf.for
// CHECK-NOT: math.cos
// CHECK: return
func.func @rotated(%x: tensor<?x?x64xf32>, %positions: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %y = xf.repeat %layer = 4 iter(%h = %x) : tensor<?x?x64xf32> {
    %a = xf.rope %h, %positions rope = #xf.rope<dim = 8, base = 1.0e4, style = half> heads = 4
      : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
    %b = xf.rope %a, %positions rope = #xf.rope<dim = 8, base = 1.0e4, style = half> heads = 8
      : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
    xf.yield %b : tensor<?x?x64xf32>
  }
  return %y : tensor<?x?x64xf32>
}

// -----

// KEPT-LABEL: func.func @products
// KEPT: xf.embedding
// KEPT: %[[PLAIN:.*]] = xf.linear %{{.*}}, %{{.*}} bias
// KEPT-NOT: activation
// KEPT: math.erf
// KEPT: xf.gated_linear silu
// KEPT: %[[GATE:.*]] = xf.linear
// KEPT: %[[UP:.*]] = xf.linear
// KEPT: math.tanh
// KEPT: linalg.generic {{.*}} ins(%{{.*}} : tensor<?x?x64xf32>, tensor<64x64xf32>)
// KEPT: xf.logits
// CHECK-LABEL: func.func @products
// CHECK-NOT: = xf.{{[^l]}}
// CHECK: return
xf.weight @table : tensor<320x64xf32, #xf.format<q8_0>>
xf.weight @w : tensor<64x64xf32>
xf.weight @b : tensor<64xf32>
func.func @products(%tokens: tensor<?x?xi32>, %argument: tensor<64x64xf32>) -> tensor<?x?x320xf32> {
  %table = xf.load_weight @table : tensor<320x64xf32, #xf.format<q8_0>>
  %w = xf.load_weight @w : tensor<64x64xf32>
  %b = xf.load_weight @b : tensor<64xf32>
  %x = xf.embedding %tokens, %table : (tensor<?x?xi32>, tensor<320x64xf32, #xf.format<q8_0>>) -> tensor<?x?x64xf32>
  %y = xf.linear %x, %w bias %b activation = gelu : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  %g = xf.gated_linear silu %y, %w, %w : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
  %t = xf.gated_linear tanh %g, %w, %w : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
  %z = xf.linear %t, %argument : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
  %logits = xf.logits %z, %table : (tensor<?x?x64xf32>, tensor<320x64xf32, #xf.format<q8_0>>) -> tensor<?x?x320xf32>
  return %logits : tensor<?x?x320xf32>
}
