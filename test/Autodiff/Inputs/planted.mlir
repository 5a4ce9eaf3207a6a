// Functions that show wrong derivatives, one for each.
func.func @add(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = xf.add %x, %y : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
func.func @matmul(%x: tensor<3x3xf32>, %y: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %0 = xf.matmul %x, %y : (tensor<3x3xf32>, tensor<3x3xf32>) -> tensor<3x3xf32>
  return %0 : tensor<3x3xf32>
}
func.func @factor(%x: tensor<2x3xf32>, %y: tensor<2x1xf32>) -> tensor<2x3xf32> {
  %0 = xf.mul %x, %y : (tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
func.func @softmax(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = xf.softmax %x axis = 1 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
func.func @rms_norm(%x: tensor<2x3xf32>, %w: tensor<3xf32>) -> tensor<2x3xf32> {
  %0 = xf.rms_norm %x, %w eps = 1.0e-5 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
func.func @layer_norm(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = xf.layer_norm %x eps = 1.0e-5 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
func.func @silu(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = xf.activation silu %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
func.func @rope(%x: tensor<1x3x4xf32>) -> tensor<1x3x4xf32> {
  %p = arith.constant dense<[[0, 1, 2]]> : tensor<1x3xi32>
  %0 = xf.rope %x, %p rope = #xf.rope<dim = 4, base = 1.0e2, style = half> heads = 1 : (tensor<1x3x4xf32>, tensor<1x3xi32>) -> tensor<1x3x4xf32>
  return %0 : tensor<1x3x4xf32>
}
func.func @embedding(%w: tensor<3x4xf32>) -> tensor<1x2x4xf32> {
  %t = arith.constant dense<[[1, 1]]> : tensor<1x2xi32>
  %0 = xf.embedding %t, %w : (tensor<1x2xi32>, tensor<3x4xf32>) -> tensor<1x2x4xf32>
  %1 = xf.embedding %t, %w : (tensor<1x2xi32>, tensor<3x4xf32>) -> tensor<1x2x4xf32>
  %2 = xf.add %0, %1 : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  return %2 : tensor<1x2x4xf32>
}
func.func @token_logp(%h: tensor<2x3xf32>, %w: tensor<4x3xf32>) -> tensor<2xf32> {
  %l = arith.constant dense<[1, 3]> : tensor<2xi32>
  %0 = train.token_logp %h, %w, %l soft_cap = 3.0 : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<2xi32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
func.func @attention(%q: tensor<1x4x4xf32>, %k: tensor<1x4x4xf32>, %v: tensor<1x4x4xf32>) -> tensor<1x4x4xf32> {
  %0 = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.5 mask = causal window = 2 : (tensor<1x4x4xf32>, tensor<1x4x4xf32>, tensor<1x4x4xf32>) -> tensor<1x4x4xf32>
  return %0 : tensor<1x4x4xf32>
}
func.func @router(%z: tensor<2x5xf32>) -> tensor<2x2xf32> {
  %w, %e = xf.router softmax %z top_k = 2 normalize : (tensor<2x5xf32>) -> (tensor<2x2xf32>, tensor<2x2xi32>)
  return %w : tensor<2x2xf32>
}
func.func @experts(%x: tensor<2x4xf32>, %w: tensor<3x5x4xf32>) -> tensor<2x2x5xf32> {
  %e = arith.constant dense<[[0, 2], [2, 1]]> : tensor<2x2xi32>
  %0 = xf.expert_linear %x, %w, %e : (tensor<2x4xf32>, tensor<3x5x4xf32>, tensor<2x2xi32>) -> tensor<2x2x5xf32>
  return %0 : tensor<2x2x5xf32>
}
func.func @mean(%x: tensor<2x3xf32>) -> tensor<2x1xf32> {
  %0 = xf.reduce mean %x axes = [1] keepdims : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return %0 : tensor<2x1xf32>
}
func.func @concat(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) -> tensor<2x6xf32> {
  %0 = xf.concat %x, %y axis = 1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
  return %0 : tensor<2x6xf32>
}
func.func @select(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %c = xf.compare gt %x, %y : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
  %0 = xf.select %c, %x, %y : (tensor<2x3xi1>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
func.func @exp(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = xf.unary exp %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}
func.func @stack(%w: tensor<3x4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %0 = xf.stack_read %w[%c0] : tensor<3x4xf32> -> tensor<4xf32>
  %1 = xf.stack_read %w[%c1] : tensor<3x4xf32> -> tensor<4xf32>
  %2 = xf.elementwise mul %0, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}
func.func @loop(%x: tensor<4xf32>, %w: tensor<3x4xf32>) -> tensor<4xf32> {
  %y = xf.repeat %l = 3 iter(%h = %x) : tensor<4xf32> {
    %a = xf.stack_read %w[%l] : tensor<3x4xf32> -> tensor<4xf32>
    %b = xf.elementwise mul %h, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %t = xf.unary tanh %b : (tensor<4xf32>) -> tensor<4xf32>
    xf.yield %t : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}
func.func @shared(%x: tensor<4xf32>, %f: tensor<4xf32>) -> tensor<4xf32> {
  %y = xf.repeat %l = 3 iter(%h = %x) : tensor<4xf32> {
    %b = xf.elementwise mul %h, %f : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %t = xf.unary tanh %b : (tensor<4xf32>) -> tensor<4xf32>
    xf.yield %t : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}
