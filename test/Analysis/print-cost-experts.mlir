// What the ops of mixtures of experts cost, as closed forms written by hand (cost_forms.py).
//
// RUN: %python %S/cost_forms.py ph-opt %s | FileCheck %s
// CHECK: 180 values of 7 ops equal the closed forms

// FORM: xf.router | flop: T*(8*5 + 8*2 + 2*2) | activations: T*(8 + 2 + 2)*4
func.func @mixtral(%z: tensor<?x?x8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>) {
  %w, %e = xf.router softmax %z top_k = 2 normalize : (tensor<?x?x8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
  return %w, %e : tensor<?x?x2xf32>, tensor<?x?x2xi32>
}

// FORM: xf.router | flop: T*(2*5 + 8*2) | activations: T*(8 + 2 + 2)*4
func.func @gpt_oss(%z: tensor<?x?x8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>) {
  %w, %e = xf.router softmax %z top_k = 2 after_top_k : (tensor<?x?x8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
  return %w, %e : tensor<?x?x2xf32>, tensor<?x?x2xi32>
}

// FORM: xf.router | flop: T*(8*3 + 8 + 8*2 + 2*8 + 4*(1 + 2) + 2*2 + 2) | weights: 8*4 | activations: T*(8 + 2 + 2)*4
func.func @deepseek(%z: tensor<?x?x8xf32>, %b: tensor<8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>) {
  %w, %e = xf.router sigmoid %z bias %b top_k = 2 groups = 4 group_top_k = 2 normalize scale = 2.5
    : (tensor<?x?x8xf32>, tensor<8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
  return %w, %e : tensor<?x?x2xf32>, tensor<?x?x2xi32>
}

// One token reads two of eight matrices, five or more may read all.
// FORM: xf.expert_linear | flop: 2*T*96*(2*64 + 1) | weights: min(8, 2*T)*(96*64/32*18 + 96*4) | ...
//   activations: T*(64*4 + 2*4 + 2*96*4)
func.func @expert_linear(%x: tensor<?x?x64xf32>, %w: tensor<8x96x64xf32, #xf.format<q4_0>>, %b: tensor<8x96xf32>,
                         %e: tensor<?x?x2xi32>) -> tensor<?x?x2x96xf32> {
  %y = xf.expert_linear %x, %w, %e bias %b
    : (tensor<?x?x64xf32>, tensor<8x96x64xf32, #xf.format<q4_0>>, tensor<?x?x2xi32>, tensor<8x96xf32>) -> tensor<?x?x2x96xf32>
  return %y : tensor<?x?x2x96xf32>
}

// FORM: xf.combine_experts | flop: T*2*2*64 | activations: T*(2*64 + 2 + 64)*4
func.func @combine_experts(%y: tensor<?x?x2x64xf32>, %w: tensor<?x?x2xf32>) -> tensor<?x?x64xf32> {
  %sum = xf.combine_experts %y, %w : (tensor<?x?x2x64xf32>, tensor<?x?x2xf32>) -> tensor<?x?x64xf32>
  return %sum : tensor<?x?x64xf32>
}

// Sorted rows are 2 T, though their dimension is dynamic as that of tokens is.
// FORM: xf.sort_by_expert | activations: (2*T + 2*T + 9)*4
// FORM: xf.gather_tokens | activations: 2*T*(4 + 64*4 + 64*4)
// FORM: xf.grouped_linear | flop: 2*T*64*2*64 | weights: min(8, 2*T)*64*64*4 | activations: 2*T*(64 + 64)*4 + 9*4
// FORM: xf.scatter_combine | flop: 2*T*2*64 | activations: 2*T*(64*4 + 4 + 4) + T*64*4
func.func @grouped(%x: tensor<?x?x64xf32>, %w: tensor<8x64x64xf32>, %e: tensor<?x?x2xi32>, %c: tensor<?x?x2xf32>)
    -> tensor<?x?x64xf32> {
  %order, %offsets = xf.sort_by_expert %e experts = 8 : (tensor<?x?x2xi32>) -> (tensor<?xi32>, tensor<9xi32>)
  %rows = xf.gather_tokens %x, %order top_k = 2 : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  %y = xf.grouped_linear %rows, %w, %offsets : (tensor<?x64xf32>, tensor<8x64x64xf32>, tensor<9xi32>) -> tensor<?x64xf32>
  %sum = xf.scatter_combine %y, %order, %c : (tensor<?x64xf32>, tensor<?xi32>, tensor<?x?x2xf32>) -> tensor<?x?x64xf32>
  return %sum : tensor<?x?x64xf32>
}
