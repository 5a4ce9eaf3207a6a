// Convolutions in one and two dimensions with each option, patches, features in the place of tokens.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @one(%x: tensor<2x4x7xf32>, %w: tensor<6x4x3xf32>, %b: tensor<6xf32>, %g: tensor<6x2x2xf32>) -> (tensor<2x6x4xf32>, tensor<2x6x5xf32>, tensor<2x6x7xf32>) {
  %0 = xf.convolution %x, %w bias %b stride = [2] padding = [1] : (tensor<2x4x7xf32>, tensor<6x4x3xf32>, tensor<6xf32>) -> tensor<2x6x4xf32>
  %1 = xf.convolution %x, %w : (tensor<2x4x7xf32>, tensor<6x4x3xf32>) -> tensor<2x6x5xf32>
  %2 = xf.convolution %x, %g padding = [0, 3] dilation = [3] groups = 2 : (tensor<2x4x7xf32>, tensor<6x2x2xf32>) -> tensor<2x6x7xf32>
  return %0, %1, %2 : tensor<2x6x4xf32>, tensor<2x6x5xf32>, tensor<2x6x7xf32>
}

func.func @two(%x: tensor<1x2x5x4xf32>, %w: tensor<3x2x2x3xf32>, %b: tensor<3xf32>, %d: tensor<2x1x3x2xf32>) -> (tensor<1x3x3x2xf32>, tensor<1x2x3x3xf32>) {
  %0 = xf.convolution %x, %w bias %b stride = [2, 2] padding = [1, 0, 0, 2] : (tensor<1x2x5x4xf32>, tensor<3x2x2x3xf32>, tensor<3xf32>) -> tensor<1x3x3x2xf32>
  %1 = xf.convolution %x, %d groups = 2 : (tensor<1x2x5x4xf32>, tensor<2x1x3x2xf32>) -> tensor<1x2x3x3xf32>
  return %0, %1 : tensor<1x3x3x2xf32>, tensor<1x2x3x3xf32>
}

// Of a length that is not known.
func.func @audio(%x: tensor<?x2x?xf32>, %w: tensor<3x2x3xf32>) -> tensor<?x3x?xf32> {
  %0 = xf.convolution %x, %w stride = [2] padding = [1] : (tensor<?x2x?xf32>, tensor<3x2x3xf32>) -> tensor<?x3x?xf32>
  return %0 : tensor<?x3x?xf32>
}

// Pixels at the edges are left over.
func.func @patches(%x: tensor<?x2x5x7xf32>, %w: tensor<4x2x2x3xf32>, %b: tensor<4xf32>) -> (tensor<?x4x4xf32>, tensor<?x4x4xf32>) {
  %0 = xf.patch_embedding %x, %w bias %b : (tensor<?x2x5x7xf32>, tensor<4x2x2x3xf32>, tensor<4xf32>) -> tensor<?x4x4xf32>
  %1 = xf.patch_embedding %x, %w : (tensor<?x2x5x7xf32>, tensor<4x2x2x3xf32>) -> tensor<?x4x4xf32>
  return %0, %1 : tensor<?x4x4xf32>, tensor<?x4x4xf32>
}

func.func @merge(%x: tensor<2x4x3xf32>, %f: tensor<5x3xf32>, %g: tensor<2x2x3xf32>) -> (tensor<2x4x3xf32>, tensor<2x4x3xf32>) {
  %t = arith.constant dense<[[1, 7, 7, 2], [7, 0, 3, 7]]> : tensor<2x4xi32>
  %0 = xf.merge_features %x, %t, %f image_token = 7 : (tensor<2x4x3xf32>, tensor<2x4xi32>, tensor<5x3xf32>) -> tensor<2x4x3xf32>
  %1 = xf.merge_features %x, %t, %g image_token = 7 : (tensor<2x4x3xf32>, tensor<2x4xi32>, tensor<2x2x3xf32>) -> tensor<2x4x3xf32>
  return %0, %1 : tensor<2x4x3xf32>, tensor<2x4x3xf32>
}
