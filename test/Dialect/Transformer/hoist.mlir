// What doesn't depend on the layer leaves the loop.
// RUN: ph-opt %s -loop-invariant-code-motion | FileCheck %s

// CHECK-LABEL: @loop
// CHECK: %[[W:.*]] = xf.load_weight @shared
// CHECK: xf.repeat %[[L:.*]] = 3 iter(%[[H:.*]] = %{{.*}}) : tensor<?x?x64xf32> {
// CHECK-NEXT: %[[V:.*]] = xf.load_weight @stack[%[[L]]]
// CHECK-NEXT: %[[A:.*]] = xf.rms_norm %[[H]], %[[W]]
// CHECK-NEXT: %[[B:.*]] = xf.rms_norm %[[A]], %[[V]]
// CHECK-NEXT: xf.yield %[[B]]
xf.weight @shared : tensor<64xf32>
xf.weight @stack : tensor<3x64xf32> stacked
func.func @loop(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %y = xf.repeat %layer = 3 iter(%h = %x) : tensor<?x?x64xf32> {
    %w = xf.load_weight @shared : tensor<64xf32>
    %v = xf.load_weight @stack[%layer] : tensor<64xf32>
    %a = xf.rms_norm %h, %w eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %b = xf.rms_norm %a, %v eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    xf.yield %b : tensor<?x?x64xf32>
  }
  return %y : tensor<?x?x64xf32>
}
