// What looks rows up, some of them several times and some never.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @tokens(%t: tensor<?x?xi32>, %table: tensor<5x4xf32>) -> (tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>) {
  %0 = xf.embedding %t, %table : (tensor<?x?xi32>, tensor<5x4xf32>) -> tensor<?x?x4xf32>
  %1 = xf.embedding %t, %table scale = 2.5 : (tensor<?x?xi32>, tensor<5x4xf32>) -> tensor<?x?x4xf32>
  %2 = xf.embedding %t, %table scale = 0.5 offset = 2 : (tensor<?x?xi32>, tensor<5x4xf32>) -> tensor<?x?x4xf32>
  %3 = xf.add %0, %2 : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  return %0, %1, %2, %3 : tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
}

// Along each axis, by numbers of rank 0, 1 and 2.
func.func @gather(%x: tensor<3x4x5xf32>, %i: tensor<2x2xi32>, %j: tensor<6xi32>) -> (tensor<2x2x4x5xf32>, tensor<3x6x5xf32>, tensor<3x4x2x2xf32>, tensor<3x5xf32>) {
  %0 = xf.gather %x, %i axis = 0 : (tensor<3x4x5xf32>, tensor<2x2xi32>) -> tensor<2x2x4x5xf32>
  %1 = xf.gather %x, %j axis = 1 : (tensor<3x4x5xf32>, tensor<6xi32>) -> tensor<3x6x5xf32>
  %2 = xf.gather %x, %i axis = 2 : (tensor<3x4x5xf32>, tensor<2x2xi32>) -> tensor<3x4x2x2xf32>
  %c = arith.constant dense<2> : tensor<i32>
  %3 = xf.gather %x, %c axis = 1 : (tensor<3x4x5xf32>, tensor<i32>) -> tensor<3x5xf32>
  return %0, %1, %2, %3 : tensor<2x2x4x5xf32>, tensor<3x6x5xf32>, tensor<3x4x2x2xf32>, tensor<3x5xf32>
}

// Numbers below 0 count from the end.
func.func @from_the_end(%x: tensor<3x4xf32>) -> tensor<2x4xf32> {
  %i = arith.constant dense<[-1, 1]> : tensor<2xi32>
  %0 = xf.gather %x, %i axis = 0 : (tensor<3x4xf32>, tensor<2xi32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

func.func @rows(%x: tensor<?x?x4xf32>, %rows: tensor<?xi32>) -> tensor<?x4xf32> {
  %0 = xf.select_rows %x, %rows : (tensor<?x?x4xf32>, tensor<?xi32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
