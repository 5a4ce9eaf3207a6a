// Activations and gates of each kind, residuals, factors.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @activations(%x: tensor<?x?x4xf32>) -> (tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>) {
  %silu = xf.activation silu %x : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %gelu = xf.activation gelu %x : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %tanh = xf.activation gelu_tanh %x : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %quick = xf.activation quick_gelu %x : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  return %silu, %gelu, %tanh, %quick : tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
}

func.func @others(%x: tensor<2x3x4xf32>) -> (tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>) {
  %relu = xf.activation relu %x : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %square = xf.activation relu2 %x : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %tanh = xf.activation tanh %x : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %sigmoid = xf.activation sigmoid %x : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  return %relu, %square, %tanh, %sigmoid : tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>
}

// With a limit that some elements are beyond, and an offset, as gpt-oss has them.
func.func @gates(%g: tensor<?x?x4xf32>, %u: tensor<?x?x4xf32>) -> (tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>) {
  %a = xf.gated_activation silu %g, %u : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %b = xf.gated_activation quick_gelu %g, %u limit = 0.75 up_offset = 1.0 : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %c = xf.gated_activation relu %g, %u up_offset = -0.5 : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  return %a, %b, %c : tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
}

// One value as both operands, and one that several ops use.
func.func @uses(%x: tensor<?x?x4xf32>, %y: tensor<?x?x4xf32>) -> (tensor<?x?x4xf32>, tensor<?x?x4xf32>) {
  %twice = xf.add %x, %x : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %square = xf.mul %twice, %twice : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %gated = xf.gated_activation gelu %square, %square : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %sum = xf.add %square, %y : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  // Nothing uses it.
  %dead = xf.mul %sum, %x : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  return %gated, %sum : tensor<?x?x4xf32>, tensor<?x?x4xf32>
}

func.func @factors(%x: tensor<?x?x4xf32>, %y: tensor<?x?x4xf32>, %gate: tensor<?x?x1xf32>) -> (tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>) {
  %a = xf.mul %x, %y : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %b = xf.mul %x, %gate : (tensor<?x?x4xf32>, tensor<?x?x1xf32>) -> tensor<?x?x4xf32>
  %c = xf.scale %a by 0.3 : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  return %a, %b, %c : tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>
}
