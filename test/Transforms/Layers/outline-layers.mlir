// RUN: ph-opt %s --xf-outline-layers --verify-values --remark-policy=all --remarks-filter=xf-outline-layers --split-input-file 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
//
// Rolling up what was unrolled gives what was there.
// RUN: ph-opt %S/../values.mlir > %t.before.mlir
// RUN: ph-opt %S/../values.mlir --xf-unroll --verify-values=1 > %t.unrolled.mlir
// RUN: not grep xf.repeat %t.unrolled.mlir
// RUN: ph-opt %t.unrolled.mlir --xf-outline-layers --verify-values=1 > %t.after.mlir
// RUN: diff %t.before.mlir %t.after.mlir

// Three layers, whose weights have sources, names or both; what shares a weight goes on sharing it. What is before and after them stays.
// CHECK-LABEL: module @three
// CHECK-DAG: xf.weight @blk.up : tensor<3x96x64xf32> stacked sources [#xf.source<"blk.{layer}.up">]
// CHECK-DAG: xf.weight @norm : tensor<3x64xf32> stacked sources [#xf.source<"n.{layer}", first = 5, step = 3>]
// CHECK-DAG: xf.weight @down : tensor<64x96xf32>
// CHECK-NOT: @norm_b
// CHECK-LABEL: func.func @forward
// CHECK-SAME: (%[[X:.*]]: tensor
// CHECK-NEXT: %[[E:.*]] = xf.add %[[X]], %[[X]]
// CHECK-NEXT: %[[L:.*]] = xf.repeat %[[I:.*]] = 3 iter(%[[H:.*]] = %[[E]]) : tensor<?x?x64xf32> {
// CHECK-NEXT: %[[WN:.*]] = xf.load_weight @norm[%[[I]]]
// CHECK-NEXT: %[[N:.*]] = xf.rms_norm %[[H]], %[[WN]]
// CHECK-NEXT: %[[WU:.*]] = xf.load_weight @blk.up[%[[I]]]
// CHECK-NEXT: %[[U:.*]] = xf.linear %[[N]], %[[WU]]
// CHECK-NEXT: %[[WD:.*]] = xf.load_weight @down :
// CHECK-NEXT: %[[D:.*]] = xf.linear %[[U]], %[[WD]] residual %[[H]]
// CHECK-NEXT: xf.yield %[[D]]
// CHECK: %[[S:.*]] = xf.add %[[L]], %[[X]]
// CHECK-NEXT: return %[[S]]
// REMARK: 3 layers of 3 ops
module @three {
  xf.weight @blk.0.up : tensor<96x64xf32>
  xf.weight @blk.1.up : tensor<96x64xf32>
  xf.weight @blk.2.up : tensor<96x64xf32>
  xf.weight @norm_a : tensor<64xf32> sources [#xf.source<"n.5">]
  xf.weight @norm_b : tensor<64xf32> sources [#xf.source<"n.8">]
  xf.weight @norm_c : tensor<64xf32> sources [#xf.source<"n.11">]
  xf.weight @down : tensor<64x96xf32>
  func.func @forward(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
    %w = xf.load_weight @down : tensor<64x96xf32>
    %e = xf.add %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %wn0 = xf.load_weight @norm_a : tensor<64xf32>
    %n0 = xf.rms_norm %e, %wn0 eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %wu0 = xf.load_weight @blk.0.up : tensor<96x64xf32>
    %u0 = xf.linear %n0, %wu0 : (tensor<?x?x64xf32>, tensor<96x64xf32>) -> tensor<?x?x96xf32>
    %d0 = xf.linear %u0, %w residual %e : (tensor<?x?x96xf32>, tensor<64x96xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %wn1 = xf.load_weight @norm_b : tensor<64xf32>
    %n1 = xf.rms_norm %d0, %wn1 eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %wu1 = xf.load_weight @blk.1.up : tensor<96x64xf32>
    %u1 = xf.linear %n1, %wu1 : (tensor<?x?x64xf32>, tensor<96x64xf32>) -> tensor<?x?x96xf32>
    %d1 = xf.linear %u1, %w residual %d0 : (tensor<?x?x96xf32>, tensor<64x96xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %wn2 = xf.load_weight @norm_c : tensor<64xf32>
    %n2 = xf.rms_norm %d1, %wn2 eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %wu2 = xf.load_weight @blk.2.up : tensor<96x64xf32>
    %u2 = xf.linear %n2, %wu2 : (tensor<?x?x64xf32>, tensor<96x64xf32>) -> tensor<?x?x96xf32>
    %d2 = xf.linear %u2, %w residual %d1 : (tensor<?x?x96xf32>, tensor<64x96xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %s = xf.add %d2, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    return %s : tensor<?x?x64xf32>
  }
}

// -----

// Layers alternate: what is repeated are two of them. Their weights count in steps of 2.
// CHECK-LABEL: module @alternating
// CHECK-DAG: #xf.source<"l.{layer}", step = 2>
// CHECK-DAG: #xf.source<"l.{layer}", first = 1, step = 2>
// CHECK: xf.repeat %{{.*}} = 2 iter
// CHECK-NEXT: xf.load_weight
// CHECK-NEXT: xf.rms_norm {{.*}} eps = 1.000000e-05
// CHECK-NEXT: xf.load_weight
// CHECK-NEXT: xf.rms_norm {{.*}} eps = 2.000000e-05
// CHECK-NEXT: xf.yield
// REMARK: 2 layers of 2 ops
module @alternating {
  xf.weight @a0 : tensor<64xf32> sources [#xf.source<"l.0">]
  xf.weight @a1 : tensor<64xf32> sources [#xf.source<"l.1">]
  xf.weight @a2 : tensor<64xf32> sources [#xf.source<"l.2">]
  xf.weight @a3 : tensor<64xf32> sources [#xf.source<"l.3">]
  func.func @forward(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
    %w0 = xf.load_weight @a0 : tensor<64xf32>
    %w1 = xf.load_weight @a1 : tensor<64xf32>
    %w2 = xf.load_weight @a2 : tensor<64xf32>
    %w3 = xf.load_weight @a3 : tensor<64xf32>
    %a = xf.rms_norm %x, %w0 eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %b = xf.rms_norm %a, %w1 eps = 2.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %c = xf.rms_norm %b, %w2 eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %d = xf.rms_norm %c, %w3 eps = 2.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    return %d : tensor<?x?x64xf32>
  }
}

// -----

// Indices that count: of the cache's layers, and of a stacked weight from its end.
// CHECK-LABEL: module @counting
// CHECK: xf.repeat %[[L:.*]] = 2 iter(%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}})
// CHECK: xf.cache_append %{{.*}}[%[[L]]]
// CHECK: xf.attention %{{.*}} cache(%{{.*}}[%[[L]]]
// CHECK: %[[M:.*]] = arith.muli %[[L]], %{{.*}} : index
// CHECK: %[[N:.*]] = arith.addi %[[M]], %{{.*}} : index
// CHECK: xf.load_weight @norms[%[[N]]]
// REMARK: 2 layers of 3 ops
module @counting {
  xf.weight @norms : tensor<2x32xf32> stacked
  func.func @forward(%x: tensor<?x?x32xf32>, %past: tensor<?xi32>, %cache: !xf.cache<2 x 2 x 16, f32>) -> (tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32>) {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %last = xf.load_weight @norms[%one] : tensor<32xf32>
    %first = xf.load_weight @norms[%zero] : tensor<32xf32>
    %c0 = xf.cache_append %cache[%zero], %x, %x, %past : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 16, f32>
    %a0 = xf.attention %x cache(%c0[%zero], %past) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x32xf32>
    %n0 = xf.rms_norm %a0, %last eps = 1.0e-5 : (tensor<?x?x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
    %c1 = xf.cache_append %c0[%one], %n0, %n0, %past : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 16, f32>
    %a1 = xf.attention %n0 cache(%c1[%one], %past) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x32xf32>
    %n1 = xf.rms_norm %a1, %first eps = 1.0e-5 : (tensor<?x?x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
    return %n1, %c1 : tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32>
  }
}

// -----

// CHECK-LABEL: module @unlike
// CHECK-NOT: xf.repeat
// REMARK: 2 layers of 2 ops stay: the layers differ in eps of xf.rms_norm: 1.000000e-05 : f64 and 2.000000e-05 : f64
module @unlike {
  xf.weight @w0 : tensor<64x64xf32>
  xf.weight @w1 : tensor<64x64xf32>
  func.func @forward(%x: tensor<?x?x64xf32>, %n: tensor<64xf32>) -> tensor<?x?x64xf32> {
    %w0 = xf.load_weight @w0 : tensor<64x64xf32>
    %w1 = xf.load_weight @w1 : tensor<64x64xf32>
    %a = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %b = xf.linear %a, %w0 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %c = xf.rms_norm %b, %n eps = 2.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %d = xf.linear %c, %w1 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    return %d : tensor<?x?x64xf32>
  }
}

// -----

// Names that don't count are listed.
// CHECK-LABEL: module @names
// CHECK-DAG: xf.weight @w : tensor<2x64x64xf32> stacked sources [#xf.source<"onnx::MatMul_{17|5}">]
// CHECK: xf.repeat
// REMARK: 2 layers of 2 ops
module @names {
  xf.weight @w0 : tensor<64x64xf32> sources [#xf.source<"onnx::MatMul_17">]
  xf.weight @w1 : tensor<64x64xf32> sources [#xf.source<"onnx::MatMul_5">]
  func.func @forward(%x: tensor<?x?x64xf32>, %n: tensor<64xf32>) -> tensor<?x?x64xf32> {
    %w0 = xf.load_weight @w0 : tensor<64x64xf32>
    %w1 = xf.load_weight @w1 : tensor<64x64xf32>
    %a = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %b = xf.linear %a, %w0 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %c = xf.rms_norm %b, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %d = xf.linear %c, %w1 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    return %d : tensor<?x?x64xf32>
  }
}

// -----

// CHECK-LABEL: module @sources
// CHECK-NOT: xf.repeat
// REMARK: 2 layers of 2 ops stay: the weights @w0 and @w1 come from their sources in different ways
module @sources {
  xf.weight @w0 : tensor<64x64xf32> sources [#xf.source<"l.0">]
  xf.weight @w1 : tensor<64x64xf32> sources [#xf.source<"l.1", transposed>]
  func.func @forward(%x: tensor<?x?x64xf32>, %n: tensor<64xf32>) -> tensor<?x?x64xf32> {
    %w0 = xf.load_weight @w0 : tensor<64x64xf32>
    %w1 = xf.load_weight @w1 : tensor<64x64xf32>
    %a = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %b = xf.linear %a, %w0 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %c = xf.rms_norm %b, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %d = xf.linear %c, %w1 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    return %d : tensor<?x?x64xf32>
  }
}

// -----

// CHECK-LABEL: module @hidden_states
// CHECK-NOT: xf.repeat
// REMARK: 2 layers of 2 ops stay: a value of a layer in between is used after the layers
module @hidden_states {
  xf.weight @w0 : tensor<64x64xf32>
  xf.weight @w1 : tensor<64x64xf32>
  func.func @forward(%x: tensor<?x?x64xf32>, %n: tensor<64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
    %w0 = xf.load_weight @w0 : tensor<64x64xf32>
    %w1 = xf.load_weight @w1 : tensor<64x64xf32>
    %a = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %b = xf.linear %a, %w0 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %c = xf.rms_norm %b, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %d = xf.linear %c, %w1 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    return %b, %d : tensor<?x?x64xf32>, tensor<?x?x64xf32>
  }
}

// -----

// CHECK-LABEL: module @different_arguments
// CHECK-NOT: xf.repeat
// REMARK: 2 layers of 2 ops stay: the layers use different values from before them
module @different_arguments {
  xf.weight @w0 : tensor<64x64xf32>
  xf.weight @w1 : tensor<64x64xf32>
  func.func @forward(%x: tensor<?x?x64xf32>, %n: tensor<64xf32>, %m: tensor<64xf32>) -> tensor<?x?x64xf32> {
    %w0 = xf.load_weight @w0 : tensor<64x64xf32>
    %w1 = xf.load_weight @w1 : tensor<64x64xf32>
    %a = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %b = xf.linear %a, %w0 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %c = xf.rms_norm %b, %m eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %d = xf.linear %c, %w1 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    return %d : tensor<?x?x64xf32>
  }
}

// -----

// CHECK-LABEL: module @scaled
// CHECK-NOT: xf.repeat
// REMARK: 2 layers of 2 ops stay: the columns of the weight @w0 are scaled by another tensor
module @scaled {
  xf.weight @w0 : tensor<64x64xf32> sources [#xf.source<"l.0", columns = "n.0">]
  xf.weight @w1 : tensor<64x64xf32> sources [#xf.source<"l.1", columns = "n.1">]
  func.func @forward(%x: tensor<?x?x64xf32>, %n: tensor<64xf32>) -> tensor<?x?x64xf32> {
    %w0 = xf.load_weight @w0 : tensor<64x64xf32>
    %w1 = xf.load_weight @w1 : tensor<64x64xf32>
    %a = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %b = xf.linear %a, %w0 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %c = xf.rms_norm %b, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %d = xf.linear %c, %w1 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    return %d : tensor<?x?x64xf32>
  }
}

// -----

// Norms behind their layers: where a run of equal ops could begin one earlier, it begins where the names count.
// CHECK-LABEL: module @norms_behind
// CHECK-DAG: xf.weight @l.norm : tensor<2x64xf32> stacked sources [#xf.source<"l.{layer}.norm">]
// CHECK-LABEL: func.func @forward
// CHECK: %[[N:.*]] = xf.rms_norm
// CHECK: xf.repeat %{{.*}} = 2 iter(%{{.*}} = %[[N]])
module @norms_behind {
  xf.weight @e.norm : tensor<64xf32>
  xf.weight @l.0.up : tensor<64x64xf32>
  xf.weight @l.0.norm : tensor<64xf32>
  xf.weight @l.1.up : tensor<64x64xf32>
  xf.weight @l.1.norm : tensor<64xf32>
  func.func @forward(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
    %we = xf.load_weight @e.norm : tensor<64xf32>
    %e = xf.rms_norm %x, %we eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %wu0 = xf.load_weight @l.0.up : tensor<64x64xf32>
    %u0 = xf.linear %e, %wu0 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %wn0 = xf.load_weight @l.0.norm : tensor<64xf32>
    %n0 = xf.rms_norm %u0, %wn0 eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %wu1 = xf.load_weight @l.1.up : tensor<64x64xf32>
    %u1 = xf.linear %n0, %wu1 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %wn1 = xf.load_weight @l.1.norm : tensor<64xf32>
    %n1 = xf.rms_norm %u1, %wn1 eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    return %n1 : tensor<?x?x64xf32>
  }
}
