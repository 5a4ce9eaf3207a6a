// Rotations of each style, of a part of each head, and scaled.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @rope(%x: tensor<?x?x12xf32>, %p: tensor<?x?xi32>) -> (tensor<?x?x12xf32>, tensor<?x?x12xf32>, tensor<?x?x12xf32>, tensor<?x?x12xf32>) {
  %0 = xf.rope %x, %p rope = #xf.rope<dim = 6, base = 1.0e4, style = half> heads = 2 : (tensor<?x?x12xf32>, tensor<?x?xi32>) -> tensor<?x?x12xf32>
  %1 = xf.rope %x, %p rope = #xf.rope<dim = 6, base = 1.0e4, style = interleaved> heads = 2 : (tensor<?x?x12xf32>, tensor<?x?xi32>) -> tensor<?x?x12xf32>
  %2 = xf.rope %x, %p rope = #xf.rope<dim = 4, base = 1.0e2, style = half> heads = 2 : (tensor<?x?x12xf32>, tensor<?x?xi32>) -> tensor<?x?x12xf32>
  %3 = xf.rope %x, %p rope = #xf.rope<dim = 4, base = 1.0e4, style = half, scaling = yarn, factor = 4.0, original = 8> heads = 3 : (tensor<?x?x12xf32>, tensor<?x?xi32>) -> tensor<?x?x12xf32>
  return %0, %1, %2, %3 : tensor<?x?x12xf32>, tensor<?x?x12xf32>, tensor<?x?x12xf32>, tensor<?x?x12xf32>
}
