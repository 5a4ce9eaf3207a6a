// Norms: with and without weight, bias, offset and heads, whose weight is one for all or a part for each.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @rms(%x: tensor<?x?x4xf32>, %w: tensor<4xf32>, %h: tensor<2xf32>) -> (tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>) {
  %0 = xf.rms_norm %x eps = 1.0e-2 : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %1 = xf.rms_norm %x, %w eps = 1.0e-5 : (tensor<?x?x4xf32>, tensor<4xf32>) -> tensor<?x?x4xf32>
  %2 = xf.rms_norm %x, %w eps = 1.0e-5 offset = 1.0 : (tensor<?x?x4xf32>, tensor<4xf32>) -> tensor<?x?x4xf32>
  %3 = xf.rms_norm %x, %h eps = 1.0e-5 heads = 2 : (tensor<?x?x4xf32>, tensor<2xf32>) -> tensor<?x?x4xf32>
  %4 = xf.rms_norm %x, %w eps = 1.0e-5 offset = 0.5 heads = 2 : (tensor<?x?x4xf32>, tensor<4xf32>) -> tensor<?x?x4xf32>
  return %0, %1, %2, %3, %4 : tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
}

func.func @layer(%x: tensor<?x?x6xf32>, %w: tensor<6xf32>, %b: tensor<6xf32>, %h: tensor<3xf32>) -> (tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<?x?x6xf32>) {
  %0 = xf.layer_norm %x eps = 1.0e-2 : (tensor<?x?x6xf32>) -> tensor<?x?x6xf32>
  %1 = xf.layer_norm %x, %w bias %b eps = 1.0e-5 : (tensor<?x?x6xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<?x?x6xf32>
  %2 = xf.layer_norm %x, %w eps = 1.0e-5 offset = 1.0 : (tensor<?x?x6xf32>, tensor<6xf32>) -> tensor<?x?x6xf32>
  %3 = xf.layer_norm %x, %h bias %b eps = 1.0e-5 heads = 2 : (tensor<?x?x6xf32>, tensor<3xf32>, tensor<6xf32>) -> tensor<?x?x6xf32>
  %4 = xf.layer_norm %x bias %b eps = 1.0e-5 : (tensor<?x?x6xf32>, tensor<6xf32>) -> tensor<?x?x6xf32>
  return %0, %1, %2, %3, %4 : tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<?x?x6xf32>
}

// Both results count, together and alone.
func.func @add_rms(%x: tensor<?x?x4xf32>, %y: tensor<?x?x4xf32>, %w: tensor<4xf32>, %h: tensor<2xf32>)
    -> (tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>) {
  %s, %0 = xf.add_rms_norm %x, %y, %w eps = 1.0e-5 offset = 1.0 : (tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<4xf32>) -> (tensor<?x?x4xf32>, tensor<?x?x4xf32>)
  %t, %1 = xf.add_rms_norm %s, %0, %h eps = 1.0e-5 heads = 2 : (tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<2xf32>) -> (tensor<?x?x4xf32>, tensor<?x?x4xf32>)
  return %s, %0, %t, %1 : tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
}

func.func @add_layer(%x: tensor<?x?x6xf32>, %y: tensor<?x?x6xf32>, %w: tensor<6xf32>, %b: tensor<6xf32>, %h: tensor<3xf32>)
    -> (tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<?x?x6xf32>) {
  %s, %0 = xf.add_layer_norm %x, %y, %w bias %b eps = 1.0e-5 offset = 0.5 : (tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<6xf32>, tensor<6xf32>) -> (tensor<?x?x6xf32>, tensor<?x?x6xf32>)
  %t, %1 = xf.add_layer_norm %s, %0, %h eps = 1.0e-5 heads = 2 : (tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<3xf32>) -> (tensor<?x?x6xf32>, tensor<?x?x6xf32>)
  return %s, %0, %t, %1 : tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<?x?x6xf32>
}
