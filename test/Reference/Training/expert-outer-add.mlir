// Outer products go to the experts that were chosen; one that was not keeps what it has. Lowered it gives the same.
// RUN: ph-opt %s --run=shared | FileCheck %s --check-prefix=SHARED
// RUN: ph-opt %s --run=own | FileCheck %s --check-prefix=OWN
// RUN: ph-opt %s --convert-transformer-to-linalg --verify-values=4 -o /dev/null
// RUN: ph-opt %s --convert-transformer-to-linalg --run=shared | FileCheck %s --check-prefix=SHARED

// Expert 0: 10 · (1, 2), and 1 that was there; expert 1: that alone; expert 2: 1 · (1, 2) + (20 + 30) · (3, 4), and 1.
// SHARED: [3, 1, 2] = 11 21 1 1 152 203
func.func @shared() -> tensor<3x1x2xf32> {
  %g = arith.constant dense<[[[10.0], [1.0]], [[20.0], [30.0]]]> : tensor<2x2x1xf32>
  %x = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %s = arith.constant dense<1.0> : tensor<3x1x2xf32>
  %e = arith.constant dense<[[0, 2], [2, 2]]> : tensor<2x2xi32>
  %y = train.expert_outer_add %g, %x into %s at %e : (tensor<2x2x1xf32>, tensor<2x2xf32>, tensor<3x1x2xf32>, tensor<2x2xi32>) -> tensor<3x1x2xf32>
  return %y : tensor<3x1x2xf32>
}

// Each expert has seen a row of its own.
// OWN: [2, 2, 1] = 1 2 9 12
func.func @own() -> tensor<2x2x1xf32> {
  %g = arith.constant dense<[[[1.0, 2.0], [3.0, 4.0]]]> : tensor<1x2x2xf32>
  %x = arith.constant dense<[[[1.0], [3.0]]]> : tensor<1x2x1xf32>
  %s = arith.constant dense<0.0> : tensor<2x2x1xf32>
  %e = arith.constant dense<[[0, 1]]> : tensor<1x2xi32>
  %y = train.expert_outer_add %g, %x into %s at %e : (tensor<1x2x2xf32>, tensor<1x2x1xf32>, tensor<2x2x1xf32>, tensor<1x2xi32>) -> tensor<2x2x1xf32>
  return %y : tensor<2x2x1xf32>
}

// Random ones, of the sizes of batch and sequence.
func.func @random(%g: tensor<?x?x2x6xf32>, %x: tensor<?x?x4xf32>, %s: tensor<2x6x4xf32>, %e: tensor<?x?x2xi32>) -> tensor<2x6x4xf32> {
  %y = train.expert_outer_add %g, %x into %s at %e : (tensor<?x?x2x6xf32>, tensor<?x?x4xf32>, tensor<2x6x4xf32>, tensor<?x?x2xi32>) -> tensor<2x6x4xf32>
  return %y : tensor<2x6x4xf32>
}
