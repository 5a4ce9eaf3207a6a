// Products with weight matrices, with and without each thing that is fused with them.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @linear(%x: tensor<?x?x4xf32>, %w: tensor<5x4xf32>, %b: tensor<5xf32>, %r: tensor<?x?x5xf32>)
    -> (tensor<?x?x5xf32>, tensor<?x?x5xf32>, tensor<?x?x5xf32>, tensor<?x?x5xf32>, tensor<?x?x5xf32>) {
  %0 = xf.linear %x, %w : (tensor<?x?x4xf32>, tensor<5x4xf32>) -> tensor<?x?x5xf32>
  %1 = xf.linear %x, %w bias %b : (tensor<?x?x4xf32>, tensor<5x4xf32>, tensor<5xf32>) -> tensor<?x?x5xf32>
  %2 = xf.linear %x, %w residual %r : (tensor<?x?x4xf32>, tensor<5x4xf32>, tensor<?x?x5xf32>) -> tensor<?x?x5xf32>
  %3 = xf.linear %x, %w activation = silu : (tensor<?x?x4xf32>, tensor<5x4xf32>) -> tensor<?x?x5xf32>
  %4 = xf.linear %x, %w bias %b activation = gelu_tanh residual %r : (tensor<?x?x4xf32>, tensor<5x4xf32>, tensor<5xf32>, tensor<?x?x5xf32>) -> tensor<?x?x5xf32>
  return %0, %1, %2, %3, %4 : tensor<?x?x5xf32>, tensor<?x?x5xf32>, tensor<?x?x5xf32>, tensor<?x?x5xf32>, tensor<?x?x5xf32>
}

func.func @rows(%x: tensor<3x4xf32>, %w: tensor<5x4xf32>) -> tensor<3x5xf32> {
  %0 = xf.linear %x, %w : (tensor<3x4xf32>, tensor<5x4xf32>) -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}

// One matrix for two layers, and the same value as input, residual and weight.
func.func @shared(%x: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %0 = xf.linear %x, %x residual %x : (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = xf.linear %0, %x : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0, %1 : tensor<4x4xf32>, tensor<4x4xf32>
}

// By the input only: the matrix is packed.
xf.weight @packed : tensor<8x32xf32, #xf.format<q4_0>>
func.func @frozen(%x: tensor<?x?x32xf32>) -> tensor<?x?x8xf32> {
  %w = xf.load_weight @packed : tensor<8x32xf32, #xf.format<q4_0>>
  %0 = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<8x32xf32, #xf.format<q4_0>>) -> tensor<?x?x8xf32>
  return %0 : tensor<?x?x8xf32>
}

func.func @linear_backward(%g: tensor<?x?x5xf32>, %w: tensor<5x4xf32>) -> tensor<?x?x4xf32> {
  %0 = xf.linear_backward %g, %w : (tensor<?x?x5xf32>, tensor<5x4xf32>) -> tensor<?x?x4xf32>
  return %0 : tensor<?x?x4xf32>
}

func.func @gated(%x: tensor<?x?x4xf32>, %g: tensor<5x4xf32>, %u: tensor<5x4xf32>, %gb: tensor<5xf32>, %ub: tensor<5xf32>)
    -> (tensor<?x?x5xf32>, tensor<?x?x5xf32>, tensor<?x?x5xf32>) {
  %0 = xf.gated_linear silu %x, %g, %u : (tensor<?x?x4xf32>, tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<?x?x5xf32>
  %1 = xf.gated_linear gelu %x, %g, %u gate_bias %gb up_bias %ub : (tensor<?x?x4xf32>, tensor<5x4xf32>, tensor<5x4xf32>, tensor<5xf32>, tensor<5xf32>) -> tensor<?x?x5xf32>
  %2 = xf.gated_linear silu %x, %g, %u up_bias %ub : (tensor<?x?x4xf32>, tensor<5x4xf32>, tensor<5x4xf32>, tensor<5xf32>) -> tensor<?x?x5xf32>
  return %0, %1, %2 : tensor<?x?x5xf32>, tensor<?x?x5xf32>, tensor<?x?x5xf32>
}

func.func @logits(%x: tensor<?x4xf32>, %w: tensor<6x4xf32>) -> (tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>) {
  %0 = xf.logits %x, %w : (tensor<?x4xf32>, tensor<6x4xf32>) -> tensor<?x6xf32>
  %1 = xf.logits %x, %w scale = 0.5 : (tensor<?x4xf32>, tensor<6x4xf32>) -> tensor<?x6xf32>
  %2 = xf.logits %x, %w scale = 0.7 soft_cap = 3.0 : (tensor<?x4xf32>, tensor<6x4xf32>) -> tensor<?x6xf32>
  return %0, %1, %2 : tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>
}

func.func @head_linear(%x: tensor<?x?x6xf32>, %w: tensor<2x4x3xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x6xf32>) {
  %0 = xf.head_linear %x, %w : (tensor<?x?x6xf32>, tensor<2x4x3xf32>) -> tensor<?x?x8xf32>
  %1 = xf.head_linear %0, %w transposed : (tensor<?x?x8xf32>, tensor<2x4x3xf32>) -> tensor<?x?x6xf32>
  return %0, %1 : tensor<?x?x8xf32>, tensor<?x?x6xf32>
}
