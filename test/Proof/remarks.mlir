// --remarks lists what passes did and what they refused and why, in order, and then each pass.
//
// RUN: ph-opt %s --xf-fuse-residual --xf-fuse-qkv --remarks=%t.txt -o /dev/null
// RUN: FileCheck %s --match-full-lines --input-file=%t.txt
// CHECK: {{.*}}remarks.mlir:[[#@LINE+21]]:8: xf-fuse-residual: missed: xf.add: the product is used elsewhere too
// CHECK-NEXT: {{.*}}remarks.mlir:[[#@LINE+10]]:8: xf-fuse-qkv: passed: xf.split: one product for 3
// CHECK-NEXT: xf-fuse-qkv: 1 passed, 0 missed; changed the IR in 1 of 1 runs
// CHECK-NEXT: xf-fuse-residual: 0 passed, 1 missed; changed the IR in 0 of 1 runs
//
// RUN: not ph-opt %s --xf-fuse-qkv --remarks=%t.absent/remarks.txt -o /dev/null 2>&1 | FileCheck %s --check-prefix=ABSENT
// ABSENT: absent/remarks.txt

xf.weight @w : tensor<32x32xf32> sources [#xf.source<"w">]
func.func @joined(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %q = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %k = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %v = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %a = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.25 mask = none : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %a : tensor<?x?x32xf32>
}

func.func @twice(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %p = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %y = xf.add %p, %p : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}
