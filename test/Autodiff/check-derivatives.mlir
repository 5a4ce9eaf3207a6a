// What the check of derivatives says, of one function and of all; which points it passes over; what it can't check.
// RUN: ph-opt %s --check-derivatives=right | FileCheck %s --check-prefix=RIGHT
// RUN: ph-opt %s --check-derivatives=right --check-wrt=w --check-points=3 | FileCheck %s --check-prefix=ONE
// RUN: ph-opt %s --check-derivatives=kinks --check-points=9 | FileCheck %s --check-prefix=KINKS
// RUN: not ph-opt %s --check-derivatives=no_point 2>&1 | FileCheck %s --check-prefix=ONLY
// RUN: not ph-opt %s --check-derivatives=integers 2>&1 | FileCheck %s --check-prefix=NOTHING
// RUN: not ph-opt %s --check-derivatives=none 2>&1 | FileCheck %s --check-prefix=NONE

// By each of two arguments and by both: three comparisons each, with the results of forward mode besides; reverse mode once, and
// what it adds to, at two points.
// RIGHT: @right: 30 comparisons at 2 points (0 passed over at kinks), largest error {{.*}}e-1
// RIGHT-NEXT: 1 functions: 30 comparisons
// ONE: @right: 18 comparisons at 3 points
func.func @right(%x: tensor<2x3xf32> {xf.name = "x"}, %w: tensor<4x3xf32> {xf.name = "w"}) -> tensor<2x4xf32> {
  %y = xf.linear %x, %w : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// A saw of teeth that are narrow: some points have an edge within reach, and are not taken.
// KINKS: @kinks: {{[0-9]+}} comparisons at 9 points ({{[1-9][0-9]*}} passed over at kinks), largest error {{.*}}e-
func.func @kinks(%x: tensor<2xf32>) -> tensor<2xf32> {
  %f = arith.constant dense<1000.0> : tensor<f32>
  %y = xf.elementwise mul %x, %f : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %z = xf.unary floor %y : (tensor<2xf32>) -> tensor<2xf32>
  %d = xf.elementwise sub %y, %z : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %d : tensor<2xf32>
}

// The logarithm of what is below 0 is no number anywhere.
// ONLY: has no point without a kink among those of 20 seeds to check derivatives at
func.func @no_point(%x: tensor<2xf32>) -> tensor<2xf32> {
  %e = xf.unary exp %x : (tensor<2xf32>) -> tensor<2xf32>
  %n = xf.unary neg %e : (tensor<2xf32>) -> tensor<2xf32>
  %y = xf.unary log %n : (tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// NOTHING: has nothing to differentiate: no derivative was compared
func.func @integers(%x: tensor<2xi32>) -> tensor<2xf32> {
  %y = xf.cast %x : (tensor<2xi32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// NONE: expects a function with a body to check, but got 'none'
