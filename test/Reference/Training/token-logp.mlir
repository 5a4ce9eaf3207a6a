// Log-probabilities and their derivatives, by hand: logits (0, ln 3) have probabilities 1/4 and 3/4.
// RUN: ph-opt %s --run=values --f64 | FileCheck %s
// RUN: not ph-opt %s --run=outside 2>&1 | FileCheck %s --check-prefix=OUTSIDE

// CHECK: arg_h: [3, 1] = 0.549306 0 -1.09861
// CHECK: arg_w: [2, 1] = 8.5 -12
// CHECK: logp: [3] = -1.38629 0 -0.287682
func.func @values() -> (tensor<3xf32> {xf.name = "logp"}, tensor<3x1xf32> {xf.name = "arg_h"}, tensor<2x1xf32> {xf.name = "arg_w"}) {
  %h = arith.constant dense<[[2.0], [5.0], [2.0]]> : tensor<3x1xf32>
  %w = arith.constant dense<[[0.0], [1.0986122886681098]]> : tensor<2x1xf32>
  %l = arith.constant dense<[0, -100, 1]> : tensor<3xi32>
  %g = arith.constant dense<[-1.3333333333333333, 7.0, -8.0]> : tensor<3xf32>
  %sum = arith.constant dense<[[7.5], [-11.0]]> : tensor<2x1xf32>
  %dh, %dw, %y = train.token_logp_backward %h, %w, %l, %g into(%sum) ignore_index = -100 scale = 0.5 weight_gradient logp
    : (tensor<3x1xf32>, tensor<2x1xf32>, tensor<3xi32>, tensor<3xf32>, tensor<2x1xf32>) -> (tensor<3x1xf32>, tensor<2x1xf32>, tensor<3xf32>)
  return %y, %dh, %dw : tensor<3xf32>, tensor<3x1xf32>, tensor<2x1xf32>
}

// OUTSIDE: expects labels from 0 to 1 at run time, but got [2]
func.func @outside() -> tensor<1xf32> {
  %h = arith.constant dense<[[2.0]]> : tensor<1x1xf32>
  %w = arith.constant dense<[[0.0], [1.0]]> : tensor<2x1xf32>
  %l = arith.constant dense<[2]> : tensor<1xi32>
  %y = train.token_logp %h, %w, %l : (tensor<1x1xf32>, tensor<2x1xf32>, tensor<1xi32>) -> tensor<1xf32>
  return %y : tensor<1xf32>
}
