// What gradients are made of can be lowered, and gives the same then: gpt-oss's block with its sinks and biases of experts, T5's bias by distance.
// RUN: ph-opt %s --xf-autodiff="function=gpt_oss of=y" --xf-autodiff="function=t5 of=y" -o %t.mlir
// RUN: ph-opt %t.mlir --xf-flash-attention="tile-queries=4 tile-keys=8" --convert-transformer-to-linalg --verify-values=1 --verify-sizes=2x3 -o %t.lowered.mlir 2>&1 | FileCheck %s
// RUN: not grep -E "= xf\.|= train\." %t.lowered.mlir
// CHECK: {{[1-9][0-9]*}} comparisons, 0 differences

func.func @gpt_oss(%x: tensor<?x?x8xf32> {xf.name = "x"}, %p: tensor<?x?xi32>, %w: tensor<2x8x8xf32> {xf.name = "w"}, %s: tensor<2x2xf32> {xf.name = "s"},
                   %r: tensor<2x4x8xf32> {xf.name = "r"}, %g: tensor<2x4x6x8xf32> {xf.name = "g"}, %gb: tensor<2x4x6xf32> {xf.name = "gb"},
                   %d: tensor<2x4x8x6xf32> {xf.name = "d"}, %db: tensor<2x4x8xf32> {xf.name = "db"}) -> (tensor<?x?x8xf32> {xf.name = "y"}) {
  %y = xf.repeat %l = 2 iter(%h = %x) : tensor<?x?x8xf32> {
    %wl = xf.stack_read %w[%l] : tensor<2x8x8xf32> -> tensor<8x8xf32>
    %sl = xf.stack_read %s[%l] : tensor<2x2xf32> -> tensor<2xf32>
    %rl = xf.stack_read %r[%l] : tensor<2x4x8xf32> -> tensor<4x8xf32>
    %gl = xf.stack_read %g[%l] : tensor<2x4x6x8xf32> -> tensor<4x6x8xf32>
    %gbl = xf.stack_read %gb[%l] : tensor<2x4x6xf32> -> tensor<4x6xf32>
    %dl = xf.stack_read %d[%l] : tensor<2x4x8x6xf32> -> tensor<4x8x6xf32>
    %dbl = xf.stack_read %db[%l] : tensor<2x4x8xf32> -> tensor<4x8xf32>
    %n = xf.rms_norm %h eps = 1.0e-5 : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
    %q = xf.linear %n, %wl : (tensor<?x?x8xf32>, tensor<8x8xf32>) -> tensor<?x?x8xf32>
    %a = xf.attention %q keys(%n) values(%n) rope(%p, #xf.rope<dim = 4, base = 1.0e4, style = half>) sinks(%sl) heads = 2 scale = 0.5 mask = causal window = 2
      : (tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<?x?xi32>, tensor<2xf32>) -> tensor<?x?x8xf32>
    %b = xf.add %h, %a : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
    %z = xf.linear %b, %rl : (tensor<?x?x8xf32>, tensor<4x8xf32>) -> tensor<?x?x4xf32>
    %weights, %experts = xf.router softmax %z top_k = 2 after_top_k : (tensor<?x?x4xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
    %u = xf.expert_linear %b, %gl, %experts bias %gbl : (tensor<?x?x8xf32>, tensor<4x6x8xf32>, tensor<?x?x2xi32>, tensor<4x6xf32>) -> tensor<?x?x2x6xf32>
    %v = xf.gated_activation quick_gelu %u, %u limit = 7.0 up_offset = 1.0 : (tensor<?x?x2x6xf32>, tensor<?x?x2x6xf32>) -> tensor<?x?x2x6xf32>
    %o = xf.expert_linear %v, %dl, %experts bias %dbl : (tensor<?x?x2x6xf32>, tensor<4x8x6xf32>, tensor<?x?x2xi32>, tensor<4x8xf32>) -> tensor<?x?x2x8xf32>
    %m = xf.combine_experts %o, %weights : (tensor<?x?x2x8xf32>, tensor<?x?x2xf32>) -> tensor<?x?x8xf32>
    %c = xf.add %b, %m : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
    xf.yield %c : tensor<?x?x8xf32>
  }
  return %y : tensor<?x?x8xf32>
}

func.func @t5(%x: tensor<?x?x4xf32> {xf.name = "x"}, %t: tensor<8x2xf32> {xf.name = "t"}) -> (tensor<?x?x4xf32> {xf.name = "y"}) {
  %b = xf.relative_position_bias %t query(%x) max_distance = 16 bidirectional : (tensor<8x2xf32>, tensor<?x?x4xf32>) -> tensor<1x2x?x?xf32>
  %y = xf.attention %x keys(%x) values(%x) bias(%b) heads = 2 scale = 1.0 mask = none : (tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<1x2x?x?xf32>) -> tensor<?x?x4xf32>
  return %y : tensor<?x?x4xf32>
}
