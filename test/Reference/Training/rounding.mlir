// What formats of 16 bits hold: ties to even, too large for f16, too small for it; and gradients that are rounded where values aren't.
// RUN: ph-opt %s --run=bf16 --outputs=%t.bf16.safetensors && ph-opt %s --run=bf16_expected --expect=%t.bf16.safetensors --atol=0 --rtol=0 | FileCheck %s
// RUN: ph-opt %s --run=f16 --outputs=%t.f16.safetensors && ph-opt %s --run=f16_expected --expect=%t.f16.safetensors --atol=0 --rtol=0 | FileCheck %s
// RUN: ph-opt %s --xf-autodiff="function=loss of=y wrt=x" | FileCheck %s --check-prefix=GRADIENT
// CHECK: y: largest error 0.00e+00 of 6 values

func.func @bf16() -> (tensor<6xf32> {xf.name = "y"}) {
  %x = arith.constant dense<[1.00390625, 1.01171875, 1.0040, -3.0, 65537.0, 0.0]> : tensor<6xf32>
  %y = train.round bf16 %x : tensor<6xf32>
  return %y : tensor<6xf32>
}
func.func @bf16_expected() -> (tensor<6xf32> {xf.name = "y"}) {
  // 1 + 1/256 is between 1 and 1 + 1/128; 1 + 3/256 between 1 + 1/128 and 1 + 2/128.
  %y = arith.constant dense<[1.0, 1.015625, 1.0078125, -3.0, 65536.0, 0.0]> : tensor<6xf32>
  return %y : tensor<6xf32>
}
func.func @f16() -> (tensor<6xf32> {xf.name = "y"}) {
  %x = arith.constant dense<[1.00048828125, 1.00146484375, 65519.0, 1.0e-8, -6.103515625e-05, 0.0]> : tensor<6xf32>
  %y = train.round f16 %x : tensor<6xf32>
  return %y : tensor<6xf32>
}
func.func @f16_expected() -> (tensor<6xf32> {xf.name = "y"}) {
  %y = arith.constant dense<[1.0, 1.001953125, 65504.0, 0.0, -6.103515625e-05, 0.0]> : tensor<6xf32>
  return %y : tensor<6xf32>
}

// GRADIENT-LABEL: func.func @loss_gradient
// GRADIENT: %[[X:.*]] = train.round bf16 %arg0
// GRADIENT: %[[Y:.*]] = train.round_gradient f16 %[[X]]
// GRADIENT: %[[D:.*]] = xf.broadcast
// GRADIENT: %[[R:.*]] = train.round f16 %[[D]]
// GRADIENT: return %{{.*}}, %[[R]]
func.func @loss(%x: tensor<4xf32> {xf.name = "x"}) -> (tensor<f32> {xf.name = "y"}) {
  %r = train.round bf16 %x : tensor<4xf32>
  %g = train.round_gradient f16 %r : tensor<4xf32>
  %y = xf.reduce sum %g axes = [0] : (tensor<4xf32>) -> tensor<f32>
  return %y : tensor<f32>
}
