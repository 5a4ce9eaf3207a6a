// RUN: ph-opt %s -split-input-file --convert-loops-to-phases --verify-diagnostics | FileCheck %s

// Rows are shared; a sum along a row stays in a register.
// CHECK: func.func private @kernel_0_linear(
// CHECK-LABEL: func.func @ph_f(
func.func @ph_f(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {}} {
  %c0 = arith.constant 0 : index
  %n = arith.constant 5 : index
  %x = memref.view %arena[%c0][%n] : memref<1099511627776xi8> to memref<?x64xf32>
  %s = memref.view %arena[%c0][%n] : memref<1099511627776xi8> to memref<?xf32>
  %y = memref.view %arena[%c0][%n] : memref<1099511627776xi8> to memref<?x96xf32>
  // CHECK: llvm.call %{{.*}}(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}})
  // CHECK: scf.for
  // CHECK: memref.load %{{.*}} : memref<?xf32>
  // CHECK: scf.for {{.*}} iter_args(
  // CHECK: vector.load
  // CHECK: arith.addf {{.*}} : vector<16xf32>
  // CHECK: memref.store {{.*}} : memref<?xf32>
  linalg.generic {indexing_maps = [affine_map<(m, k) -> (m, k)>, affine_map<(m, k) -> (m)>],
                  iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<?x64xf32>) outs(%s : memref<?xf32>) {
    ^bb0(%v: f32, %o: f32):
      %t = arith.addf %o, %v : f32
      linalg.yield %t : f32
  }
  // CHECK: llvm.call
  // CHECK: func.call @kernel_0_linear(
  step.kernel {kind = "linear", rows = 96, columns = 64} weights(%c0) ins(%x : memref<?x64xf32>)
    outs(%y : memref<?x96xf32>) tiles = 6
  // Each element of the loop is a unit.
  // CHECK: llvm.call
  // CHECK: scf.for
  // CHECK-NOT: scf.forall
  scf.forall (%i) in (5) {
    %v = memref.load %s[%i] : memref<?xf32>
    memref.store %v, %s[%i] : memref<?xf32>
  }
  return
}

// -----

// Sums over what lies far apart are formed side by side in memory.
// CHECK-LABEL: func.func @ph_g(
// CHECK: scf.for
// CHECK-NOT: iter_args
// CHECK: vector.store
// CHECK: return
func.func @ph_g(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {}} {
  %c0 = arith.constant 0 : index
  %x = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<4x8xf32>
  %w = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<8x64xf32>
  %y = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<4x64xf32>
  linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
                                   affine_map<(m, n, k) -> (m, n)>],
                  iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : memref<4x8xf32>, memref<8x64xf32>) outs(%y : memref<4x64xf32>) {
    ^bb0(%v: f32, %u: f32, %o: f32):
      %p = arith.mulf %v, %u : f32
      %t = arith.addf %o, %p : f32
      linalg.yield %t : f32
  }
  return
}

// -----

// Products in what threads share are kernels', with dimensions of size 1 left out; one that is no plain product is loops.
// CHECK: func.func private @kernel_0_tile_product({{.*}}xf.kernel = {kind = "tile_product", transposed}
// CHECK-LABEL: func.func @ph_t(
// CHECK: func.call @kernel_0_tile_product(
// CHECK: arith.subf
// CHECK: return
func.func @ph_t(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {}} {
  %c0 = arith.constant 0 : index
  %n = arith.constant 9 : index
  %q = memref.view %arena[%c0][%n] : memref<1099511627776xi8> to memref<1x?x32xf32>
  %k = memref.view %arena[%c0][%n] : memref<1099511627776xi8> to memref<?x32xf32>
  %s = memref.view %arena[%c0][%n, %n] : memref<1099511627776xi8> to memref<1x?x?xf32>
  scf.forall (%i) in (5) {
    linalg.generic {indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (n, k)>,
                                     affine_map<(b, m, n, k) -> (b, m, n)>],
                    iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
        ins(%q, %k : memref<1x?x32xf32>, memref<?x32xf32>) outs(%s : memref<1x?x?xf32>) {
      ^bb0(%x: f32, %y: f32, %o: f32):
        %p = arith.mulf %x, %y : f32
        %t = arith.addf %o, %p : f32
        linalg.yield %t : f32
    }
    linalg.generic {indexing_maps = [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, k) -> (n, k)>,
                                     affine_map<(b, m, n, k) -> (b, m, n)>],
                    iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
        ins(%q, %k : memref<1x?x32xf32>, memref<?x32xf32>) outs(%s : memref<1x?x?xf32>) {
      ^bb0(%x: f32, %y: f32, %o: f32):
        %p = arith.subf %x, %y : f32
        %t = arith.addf %o, %p : f32
        linalg.yield %t : f32
    }
  }
  return
}

// -----

// A gradient of weights sums over the rows of both: the left matrix holds columns.
// CHECK: func.func private @kernel_0_tile_product({{.*}}xf.kernel = {kind = "tile_product", left_columns}
// CHECK-LABEL: func.func @ph_turned(
// CHECK: func.call @kernel_0_tile_product(
func.func @ph_turned(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                     %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {}} {
  %c0 = arith.constant 0 : index
  %n = arith.constant 9 : index
  %dy = memref.view %arena[%c0][%n] : memref<1099511627776xi8> to memref<?x24xf32>
  %x = memref.view %arena[%c0][%n] : memref<1099511627776xi8> to memref<?x32xf32>
  %g = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<24x32xf32>
  scf.forall (%i) in (5) {
    linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (k, n)>,
                                     affine_map<(m, n, k) -> (m, n)>],
                    iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%dy, %x : memref<?x24xf32>, memref<?x32xf32>) outs(%g : memref<24x32xf32>) {
      ^bb0(%a: f32, %b: f32, %o: f32):
        %p = arith.mulf %a, %b : f32
        %t = arith.addf %o, %p : f32
        linalg.yield %t : f32
    }
  }
  return
}

// -----

// Keys and values of a cache may be f16; what they are multiplied with may not.
// CHECK: func.func private @kernel_0_tile_product({{.*}}memref<1099511627776xf16>{{.*}}xf.kernel = {half, kind = "tile_product"}
// CHECK-NOT: func.func private
// CHECK-LABEL: func.func @ph_half(
// CHECK: func.call @kernel_0_tile_product(
// CHECK: arith.extf
// CHECK: return
func.func @ph_half(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                   %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {}} {
  %c0 = arith.constant 0 : index
  %n = arith.constant 9 : index
  %p = memref.view %arena[%c0][%n, %n] : memref<1099511627776xi8> to memref<?x?xf32>
  %v = memref.view %arena[%c0][%n] : memref<1099511627776xi8> to memref<?x32xf16>
  %w = memref.view %arena[%c0][%n] : memref<1099511627776xi8> to memref<?x32xf32>
  %h = memref.view %arena[%c0][%n, %n] : memref<1099511627776xi8> to memref<?x?xf16>
  %y = memref.view %arena[%c0][%n] : memref<1099511627776xi8> to memref<?x32xf32>
  scf.forall (%i) in (5) {
    linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
                                     affine_map<(m, n, k) -> (m, n)>],
                    iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%p, %v : memref<?x?xf32>, memref<?x32xf16>) outs(%y : memref<?x32xf32>) {
      ^bb0(%a: f32, %b: f16, %o: f32):
        %e = arith.extf %b : f16 to f32
        %q = arith.mulf %a, %e : f32
        %t = arith.addf %o, %q : f32
        linalg.yield %t : f32
    }
    linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
                                     affine_map<(m, n, k) -> (m, n)>],
                    iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%h, %w : memref<?x?xf16>, memref<?x32xf32>) outs(%y : memref<?x32xf32>) {
      ^bb0(%a: f16, %b: f32, %o: f32):
        %e = arith.extf %a : f16 to f32
        %q = arith.mulf %e, %b : f32
        %t = arith.addf %o, %q : f32
        linalg.yield %t : f32
    }
  }
  return
}

// -----

func.func @ph_h(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {}} {
  // expected-error @+1 {{expects to be something that phases are made of}}
  %a = memref.alloc() : memref<8xf32>
  return
}
