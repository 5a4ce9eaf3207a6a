// Through what is stopped nothing is derived: of x · stop(x) only the first factor is.
// RUN: ph-opt %s --xf-autodiff="function=loss of=sum wrt=logp" --run=loss_gradient --inputs=%ph_source/test/Data/training/own_loss.safetensors \
// RUN:   --outputs=%t.safetensors
// RUN: ph-opt %s --run=same --inputs=%ph_source/test/Data/training/own_loss.safetensors --expect=%t.safetensors --atol=0 --rtol=0 | FileCheck %s
// CHECK: grad.logp: largest error 0.00e+00 of 6 values
func.func @loss(%x: tensor<2x3xf32> {xf.name = "logp"}) -> (tensor<f32> {xf.name = "sum"}) {
  %c = train.stop_gradient %x : tensor<2x3xf32>
  %y = xf.elementwise mul %x, %c : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %s = xf.reduce sum %y axes = [0, 1] : (tensor<2x3xf32>) -> tensor<f32>
  return %s : tensor<f32>
}
func.func @same(%x: tensor<2x3xf32> {xf.name = "logp"}) -> (tensor<2x3xf32> {xf.name = "grad.logp"}) {
  return %x : tensor<2x3xf32>
}
