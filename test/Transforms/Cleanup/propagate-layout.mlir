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
// REMARK: the operands are moved differently
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
// REMARK: the operands are of different shapes before they are moved
func.func @only_alike(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?xf32> {
  %a = xf.reshape %x [-1] : (tensor<?x?xf32>) -> tensor<?xf32>
  %b = xf.reshape %y [-1] : (tensor<?x?xf32>) -> tensor<?xf32>
  %s = xf.elementwise add %a, %b : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %s : tensor<?xf32>
}

// CHECK-LABEL: @only_one
// CHECK: xf.transpose
// CHECK-NEXT: xf.elementwise
// REMARK: only one operand is moved
func.func @only_one(%x: tensor<2x3xf32>, %y: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %a = xf.transpose %x [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %s = xf.elementwise add %a, %y : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  return %s : tensor<3x2xf32>
}
