// In memory, too, nothing grows with the context but the results: loops carry tiles in place, and a tile of a result is written where it belongs.
//
// RUN: ph-opt %s --xf-flash-attention --canonicalize --cse --one-shot-bufferize="bufferize-function-boundaries" | FileCheck %s

// CHECK-LABEL: func.func @forward
// CHECK: memref.alloc({{.*}} : memref<?x?x16xf32>
// CHECK-NOT: memref.alloc({{.*}} : memref<?x?x16xf32>
// CHECK-NOT: memref.copy {{.*}} : memref<?x?x16xf32{{.*}} to
// CHECK: return
func.func @forward(%q: tensor<?x?x16xf32>, %k: tensor<?x?x16xf32>, %v: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %y = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.25 mask = causal
    : (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}

// CHECK-LABEL: func.func @backward
// CHECK-COUNT-3: memref.alloc({{.*}} : memref<?x?x16xf32>
// CHECK-NOT: memref.alloc({{.*}} : memref<?x?x16xf32>
// CHECK-NOT: memref.copy {{.*}} : memref<?x?x16xf32{{.*}} to
// CHECK: return
func.func @backward(%q: tensor<?x?x16xf32>, %k: tensor<?x?x16xf32>, %v: tensor<?x?x16xf32>, %dy: tensor<?x?x16xf32>)
    -> (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) {
  %dq, %dk, %dv = xf.attention_backward %q, %k, %v, %dy heads = 2 scale = 0.25 mask = causal
    : (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>)
    -> (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>)
  return %dq, %dk, %dv : tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>
}
