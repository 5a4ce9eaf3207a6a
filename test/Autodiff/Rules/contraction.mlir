// Products of matrices, reductions, softmax.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @products(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>, %c: tensor<5x4xf32>, %d: tensor<4x3xf32>)
    -> (tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>) {
  %0 = xf.matmul %a, %b : (tensor<3x4xf32>, tensor<4x5xf32>) -> tensor<3x5xf32>
  %1 = xf.matmul %a, %c transpose_b : (tensor<3x4xf32>, tensor<5x4xf32>) -> tensor<3x5xf32>
  %2 = xf.matmul %d, %b transpose_a : (tensor<4x3xf32>, tensor<4x5xf32>) -> tensor<3x5xf32>
  %3 = xf.matmul %d, %c transpose_a transpose_b : (tensor<4x3xf32>, tensor<5x4xf32>) -> tensor<3x5xf32>
  return %0, %1, %2, %3 : tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>
}

// Leading dimensions: repeated on either side, static and dynamic.
func.func @batches(%a: tensor<?x2x3x4xf32>, %b: tensor<2x4x5xf32>, %c: tensor<1x1x4x3xf32>, %d: tensor<4x5xf32>)
    -> (tensor<?x2x3x5xf32>, tensor<1x2x3x5xf32>, tensor<?x2x3x5xf32>, tensor<1x1x3x5xf32>) {
  %0 = xf.matmul %a, %b : (tensor<?x2x3x4xf32>, tensor<2x4x5xf32>) -> tensor<?x2x3x5xf32>
  %1 = xf.matmul %c, %b transpose_a : (tensor<1x1x4x3xf32>, tensor<2x4x5xf32>) -> tensor<1x2x3x5xf32>
  %2 = xf.matmul %a, %d : (tensor<?x2x3x4xf32>, tensor<4x5xf32>) -> tensor<?x2x3x5xf32>
  %3 = xf.matmul %c, %d transpose_a : (tensor<1x1x4x3xf32>, tensor<4x5xf32>) -> tensor<1x1x3x5xf32>
  return %0, %1, %2, %3 : tensor<?x2x3x5xf32>, tensor<1x2x3x5xf32>, tensor<?x2x3x5xf32>, tensor<1x1x3x5xf32>
}

func.func @square(%x: tensor<?x?x4xf32>) -> (tensor<?x?x?xf32>, tensor<?x4x4xf32>) {
  %0 = xf.matmul %x, %x transpose_b : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x?xf32>
  %1 = xf.matmul %x, %x transpose_a : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x4x4xf32>
  return %0, %1 : tensor<?x?x?xf32>, tensor<?x4x4xf32>
}

func.func @reductions(%x: tensor<?x?x4xf32>) -> (tensor<?x4xf32>, tensor<?x1x4xf32>, tensor<?x?xf32>, tensor<?x?x1xf32>, tensor<4xf32>, tensor<1x1x4xf32>, tensor<f32>) {
  %0 = xf.reduce sum %x axes = [1] : (tensor<?x?x4xf32>) -> tensor<?x4xf32>
  %1 = xf.reduce mean %x axes = [1] keepdims : (tensor<?x?x4xf32>) -> tensor<?x1x4xf32>
  %2 = xf.reduce max %x axes = [2] : (tensor<?x?x4xf32>) -> tensor<?x?xf32>
  %3 = xf.reduce min %x axes = [2] keepdims : (tensor<?x?x4xf32>) -> tensor<?x?x1xf32>
  %4 = xf.reduce mean %x axes = [0, 1] : (tensor<?x?x4xf32>) -> tensor<4xf32>
  %5 = xf.reduce max %x axes = [0, 1] keepdims : (tensor<?x?x4xf32>) -> tensor<1x1x4xf32>
  %6 = xf.reduce sum %x axes = [0, 1, 2] : (tensor<?x?x4xf32>) -> tensor<f32>
  return %0, %1, %2, %3, %4, %5, %6 : tensor<?x4xf32>, tensor<?x1x4xf32>, tensor<?x?xf32>, tensor<?x?x1xf32>, tensor<4xf32>, tensor<1x1x4xf32>, tensor<f32>
}

func.func @softmax(%x: tensor<?x3x4xf32>) -> (tensor<?x3x4xf32>, tensor<?x3x4xf32>) {
  %0 = xf.softmax %x axis = 2 : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  %1 = xf.softmax %x axis = 1 : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  return %0, %1 : tensor<?x3x4xf32>, tensor<?x3x4xf32>
}
