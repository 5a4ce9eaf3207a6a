// What loops compute again on the way back is kept instead, the most worth first: products and attention, not norms.
// RUN: ph-opt %s --xf-autodiff=wrt=w --canonicalize --cse -o %t.gradient.mlir
// RUN: ph-opt %t.gradient.mlir --xf-recompute="tokens=256" --remark-policy=all --remarks-filter=xf-recompute -o %t.mlir 2>%t.remarks
// RUN: FileCheck %s --input-file=%t.mlir && FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// Carried are 4 layers x 256 rows x 256 floats. As much are the query and the sum that attention ends in, twice as much is what is activated.
// REMARK: [Passed] func.func {{.*}}5242880 bytes are kept, 1048576 of what loops carry and the rest of 3 values more; {{[0-9]}} % of what was computed again still is
// CHECK-LABEL: func.func @forward_gradient
// CHECK: %[[FIRST:.*]]:5 = xf.repeat %[[L:.*]] = 4 iter(
// CHECK: %[[Q:.*]] = xf.linear
// CHECK: xf.stack_write %[[Q]] into %{{.*}}[%[[L]]] : tensor<?x?x256xf32> into tensor<4x?x?x256xf32>
// CHECK: %[[A:.*]] = xf.attention %[[Q]]
// CHECK: %[[B:.*]] = xf.add %{{.*}}, %[[A]]
// CHECK: xf.stack_write %[[B]] into
// CHECK: %[[G:.*]] = xf.linear {{.*}} -> tensor<?x?x512xf32>
// CHECK: xf.stack_write %[[G]] into
// CHECK: xf.repeat
// CHECK-NOT: {{xf.linear |xf.attention }}
// CHECK: return

// With a budget for one value more, the query is kept: its product and a norm are worth more than attention.
// RUN: ph-opt %t.gradient.mlir --xf-recompute="budget=2MiB tokens=256" --remark-policy=all --remarks-filter=xf-recompute -o %t.some.mlir 2>%t.some.remarks
// RUN: FileCheck %s --check-prefix=SOME --input-file=%t.some.mlir && FileCheck %s --check-prefix=SOMEREMARK --input-file=%t.some.remarks
// SOMEREMARK: [Passed] func.func {{.*}}2097152 bytes are kept, 1048576 of what loops carry and the rest of 1 values more
// SOME-LABEL: func.func @forward_gradient
// SOME: %[[FIRST:.*]]:3 = xf.repeat
// SOME: %[[BACK:.*]] = arith.subi
// SOME-COUNT-2: xf.stack_read %[[FIRST]]#{{[12]}}[%[[BACK]]] : tensor<4x?x?x256xf32>

// Nothing fits, or not even what is carried.
// RUN: ph-opt %t.gradient.mlir --xf-recompute="budget=1.9MiB tokens=256" --remark-policy=all --remarks-filter=xf-recompute -o %t.none.mlir 2>%t.none.remarks
// RUN: diff %t.gradient.mlir %t.none.mlir && FileCheck %s --check-prefix=NONE --input-file=%t.none.remarks
// RUN: ph-opt %t.gradient.mlir --xf-recompute="budget=1MB tokens=256" --remark-policy=all --remarks-filter=xf-recompute -o %t.none.mlir 2>%t.none.remarks
// RUN: diff %t.gradient.mlir %t.none.mlir && FileCheck %s --check-prefix=LESS --input-file=%t.none.remarks
// NONE: [Missed] func.func {{.*}}beside the 1048576 bytes of what loops carry the budget has room for nothing worth keeping
// LESS: [Missed] func.func {{.*}}what loops carry takes 1048576 bytes, more than the budget

// RUN: not ph-opt %s --xf-recompute=budget=much 2>&1 | FileCheck %s --check-prefix=WRONG
// WRONG: xf-recompute expects budget=SIZE, as 300MiB, 1GiB or 4096, or all, but got 'much'

// Values are the same, bit by bit.
// RUN: ph-opt %t.gradient.mlir --xf-recompute --verify-values=2 --verify-sizes=1x3,2x5 -o /dev/null 2>&1 | FileCheck %s --check-prefix=SAME
// RUN: ph-opt %t.gradient.mlir --xf-recompute="budget=2MiB tokens=256" --verify-values=1 --verify-sizes=2x3 -o /dev/null 2>&1 | FileCheck %s --check-prefix=SAME
// SAME: {{[1-9][0-9]*}} comparisons, 0 differences

func.func @forward(%x: tensor<?x?x256xf32> {xf.name = "x"}, %w: tensor<4x256x256xf32> {xf.name = "w"}, %u: tensor<512x256xf32> {xf.name = "u"}, %d: tensor<256x512xf32> {xf.name = "d"})
    -> (tensor<f32> {xf.name = "loss"}) {
  %y = xf.repeat %l = 4 iter(%h = %x) : tensor<?x?x256xf32> {
    %wl = xf.stack_read %w[%l] : tensor<4x256x256xf32> -> tensor<256x256xf32>
    %n = xf.rms_norm %h eps = 1.0e-5 : (tensor<?x?x256xf32>) -> tensor<?x?x256xf32>
    %q = xf.linear %n, %wl : (tensor<?x?x256xf32>, tensor<256x256xf32>) -> tensor<?x?x256xf32>
    %a = xf.attention %q keys(%q) values(%q) heads = 4 scale = 0.125 mask = causal : (tensor<?x?x256xf32>, tensor<?x?x256xf32>, tensor<?x?x256xf32>) -> tensor<?x?x256xf32>
    %b = xf.add %h, %a : (tensor<?x?x256xf32>, tensor<?x?x256xf32>) -> tensor<?x?x256xf32>
    %m = xf.rms_norm %b eps = 1.0e-5 : (tensor<?x?x256xf32>) -> tensor<?x?x256xf32>
    %g = xf.linear %m, %u : (tensor<?x?x256xf32>, tensor<512x256xf32>) -> tensor<?x?x512xf32>
    %s = xf.activation silu %g : (tensor<?x?x512xf32>) -> tensor<?x?x512xf32>
    %o = xf.linear %s, %d : (tensor<?x?x512xf32>, tensor<256x512xf32>) -> tensor<?x?x256xf32>
    %c = xf.add %b, %o : (tensor<?x?x256xf32>, tensor<?x?x256xf32>) -> tensor<?x?x256xf32>
    xf.yield %c : tensor<?x?x256xf32>
  }
  %r = xf.reduce sum %y axes = [0, 1, 2] : (tensor<?x?x256xf32>) -> tensor<f32>
  return %r : tensor<f32>
}
