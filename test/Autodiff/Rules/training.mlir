// Log-probabilities of tokens, with labels that are ignored, and what adds rows.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @token_logp(%h: tensor<?x?x4xf32>, %w: tensor<6x4xf32>, %l: tensor<?x?xi32>) -> (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>) {
  %0 = train.token_logp %h, %w, %l : (tensor<?x?x4xf32>, tensor<6x4xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
  %1 = train.token_logp %h, %w, %l ignore_index = 1 scale = 0.7 chunk = 2 : (tensor<?x?x4xf32>, tensor<6x4xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
  %2 = train.token_logp %h, %w, %l scale = 1.5 soft_cap = 2.0 : (tensor<?x?x4xf32>, tensor<6x4xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
  return %0, %1, %2 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>
}

// Two uses of one matrix, which is added to in place.
func.func @tied(%t: tensor<?x?xi32>, %w: tensor<6x4xf32>, %l: tensor<?x?xi32>) -> tensor<?x?xf32> {
  %x = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<6x4xf32>) -> tensor<?x?x4xf32>
  %y = xf.activation silu %x : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %0 = train.token_logp %y, %w, %l : (tensor<?x?x4xf32>, tensor<6x4xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

func.func @scatter_add(%v: tensor<2x3x4xf32>, %s: tensor<5x4xf32>, %i: tensor<2x3xi32>) -> tensor<5x4xf32> {
  %0 = train.scatter_add %v into %s at %i : tensor<2x3x4xf32> into tensor<5x4xf32> at tensor<2x3xi32>
  return %0 : tensor<5x4xf32>
}

// Against a teacher, in both directions.
func.func @token_kl(%h: tensor<2x3xf32>, %w: tensor<4x3xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %t = arith.constant dense<[[0.5, -1.0, 0.3, 1.2], [-0.7, 0.1, 2.0, 0.4]]> : tensor<2x4xf32>
  %0 = train.token_kl %h, %w, %t temperature = 2.0 scale = 0.5 chunk = 1 : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<2x4xf32>) -> tensor<2xf32>
  %1 = train.token_kl %h, %w, %t temperature = 0.7 reverse soft_cap = 3.0 : (tensor<2x3xf32>, tensor<4x3xf32>, tensor<2x4xf32>) -> tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}

// The same elements are left out on the way back; in each layer others.
func.func @dropout(%x: tensor<?x?x4xf32>, %key: tensor<2xi32>) -> tensor<?x?x4xf32> {
  %a = train.dropout %x, %key stream = 3 probability = 0.4 : (tensor<?x?x4xf32>, tensor<2xi32>) -> tensor<?x?x4xf32>
  %y = xf.repeat %l = 3 iter(%h = %a) : tensor<?x?x4xf32> {
    %t = xf.unary tanh %h : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
    %d = train.dropout %t, %key layer(%l) stream = 1 probability = 0.3 : (tensor<?x?x4xf32>, tensor<2xi32>, index) -> tensor<?x?x4xf32>
    %z = xf.add %h, %d : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
    xf.yield %z : tensor<?x?x4xf32>
  }
  return %y : tensor<?x?x4xf32>
}
