// Memory where functions are called, in loops of other dialects, and for threads.
//
// RUN: ph-opt %s --xf-plan-memory="batch=1,2 context=8,100 threads=4" 2>%t.certificates | FileCheck %s
// RUN: %python %S/check_memory.py < %t.certificates | FileCheck %s --check-prefix=HOLD
// RUN: FileCheck %s --check-prefix=TABLE --input-file=%t.certificates
// HOLD: 28 certificates hold
//
// Flash attention needs the result, 4 heads of 16 floats for each token, and as much beside for any context.
// RUN: ph-opt %s --xf-flash-attention --canonicalize --cse --xf-plan-memory="context=1000,4000 function=flash" -o /dev/null 2>%t.flash
// RUN: FileCheck %s --check-prefix=FLASH --input-file=%t.flash
// FLASH: memory of @flash for batch=1 context=1000
// FLASH: arena [[#ARENA:]] bytes
// FLASH: memory of @flash for batch=1 context=4000
// FLASH: arena [[#ARENA + mul(3000, 256)]] bytes
// RUN: %python %S/check_memory.py < %t.flash | FileCheck %s --check-prefix=TILES
// TILES: {{[1-9]}} certificates hold
//
// The checker sees a call, or threads, that got less than they need.
// RUN: sed 's/^\( *1 *1 *1 *\)4096\( .*@callee\)$/\1 512\2/' %t.certificates > %t.less
// RUN: not %python %S/check_memory.py < %t.less | FileCheck %s --check-prefix=LESS
// LESS: buffer 1 is not what @callee needs
// RUN: sed 's/^\( *[0-9]* *[0-9]* *[0-9]* *\)2048\( .*scf.forall\)$/\1 512\2/' %t.certificates > %t.one
// RUN: not %python %S/check_memory.py < %t.one | FileCheck %s --check-prefix=ONE
// ONE: is not what its threads need

// Two sums are alive at once.
func.func @callee(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %a = xf.add %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %b = xf.add %a, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %b : tensor<?x?x64xf32>
}

// TABLE: memory of @caller for batch=1 context=8 tokens=8 rows=8 threads=4
// TABLE-NEXT: buffer
// TABLE-NEXT: {{^}}     0       0       2           2048 {{.*}}  xf.add
// TABLE-NEXT: {{^}}     1       1       1           4096 {{.*}}  @callee
// TABLE-NEXT: {{^}}     2       1       2           2048 {{.*}}  func.call
// TABLE-NEXT: {{^}}     3       2       3           2048 {{.*}}  xf.add
// TABLE: peak 8192 bytes at event 1 (func.call)
// CHECK-LABEL: func.func @caller
func.func @caller(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %a = xf.add %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  // CHECK: call @callee({{.*}}) {xf.buffers = array<i64: 2, 1>}
  %y = call @callee(%a) : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %z = xf.add %a, %y : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %z : tensor<?x?x64xf32>
}

// What is carried has one buffer; a tile is as large as it can be at most, 4 rows of 64, whatever the context.
// TABLE: memory of @tiles for batch=1 context=100
// TABLE-NEXT: buffer
// TABLE-NEXT: {{^}}     0 {{.*}}          25600 {{.*}}  scf.for
// TABLE-NEXT: {{^}}     1 {{.*}}           1024 {{.*}}  tensor.extract_slice
// TABLE-NEXT: {{^}}     2 {{.*}}           1024 {{.*}}  linalg.generic
// TABLE-NEXT: arena 27648 bytes
// CHECK-LABEL: func.func @tiles
func.func @tiles(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %one = arith.constant 1.0 : f32
  %b = tensor.dim %x, %c0 : tensor<?x?x64xf32>
  %s = tensor.dim %x, %c1 : tensor<?x?x64xf32>
  %empty = tensor.empty(%b, %s) : tensor<?x?x64xf32>
  // CHECK: scf.for
  %y = scf.for %i = %c0 to %s step %c4 iter_args(%out = %empty) -> tensor<?x?x64xf32> {
    %left = arith.subi %s, %i : index
    %n = arith.minsi %left, %c4 : index
    %tile = tensor.extract_slice %x[0, %i, 0] [1, %n, 64] [1, 1, 1] : tensor<?x?x64xf32> to tensor<?x64xf32>
    %room = tensor.empty(%n) : tensor<?x64xf32>
    // CHECK: linalg.generic
    // CHECK: {xf.buffers = array<i64: 2>}
    %sum = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      ins(%tile : tensor<?x64xf32>) outs(%room : tensor<?x64xf32>) {
    ^bb0(%e: f32, %o: f32):
      %f = arith.addf %e, %one : f32
      linalg.yield %f : f32
    } -> tensor<?x64xf32>
    // CHECK: tensor.insert_slice {{.*}} {xf.buffers = array<i64: 0>}
    %put = tensor.insert_slice %sum into %out[0, %i, 0] [1, %n, 64] [1, 1, 1] : tensor<?x64xf32> into tensor<?x?x64xf32>
    scf.yield %put : tensor<?x?x64xf32>
  }
  return %y : tensor<?x?x64xf32>
}

// Both sides copy what they give to one place.
// CHECK-LABEL: func.func @sides
// TABLE: memory of @sides for batch=1 context=8
// TABLE-NEXT: buffer
// TABLE-NEXT: {{^}}     0       0 {{.*}}           2048 {{.*}}  scf.if
// TABLE-NEXT: {{^}}     1       1       2           2048 {{.*}}  xf.add
// TABLE-NEXT: {{^}}     2       3       4           2048 {{.*}}  xf.scale
func.func @sides(%x: tensor<?x?x64xf32>, %first: i1) -> tensor<?x?x64xf32> {
  %y = scf.if %first -> tensor<?x?x64xf32> {
    %a = xf.add %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    scf.yield %a : tensor<?x?x64xf32>
  } else {
    %b = xf.scale %x by 3.0 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    scf.yield %b : tensor<?x?x64xf32>
  }
  return %y : tensor<?x?x64xf32>
}

// Each of 4 threads has a tile of 512 bytes at the same time, and writes to what they share.
// TABLE: memory of @threads for batch=1 context=8
// TABLE-NEXT: buffer
// TABLE-NEXT: {{^}}     0 {{.*}}          1024 {{.*}}  scf.forall
// TABLE-NEXT: {{^}}     1 {{.*}}          2048 {{.*}}  scf.forall
// TABLE: memory of @threads, a thread of buffer 1 for batch=1 context=8
// TABLE-NEXT: buffer
// TABLE-NEXT: {{^}}     0 {{.*}}           512 {{.*}}  xf.add
// TABLE-NEXT: arena 512 bytes
// CHECK-LABEL: func.func @threads
func.func @threads(%x: tensor<2x64xf32>) -> tensor<4x64xf32> {
  %empty = tensor.empty() : tensor<4x64xf32>
  // CHECK: scf.forall
  %y = scf.forall (%i) in (2) shared_outs(%out = %empty) -> tensor<4x64xf32> {
    // CHECK: xf.add {{.*}} {xf.buffers = array<i64: 0>}
    %a = xf.add %x, %x : (tensor<2x64xf32>, tensor<2x64xf32>) -> tensor<2x64xf32>
    %from = arith.addi %i, %i : index
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %a into %out[%from, 0] [2, 64] [1, 1] : tensor<2x64xf32> into tensor<4x64xf32>
    }
  }
  // CHECK: xf.buffers = array<i64: 0, 1>, xf.memory = [{arena = 512 : i64
  return %y : tensor<4x64xf32>
}

func.func @flash(%q: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %y = xf.attention %q keys(%q) values(%q) heads = 4 scale = 0.25 mask = causal
    : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}
