// A loop whose carried values are too many to keep becomes a loop over groups.
// RUN: ph-opt %s --xf-split-loops="budget=20KB tokens=32" --remark-policy=all --remarks-filter=xf-split-loops -o %t.mlir 2>%t.remarks
// RUN: FileCheck %s --input-file=%t.mlir && FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// REMARK: [Passed] xf.repeat {{.*}}3 groups of 2 iterations
// CHECK-LABEL: func.func @forward
// CHECK: xf.repeat %[[GROUP:.*]] = 3 iter(%[[X:.*]] = %arg0)
// CHECK: %[[FIRST:.*]] = arith.muli %[[GROUP]], %c2
// CHECK: xf.repeat %[[I:.*]] = 2 iter(%[[H:.*]] = %[[X]])
// CHECK: %[[LAYER:.*]] = arith.addi %[[FIRST]], %[[I]]
// CHECK: xf.stack_read %arg1[%[[LAYER]]]

// RUN: ph-opt %s --xf-split-loops="budget=30KB tokens=32" --remark-policy=all --remarks-filter=xf-split-loops -o %t.whole.mlir 2>%t.whole.remarks
// RUN: FileCheck %s --check-prefix=WHOLE --input-file=%t.whole.mlir && FileCheck %s --check-prefix=ROOM --input-file=%t.whole.remarks
// ROOM: [Missed] xf.repeat {{.*}}the budget has room for what loops carry
// WHOLE: xf.repeat %{{.*}} = 6

// Reversed, it keeps 3 values and then 2 instead of 6, and gradients are right; those of weights are added in place.
// RUN: ph-opt %s --xf-split-loops --xf-autodiff="function=forward accumulate" --canonicalize --cse | FileCheck %s --check-prefix=BACK
// BACK-LABEL: func.func @forward_gradient
// BACK: xf.stack_empty 3 of
// BACK: xf.repeat %{{.*}} = 3 iter(
// BACK: xf.repeat %{{.*}} = 2 iter(
// BACK: xf.repeat %{{.*}} = 3 iter(%{{.*}}, %[[DW:.*]] = %{{.*}}, %[[DU:.*]] = %{{.*}})
// BACK: xf.stack_empty 2 of
// BACK: xf.repeat %{{.*}} = 2 iter(
// BACK: xf.repeat %{{.*}} = 2 iter(%{{.*}}, %{{.*}} = %[[DW]], %{{.*}} = %[[DU]])

// RUN: ph-opt %s --xf-split-loops --check-derivatives | FileCheck %s --check-prefix=RIGHT
// RIGHT: forward: {{[1-9][0-9]*}} comparisons
// RUN: ph-opt %s --xf-split-loops --verify-values=2 -o /dev/null 2>&1 | FileCheck %s --check-prefix=SAME
// SAME: {{[1-9][0-9]*}} comparisons, 0 differences

func.func @forward(%x: tensor<?x?x32xf32> {xf.name = "x"}, %w: tensor<6x32x32xf32> {xf.name = "w"}, %u: tensor<32x32xf32> {xf.name = "u"})
    -> (tensor<f32> {xf.name = "loss"}) {
  %y = xf.repeat %l = 6 iter(%h = %x) : tensor<?x?x32xf32> {
    %wl = xf.stack_read %w[%l] : tensor<6x32x32xf32> -> tensor<32x32xf32>
    %n = xf.rms_norm %h eps = 1.0e-5 : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    %q = xf.linear %n, %wl : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %s = xf.activation silu %q : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    %o = xf.linear %s, %u : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %c = xf.add %h, %o : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    xf.yield %c : tensor<?x?x32xf32>
  }
  %r = xf.reduce sum %y axes = [0, 1, 2] : (tensor<?x?x32xf32>) -> tensor<f32>
  return %r : tensor<f32>
}

// Five layers are no groups.
// RUN: ph-opt %s --xf-split-loops --remark-policy=all --remarks-filter=xf-split-loops -o /dev/null 2>&1 | FileCheck %s --check-prefix=PRIME
// PRIME: [Missed] xf.repeat {{.*}}5 iterations have no groups of one size
func.func @prime(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %y = xf.repeat %l = 5 iter(%h = %x) : tensor<?x32xf32> {
    %n = xf.rms_norm %h eps = 1.0e-5 : (tensor<?x32xf32>) -> tensor<?x32xf32>
    xf.yield %n : tensor<?x32xf32>
  }
  return %y : tensor<?x32xf32>
}
