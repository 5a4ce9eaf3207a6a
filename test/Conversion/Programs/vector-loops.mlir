// Innermost loops take vectors of 16 elements, and what is left a mask.
//
// RUN: ph-opt %s -split-input-file --convert-loops-to-phases --canonicalize --remark-policy=all \
// RUN:   --remarks-filter=convert-loops-to-phases 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// What a row shares is loaded once for all of its vectors; 40 columns are two vectors and half of one.
// CHECK-LABEL: func.func @ph_rows(
// CHECK: memref.load %{{.*}} : memref<5xf32>
// CHECK: scf.for
// CHECK-NOT: memref.load
// CHECK: vector.load %{{.*}} : memref<5x40xf32>, vector<16xf32>
// CHECK: arith.mulf %{{.*}} : vector<16xf32>
// CHECK: vector.store
// CHECK: }
// CHECK-NOT: scf.if
// CHECK: vector.maskedload
// CHECK: arith.mulf %{{.*}} : vector<16xf32>
// CHECK: vector.maskedstore
// CHECK-NOT: memref.store
// CHECK: return
func.func @ph_rows(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                   %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {}} {
  %c0 = arith.constant 0 : index
  %x = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<5x40xf32>
  %s = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<5xf32>
  linalg.generic {indexing_maps = [affine_map<(m, n) -> (m)>, affine_map<(m, n) -> (m, n)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%s : memref<5xf32>) outs(%x : memref<5x40xf32>) {
    ^bb0(%v: f32, %o: f32):
      %t = arith.mulf %o, %v : f32
      linalg.yield %t : f32
  }
  return
}

// -----

// Lanes past the end add nothing to a sum, and are no candidates for the largest; both are carried as vectors. Of a
// size that isn't known there may be a rest.
// CHECK-LABEL: func.func @ph_sums(
// CHECK-DAG: %[[LEAST:.*]] = arith.constant dense<0xFF800000> : vector<16xf32>
// CHECK-DAG: %[[NOTHING:.*]] = arith.constant dense<0.000000e+00> : vector<16xf32>
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %[[NOTHING]], %{{.*}} = %[[LEAST]]) -> (vector<16xf32>, vector<16xf32>)
// CHECK: scf.if
// CHECK: vector.maskedload
// CHECK: arith.select %{{.*}}, %{{.*}}, %[[NOTHING]]
// CHECK: arith.select %{{.*}}, %{{.*}}, %[[LEAST]]
// CHECK: arith.addf %{{.*}} : vector<8xf32>
// CHECK: memref.store
// CHECK: memref.store
// CHECK: return
func.func @ph_sums(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                   %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {}} {
  %c0 = arith.constant 0 : index
  %x = memref.view %arena[%c0][%thread] : memref<1099511627776xi8> to memref<5x?xf32>
  %s = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<5xf32>
  %m = memref.view %arena[%threads][] : memref<1099511627776xi8> to memref<5xf32>
  linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m)>, affine_map<(m, n) -> (m)>],
                  iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<5x?xf32>) outs(%s, %m : memref<5xf32>, memref<5xf32>) {
    ^bb0(%v: f32, %o: f32, %p: f32):
      %t = arith.addf %o, %v : f32
      %l = arith.maximumf %p, %v : f32
      linalg.yield %t, %l : f32, f32
  }
  return
}

// -----

// A window of a row is side by side too.
// CHECK-LABEL: func.func @ph_window(
// CHECK: vector.load %{{.*}} : memref<64xf32>, vector<16xf32>
// CHECK: return
func.func @ph_window(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                     %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {}} {
  %c0 = arith.constant 0 : index
  %x = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<64xf32>
  %w = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<16xf32>
  %y = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<4xf32>
  linalg.generic {indexing_maps = [affine_map<(p, k) -> (p * 16 + k)>, affine_map<(p, k) -> (k)>,
                                   affine_map<(p, k) -> (p)>],
                  iterator_types = ["parallel", "reduction"]}
      ins(%x, %w : memref<64xf32>, memref<16xf32>) outs(%y : memref<4xf32>) {
    ^bb0(%v: f32, %u: f32, %o: f32):
      %p = arith.mulf %v, %u : f32
      %t = arith.addf %o, %p : f32
      linalg.yield %t : f32
  }
  return
}

// -----

// Every second element is not.
// CHECK-LABEL: func.func @ph_stride(
// CHECK-NOT: vector
// CHECK: return
// REMARK: left without vectors: elements of an operand aren't side by side
func.func @ph_stride(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                     %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {}} {
  %c0 = arith.constant 0 : index
  %x = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<64xf32>
  %y = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<2x32xf32>
  linalg.generic {indexing_maps = [affine_map<(m, n) -> (n * 2)>, affine_map<(m, n) -> (m, n)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<64xf32>) outs(%y : memref<2x32xf32>) {
    ^bb0(%v: f32, %o: f32):
      linalg.yield %v : f32
  }
  return
}

// -----

// CHECK-LABEL: func.func @ph_columns(
// CHECK-NOT: vector
// CHECK: return
// REMARK: left without vectors: elements of an operand aren't side by side
func.func @ph_columns(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                      %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {}} {
  %c0 = arith.constant 0 : index
  %x = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<48x32xf32>
  %y = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<32x48xf32>
  linalg.generic {indexing_maps = [affine_map<(m, n) -> (n, m)>, affine_map<(m, n) -> (m, n)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<48x32xf32>) outs(%y : memref<32x48xf32>) {
    ^bb0(%v: f32, %o: f32):
      linalg.yield %v : f32
  }
  return
}

// -----

// A quotient of integers traps where a lane past the end holds 0.
// CHECK-LABEL: func.func @ph_quotients(
// CHECK-NOT: vector
// CHECK: return
// REMARK: left without vectors: an operation has limits to its operands
func.func @ph_quotients(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                        %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {}} {
  %c0 = arith.constant 0 : index
  %x = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<4x32xi32>
  linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m, n)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<4x32xi32>) outs(%x : memref<4x32xi32>) {
    ^bb0(%v: i32, %o: i32):
      %q = arith.divsi %o, %v : i32
      linalg.yield %q : i32
  }
  return
}

// -----

// Sums of columns, with nothing else to share: blocks of 64 columns are units, which vectors go over row by row.
// CHECK-LABEL: func.func @ph_sums_of_columns(
// CHECK: llvm.call %{{.*}}(%{{.*}}, %{{.*}}, %c3_i64, %{{.*}}, %{{.*}})
// CHECK: %[[FROM:.*]] = arith.muli %{{.*}}, %c64
// CHECK: scf.for %[[ROW:.*]] = %c0 to %c9
// CHECK: scf.for %[[FIRST:.*]] = %c0 to
// CHECK: %[[AT:.*]] = arith.addi %[[FROM]], %[[FIRST]]
// CHECK: vector.load %{{.*}}[%[[ROW]], %[[AT]]]
// CHECK: arith.addf %{{.*}} : vector<16xf32>
// CHECK: vector.store %{{.*}}[%[[AT]]]
// CHECK: vector.maskedstore
// CHECK: return
func.func @ph_sums_of_columns(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>,
                              %tensors: !llvm.ptr, %sizes: !llvm.ptr, %thread: index, %threads: index,
                              %next: !llvm.ptr, %team: !llvm.ptr) attributes {xf.program = {}} {
  %c0 = arith.constant 0 : index
  %x = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<9x150xf32>
  %y = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<150xf32>
  linalg.generic {indexing_maps = [affine_map<(n, m) -> (m, n)>, affine_map<(n, m) -> (n)>],
                  iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<9x150xf32>) outs(%y : memref<150xf32>) {
    ^bb0(%v: f32, %o: f32):
      %t = arith.addf %o, %v : f32
      linalg.yield %t : f32
  }
  return
}

// -----

// What is chosen by its value is no sum.
// CHECK-LABEL: func.func @ph_last(
// CHECK-NOT: vector
// CHECK: return
// REMARK: left without vectors: what is reduced is no sum, product, minimum or maximum
func.func @ph_last(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                   %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {}} {
  %c0 = arith.constant 0 : index
  %x = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<4x32xf32>
  %s = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<4xf32>
  linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m)>],
                  iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<4x32xf32>) outs(%s : memref<4xf32>) {
    ^bb0(%v: f32, %o: f32):
      %c = arith.cmpf ogt, %v, %o : f32
      %t = arith.select %c, %v, %o : f32
      linalg.yield %t : f32
  }
  return
}

// -----

// A sum that is looked at in between is none that lanes could form apart.
// CHECK-LABEL: func.func @ph_running(
// CHECK-NOT: vector
// CHECK: return
// REMARK: left without vectors: a sum is used for more than what is added to it
func.func @ph_running(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                      %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {}} {
  %c0 = arith.constant 0 : index
  %x = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<4x32xf32>
  %s = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<4xf32>
  linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m)>],
                  iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<4x32xf32>) outs(%s : memref<4xf32>) {
    ^bb0(%v: f32, %o: f32):
      %p = arith.mulf %v, %o : f32
      %t = arith.addf %o, %p : f32
      linalg.yield %t : f32
  }
  return
}

// -----

// One element of each row for all columns: lanes can't write it side by side.
// CHECK-LABEL: func.func @ph_repeated(
// CHECK-NOT: vector
// CHECK: return
// REMARK: left without vectors: lanes would write the same element
func.func @ph_repeated(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                       %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {}} {
  %c0 = arith.constant 0 : index
  %x = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<4x32xf32>
  %s = memref.view %arena[%c0][] : memref<1099511627776xi8> to memref<4xf32>
  linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>, affine_map<(m, n) -> (m)>],
                  iterator_types = ["parallel", "parallel"]}
      outs(%x, %s : memref<4x32xf32>, memref<4xf32>) {
    ^bb0(%o: f32, %p: f32):
      %m = arith.maximumf %o, %p : f32
      linalg.yield %o, %m : f32, f32
  }
  return
}
