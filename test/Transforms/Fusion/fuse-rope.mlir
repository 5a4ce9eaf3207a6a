// RUN: ph-opt %s --xf-fuse-rope --remark-policy=all --remarks-filter=xf-fuse-rope 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: FileCheck %s --check-prefix=WHERE --input-file=%t.remarks

// CHECK-LABEL: func.func @cached
// CHECK-NOT: xf.rope
// CHECK: xf.cache_append %arg2[%{{.*}}], %arg1, %arg1, %arg3 rope(%arg4, #xf.rope<dim = 16, base = 1.000000e+04, style = half>)
// CHECK-NOT: xf.rope %
// CHECK: xf.attention %arg0 cache({{.*}}) rope(%arg4, #xf.rope<dim = 16, base = 1.000000e+04, style = half>) heads = 2
func.func @cached(%q: tensor<?x?x32xf32>, %k: tensor<?x?x16xf32>, %cache: !xf.cache<2 x 1 x 16, f32>, %past: tensor<?xi32>, %p: tensor<?x?xi32>)
    -> (tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>) {
  %layer = arith.constant 1 : index
  %qr = xf.rope %q, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 2 : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  %kr = xf.rope %k, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 1 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.cache_append {{.*}}"keys are rotated as they come into the cache"
  %c = xf.cache_append %cache[%layer], %kr, %k, %past : (!xf.cache<2 x 1 x 16, f32>, index, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?xi32>) -> !xf.cache<2 x 1 x 16, f32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.attention {{.*}}"it rotates the query itself"
  %a = xf.attention %qr cache(%c[%layer], %past) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x32xf32>
  return %a, %c : tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>
}

// CHECK-LABEL: func.func @plain
// CHECK-NEXT: xf.attention %arg0 keys(%arg1) values(%arg1) rope(%arg2, #xf.rope
func.func @plain(%q: tensor<?x?x32xf32>, %k: tensor<?x?x16xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %qr = xf.rope %q, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 2 : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  %kr = xf.rope %k, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 1 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.attention {{.*}}"it rotates query and keys itself"
  %a = xf.attention %qr keys(%kr) values(%k) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x32xf32>
  return %a : tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @query_only
// CHECK-NEXT: xf.rope
// CHECK-NEXT: xf.attention
// REMARK: only one of query and keys is rotated
func.func @query_only(%q: tensor<?x?x32xf32>, %k: tensor<?x?x16xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %qr = xf.rope %q, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 2 : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  %a = xf.attention %qr keys(%k) values(%k) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x32xf32>
  return %a : tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @different
// CHECK-COUNT-2: xf.rope %
// CHECK-NEXT: xf.attention
// REMARK: query and keys are rotated differently
func.func @different(%q: tensor<?x?x32xf32>, %k: tensor<?x?x16xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %qr = xf.rope %q, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 2 : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  %kr = xf.rope %k, %p rope = #xf.rope<dim = 16, base = 1.0e5, style = half> heads = 1 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %a = xf.attention %qr keys(%kr) values(%k) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x32xf32>
  return %a : tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @other_uses
// CHECK-COUNT-2: xf.rope %
// CHECK: xf.cache_append
// CHECK-NOT: rope(
// CHECK: xf.attention
// REMARK: the rotated keys are used elsewhere too
// REMARK: the rotated query or keys are used elsewhere too
func.func @other_uses(%q: tensor<?x?x32xf32>, %k: tensor<?x?x16xf32>, %cache: !xf.cache<2 x 1 x 16, f32>, %past: tensor<?xi32>, %p: tensor<?x?xi32>)
    -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>) {
  %layer = arith.constant 1 : index
  %qr = xf.rope %q, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 2 : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  %kr = xf.rope %k, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 1 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %c = xf.cache_append %cache[%layer], %kr, %kr, %past : (!xf.cache<2 x 1 x 16, f32>, index, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?xi32>) -> !xf.cache<2 x 1 x 16, f32>
  %a = xf.attention %qr cache(%c[%layer], %past) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x32xf32>
  return %a, %qr : tensor<?x?x32xf32>, tensor<?x?x32xf32>
}

// Rotated as heads of another size, which is not what the attention would do.
// CHECK-LABEL: func.func @other_heads
// CHECK-COUNT-2: xf.rope %
// CHECK: xf.cache_append
// CHECK-NOT: rope(
// CHECK: xf.attention
// REMARK: the rotation is of other heads than the cache's
// REMARK: the rotation is of other heads than the attention's
func.func @other_heads(%q: tensor<?x?x32xf32>, %k: tensor<?x?x16xf32>, %cache: !xf.cache<2 x 1 x 16, f32>, %past: tensor<?xi32>, %p: tensor<?x?xi32>)
    -> tensor<?x?x32xf32> {
  %layer = arith.constant 1 : index
  %qr = xf.rope %q, %p rope = #xf.rope<dim = 8, base = 1.0e4, style = half> heads = 4 : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  %kr = xf.rope %k, %p rope = #xf.rope<dim = 8, base = 1.0e4, style = half> heads = 2 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %c = xf.cache_append %cache[%layer], %kr, %k, %past : (!xf.cache<2 x 1 x 16, f32>, index, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?xi32>) -> !xf.cache<2 x 1 x 16, f32>
  %a = xf.attention %qr cache(%c[%layer], %past) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x32xf32>
  return %a : tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @outside
// CHECK-COUNT-2: xf.rope %
// CHECK: xf.repeat
// CHECK-NOT: rope(
// CHECK: xf.yield
// REMARK: the rotation is made outside the loop
// REMARK: the rotation is made outside the loop
func.func @outside(%q: tensor<?x?x32xf32>, %k: tensor<?x?x16xf32>, %cache: !xf.cache<2 x 1 x 16, f32>, %past: tensor<?xi32>, %p: tensor<?x?xi32>)
    -> tensor<?x?x32xf32> {
  %qr = xf.rope %q, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 2 : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  %kr = xf.rope %k, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 1 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %r:2 = xf.repeat %layer = 2 iter(%h = %q, %c = %cache) : tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32> {
    %c2 = xf.cache_append %c[%layer], %kr, %k, %past : (!xf.cache<2 x 1 x 16, f32>, index, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?xi32>) -> !xf.cache<2 x 1 x 16, f32>
    %a = xf.attention %qr cache(%c2[%layer], %past) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x32xf32>
    xf.yield %a, %c2 : tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>
  }
  return %r#0 : tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @encoded
// CHECK-COUNT-2: xf.rope %
// CHECK-NOT: rope(
// CHECK: return
// REMARK-DAG: the rotated keys are encoded
// REMARK-DAG: the rotated query or keys are encoded
func.func @encoded(%q: tensor<?x?x32xf32>, %k: tensor<?x?x16xf32>, %cache: !xf.cache<2 x 1 x 16, f32>, %past: tensor<?xi32>, %p: tensor<?x?xi32>)
    -> tensor<?x?x32xf32> {
  %layer = arith.constant 0 : index
  %qr = xf.rope %q, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 2 : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32, #xf.format<bf16>>
  %kr = xf.rope %k, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 1 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32, #xf.format<bf16>>
  %c = xf.cache_append %cache[%layer], %kr, %k, %past : (!xf.cache<2 x 1 x 16, f32>, index, tensor<?x?x16xf32, #xf.format<bf16>>, tensor<?x?x16xf32>, tensor<?xi32>) -> !xf.cache<2 x 1 x 16, f32>
  %a = xf.attention %qr cache(%c[%layer], %past) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32, #xf.format<bf16>>, !xf.cache<2 x 1 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x32xf32>
  return %a : tensor<?x?x32xf32>
}
