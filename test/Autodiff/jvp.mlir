// Tangents go through loops beside values.
// RUN: ph-opt %s --xf-jvp=wrt=x --canonicalize --cse | FileCheck %s
// RUN: not ph-opt %s --xf-jvp=of=none 2>&1 | FileCheck %s --check-prefix=NONE

// NONE: has no result 'none' to differentiate

// CHECK-LABEL: func.func @forward_tangent
// CHECK-SAME: %[[X:.*]]: tensor<1x2xf32> {xf.name = "x"}, %[[W:.*]]: tensor<2x2xf32> {xf.name = "w"}, %[[DX:.*]]: tensor<1x2xf32> {xf.name = "tangent.x"}
// CHECK-SAME: -> (tensor<f32> {xf.name = "loss"}, tensor<f32> {xf.name = "tangent.loss"})
// CHECK: xf.repeat %{{.*}} = 2 iter(%[[H:.*]] = %[[X]], %[[DH:.*]] = %[[DX]])
// CHECK-DAG: %[[Y:.*]] = xf.linear %[[H]], %[[W]]
// CHECK-DAG: %[[DY:.*]] = xf.linear %[[DH]], %[[W]]
// CHECK: xf.yield %[[Y]], %[[DY]]
func.func @forward(%x: tensor<1x2xf32> {xf.name = "x"}, %w: tensor<2x2xf32> {xf.name = "w"}) -> (tensor<f32> {xf.name = "loss"}) {
  %y = xf.repeat %l = 2 iter(%h = %x) : tensor<1x2xf32> {
    %z = xf.linear %h, %w : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
    xf.yield %z : tensor<1x2xf32>
  }
  %s = xf.reduce sum %y axes = [0, 1] : (tensor<1x2xf32>) -> tensor<f32>
  return %s : tensor<f32>
}
