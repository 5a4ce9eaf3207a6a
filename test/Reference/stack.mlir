// The values of stacks and of derivatives of products, against what is computed by hand.
// RUN: ph-opt %s --run=stacks | FileCheck %s --check-prefix=STACK
// RUN: ph-opt %s --run=products | FileCheck %s --check-prefix=PRODUCT
// RUN: ph-opt %s --verify-values=1 --verify-reproducer= --convert-transformer-to-linalg -o /dev/null 2>&1 | FileCheck %s --check-prefix=LOWERED
// RUN: not ph-opt %s --run=beyond 2>&1 | FileCheck %s --check-prefix=BEYOND

// LOWERED: 0 differences

// What is written over a layer is there, and the other layer is as it was; the stack itself is unchanged.
// STACK: changed: [2, 2] = 1 2 5 6
// STACK: layer: [2] = 3 4
// STACK: room: [3, 2] = 0 0 0 0 5 6
func.func @stacks() -> (tensor<2x2xf32> {xf.name = "changed"}, tensor<2xf32> {xf.name = "layer"}, tensor<3x2xf32> {xf.name = "room"}) {
  %one = arith.constant 1 : index
  %two = arith.constant 2 : index
  %a = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %v = arith.constant dense<[5.0, 6.0]> : tensor<2xf32>
  %changed = xf.stack_write %v into %a[%one] : tensor<2xf32> into tensor<2x2xf32>
  %layer = xf.stack_read %a[%one] : tensor<2x2xf32> -> tensor<2xf32>
  %empty = xf.stack_empty 3 of %v : (tensor<2xf32>) -> tensor<3x2xf32>
  %zero = arith.constant 0 : index
  %none = arith.constant dense<0.0> : tensor<2xf32>
  %first = xf.stack_write %none into %empty[%zero] : tensor<2xf32> into tensor<3x2xf32>
  %second = xf.stack_write %none into %first[%one] : tensor<2xf32> into tensor<3x2xf32>
  %room = xf.stack_write %v into %second[%two] : tensor<2xf32> into tensor<3x2xf32>
  return %changed, %layer, %room : tensor<2x2xf32>, tensor<2xf32>, tensor<3x2xf32>
}

// [1 2] · [[1 2 3] [4 5 6]] = [9 12 15]; and [[1 2] [3 4]]ᵀ · [[1 2] [3 4]].
// PRODUCT: back: [1, 3] = 9 12 15
// PRODUCT: gram: [2, 2] = 10 14 14 20
func.func @products() -> (tensor<1x3xf32> {xf.name = "back"}, tensor<2x2xf32> {xf.name = "gram"}) {
  %dy = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %w = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %a = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %back = xf.linear_backward %dy, %w : (tensor<1x2xf32>, tensor<2x3xf32>) -> tensor<1x3xf32>
  %gram = xf.matmul %a, %a transpose_a : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %back, %gram : tensor<1x3xf32>, tensor<2x2xf32>
}

// BEYOND: expects an index from 0 to 1 at run time, but got [2]
func.func @beyond() -> tensor<2xf32> {
  %two = arith.constant 2 : index
  %a = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %layer = xf.stack_read %a[%two] : tensor<2x2xf32> -> tensor<2xf32>
  return %layer : tensor<2xf32>
}
