// Routers of each family, products with chosen experts, mixtures; sorted by expert too.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @routers(%z: tensor<?x?x8xf32>, %b: tensor<8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xf32>, tensor<?x?x2xf32>, tensor<?x?x3xf32>, tensor<?x?x2xf32>) {
  %mixtral:2 = xf.router softmax %z top_k = 2 normalize : (tensor<?x?x8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
  %qwen:2 = xf.router softmax %z top_k = 2 : (tensor<?x?x8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
  %gpt_oss:2 = xf.router softmax %z top_k = 2 after_top_k : (tensor<?x?x8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
  %deepseek:2 = xf.router sigmoid %z bias %b top_k = 3 groups = 4 group_top_k = 2 normalize scale = 2.5 : (tensor<?x?x8xf32>, tensor<8xf32>) -> (tensor<?x?x3xf32>, tensor<?x?x3xi32>)
  %late:2 = xf.router sigmoid %z bias %b top_k = 2 after_top_k : (tensor<?x?x8xf32>, tensor<8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
  return %mixtral#0, %qwen#0, %gpt_oss#0, %deepseek#0, %late#0 : tensor<?x?x2xf32>, tensor<?x?x2xf32>, tensor<?x?x2xf32>, tensor<?x?x3xf32>, tensor<?x?x2xf32>
}

// A row for all of a token's experts, and one for each; with a bias and without.
func.func @products(%x: tensor<?x?x4xf32>, %u: tensor<3x5x4xf32>, %d: tensor<3x4x5xf32>, %b: tensor<3x5xf32>, %e: tensor<?x?x2xi32>) -> (tensor<?x?x2x5xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x5xf32>) {
  %0 = xf.expert_linear %x, %u, %e bias %b : (tensor<?x?x4xf32>, tensor<3x5x4xf32>, tensor<?x?x2xi32>, tensor<3x5xf32>) -> tensor<?x?x2x5xf32>
  %1 = xf.expert_linear %0, %d, %e : (tensor<?x?x2x5xf32>, tensor<3x4x5xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x4xf32>
  %2 = xf.expert_linear %1, %u, %e : (tensor<?x?x2x4xf32>, tensor<3x5x4xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x5xf32>
  return %0, %1, %2 : tensor<?x?x2x5xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x5xf32>
}

// Mixtral's block, in a loop over layers.
func.func @mixture(%x: tensor<?x?x4xf32>, %r: tensor<2x3x4xf32>, %g: tensor<2x3x5x4xf32>, %u: tensor<2x3x5x4xf32>, %d: tensor<2x3x4x5xf32>) -> tensor<?x?x4xf32> {
  %y = xf.repeat %l = 2 iter(%h = %x) : tensor<?x?x4xf32> {
    %rl = xf.stack_read %r[%l] : tensor<2x3x4xf32> -> tensor<3x4xf32>
    %gl = xf.stack_read %g[%l] : tensor<2x3x5x4xf32> -> tensor<3x5x4xf32>
    %ul = xf.stack_read %u[%l] : tensor<2x3x5x4xf32> -> tensor<3x5x4xf32>
    %dl = xf.stack_read %d[%l] : tensor<2x3x4x5xf32> -> tensor<3x4x5xf32>
    %z = xf.linear %h, %rl : (tensor<?x?x4xf32>, tensor<3x4xf32>) -> tensor<?x?x3xf32>
    %w, %e = xf.router softmax %z top_k = 2 normalize : (tensor<?x?x3xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
    %a = xf.expert_linear %h, %gl, %e : (tensor<?x?x4xf32>, tensor<3x5x4xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x5xf32>
    %b = xf.expert_linear %h, %ul, %e : (tensor<?x?x4xf32>, tensor<3x5x4xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x5xf32>
    %c = xf.gated_activation silu %a, %b : (tensor<?x?x2x5xf32>, tensor<?x?x2x5xf32>) -> tensor<?x?x2x5xf32>
    %o = xf.expert_linear %c, %dl, %e : (tensor<?x?x2x5xf32>, tensor<3x4x5xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x4xf32>
    %m = xf.combine_experts %o, %w : (tensor<?x?x2x4xf32>, tensor<?x?x2xf32>) -> tensor<?x?x4xf32>
    %s = xf.add %h, %m : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
    xf.yield %s : tensor<?x?x4xf32>
  }
  return %y : tensor<?x?x4xf32>
}

func.func @combine(%x: tensor<?x?x2x4xf32>, %w: tensor<?x?x2xf32>) -> tensor<?x?x4xf32> {
  %0 = xf.combine_experts %x, %w : (tensor<?x?x2x4xf32>, tensor<?x?x2xf32>) -> tensor<?x?x4xf32>
  return %0 : tensor<?x?x4xf32>
}

// Sorted by expert, one of which nothing chooses.
func.func @sorted(%x: tensor<?x?x4xf32>, %w: tensor<?x?x2xf32>, %u: tensor<4x5x4xf32>, %b: tensor<4x5xf32>, %d: tensor<4x4x5xf32>, %e: tensor<?x?x2xi32>) -> tensor<?x?x4xf32> {
  %order, %offsets = xf.sort_by_expert %e experts = 4 : (tensor<?x?x2xi32>) -> (tensor<?xi32>, tensor<5xi32>)
  %r = xf.gather_tokens %x, %order top_k = 2 : (tensor<?x?x4xf32>, tensor<?xi32>) -> tensor<?x4xf32>
  %0 = xf.grouped_linear %r, %u, %offsets bias %b : (tensor<?x4xf32>, tensor<4x5x4xf32>, tensor<5xi32>, tensor<4x5xf32>) -> tensor<?x5xf32>
  %1 = xf.activation silu %0 : (tensor<?x5xf32>) -> tensor<?x5xf32>
  %2 = xf.grouped_linear %1, %d, %offsets : (tensor<?x5xf32>, tensor<4x4x5xf32>, tensor<5xi32>) -> tensor<?x4xf32>
  %3 = xf.scatter_combine %2, %order, %w : (tensor<?x4xf32>, tensor<?xi32>, tensor<?x?x2xf32>) -> tensor<?x?x4xf32>
  return %3 : tensor<?x?x4xf32>
}
