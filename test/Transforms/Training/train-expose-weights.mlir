// Weights become arguments that are the checkpoint's tensors, and what was done to these when they were read becomes ops.
//
// RUN: ph-opt %s --train-expose-weights=match=^layers --remark-policy=all --remarks-filter=train-expose-weights -o %t.mlir 2>%t.remarks
// RUN: FileCheck %s --input-file=%t.mlir && FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: not ph-opt %s --train-expose-weights='match=(' 2>&1 | FileCheck %s --check-prefix=WRONG

// WRONG: error: train-expose-weights expects a regular expression, but got '('

// REMARK-DAG: its tensors are not asked for
// REMARK-DAG: another tensor scales its columns
// REMARK-DAG: its weight names no tensors
// REMARK-DAG: it is made of arguments

xf.weight @q : tensor<2x8x4xf32> stacked sources [#xf.source<"layers.{layer}.q", rope_halves<2>>]
xf.weight @k : tensor<2x4x4xf32> stacked sources [#xf.source<"layers.{layer}.fused", rows = 4, from = 4, of = 12, transposed>]
xf.weight @v : tensor<2x4x4xf32> stacked sources [#xf.source<"layers.{layer}.fused", rows = 4, from = 8, of = 12, transposed>]
xf.weight @up : tensor<2x3x6x4xf32> stacked sources [#xf.source<"layers.{layer}.experts.{expert}.up">]
xf.weight @gate : tensor<2x3x6x4xf32> stacked sources [#xf.source<"layers.{layer}.gate_up", interleaved<1, 2>>]
xf.weight @normed : tensor<8x4xf32> sources [#xf.source<"layers.normed", columns = "norm">]
xf.weight @table : tensor<8x4xf32> sources [#xf.source<"table">]
xf.weight @own : tensor<4xf32>

// The two parts of one tensor share its argument; experts are stacked behind layers.
// CHECK-LABEL: func.func @forward
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<2x8x4xf32> {train.rank = 2 : i64, train.tensors = ["layers.0.q", "layers.1.q"], xf.name = "layers.{layer}.q"}
// CHECK-SAME: %[[FUSED:[a-z0-9]+]]: tensor<2x4x12xf32> {train.rank = 2 : i64, train.tensors = ["layers.0.fused", "layers.1.fused"], xf.name = "layers.{layer}.fused"}
// CHECK-SAME: %[[UP:[a-z0-9]+]]: tensor<2x3x6x4xf32> {train.rank = 2 : i64, train.tensors = ["layers.0.experts.0.up", "layers.0.experts.1.up", "layers.0.experts.2.up", "layers.1.experts.0.up"
// CHECK-SAME: %[[GATE:[a-z0-9]+]]: tensor<2x3x12x4xf32> {train.rank = 3 : i64
func.func @forward(%layer: index) -> (tensor<8x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<3x6x4xf32>, tensor<3x6x4xf32>,
                                      tensor<8x4xf32>, tensor<8x4xf32>, tensor<4xf32>) {
  // Pairs of rows apart: first all of even numbers in each head.
  // CHECK: xf.stack_read %[[Q]][%{{.*}}]
  // CHECK-NEXT: xf.reshape %{{.*}} [2, 2, 2, 4]
  // CHECK-NEXT: xf.transpose %{{.*}} [0, 2, 1, 3]
  // CHECK-NEXT: xf.reshape %{{.*}} [8, 4]
  %q = xf.load_weight @q[%layer] : tensor<8x4xf32>
  // CHECK: xf.stack_read %[[FUSED]]
  // CHECK-NEXT: xf.transpose
  // CHECK-NEXT: xf.slice %{{.*}} axis = 0 [4, 8]
  %k = xf.load_weight @k[%layer] : tensor<4x4xf32>
  // CHECK: xf.stack_read %[[FUSED]]
  // CHECK: xf.slice %{{.*}} axis = 0 [8, 12]
  %v = xf.load_weight @v[%layer] : tensor<4x4xf32>
  // CHECK: xf.stack_read %[[UP]]
  %up = xf.load_weight @up[%layer] : tensor<3x6x4xf32>
  // CHECK: xf.stack_read %[[GATE]]
  // CHECK-NEXT: xf.reshape %{{.*}} [3, 6, 2, 4]
  // CHECK-NEXT: xf.slice %{{.*}} axis = 2 [1, 2]
  %gate = xf.load_weight @gate[%layer] : tensor<3x6x4xf32>
  // CHECK: xf.load_weight @normed
  %normed = xf.load_weight @normed : tensor<8x4xf32>
  // CHECK: xf.load_weight @table
  %table = xf.load_weight @table : tensor<8x4xf32>
  // CHECK: xf.load_weight @own
  %own = xf.load_weight @own : tensor<4xf32>
  return %q, %k, %v, %up, %gate, %normed, %table, %own
    : tensor<8x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>, tensor<3x6x4xf32>, tensor<3x6x4xf32>, tensor<8x4xf32>, tensor<8x4xf32>, tensor<4xf32>
}
