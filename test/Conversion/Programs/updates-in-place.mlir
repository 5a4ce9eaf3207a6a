// What programs change in place: memory of the caller, with no copy of it in the arena.
// RUN: ph-opt %s --convert-transformer-to-linalg=keep-products=true --canonicalize --cse --linalg-generalize-named-ops \
// RUN:   --accumulate-products --fuse-elementwise --merge-elementwise --share-products --canonicalize --cse \
// RUN:   --lower-to-programs | FileCheck %s

// Weight gradients of all layers, each added to its slice of the stack by the kernel itself: no arena, no copy.
// CHECK-LABEL: func.func @ph_gradients_plan(
// CHECK: llvm.store %c0_i64,
// CHECK-NEXT: return
// CHECK-LABEL: func.func @ph_gradients(
// CHECK: scf.for
// CHECK-NOT: vector.store
// CHECK-NOT: memref.store
// CHECK: call @kernel_0_tile_product
// CHECK-NOT: vector.store
// CHECK-NOT: memref.store
// CHECK: return
func.func @gradients(%x: tensor<?x576xf32> {xf.name = "x"}, %dy: tensor<?x960xf32> {xf.name = "dy"},
                     %g: tensor<30x960x576xf32> {xf.name = "g"}) -> (tensor<30x960x576xf32> {xf.name = "g"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c30 = arith.constant 30 : index
  %zero = arith.constant 0.0 : f32
  %r = scf.for %l = %c0 to %c30 step %c1 iter_args(%stack = %g) -> tensor<30x960x576xf32> {
    %old = tensor.extract_slice %stack[%l, 0, 0] [1, 960, 576] [1, 1, 1]
      : tensor<30x960x576xf32> to tensor<960x576xf32>
    %e = tensor.empty() : tensor<960x576xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<960x576xf32>) -> tensor<960x576xf32>
    %p = linalg.generic {indexing_maps = [affine_map<(n, k, m) -> (m, n)>, affine_map<(n, k, m) -> (m, k)>,
                                          affine_map<(n, k, m) -> (n, k)>],
                         iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%dy, %x : tensor<?x960xf32>, tensor<?x576xf32>) outs(%f : tensor<960x576xf32>) {
      ^bb0(%a: f32, %b: f32, %o: f32):
        %m = arith.mulf %a, %b : f32
        %s = arith.addf %o, %m : f32
        linalg.yield %s : f32
    } -> tensor<960x576xf32>
    %sum = xf.elementwise add %old, %p : (tensor<960x576xf32>, tensor<960x576xf32>) -> tensor<960x576xf32>
    %new = tensor.insert_slice %sum into %stack[%l, 0, 0] [1, 960, 576] [1, 1, 1]
      : tensor<960x576xf32> into tensor<30x960x576xf32>
    scf.yield %new : tensor<30x960x576xf32>
  }
  return %r : tensor<30x960x576xf32>
}

// New weights and moments: one loop for all three, with vectors, which stores each where it was; no arena.
// CHECK-LABEL: func.func @ph_update_plan(
// CHECK: llvm.store %c0_i64,
// CHECK-NEXT: return
// CHECK-LABEL: func.func @ph_update(
// CHECK-COUNT-1: scf.while
// CHECK-DAG: vector.load %[[P:.*]][%[[L:.*]], %[[N:.*]], %[[K:.*]]]
// CHECK-DAG: vector.load %[[M:.*]][%[[L]], %[[N]], %[[K]]]
// CHECK-DAG: vector.load %[[V:.*]][%[[L]], %[[N]], %[[K]]]
// CHECK-COUNT-3: vector.store
// CHECK-NOT: vector.store
// CHECK-NOT: scf.while
// CHECK: return
!stack = tensor<30x960x576xf32>
func.func @update(%p: !stack {xf.name = "p"}, %m: !stack {xf.name = "m"}, %v: !stack {xf.name = "v"},
                  %g: !stack {xf.name = "g"}, %rate: tensor<f32> {xf.name = "rate"})
    -> (!stack {xf.name = "p"}, !stack {xf.name = "m"}, !stack {xf.name = "v"}) {
  %b1 = arith.constant dense<0.9> : tensor<f32>
  %a1 = arith.constant dense<0.1> : tensor<f32>
  %b2 = arith.constant dense<0.999> : tensor<f32>
  %a2 = arith.constant dense<0.001> : tensor<f32>
  %eps = arith.constant dense<1.0e-8> : tensor<f32>
  %m0 = xf.elementwise mul %m, %b1 : (!stack, tensor<f32>) -> !stack
  %m1 = xf.elementwise mul %g, %a1 : (!stack, tensor<f32>) -> !stack
  %m2 = xf.elementwise add %m0, %m1 : (!stack, !stack) -> !stack
  %square = xf.elementwise mul %g, %g : (!stack, !stack) -> !stack
  %v0 = xf.elementwise mul %v, %b2 : (!stack, tensor<f32>) -> !stack
  %v1 = xf.elementwise mul %square, %a2 : (!stack, tensor<f32>) -> !stack
  %v2 = xf.elementwise add %v0, %v1 : (!stack, !stack) -> !stack
  %root = xf.unary sqrt %v2 : (!stack) -> !stack
  %below = xf.elementwise add %root, %eps : (!stack, tensor<f32>) -> !stack
  %ratio = xf.elementwise div %m2, %below : (!stack, !stack) -> !stack
  %step = xf.elementwise mul %ratio, %rate : (!stack, tensor<f32>) -> !stack
  %p2 = xf.elementwise sub %p, %step : (!stack, !stack) -> !stack
  return %p2, %m2, %v2 : !stack, !stack, !stack
}

// What was there is read after its update is known: the update waits elsewhere until then.
// CHECK-LABEL: func.func @ph_read_later(
// CHECK: %[[MEMORY:.*]] = memref.view %{{.*}} to memref<64x32xf32>
// CHECK: %[[READ:.*]] = vector.load %[[MEMORY]][
// CHECK-NOT: vector.store %{{.*}}, %[[MEMORY]][
// CHECK: arith.mulf
// CHECK: vector.store %{{.*}}, %[[MEMORY]][
!m = tensor<64x32xf32>
func.func @read_later(%m: !m {xf.name = "m"}, %g: !m {xf.name = "g"}) -> (!m {xf.name = "m"}, !m {xf.name = "q"}) {
  %new = xf.elementwise add %m, %g : (!m, !m) -> !m
  %sum = xf.reduce sum %new axes = [0] keepdims : (!m) -> tensor<1x32xf32>
  %q = xf.elementwise mul %m, %sum : (!m, tensor<1x32xf32>) -> !m
  return %new, %q : !m, !m
}
