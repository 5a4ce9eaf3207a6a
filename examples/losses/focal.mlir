// The focal loss (Lin et al., arXiv:1708.02002), -(1 - p)² log p: tokens that are likely already count less.
// In a configuration: loss: focal.mlir

func.func @loss(%logp: tensor<?x?xf32> {xf.name = "logp"}, %labels: tensor<?x?xi32> {xf.name = "labels"})
    -> (tensor<f32>, tensor<f32>) {
  %one = arith.constant dense<1.0> : tensor<f32>
  %p = xf.unary exp %logp : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %rest = xf.elementwise sub %one, %p : (tensor<f32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %weight = xf.elementwise mul %rest, %rest : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %focal = xf.elementwise mul %weight, %logp : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %sum, %count = train.lm_loss %focal, %labels ignore_index = -100 : (tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
  return %sum, %count : tensor<f32>, tensor<f32>
}
