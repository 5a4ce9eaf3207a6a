// One row for each sequence, of all positions and of those that count; of a sequence that has none.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @all(%x: tensor<?x?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %0 = xf.pool cls %x : (tensor<?x?x4xf32>) -> tensor<?x4xf32>
  %1 = xf.pool last %x : (tensor<?x?x4xf32>) -> tensor<?x4xf32>
  %2 = xf.pool mean %x : (tensor<?x?x4xf32>) -> tensor<?x4xf32>
  %3 = xf.pool max %x : (tensor<?x?x4xf32>) -> tensor<?x4xf32>
  return %0, %1, %2, %3 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

func.func @valid(%x: tensor<3x4x2xf32>) -> (tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>) {
  %m = arith.constant dense<[[0, 1, 1, 0], [0, 0, 0, 0], [1, 0, 1, 1]]> : tensor<3x4xi32>
  %0 = xf.pool cls %x valid(%m) : (tensor<3x4x2xf32>, tensor<3x4xi32>) -> tensor<3x2xf32>
  %1 = xf.pool last %x valid(%m) : (tensor<3x4x2xf32>, tensor<3x4xi32>) -> tensor<3x2xf32>
  %2 = xf.pool mean %x valid(%m) : (tensor<3x4x2xf32>, tensor<3x4xi32>) -> tensor<3x2xf32>
  %3 = xf.pool max %x valid(%m) : (tensor<3x4x2xf32>, tensor<3x4xi32>) -> tensor<3x2xf32>
  return %0, %1, %2, %3 : tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>
}
