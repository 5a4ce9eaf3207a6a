// A loss of one's own, as `loss: my.mlir` takes it: -(1 - p)² log p (Lin et al., arXiv:1708.02002), which cares less for tokens that are likely already.
// RUN: ph-opt %s --train-expand --xf-autodiff="function=loss of=sum wrt=logp" --run=loss_gradient --f64 --inputs=%ph_source/test/Data/training/own_loss.safetensors \
// RUN:   --expect=%ph_source/test/Data/training/own_loss.safetensors --atol=1e-6 --rtol=1e-6 | FileCheck %s
// CHECK: count: {{.*}}error
// CHECK: grad.logp: {{.*}}error
// CHECK: sum: {{.*}}error

func.func @loss(%logp: tensor<?x?xf32> {xf.name = "logp"}, %labels: tensor<?x?xi32> {xf.name = "labels"})
    -> (tensor<f32> {xf.name = "sum"}, tensor<f32> {xf.name = "count"}) {
  %one = arith.constant dense<1.0> : tensor<f32>
  %p = xf.unary exp %logp : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %rest = xf.elementwise sub %one, %p : (tensor<f32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %weight = xf.elementwise mul %rest, %rest : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %focal = xf.elementwise mul %weight, %logp : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %sum, %count = train.lm_loss %focal, %labels ignore_index = -100 : (tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
  return %sum, %count : tensor<f32>, tensor<f32>
}
