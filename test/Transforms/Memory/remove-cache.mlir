// A step over a cache becomes a pass over whole sequences; what the cache does otherwise is left alone, with the reason.
//
// RUN: ph-opt %s --split-input-file --xf-remove-cache --canonicalize --cse --remark-policy=all --remarks-filter=xf-remove-cache -o %t.mlir 2>%t.remarks
// RUN: FileCheck %s --input-file=%t.mlir && FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// REMARK: it takes whole sequences
// CHECK-LABEL: func.func @forward
// CHECK-SAME: (%[[TOKENS:.*]]: tensor<?x?xi32> {xf.name = "tokens"}) -> (tensor<?x32xf32> {xf.name = "hidden"})
// CHECK: %[[NONE:.*]] = xf.broadcast
// CHECK: %[[AT:.*]] = xf.positions %[[TOKENS]], %[[NONE]]
// CHECK: xf.repeat %{{.*}} = 2 iter(%[[X:.*]] = %{{.*}}) : tensor<?x?x32xf32>
// Keys are rotated as they were, together with the queries.
// CHECK: xf.attention %[[X]] keys(%[[X]]) values(%[[X]]) rope(%[[AT]], {{.*}}) heads = 2 scale = 2.500000e-01 mask = causal
// CHECK-NOT: cache
// CHECK: xf.reshape %{{.*}} [-1, 32]
func.func @forward(%tokens: tensor<?x?xi32> {xf.name = "tokens"}, %past: tensor<?xi32> {xf.name = "past"}, %rows: tensor<?xi32> {xf.name = "rows"},
                   %cache: !xf.cache<2 x 2 x 16, f32> {xf.name = "cache"})
    -> (tensor<?x32xf32> {xf.name = "hidden"}, !xf.cache<2 x 2 x 16, f32> {xf.name = "cache"}) {
  %table = arith.constant dense<1.0> : tensor<8x32xf32>
  %p = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
  %x = xf.embedding %tokens, %table : (tensor<?x?xi32>, tensor<8x32xf32>) -> tensor<?x?x32xf32>
  %y:2 = xf.repeat %l = 2 iter(%h = %x, %c = %cache) : tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32> {
    %n = xf.cache_append %c[%l], %h, %h, %past rope(%p, #xf.rope<dim = 16, base = 1.0e4, style = half>)
      : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>, tensor<?x?xi32>) -> !xf.cache<2 x 2 x 16, f32>
    %a = xf.attention %h cache(%n[%l], %past) rope(%p, #xf.rope<dim = 16, base = 1.0e4, style = half>) heads = 2 scale = 0.25 mask = causal
      : (tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
    xf.yield %a, %n : tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32>
  }
  %z = xf.select_rows %y#0, %rows : (tensor<?x?x32xf32>, tensor<?xi32>) -> tensor<?x32xf32>
  return %z, %y#1 : tensor<?x32xf32>, !xf.cache<2 x 2 x 16, f32>
}

// -----

// What is in the cache from before is what this one reads.
// REMARK: attention reads a layer of the cache to which nothing was appended
// CHECK-LABEL: func.func @reads
// CHECK: xf.attention {{.*}} cache(
func.func @reads(%tokens: tensor<?x?xi32> {xf.name = "tokens"}, %past: tensor<?xi32> {xf.name = "past"}, %q: tensor<?x?x32xf32>,
                 %cache: !xf.cache<2 x 2 x 16, f32> {xf.name = "cache"}) -> tensor<?x?x32xf32> {
  %l = arith.constant 1 : index
  %a = xf.attention %q cache(%cache[%l], %past) heads = 2 scale = 0.25 mask = causal
    : (tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x32xf32>
  return %a : tensor<?x?x32xf32>
}

// -----

// REMARK: it takes no tokens, or doesn't say how many are past
// CHECK-LABEL: func.func @unnamed
// CHECK-SAME: !xf.cache
func.func @unnamed(%c: !xf.cache<2 x 2 x 16, f32>) -> !xf.cache<2 x 2 x 16, f32> {
  return %c : !xf.cache<2 x 2 x 16, f32>
}
