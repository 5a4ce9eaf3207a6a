// Calibration of pairs (SLiC-HF: Zhao et al., arXiv:2305.10425), max(0, 1 - log p(chosen) + log p(rejected)): a chosen answer is to be more likely than the
// rejected one by a margin, and no more than that.
// In a configuration: loss: hinge.mlir, and rl: dpo, which says that the examples are pairs.

func.func @loss(%chosen: tensor<?xf32> {xf.name = "chosen"}, %rejected: tensor<?xf32> {xf.name = "rejected"})
    -> (tensor<f32>, tensor<f32>) {
  %margin = arith.constant dense<1.0> : tensor<f32>
  %none = arith.constant dense<0.0> : tensor<f32>
  %ahead = xf.elementwise sub %chosen, %rejected : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %behind = xf.elementwise sub %margin, %ahead : (tensor<f32>, tensor<?xf32>) -> tensor<?xf32>
  %loss = xf.elementwise max %behind, %none : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %sum = xf.reduce sum %loss axes = [0] : (tensor<?xf32>) -> tensor<f32>
  %pairs = xf.dim %chosen axis = 0 : (tensor<?xf32>) -> index
  %count = xf.scalar %pairs : (index) -> tensor<f32>
  return %sum, %count : tensor<f32>, tensor<f32>
}
