// Layers of stacks, and loops over them.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @read(%w: tensor<3x2x4xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %0 = xf.stack_read %w[%c0] : tensor<3x2x4xf32> -> tensor<2x4xf32>
  %1 = xf.stack_read %w[%c2] : tensor<3x2x4xf32> -> tensor<2x4xf32>
  %2 = xf.elementwise mul %0, %1 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return %1, %2 : tensor<2x4xf32>, tensor<2x4xf32>
}

// What is written over has no gradient there; what is written has none elsewhere.
func.func @write(%w: tensor<3x4xf32>, %x: tensor<4xf32>) -> (tensor<3x4xf32>, tensor<3x4xf32>) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %0 = xf.stack_write %x into %w[%c1] : tensor<4xf32> into tensor<3x4xf32>
  %y = xf.stack_read %0[%c1] : tensor<3x4xf32> -> tensor<4xf32>
  %q = xf.elementwise mul %y, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = xf.stack_write %q into %0[%c2] : tensor<4xf32> into tensor<3x4xf32>
  return %0, %1 : tensor<3x4xf32>, tensor<3x4xf32>
}

func.func @fill(%x: tensor<4xf32>) -> tensor<2x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = xf.stack_empty 2 of %x : (tensor<4xf32>) -> tensor<2x4xf32>
  %0 = xf.stack_write %x into %e[%c0] : tensor<4xf32> into tensor<2x4xf32>
  %y = xf.unary exp %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = xf.stack_write %y into %0[%c1] : tensor<4xf32> into tensor<2x4xf32>
  return %1 : tensor<2x4xf32>
}
