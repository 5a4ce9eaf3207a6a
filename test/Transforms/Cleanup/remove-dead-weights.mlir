// RUN: split-file %s %t
// RUN: ph-opt %t/dead.mlir --xf-remove-dead-weights --remark-policy=all --remarks-filter=xf-remove-dead-weights 2>%t.remarks | FileCheck %t/dead.mlir
// RUN: FileCheck %t/dead.mlir --check-prefix=REMARK --input-file=%t.remarks
// RUN: ph-opt %t/unknown.mlir --allow-unregistered-dialect --xf-remove-dead-weights --remark-policy=all --remarks-filter=xf-remove-dead-weights 2>%t.remarks \
// RUN:   | FileCheck %t/unknown.mlir
// RUN: FileCheck %t/unknown.mlir --check-prefix=REMARK --input-file=%t.remarks
//
// RUN: ph-opt %t/dead.mlir --verify-values --xf-remove-dead-weights -o %t.mlir 2>&1 | FileCheck %s --check-prefix=VALUES
// VALUES: {{[1-9][0-9]*}} comparisons, 0 differences

//--- dead.mlir

// CHECK-NOT: @dead
// CHECK: xf.weight @used
// CHECK-NOT: @dead
// CHECK: xf.weight @by_helper
// CHECK-NOT: @dead
// CHECK: func.func private @helper
// CHECK-NOT: @dead
// CHECK: func.func private @declared
// CHECK: func.func @forward
// CHECK-NOT: @dead
// CHECK: call @helper
// CHECK: func.func @other
// CHECK-NOT: @dead
//
// REMARK: nothing calls @dead_caller
// REMARK: nothing calls @dead_callee
// REMARK: nothing loads @dead_unused
// REMARK: nothing loads @dead_loaded
// REMARK: nothing loads @dead_by_callee
xf.weight @dead_unused : tensor<32xf32>
xf.weight @used : tensor<32xf32>
xf.weight @dead_loaded : tensor<32xf32>
xf.weight @by_helper : tensor<32xf32>
xf.weight @dead_by_callee : tensor<32xf32>
func.func private @helper(%x: tensor<2x32xf32>) -> tensor<2x32xf32> {
  %w = xf.load_weight @by_helper : tensor<32xf32>
  %y = xf.rms_norm %x, %w eps = 1.0e-5 : (tensor<2x32xf32>, tensor<32xf32>) -> tensor<2x32xf32>
  return %y : tensor<2x32xf32>
}
// It calls itself too, which is no reason to keep it.
func.func private @dead_caller(%x: tensor<2x32xf32>) -> tensor<2x32xf32> {
  %y = call @dead_caller(%x) : (tensor<2x32xf32>) -> tensor<2x32xf32>
  %z = call @dead_callee(%y) : (tensor<2x32xf32>) -> tensor<2x32xf32>
  return %z : tensor<2x32xf32>
}
func.func private @dead_callee(%x: tensor<2x32xf32>) -> tensor<2x32xf32> {
  %w = xf.load_weight @dead_by_callee : tensor<32xf32>
  %y = xf.rms_norm %x, %w eps = 1.0e-5 : (tensor<2x32xf32>, tensor<32xf32>) -> tensor<2x32xf32>
  return %y : tensor<2x32xf32>
}
func.func private @declared(tensor<2x32xf32>)
func.func @forward(%x: tensor<2x32xf32>) -> tensor<2x32xf32> {
  %dead = xf.load_weight @dead_loaded : tensor<32xf32>
  %w = xf.load_weight @used : tensor<32xf32>
  %y = xf.rms_norm %x, %w eps = 1.0e-5 : (tensor<2x32xf32>, tensor<32xf32>) -> tensor<2x32xf32>
  %z = call @helper(%y) : (tensor<2x32xf32>) -> tensor<2x32xf32>
  return %z : tensor<2x32xf32>
}
func.func @other(%x: tensor<2x32xf32>) {
  call @declared(%x) : (tensor<2x32xf32>) -> ()
  return
}

//--- unknown.mlir

// CHECK: xf.weight @kept
// REMARK: an op of an unknown dialect may use any symbol
xf.weight @kept : tensor<32xf32>
"unknown.op"() ({}) : () -> ()
