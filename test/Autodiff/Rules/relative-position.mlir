// Biases by distance, of encoders and decoders, alone and in attention; rows of a cross attention.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @biases(%t: tensor<8x2xf32>, %x: tensor<?x?x4xf32>, %past: tensor<?xi32>) -> (tensor<1x2x?x?xf32>, tensor<?x2x?x?xf32>) {
  %0 = xf.relative_position_bias %t query(%x) max_distance = 16 bidirectional : (tensor<8x2xf32>, tensor<?x?x4xf32>) -> tensor<1x2x?x?xf32>
  %1 = xf.relative_position_bias %t query(%x) past(%past) max_distance = 16 : (tensor<8x2xf32>, tensor<?x?x4xf32>, tensor<?xi32>) -> tensor<?x2x?x?xf32>
  return %0, %1 : tensor<1x2x?x?xf32>, tensor<?x2x?x?xf32>
}

func.func @cross(%t: tensor<8x2xf32>, %x: tensor<2x3x4xf32>, %y: tensor<2x5x4xf32>) -> tensor<1x2x3x5xf32> {
  %0 = xf.relative_position_bias %t query(%x) keys(%y) max_distance = 16 bidirectional : (tensor<8x2xf32>, tensor<2x3x4xf32>, tensor<2x5x4xf32>) -> tensor<1x2x3x5xf32>
  return %0 : tensor<1x2x3x5xf32>
}

func.func @attention(%t: tensor<8x2xf32>, %x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %b = xf.relative_position_bias %t query(%x) max_distance = 16 bidirectional : (tensor<8x2xf32>, tensor<2x3x4xf32>) -> tensor<1x2x3x3xf32>
  %y = xf.attention %x keys(%x) values(%x) bias(%b) heads = 2 scale = 1.0 mask = none : (tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<1x2x3x3xf32>) -> tensor<2x3x4xf32>
  return %y : tensor<2x3x4xf32>
}
