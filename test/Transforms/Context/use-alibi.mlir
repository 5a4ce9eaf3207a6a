// RUN: split-file %s %t
// RUN: ph-opt %t/model.mlir --xf-use-alibi --remark-policy=all --remarks-filter=xf-use-alibi 2>%t.remarks | FileCheck %t/model.mlir -DBIAS=8.000000e+00
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: ph-opt %t/model.mlir --xf-use-alibi=max-bias=6 | FileCheck %t/model.mlir -DBIAS=6.000000e+00
// REMARK-COUNT-4: linear biases in place of rotations
//
// Rotating first, as xf-fuse-rope does, makes no difference.
// RUN: ph-opt %t/model.mlir --xf-fuse-rope --xf-use-alibi | FileCheck %t/model.mlir -DBIAS=8.000000e+00
//
// Values: two heads have the slopes 2^-4 and 2^-8; with queries of zero a head gives the mean of what it sees, weighted by
// e^(slope (j - i)). The second of two tokens, with values 0 and 1: 1 / (1 + e^(-1/16)) and 1 / (1 + e^(-1/256)).
// RUN: ph-opt %t/values.mlir --xf-use-alibi --run=f | FileCheck %s --check-prefix=VALUES
// VALUES: out0: [1, 2, 4] = 0 0 0 0 0.51562 {{.*}} 0.500977
//
// RUN: not ph-opt %t/model.mlir --xf-use-alibi=max-bias=0 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not ph-opt %t/none.mlir --xf-use-alibi 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: ph-opt %t/refused.mlir --xf-use-alibi -split-input-file -verify-diagnostics
// ZERO: error: xf-use-alibi expects max-bias=… above 0, but got 0
// NONE: error: xf-use-alibi expects rotary positions to replace, but got a module without any

//--- model.mlir
// CHECK-LABEL: func.func @cached
// CHECK-NOT: rope
// CHECK-NOT: xf.positions
// CHECK: %[[NEW:.*]] = xf.cache_append %arg3[%{{.*}}], %arg1, %arg1, %arg4 : (
// CHECK: xf.attention %arg0 cache(%[[NEW]][%{{.*}}], %arg4) alibi = #xf.alibi<max_bias = [[BIAS]]> heads = 2
func.func @cached(%q: tensor<?x?x32xf32>, %k: tensor<?x?x16xf32>, %t: tensor<?x?xi32>, %cache: !xf.cache<2 x 1 x 16, f32>, %past: tensor<?xi32>)
    -> (tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>) {
  %layer = arith.constant 1 : index
  %p = xf.positions %t, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
  %qr = xf.rope %q, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 2 : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  %kr = xf.rope %k, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 1 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %c = xf.cache_append %cache[%layer], %kr, %k, %past : (!xf.cache<2 x 1 x 16, f32>, index, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?xi32>) -> !xf.cache<2 x 1 x 16, f32>
  %a = xf.attention %qr cache(%c[%layer], %past) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x32xf32>
  return %a, %c : tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>
}

// CHECK-LABEL: func.func @fused
// CHECK: %[[NEW:.*]] = xf.cache_append %arg3[%{{.*}}], %arg1, %arg1, %arg4 : (
// CHECK: xf.attention %arg0 cache(%[[NEW]][%{{.*}}], %arg4) alibi = #xf.alibi<max_bias = [[BIAS]]> heads = 2
func.func @fused(%q: tensor<?x?x32xf32>, %k: tensor<?x?x16xf32>, %p: tensor<?x?xi32>, %cache: !xf.cache<2 x 1 x 16, f32>, %past: tensor<?xi32>)
    -> (tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>) {
  %layer = arith.constant 1 : index
  %c = xf.cache_append %cache[%layer], %k, %k, %past rope(%p, #xf.rope<dim = 16, base = 1.0e4, style = half>)
    : (!xf.cache<2 x 1 x 16, f32>, index, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?xi32>, tensor<?x?xi32>) -> !xf.cache<2 x 1 x 16, f32>
  %a = xf.attention %q cache(%c[%layer], %past) rope(%p, #xf.rope<dim = 16, base = 1.0e4, style = half>) heads = 2 scale = 0.25 mask = causal
    : (tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>, index, tensor<?xi32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  return %a, %c : tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>
}

// CHECK-LABEL: func.func @plain
// CHECK-NEXT: xf.attention %arg0 keys(%arg1) values(%arg1) alibi = #xf.alibi<max_bias = [[BIAS]]> heads = 2
func.func @plain(%q: tensor<?x?x32xf32>, %k: tensor<?x?x16xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %a = xf.attention %q keys(%k) values(%k) rope(%p, #xf.rope<dim = 16, base = 1.0e4, style = half>) heads = 2 scale = 0.25 mask = causal
    : (tensor<?x?x32xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  return %a : tensor<?x?x32xf32>
}

// A layer without positions stays one, beside one that had them.
// CHECK-LABEL: func.func @without
// CHECK-NEXT: xf.attention %arg0 keys(%arg1) values(%arg1) heads = 2
// CHECK-NEXT: xf.attention %{{.*}} keys(%arg1) values(%arg1) alibi = #xf.alibi<max_bias = [[BIAS]]> heads = 2
func.func @without(%q: tensor<?x?x32xf32>, %k: tensor<?x?x16xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %a = xf.attention %q keys(%k) values(%k) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x32xf32>
  %b = xf.attention %a keys(%k) values(%k) rope(%p, #xf.rope<dim = 16, base = 1.0e4, style = half>) heads = 2 scale = 0.25 mask = causal
    : (tensor<?x?x32xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  return %b : tensor<?x?x32xf32>
}

//--- values.mlir
func.func @f() -> tensor<?x?x4xf32> {
  %zeros = arith.constant dense<0.0> : tensor<1x2x4xf32>
  %two = arith.constant dense<[[[0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]]]> : tensor<1x2x4xf32>
  %places = arith.constant dense<[[0, 1]]> : tensor<1x2xi32>
  %q = tensor.cast %zeros : tensor<1x2x4xf32> to tensor<?x?x4xf32>
  %v = tensor.cast %two : tensor<1x2x4xf32> to tensor<?x?x4xf32>
  %p = tensor.cast %places : tensor<1x2xi32> to tensor<?x?xi32>
  %y = xf.attention %q keys(%v) values(%v) rope(%p, #xf.rope<dim = 2, base = 1.0e4, style = half>) heads = 2 scale = 0.5 mask = causal
    : (tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?xi32>) -> tensor<?x?x4xf32>
  return %y : tensor<?x?x4xf32>
}

//--- none.mlir
func.func @f(%q: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
  %a = xf.attention %q keys(%q) values(%q) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %a : tensor<?x?x32xf32>
}

//--- refused.mlir
func.func @encoder(%q: tensor<?x?x32xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  // expected-error@+1 {{is not causal, and linear biases are for attention that is}}
  %a = xf.attention %q keys(%q) values(%q) rope(%p, #xf.rope<dim = 16, base = 1.0e4, style = half>) heads = 2 scale = 0.25 mask = none
    : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  return %a : tensor<?x?x32xf32>
}

// -----

func.func @both(%q: tensor<?x?x32xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  // expected-error@+1 {{has linear biases besides rotary positions}}
  %a = xf.attention %q keys(%q) values(%q) rope(%p, #xf.rope<dim = 16, base = 1.0e4, style = half>) alibi = #xf.alibi<max_bias = 8.0> heads = 2 scale = 0.25 mask = causal
    : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  return %a : tensor<?x?x32xf32>
}

// -----

func.func @biased(%q: tensor<?x?x32xf32>, %p: tensor<?x?xi32>, %b: tensor<1x2x?x?xf32>) -> tensor<?x?x32xf32> {
  // expected-error@+1 {{has a bias, which may already be of positions}}
  %a = xf.attention %q keys(%q) values(%q) rope(%p, #xf.rope<dim = 16, base = 1.0e4, style = half>) bias(%b) heads = 2 scale = 0.25 mask = causal
    : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?xi32>, tensor<1x2x?x?xf32>) -> tensor<?x?x32xf32>
  return %a : tensor<?x?x32xf32>
}

// -----

func.func @query_only(%q: tensor<?x?x32xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %r = xf.rope %q, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 2 : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{has only one of query and keys rotated here}}
  %a = xf.attention %r keys(%q) values(%q) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %a : tensor<?x?x32xf32>
}

// -----

func.func @elsewhere(%q: tensor<?x?x32xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  // expected-error@+1 {{serves something else than queries and keys of attention}}
  %r = xf.rope %q, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 2 : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  %a = xf.attention %r keys(%r) values(%r) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %a : tensor<?x?x32xf32>
}

// -----

func.func @apart(%k: tensor<?x?x16xf32>, %p: tensor<?x?xi32>, %cache: !xf.cache<2 x 1 x 16, f32>, %past: tensor<?xi32>) -> !xf.cache<2 x 1 x 16, f32> {
  %layer = arith.constant 1 : index
  // expected-error@+1 {{rotates keys for an attention that isn't beside it}}
  %c = xf.cache_append %cache[%layer], %k, %k, %past rope(%p, #xf.rope<dim = 16, base = 1.0e4, style = half>)
    : (!xf.cache<2 x 1 x 16, f32>, index, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?xi32>, tensor<?x?xi32>) -> !xf.cache<2 x 1 x 16, f32>
  return %c : !xf.cache<2 x 1 x 16, f32>
}

// -----

func.func @derived(%q: tensor<?x?x32xf32>, %dy: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
  // expected-error@+1 {{is a derivative, which xf-use-alibi doesn't replace}}
  %dq, %dk, %dv = xf.attention_backward %q, %q, %q, %dy heads = 2 scale = 0.25 mask = causal
    : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>)
  return %dq : tensor<?x?x32xf32>
}
