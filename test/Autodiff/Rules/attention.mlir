// Attention by query, keys, values, bias and sinks, with each option; rows that see nothing.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @causal(%q: tensor<?x?x8xf32>, %k: tensor<?x?x8xf32>, %v: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %y = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.5 mask = causal : (tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// Cross attention with grouped heads and values of another width.
func.func @cross(%q: tensor<2x3x8xf32>, %k: tensor<2x5x4xf32>, %v: tensor<2x5x6xf32>) -> tensor<2x3x12xf32> {
  %y = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.7 mask = none : (tensor<2x3x8xf32>, tensor<2x5x4xf32>, tensor<2x5x6xf32>) -> tensor<2x3x12xf32>
  return %y : tensor<2x3x12xf32>
}

// One value as all three, rotated.
func.func @self(%x: tensor<?x?x8xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %y = xf.attention %x keys(%x) values(%x) rope(%p, #xf.rope<dim = 4, base = 1.0e2, style = half>) heads = 2 scale = 0.5 mask = causal
    : (tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<?x?xi32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

func.func @windows(%q: tensor<2x5x8xf32>, %k: tensor<2x5x4xf32>, %v: tensor<2x5x4xf32>) -> (tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<2x5x8xf32>) {
  %0 = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.5 mask = causal window = 2 : (tensor<2x5x8xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x8xf32>
  %1 = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.5 mask = none window = 2 : (tensor<2x5x8xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x8xf32>
  %2 = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.5 mask = causal window = 2 keep = 1 : (tensor<2x5x8xf32>, tensor<2x5x4xf32>, tensor<2x5x4xf32>) -> tensor<2x5x8xf32>
  return %0, %1, %2 : tensor<2x5x8xf32>, tensor<2x5x8xf32>, tensor<2x5x8xf32>
}

// Positions that see each other in both directions; documents; padding, the first position of the first sequence too, so
// that its row sees nothing.
func.func @masks(%q: tensor<2x4x8xf32>, %k: tensor<2x4x8xf32>, %v: tensor<2x4x8xf32>, %prefix: tensor<2xi32>) -> (tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>) {
  %d = arith.constant dense<[[0, 0, 1, 1], [3, 3, 3, 4]]> : tensor<2x4xi32>
  %m = arith.constant dense<[[0, 1, 1, 0], [1, 1, 0, 1]]> : tensor<2x4xi32>
  %0 = xf.attention %q keys(%k) values(%v) prefix(%prefix) heads = 2 scale = 0.5 mask = causal window = 2 : (tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2xi32>) -> tensor<2x4x8xf32>
  %1 = xf.attention %q keys(%k) values(%v) documents(%d) heads = 2 scale = 0.5 mask = causal : (tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4xi32>) -> tensor<2x4x8xf32>
  %2 = xf.attention %q keys(%k) values(%v) valid(%m) heads = 2 scale = 0.5 mask = causal : (tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4xi32>) -> tensor<2x4x8xf32>
  %3 = xf.attention %q keys(%k) values(%v) prefix(%prefix) documents(%d) valid(%m) heads = 2 scale = 0.5 mask = causal : (tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2xi32>, tensor<2x4xi32>, tensor<2x4xi32>) -> tensor<2x4x8xf32>
  return %0, %1, %2, %3 : tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>
}

func.func @changes(%q: tensor<?x?x8xf32>, %k: tensor<?x?x4xf32>, %v: tensor<?x?x4xf32>) -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  %0 = xf.attention %q keys(%k) values(%v) heads = 4 scale = 1.5 mask = causal soft_cap = 2.0 : (tensor<?x?x8xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x8xf32>
  %1 = xf.attention %q keys(%k) values(%v) alibi = #xf.alibi<max_bias = 8.0> heads = 4 scale = 0.5 mask = none soft_cap = 3.0 : (tensor<?x?x8xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x8xf32>
  return %0, %1 : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}

// Sinks, where some rows see nothing else, with all that gpt-oss has.
func.func @sinks(%q: tensor<2x4x8xf32>, %k: tensor<2x4x4xf32>, %v: tensor<2x4x4xf32>, %s: tensor<4xf32>, %p: tensor<2x4xi32>) -> (tensor<2x4x8xf32>, tensor<2x4x8xf32>) {
  %m = arith.constant dense<[[0, 1, 1, 0], [1, 1, 0, 1]]> : tensor<2x4xi32>
  %0 = xf.attention %q keys(%k) values(%v) rope(%p, #xf.rope<dim = 2, base = 1.0e2, style = half>) sinks(%s) heads = 4 scale = 0.5 mask = causal window = 2
    : (tensor<2x4x8xf32>, tensor<2x4x4xf32>, tensor<2x4x4xf32>, tensor<2x4xi32>, tensor<4xf32>) -> tensor<2x4x8xf32>
  %1 = xf.attention %q keys(%k) values(%v) sinks(%s) valid(%m) heads = 4 scale = 0.5 mask = causal soft_cap = 2.0
    : (tensor<2x4x8xf32>, tensor<2x4x4xf32>, tensor<2x4x4xf32>, tensor<4xf32>, tensor<2x4xi32>) -> tensor<2x4x8xf32>
  return %0, %1 : tensor<2x4x8xf32>, tensor<2x4x8xf32>
}

// Of dynamic sizes, and by the sinks alone.
func.func @sinks_alone(%t: tensor<?x?xi32>, %s: tensor<2xf32>) -> tensor<?x?x4xf32> {
  %table = arith.constant dense<[[0.5, 1.0, -0.3, 0.2], [0.1, -0.7, 0.4, 1.1]]> : tensor<2x4xf32>
  %x = xf.embedding %t, %table : (tensor<?x?xi32>, tensor<2x4xf32>) -> tensor<?x?x4xf32>
  %y = xf.attention %x keys(%x) values(%x) sinks(%s) heads = 2 scale = 0.5 mask = causal : (tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<2xf32>) -> tensor<?x?x4xf32>
  return %y : tensor<?x?x4xf32>
}

// A bias for each sequence and head, for all, and with sinks and everything that hides.
func.func @bias(%q: tensor<2x3x4xf32>, %k: tensor<2x3x2xf32>, %v: tensor<2x3x2xf32>, %b: tensor<2x2x3x3xf32>, %c: tensor<1x1x3x3xf32>, %s: tensor<2xf32>)
    -> (tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>) {
  %d = arith.constant dense<[[0, 0, 1], [3, 3, 3]]> : tensor<2x3xi32>
  %m = arith.constant dense<[[0, 1, 1], [1, 1, 0]]> : tensor<2x3xi32>
  %0 = xf.attention %q keys(%k) values(%v) bias(%b) heads = 2 scale = 0.5 mask = none : (tensor<2x3x4xf32>, tensor<2x3x2xf32>, tensor<2x3x2xf32>, tensor<2x2x3x3xf32>) -> tensor<2x3x4xf32>
  %1 = xf.attention %q keys(%k) values(%v) bias(%c) heads = 2 scale = 0.5 mask = causal : (tensor<2x3x4xf32>, tensor<2x3x2xf32>, tensor<2x3x2xf32>, tensor<1x1x3x3xf32>) -> tensor<2x3x4xf32>
  %2 = xf.attention %q keys(%k) values(%v) bias(%b) sinks(%s) documents(%d) valid(%m) alibi = #xf.alibi<max_bias = 4.0> heads = 2 scale = 0.5 mask = causal window = 2 soft_cap = 2.0
    : (tensor<2x3x4xf32>, tensor<2x3x2xf32>, tensor<2x3x2xf32>, tensor<2x2x3x3xf32>, tensor<2xf32>, tensor<2x3xi32>, tensor<2x3xi32>) -> tensor<2x3x4xf32>
  return %0, %1, %2 : tensor<2x3x4xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>
}

// Of dynamic sizes.
func.func @dynamic_bias(%q: tensor<?x?x4xf32>, %b: tensor<1x2x?x?xf32>) -> tensor<?x?x4xf32> {
  %y = xf.attention %q keys(%q) values(%q) bias(%b) heads = 2 scale = 0.5 mask = none window = 2 : (tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<1x2x?x?xf32>) -> tensor<?x?x4xf32>
  return %y : tensor<?x?x4xf32>
}

// In a loop, of dynamic sizes.
func.func @layers(%x: tensor<?x?x8xf32>, %w: tensor<2x8x8xf32>, %s: tensor<2x2xf32>) -> tensor<?x?x8xf32> {
  %y = xf.repeat %l = 2 iter(%h = %x) : tensor<?x?x8xf32> {
    %wl = xf.stack_read %w[%l] : tensor<2x8x8xf32> -> tensor<8x8xf32>
    %sl = xf.stack_read %s[%l] : tensor<2x2xf32> -> tensor<2xf32>
    %q = xf.linear %h, %wl : (tensor<?x?x8xf32>, tensor<8x8xf32>) -> tensor<?x?x8xf32>
    %a = xf.attention %q keys(%h) values(%h) sinks(%sl) heads = 2 scale = 0.3 mask = causal : (tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<2xf32>) -> tensor<?x?x8xf32>
    %z = xf.add %h, %a : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
    xf.yield %z : tensor<?x?x8xf32>
  }
  return %y : tensor<?x?x8xf32>
}
