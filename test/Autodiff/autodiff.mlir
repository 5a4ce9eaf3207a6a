// Loops are reversed as loops: what is carried is kept, the rest computed again, and gradients of layers are written layer by layer.
// RUN: ph-opt %s --split-input-file --xf-autodiff=wrt=x,w,n --canonicalize --cse | FileCheck %s
// RUN: ph-opt %s --split-input-file --xf-autodiff=wrt=w --canonicalize --cse | FileCheck %s --check-prefix=FROZEN

// CHECK-LABEL: func.func @forward_gradient
// CHECK-SAME: -> (tensor<f32> {xf.name = "loss"}, tensor<2x3x8xf32> {xf.name = "grad.x"}, tensor<4x8x8xf32> {xf.name = "grad.w"}, tensor<8xf32> {xf.name = "grad.n"})
// CHECK: %[[KEPT:.*]]:2 = xf.repeat %[[L:.*]] = 4 iter(%[[H:.*]] = {{.*}}, %[[STACK:.*]] = {{.*}})
// CHECK: xf.stack_write %[[H]] into %[[STACK]][%[[L]]]
// The gradient of the shared norm is summed up from zeros; that of the stack is written whole, so it needs none.
// CHECK: %[[ROOM:.*]] = xf.stack_empty 4 of %{{.*}} : (tensor<8x8xf32>) -> tensor<4x8x8xf32>
// CHECK: %[[ZERO:.*]] = xf.broadcast
// CHECK: xf.repeat %[[I:.*]] = 4 iter(%{{.*}}, %[[DW:.*]] = %[[ROOM]], %{{.*}} = %[[ZERO]])
// CHECK: %[[BACK:.*]] = arith.subi %c3, %[[I]]
// CHECK: %[[AGAIN:.*]] = xf.stack_read %[[KEPT]]#1[%[[BACK]]]
// CHECK: %[[NORM:.*]] = xf.rms_norm %[[AGAIN]]
// CHECK: xf.linear_backward
// CHECK: %[[OUTER:.*]] = xf.matmul {{.*}} transpose_a
// CHECK: xf.stack_write %[[OUTER]] into %[[DW]][%[[BACK]]]

// What is not asked for costs nothing: no gradient of the norm's weight is made.
// FROZEN-LABEL: func.func @forward_gradient
// FROZEN-SAME: -> (tensor<f32> {xf.name = "loss"}, tensor<4x8x8xf32> {xf.name = "grad.w"})
// FROZEN-NOT: xf.reduce sum {{.*}} axes = [0, 1]
func.func @forward(%x: tensor<2x3x8xf32> {xf.name = "x"}, %w: tensor<4x8x8xf32> {xf.name = "w"}, %n: tensor<8xf32> {xf.name = "n"})
    -> (tensor<f32> {xf.name = "loss"}) {
  %y = xf.repeat %l = 4 iter(%h = %x) : tensor<2x3x8xf32> {
    %wl = xf.stack_read %w[%l] : tensor<4x8x8xf32> -> tensor<8x8xf32>
    %a = xf.rms_norm %h, %n eps = 1.0e-5 : (tensor<2x3x8xf32>, tensor<8xf32>) -> tensor<2x3x8xf32>
    %b = xf.linear %a, %wl : (tensor<2x3x8xf32>, tensor<8x8xf32>) -> tensor<2x3x8xf32>
    %d = xf.add %b, %h : (tensor<2x3x8xf32>, tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
    xf.yield %d : tensor<2x3x8xf32>
  }
  %q = xf.elementwise mul %y, %y : (tensor<2x3x8xf32>, tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
  %s = xf.reduce sum %q axes = [2] : (tensor<2x3x8xf32>) -> tensor<2x3xf32>
  %t = xf.reduce sum %s axes = [0] : (tensor<2x3xf32>) -> tensor<3xf32>
  %r = xf.reduce sum %t axes = [0] : (tensor<3xf32>) -> tensor<f32>
  return %r : tensor<f32>
}
