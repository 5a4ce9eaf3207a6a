// RUN: ph-opt %s --xf-propagate-layout --verify-values --remark-policy=all --remarks-filter=xf-propagate-layout 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: FileCheck %s --check-prefix=WHERE --input-file=%t.remarks

// Heads are split, scaled and joined: the layout cancels.
// CHECK-LABEL: @out_and_back
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>)
// CHECK-DAG: %[[C:.*]] = arith.constant dense<2.000000e+00> : tensor<f32>
// CHECK-DAG: %[[E:.*]] = xf.unary exp %[[X]]
// CHECK: %[[Y:.*]] = xf.elementwise mul %[[E]], %[[C]]
// CHECK-NEXT: return %[[Y]]
func.func @out_and_back(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %c = arith.constant dense<2.0> : tensor<1x1x1x16xf32>
  %a = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %b = xf.transpose %a [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.unary {{.*}}"it comes before what moved its operand"
  %e = xf.unary exp %b : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %m = xf.elementwise mul %e, %c : (tensor<?x4x?x16xf32>, tensor<1x1x1x16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %m [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: @both_sides
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xf32>, %[[Y:.*]]: tensor<2x3xf32>)
// CHECK-NEXT: %[[S:.*]] = xf.elementwise add %[[X]], %[[Y]]
// CHECK-NEXT: return %[[S]]
func.func @both_sides(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %a = xf.transpose %x [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %b = xf.transpose %y [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.elementwise {{.*}}"it comes before what moved its operands"
  %s = xf.elementwise add %a, %b : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  %t = xf.transpose %s [1, 0] : (tensor<3x2xf32>) -> tensor<2x3xf32>
  return %t : tensor<2x3xf32>
}

// The number stays on its side.
// CHECK-LABEL: @number_on_the_left
// CHECK: %[[C:.*]] = arith.constant dense<1.000000e+00> : tensor<f32>
// CHECK: xf.elementwise sub %[[C]], %{{.*}} : (tensor<f32>, tensor<2x3xf32>)
func.func @number_on_the_left(%x: tensor<2x3xf32>) -> tensor<6xf32> {
  %one = arith.constant dense<1.0> : tensor<1xf32>
  %a = xf.reshape %x [6] : (tensor<2x3xf32>) -> tensor<6xf32>
  %y = xf.elementwise sub %one, %a : (tensor<1xf32>, tensor<6xf32>) -> tensor<6xf32>
  return %y : tensor<6xf32>
}

// Keys that are transposed for the product, with their heads or alone.
// CHECK-LABEL: @keys
// CHECK-SAME: (%[[Q:.*]]: tensor<?x4x?x16xf32>, %[[K:.*]]: tensor<?x4x?x16xf32>, %[[L:.*]]: tensor<?x?x4x16xf32>)
// CHECK-DAG: xf.matmul %[[Q]], %[[K]] transpose_b
// CHECK-DAG: %[[T:.*]] = xf.transpose %[[L]] [0, 2, 1, 3]
// CHECK-DAG: xf.matmul %[[Q]], %[[T]] transpose_b
func.func @keys(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %l: tensor<?x?x4x16xf32>) -> (tensor<?x4x?x?xf32>, tensor<?x4x?x?xf32>) {
  %kt = xf.transpose %k [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %lt = xf.transpose %l [0, 2, 3, 1] : (tensor<?x?x4x16xf32>) -> tensor<?x4x16x?xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.matmul {{.*}}"it reads its right side transposed"
  %a = xf.matmul %q, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %b = xf.matmul %q, %lt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  return %a, %b : tensor<?x4x?x?xf32>, tensor<?x4x?x?xf32>
}

// GPT-2's Conv1D: rows are folded for the product and unfolded after it.
// CHECK-LABEL: @rows
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>, %[[W:.*]]: tensor<64x32xf32>, %[[B:.*]]: tensor<32xf32>)
// CHECK-NEXT: %[[P:.*]] = xf.matmul %[[X]], %[[W]] : (tensor<?x?x64xf32>, tensor<64x32xf32>) -> tensor<?x?x32xf32>
// CHECK-NEXT: %[[Y:.*]] = xf.elementwise add %[[P]], %[[B]]
// CHECK-NEXT: return %[[Y]]
func.func @rows(%x: tensor<?x?x64xf32>, %w: tensor<64x32xf32>, %bias: tensor<32xf32>) -> tensor<?x?x32xf32> {
  %batch = xf.dim %x axis = 0 : (tensor<?x?x64xf32>) -> index
  %sequence = xf.dim %x axis = 1 : (tensor<?x?x64xf32>) -> index
  %a = xf.reshape %x [-1, 64] : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.matmul {{.*}}"its rows needn't be folded"
  %b = xf.matmul %a, %w : (tensor<?x64xf32>, tensor<64x32xf32>) -> tensor<?x32xf32>
  %c = xf.elementwise add %b, %bias : (tensor<?x32xf32>, tensor<32xf32>) -> tensor<?x32xf32>
  %y = xf.reshape %c [%batch, %sequence, 32] : (tensor<?x32xf32>, index, index) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// Bloom: batch and heads are merged for the products.
// CHECK-LABEL: @merged
// CHECK-SAME: (%[[Q:.*]]: tensor<?x4x?x16xf32>)
// CHECK-NEXT: %[[K:.*]] = xf.unary exp %[[Q]]
// CHECK-NEXT: %[[S:.*]] = xf.matmul %[[Q]], %[[K]] transpose_b : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x?xf32>
// CHECK-NEXT: %[[P:.*]] = xf.softmax %[[S]] axis = 3
// CHECK-NEXT: return %[[P]]
func.func @merged(%q: tensor<?x4x?x16xf32>) -> tensor<?x4x?x?xf32> {
  %k = xf.unary exp %q : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %batch = xf.dim %q axis = 0 : (tensor<?x4x?x16xf32>) -> index
  %rows = xf.dim %q axis = 2 : (tensor<?x4x?x16xf32>) -> index
  %keys = xf.dim %k axis = 2 : (tensor<?x4x?x16xf32>) -> index
  %a = xf.reshape %q [-1, %rows, 16] : (tensor<?x4x?x16xf32>, index) -> tensor<?x?x16xf32>
  %b = xf.reshape %k [-1, %keys, 16] : (tensor<?x4x?x16xf32>, index) -> tensor<?x?x16xf32>
  %bt = xf.transpose %b [0, 2, 1] : (tensor<?x?x16xf32>) -> tensor<?x16x?xf32>
  %s = xf.matmul %a, %bt : (tensor<?x?x16xf32>, tensor<?x16x?xf32>) -> tensor<?x?x?xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.softmax {{.*}}"batches needn't be merged for it"
  %p = xf.softmax %s axis = 2 : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %y = xf.reshape %p [%batch, 4, %rows, %keys] : (tensor<?x?x?xf32>, index, index, index) -> tensor<?x4x?x?xf32>
  return %y : tensor<?x4x?x?xf32>
}

// CHECK-LABEL: @differently
// CHECK: xf.elementwise
// CHECK-NEXT: return
// REMARK-DAG: the operands are moved differently
func.func @differently(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  %a = xf.transpose %x [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %c = xf.reshape %x [3, 2] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %s = xf.elementwise add %a, %c : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  return %s : tensor<3x2xf32>
}

// The heads move away from a vector along the features.
// CHECK-LABEL: @vector_that_moves
// CHECK: xf.reshape
// CHECK-NEXT: xf.elementwise
// CHECK-NEXT: return
func.func @vector_that_moves(%x: tensor<?x64xf32>, %y: tensor<16xf32>) -> tensor<?x4x16xf32> {
  %a = xf.reshape %x [0, 4, 16] : (tensor<?x64xf32>) -> tensor<?x4x16xf32>
  %s = xf.elementwise add %a, %y : (tensor<?x4x16xf32>, tensor<16xf32>) -> tensor<?x4x16xf32>
  return %s : tensor<?x4x16xf32>
}

// As many elements in shapes that only look the same.
// CHECK-LABEL: @only_alike
// CHECK: xf.reshape
// CHECK: xf.reshape
// CHECK: xf.elementwise
// CHECK-NEXT: return
// REMARK-DAG: the operands are of different shapes before they are moved
func.func @only_alike(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?xf32> {
  %a = xf.reshape %x [-1] : (tensor<?x?xf32>) -> tensor<?xf32>
  %b = xf.reshape %y [-1] : (tensor<?x?xf32>) -> tensor<?xf32>
  %s = xf.elementwise add %a, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %s : tensor<?xf32>
}

// CHECK-LABEL: @only_one
// CHECK: xf.transpose
// CHECK-NEXT: xf.elementwise
// REMARK-DAG: only one operand is moved
func.func @only_one(%x: tensor<2x3xf32>, %y: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %a = xf.transpose %x [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %s = xf.elementwise add %a, %y : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  return %s : tensor<3x2xf32>
}

// A norm between rows that are folded and come apart again.
// CHECK-LABEL: @folded_norm
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>)
// CHECK: %[[Y:.*]] = xf.layer_norm %[[X]] eps = 1.000000e-05 : (tensor<?x?x64xf32>)
// CHECK-NEXT: return %[[Y]]
func.func @folded_norm(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %m = xf.dim %x axis = 0 : (tensor<?x?x64xf32>) -> index
  %n = xf.dim %x axis = 1 : (tensor<?x?x64xf32>) -> index
  %r = xf.reshape %x [-1, 64] : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
  %l = xf.layer_norm %r eps = 1.0e-5 : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %y = xf.reshape %l [%m, %n, 64] : (tensor<?x64xf32>, index, index) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// REMARK-DAG: the features are not those of folded rows
// CHECK-LABEL: @norm_of_heads
// CHECK: xf.reshape
// CHECK: xf.rms_norm {{.*}} : (tensor<?x4x16xf32>)
func.func @norm_of_heads(%x: tensor<?x64xf32>) -> tensor<?x4x16xf32> {
  %r = xf.reshape %x [0, 4, 16] : (tensor<?x64xf32>) -> tensor<?x4x16xf32>
  %y = xf.rms_norm %r eps = 1.0e-5 : (tensor<?x4x16xf32>) -> tensor<?x4x16xf32>
  return %y : tensor<?x4x16xf32>
}

// CHECK-LABEL: @forgotten_size
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>, %[[W:.*]]: tensor<64x32xf32>)
// CHECK-NEXT: %[[Y:.*]] = xf.matmul %[[X]], %[[W]]
// CHECK-NEXT: return %[[Y]]
func.func @forgotten_size(%x: tensor<?x?x64xf32>, %w: tensor<64x32xf32>) -> tensor<?x?x32xf32> {
  %n = xf.dim %x axis = 2 : (tensor<?x?x64xf32>) -> index
  %r = xf.reshape %x [0, 0, %n] : (tensor<?x?x64xf32>, index) -> tensor<?x?x?xf32>
  %y = xf.matmul %r, %w : (tensor<?x?x?xf32>, tensor<64x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// Falcon: heads of queries, and of one key, of features that were split into heads.
// CHECK-LABEL: @parts_of_heads
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x96xf32>)
// CHECK-DAG: %[[Q:.*]] = xf.slice %[[X]] axis = 2 [0, 64]
// CHECK-DAG: %[[K:.*]] = xf.slice %[[X]] axis = 2 [64, 80]
// CHECK-DAG: xf.reshape %[[Q]] [0, 0, 4, 16]
// CHECK-DAG: xf.reshape %[[K]] [0, 0, 1, 16]
// REMARK-DAG: features are cut before they are split
func.func @parts_of_heads(%x: tensor<?x?x96xf32>) -> (tensor<?x?x4x16xf32>, tensor<?x?x1x16xf32>) {
  %four = arith.constant dense<4> : tensor<1xi32>
  %h = xf.reshape %x [0, 0, 6, 16] : (tensor<?x?x96xf32>) -> tensor<?x?x6x16xf32>
  %q = xf.slice %h axis = 2 [0, -2] : (tensor<?x?x6x16xf32>) -> tensor<?x?x4x16xf32>
  %k = xf.gather %h, %four axis = 2 : (tensor<?x?x6x16xf32>, tensor<1xi32>) -> tensor<?x?x1x16xf32>
  return %q, %k : tensor<?x?x4x16xf32>, tensor<?x?x1x16xf32>
}

// Bloom: queries, keys and values of each head.
// CHECK-LABEL: @parts_of_each_head
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x192xf32>)
// CHECK: %[[H:.*]] = xf.reshape %[[X]] [0, 0, 4, 48]
// CHECK: %[[K:.*]] = xf.slice %[[H]] axis = 3 [16, 32]
// CHECK: return %[[K]]
func.func @parts_of_each_head(%x: tensor<?x?x192xf32>) -> tensor<?x?x4x16xf32> {
  %one = arith.constant dense<1> : tensor<i32>
  %h = xf.reshape %x [0, 0, 4, 3, 16] : (tensor<?x?x192xf32>) -> tensor<?x?x4x3x16xf32>
  %k = xf.gather %h, %one axis = 3 : (tensor<?x?x4x3x16xf32>, tensor<i32>) -> tensor<?x?x4x16xf32>
  return %k : tensor<?x?x4x16xf32>
}

// REMARK-DAG: the numbers don't count on
// CHECK-LABEL: @in_turns
// CHECK: xf.gather
func.func @in_turns(%x: tensor<?x6x16xf32>) -> tensor<?x2x16xf32> {
  %every = arith.constant dense<[0, 2]> : tensor<2xi32>
  %y = xf.gather %x, %every axis = 1 : (tensor<?x6x16xf32>, tensor<2xi32>) -> tensor<?x2x16xf32>
  return %y : tensor<?x2x16xf32>
}

// A table, all of whose rows are picked, is added to each sequence.
// CHECK-LABEL: @whole_table
// CHECK-SAME: (%[[X:.*]]: tensor<?x4x16xf32>, %[[W:.*]]: tensor<4x16xf32>)
// CHECK-NEXT: %[[Y:.*]] = xf.elementwise add %[[X]], %[[W]]
// CHECK-NEXT: return %[[Y]]
func.func @whole_table(%x: tensor<?x4x16xf32>, %w: tensor<4x16xf32>) -> tensor<?x4x16xf32> {
  %all = arith.constant dense<[[0, 1, 2, 3]]> : tensor<1x4xi32>
  %r = xf.gather %w, %all axis = 0 : (tensor<4x16xf32>, tensor<1x4xi32>) -> tensor<1x4x16xf32>
  %y = xf.elementwise add %x, %r : (tensor<?x4x16xf32>, tensor<1x4x16xf32>) -> tensor<?x4x16xf32>
  return %y : tensor<?x4x16xf32>
}

// What is added to scores of merged batches and heads, for each of them.
// CHECK-LABEL: @merged_sum
// CHECK-SAME: (%[[X:.*]]: tensor<?x4x?x?xf32>, %[[B:.*]]: tensor<4x1x1xf32>)
// CHECK: %[[A:.*]] = xf.broadcast %[[B]] [%{{.*}}, 4, 1, %{{.*}}]
// CHECK: %[[Y:.*]] = xf.elementwise add %[[X]], %[[A]] : (tensor<?x4x?x?xf32>, tensor<?x4x1x?xf32>)
// CHECK: return %[[Y]]
func.func @merged_sum(%x: tensor<?x4x?x?xf32>, %b: tensor<4x1x1xf32>) -> tensor<?x4x?x?xf32> {
  %four = arith.constant 4 : index
  %n = xf.dim %x axis = 0 : (tensor<?x4x?x?xf32>) -> index
  %q = xf.dim %x axis = 2 : (tensor<?x4x?x?xf32>) -> index
  %k = xf.dim %x axis = 3 : (tensor<?x4x?x?xf32>) -> index
  %m = xf.reshape %x [-1, %q, %k] : (tensor<?x4x?x?xf32>, index, index) -> tensor<?x?x?xf32>
  %each = xf.broadcast %b [%n, 4, 1, %k] : (tensor<4x1x1xf32>, index, index) -> tensor<?x4x1x?xf32>
  %all = arith.muli %n, %four : index
  %six = xf.reshape %each [%n, 1, 4, 1, 1, %k] : (tensor<?x4x1x?xf32>, index, index) -> tensor<?x1x4x1x1x?xf32>
  %flat = xf.reshape %six [%all, 1, %k] : (tensor<?x1x4x1x1x?xf32>, index, index) -> tensor<?x1x?xf32>
  %s = xf.elementwise add %m, %flat : (tensor<?x?x?xf32>, tensor<?x1x?xf32>) -> tensor<?x?x?xf32>
  %y = xf.reshape %s [%n, 4, %q, %k] : (tensor<?x?x?xf32>, index, index, index) -> tensor<?x4x?x?xf32>
  return %y : tensor<?x4x?x?xf32>
}

// REMARK-DAG: what is added is not known to be of as many batches
// CHECK-LABEL: @perhaps_of_one_batch
// CHECK: xf.elementwise add %{{.*}} : (tensor<?x?x?xf32>, tensor<?x1x?xf32>)
func.func @perhaps_of_one_batch(%x: tensor<?x4x?x?xf32>, %b: tensor<?x1x?xf32>) -> tensor<?x?x?xf32> {
  %q = xf.dim %x axis = 2 : (tensor<?x4x?x?xf32>) -> index
  %k = xf.dim %x axis = 3 : (tensor<?x4x?x?xf32>) -> index
  %m = xf.reshape %x [-1, %q, %k] : (tensor<?x4x?x?xf32>, index, index) -> tensor<?x?x?xf32>
  %s = xf.elementwise add %m, %b : (tensor<?x?x?xf32>, tensor<?x1x?xf32>) -> tensor<?x?x?xf32>
  return %s : tensor<?x?x?xf32>
}
