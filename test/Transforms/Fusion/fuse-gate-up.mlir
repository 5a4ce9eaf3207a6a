// RUN: ph-opt %s --xf-fuse-gate-up --remark-policy=all --remarks-filter=xf-fuse-gate-up 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
//
// RUN: ph-opt %s --verify-values --xf-fuse-gate-up -o %t.mlir 2>&1 | FileCheck %s --check-prefix=VALUES
// VALUES: {{[1-9][0-9]*}} comparisons, 0 differences

// CHECK-LABEL: func.func @fires
// CHECK-NEXT: %[[Y:.*]] = xf.gated_linear gelu_tanh %arg0, %arg1, %arg2
// CHECK-NEXT: return %[[Y]]
func.func @fires(%x: tensor<?x?x32xf32>, %wg: tensor<64x32xf32, #xf.format<q4_1>>, %wu: tensor<64x32xf32, #xf.format<q4_1>>) -> tensor<?x?x64xf32> {
  %u = xf.linear %x, %wu : (tensor<?x?x32xf32>, tensor<64x32xf32, #xf.format<q4_1>>) -> tensor<?x?x64xf32>
  %g = xf.linear %x, %wg : (tensor<?x?x32xf32>, tensor<64x32xf32, #xf.format<q4_1>>) -> tensor<?x?x64xf32>
  %y = xf.gated_activation gelu_tanh %g, %u : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @other_use
// CHECK-NOT: xf.gated_linear
// CHECK: return
// REMARK: gate or up is used elsewhere too
func.func @other_use(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %g = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %u = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.gated_activation silu %g, %u : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y, %g : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @same
// CHECK-NOT: xf.gated_linear
// CHECK: return
// REMARK: gate or up is used elsewhere too
func.func @same(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>) -> tensor<?x?x64xf32> {
  %g = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.gated_activation silu %g, %g : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Biases of one or both, loaded after their products' matrices.
// CHECK-LABEL: func.func @bias
// CHECK-NEXT: %[[Y:.*]] = xf.gated_linear silu %arg0, %arg1, %arg1 up_bias %arg2 :
// CHECK-NEXT: %[[Z:.*]] = xf.gated_linear silu %[[Y]], %arg1, %arg1 gate_bias %arg2 up_bias %arg3 :
// CHECK-NEXT: return %[[Z]]
// REMARK: [Passed] xf.gated_linear {{.*}}"gate, up and activation are one op"
func.func @bias(%x: tensor<?x?x32xf32>, %w: tensor<32x32xf32>, %b: tensor<32xf32>, %c: tensor<32xf32>) -> tensor<?x?x32xf32> {
  %g = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %u = xf.linear %x, %w bias %b : (tensor<?x?x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
  %y = xf.gated_activation silu %g, %u : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  %h = xf.linear %y, %w bias %b : (tensor<?x?x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
  %v = xf.linear %y, %w bias %c : (tensor<?x?x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
  %z = xf.gated_activation silu %h, %v : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %z : tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @activated
// CHECK-NOT: xf.gated_linear
// CHECK: return
// REMARK: gate or up has an activation or a residual
func.func @activated(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>) -> tensor<?x?x64xf32> {
  %g = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %u = xf.linear %x, %w activation = tanh : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.gated_activation silu %g, %u : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @limited
// CHECK-NOT: xf.gated_linear
// CHECK: return
// REMARK: the activation has a limit or an offset
func.func @limited(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>) -> tensor<?x?x64xf32> {
  %g = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %u = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.gated_activation silu %g, %u up_offset = 1.0 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @two_inputs
// CHECK-NOT: xf.gated_linear
// CHECK: return
// REMARK: gate and up have different inputs
func.func @two_inputs(%x: tensor<?x?x32xf32>, %z: tensor<?x?x32xf32>, %w: tensor<64x32xf32>) -> tensor<?x?x64xf32> {
  %g = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %u = xf.linear %z, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.gated_activation silu %g, %u : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @two_formats
// CHECK-NOT: xf.gated_linear
// CHECK: return
// REMARK: the weights of gate and up have different formats
func.func @two_formats(%x: tensor<?x?x32xf32>, %wg: tensor<64x32xf32>, %wu: tensor<64x32xf32, #xf.format<q8_0>>) -> tensor<?x?x64xf32> {
  %g = xf.linear %x, %wg : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %u = xf.linear %x, %wu : (tensor<?x?x32xf32>, tensor<64x32xf32, #xf.format<q8_0>>) -> tensor<?x?x64xf32>
  %y = xf.gated_activation silu %g, %u : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @outside
// CHECK: xf.repeat
// CHECK-NOT: xf.gated_linear
// CHECK: xf.yield
// REMARK: gate or up is made outside the loop
func.func @outside(%x: tensor<?x?x32xf32>, %w: tensor<32x32xf32>) -> tensor<?x?x32xf32> {
  %g = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %u = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %y = xf.repeat %layer = 4 iter(%h = %x) : tensor<?x?x32xf32> {
    %a = xf.gated_activation silu %g, %u : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    %s = xf.add %h, %a : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    xf.yield %s : tensor<?x?x32xf32>
  }
  return %y : tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @encoded
// CHECK-NOT: xf.gated_linear
// CHECK: return
// REMARK: gate or up is encoded
func.func @encoded(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>) -> tensor<?x?x64xf32> {
  %g = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32, #xf.format<f16>>
  %u = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.gated_activation silu %g, %u : (tensor<?x?x64xf32, #xf.format<f16>>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}
