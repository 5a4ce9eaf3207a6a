// Losses of labels, some of them ignored, or all.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @cross_entropy(%z: tensor<?x?x5xf32>, %l: tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>, tensor<f32>) {
  %0 = xf.cross_entropy %z, %l : (tensor<?x?x5xf32>, tensor<?x?xi32>) -> tensor<f32>
  %1 = xf.cross_entropy %z, %l ignore_index = 1 : (tensor<?x?x5xf32>, tensor<?x?xi32>) -> tensor<f32>
  %2 = xf.cross_entropy %z, %l ignore_index = 0 smoothing = 0.1 : (tensor<?x?x5xf32>, tensor<?x?xi32>) -> tensor<f32>
  return %0, %1, %2 : tensor<f32>, tensor<f32>, tensor<f32>
}

func.func @nothing_counts(%z: tensor<2x5xf32>) -> tensor<f32> {
  %l = arith.constant dense<-100> : tensor<2xi32>
  %0 = xf.cross_entropy %z, %l ignore_index = -100 smoothing = 0.1 : (tensor<2x5xf32>, tensor<2xi32>) -> tensor<f32>
  return %0 : tensor<f32>
}
