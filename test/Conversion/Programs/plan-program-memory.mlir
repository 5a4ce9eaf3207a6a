// Buffers whose lives don't meet take turns; what threads need for themselves lies on their stacks.
//
// RUN: ph-opt %s -split-input-file --plan-program-memory --verify-diagnostics | FileCheck %s

// The first and the third buffer share their bytes: two pieces are enough.
// CHECK-LABEL: func.func @ph_f_plan(
// CHECK: %[[BYTES:.*]] = arith.muli %{{.*}}, %c64
// CHECK: llvm.store
// CHECK-LABEL: func.func @ph_f(
// CHECK-SAME: , %[[ARENA:[a-z0-9]+]]: memref<1099511627776xi8>
// CHECK: memref.view %[[ARENA]][%[[FIRST:[a-z0-9_]+]]][
// CHECK: memref.view %[[ARENA]][%[[SECOND:[a-z0-9_]+]]][
// CHECK: memref.view %[[ARENA]][%[[FIRST]]][
// CHECK-NOT: memref.alloc
func.func @ph_f(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {name = "f", plan = "ph_f_plan", symbol = "ph_f", inputs = [], results = []}} {
  %s = llvm.load %sizes : !llvm.ptr -> i64
  %n = arith.index_cast %s : i64 to index
  %a = memref.alloc(%n) : memref<?xf32>
  %b = memref.alloc(%n) : memref<?xf32>
  memref.copy %a, %b : memref<?xf32> to memref<?xf32>
  %c = memref.alloc(%n) : memref<?xf32>
  memref.copy %b, %c : memref<?xf32> to memref<?xf32>
  return
}

// -----

// A loop reads the first buffer in each turn, so the one made in it can't have its place.
// CHECK-LABEL: func.func @ph_g(
// CHECK: memref.view %{{.*}}[%[[FIRST:[a-z0-9_]+]]][
// CHECK: scf.for
// CHECK-NOT: [%[[FIRST]]][
// CHECK: memref.view
func.func @ph_g(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {name = "g", plan = "ph_g_plan", symbol = "ph_g", inputs = [], results = []}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %a = memref.alloc(%c4) : memref<?xf32>
  scf.for %i = %c0 to %c4 step %c1 {
    %v = memref.load %a[%i] : memref<?xf32>
    %b = memref.alloc(%c4) : memref<?xf32>
    memref.store %v, %b[%i] : memref<?xf32>
  }
  return
}

// -----

// CHECK-LABEL: func.func @ph_h(
// CHECK: memref.alloca() {alignment = 64 : i64} : memref<64xi8>
// CHECK: scf.forall
func.func @ph_h(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {name = "h", plan = "ph_h_plan", symbol = "ph_h", inputs = [], results = []}} {
  %v = arith.constant 0.0 : f32
  scf.forall (%i) in (8) {
    %a = memref.alloc() : memref<8xf32>
    memref.store %v, %a[%i] : memref<8xf32>
  }
  return
}

// -----

func.func @ph_i(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {name = "i", plan = "ph_i_plan", symbol = "ph_i", inputs = [], results = []}} {
  %v = arith.constant 0.0 : f32
  scf.forall (%i) in (8) {
    // expected-error @+1 {{expects scratch of a bounded size in what threads share, but got 'memref<?xf32>'}}
    %a = memref.alloc(%i) : memref<?xf32>
    memref.store %v, %a[%i] : memref<?xf32>
  }
  return
}

// -----

func.func @ph_j(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {name = "j", plan = "ph_j_plan", symbol = "ph_j", inputs = [], results = []}} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %v = arith.constant 0.0 : f32
  // expected-error @+1 {{expects the size of a buffer to be a function of the sizes of the inputs}}
  scf.for %i = %c0 to %c4 step %c1 {
    %a = memref.alloc(%i) : memref<?xf32>
    memref.store %v, %a[%c0] : memref<?xf32>
  }
  return
}

// -----

// Each thread reads a number for itself between phases. One that is late by some phases must find it there still, so no
// buffer made later has its place.
// CHECK-LABEL: func.func @ph_h(
// CHECK: memref.view %{{.*}}[%[[READ:[a-z0-9_]+]]][
// CHECK-NOT: [%[[READ]]][
// CHECK: return
func.func @ph_h(%weights: memref<1099511627776xi8>, %arena: memref<1099511627776xi8>, %tensors: !llvm.ptr,
                %sizes: !llvm.ptr, %thread: index, %threads: index, %next: !llvm.ptr, %team: !llvm.ptr)
    attributes {xf.program = {name = "h", plan = "ph_h_plan", symbol = "ph_h", inputs = [], results = []}} {
  %one = arith.constant 1.0 : f32
  %a = memref.alloc() : memref<f32>
  linalg.fill ins(%one : f32) outs(%a : memref<f32>)
  %number = memref.load %a[] : memref<f32>
  %b = memref.alloc() : memref<f32>
  linalg.fill ins(%number : f32) outs(%b : memref<f32>)
  %c = memref.alloc() : memref<f32>
  linalg.fill ins(%number : f32) outs(%c : memref<f32>)
  return
}
