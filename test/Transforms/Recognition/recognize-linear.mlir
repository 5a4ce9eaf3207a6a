// RUN: ph-opt %s --xf-recognize-linear --verify-values --remark-policy=all --remarks-filter=xf-recognize-linear --split-input-file 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: FileCheck %s --check-prefix=WHERE --input-file=%t.remarks

// Exporters store matrices [K, N]: the weight is read transposed.
// CHECK-LABEL: module @weights
// CHECK-DAG: xf.weight @w_transposed : tensor<32x64xf32> sources [#xf.source<"onnx::MatMul_7", transposed>]
// CHECK-DAG: xf.weight @v_transposed : tensor<64x32xf32> sources [#xf.source<"v", transposed>]
// CHECK-NOT: xf.weight @w :
// CHECK-NOT: xf.weight @v :
// CHECK-LABEL: func.func @mlp
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>)
// CHECK-DAG: %[[B:.*]] = xf.load_weight @b
// CHECK-DAG: %[[W:.*]] = xf.load_weight @w_transposed
// CHECK-DAG: %[[V:.*]] = xf.load_weight @v_transposed
// CHECK: %[[P:.*]] = xf.linear %[[X]], %[[W]] bias %[[B]] : (tensor<?x?x64xf32>, tensor<32x64xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
// CHECK: %[[Q:.*]] = xf.linear %[[P]], %[[V]] : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
// CHECK: %[[S:.*]] = xf.add %[[X]], %[[Q]]
// CHECK: return %[[S]]
module @weights {
  xf.weight @w : tensor<64x32xf32> sources [#xf.source<"onnx::MatMul_7">]
  xf.weight @v : tensor<32x64xf32>
  xf.weight @b : tensor<32xf32>
  func.func @mlp(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
    // WHERE-DAG: :[[#@LINE+1]]:10: remark: [Passed] xf.load_weight {{.*}}"the weight @w is read transposed"
    %w = xf.load_weight @w : tensor<64x32xf32>
    %v = xf.load_weight @v : tensor<32x64xf32>
    %b = xf.load_weight @b : tensor<32xf32>
    %p = xf.matmul %x, %w : (tensor<?x?x64xf32>, tensor<64x32xf32>) -> tensor<?x?x32xf32>
    // WHERE-DAG: :[[#@LINE+1]]:10: remark: [Passed] xf.linear {{.*}}"a vector is its bias"
    %y = xf.elementwise add %b, %p : (tensor<32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    %q = xf.matmul %y, %v : (tensor<?x?x32xf32>, tensor<32x64xf32>) -> tensor<?x?x64xf32>
    // WHERE-DAG: :[[#@LINE+1]]:10: remark: [Passed] xf.add {{.*}}"the sum of two activations of one shape"
    %s = xf.elementwise add %x, %q : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    return %s : tensor<?x?x64xf32>
  }
}

// -----

// CHECK-LABEL: @transpose_b
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[W:.*]]: tensor<32x64xf32>)
// CHECK-NEXT: %[[Y:.*]] = xf.linear %[[X]], %[[W]]
// CHECK-NEXT: return %[[Y]]
func.func @transpose_b(%x: tensor<?x64xf32>, %w: tensor<32x64xf32>) -> tensor<?x32xf32> {
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.linear {{.*}}"one matrix for all rows"
  %y = xf.matmul %x, %w transpose_b : (tensor<?x64xf32>, tensor<32x64xf32>) -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}

// -----

// Sums of tensors that may be of different sizes at run time broadcast; scores are products of two activations.
// CHECK-LABEL: @others
// CHECK: xf.matmul
// CHECK: xf.elementwise add
func.func @others(%x: tensor<?x?x64xf32>, %y: tensor<?x?x64xf32>) -> (tensor<?x?x?xf32>, tensor<?x?x64xf32>) {
  %p = xf.matmul %x, %y transpose_b : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x?xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Missed] xf.elementwise {{.*}}"an operand may be broadcast"
  %s = xf.elementwise add %x, %y : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %p, %s : tensor<?x?x?xf32>, tensor<?x?x64xf32>
}

// -----

// CHECK-LABEL: @dynamic
// CHECK: xf.matmul
// REMARK: the matrix is of no static shape
func.func @dynamic(%x: tensor<?x64xf32>, %w: tensor<?x64xf32>) -> tensor<?x?xf32> {
  %y = xf.matmul %x, %w transpose_b : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// -----

// CHECK-LABEL: @without_bias_too
// CHECK: %[[P:.*]] = xf.linear
// CHECK: xf.elementwise add %[[P]]
// REMARK: the product is used without its bias too
func.func @without_bias_too(%x: tensor<?x64xf32>, %w: tensor<32x64xf32>, %b: tensor<32xf32>) -> (tensor<?x32xf32>, tensor<?x32xf32>) {
  %p = xf.matmul %x, %w transpose_b : (tensor<?x64xf32>, tensor<32x64xf32>) -> tensor<?x32xf32>
  %y = xf.elementwise add %p, %b : (tensor<?x32xf32>, tensor<32xf32>) -> tensor<?x32xf32>
  return %p, %y : tensor<?x32xf32>, tensor<?x32xf32>
}
