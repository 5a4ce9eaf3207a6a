// Offsets by lifetime, and a certificate that another program checks.
//
// RUN: ph-opt %s --xf-plan-memory="batch=1,3 context=1,16,100" 2>%t.certificates | FileCheck %s
// RUN: %python %S/check_memory.py < %t.certificates | FileCheck %s --check-prefix=HOLD
// RUN: FileCheck %s --check-prefix=TABLE --input-file=%t.certificates
// HOLD: 18 certificates hold
//
// The checker notices what is wrong: a buffer moved onto another one, a peak that leaves something out.
// RUN: sed 's/^\( *1 *1 *2 *256 *\)256\(  xf.add\)$/\1 0\2/' %t.certificates > %t.moved
// RUN: not %python %S/check_memory.py < %t.moved | FileCheck %s --check-prefix=MOVED
// MOVED: overlap
// RUN: sed 's/^peak \([0-9]*\)/peak 1\1/' %t.certificates > %t.peak
// RUN: not %python %S/check_memory.py < %t.peak | FileCheck %s --check-prefix=PEAK
// PEAK: the peak is not the most that is alive
//
// With results in the place of operands less is needed: two buffers instead of three.
// RUN: ph-opt %s --xf-reuse-in-place --xf-plan-memory="batch=2 context=8 function=layers" -o /dev/null 2>&1 | FileCheck %s --check-prefix=REUSED
// RUN: ph-opt %s --xf-plan-memory="batch=2 context=8 function=layers" -o /dev/null 2>&1 | FileCheck %s --check-prefix=APART
// APART: arena 12288 bytes
// APART: peak 12288 bytes
// REUSED: arena 8192 bytes
// REUSED: peak 8192 bytes
//
// RUN: ph-opt %s --xf-plan-memory="batch=2 tokens=1 context=100 rows=2 function=cached" -o /dev/null 2>&1 | FileCheck %s --check-prefix=DECODE
// DECODE: memory of @cached for batch=2 context=100 tokens=1 rows=2
// DECODE-NEXT: buffer   first    last          bytes         offset  holder
// DECODE-NEXT: {{^}}     0       1       2            512              0  xf.attention
// DECODE: cache 51200 bytes
// DECODE-NEXT: 2 sequences x 2 layers x (keys, values) x 2 heads x 100 positions x 16 x f16
//
// RUN: not ph-opt %s --xf-plan-memory="batch=0" 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not ph-opt %s --xf-plan-memory="batch=2 context=4194304" 2>&1 | FileCheck %s --check-prefix=MUCH
// MUCH: xf-plan-memory expects batch · tokens · context, rows and threads of at most 2^44, but got more
// RUN: ph-opt %s --xf-plan-memory="batch=1 context=4194304 function=layers" -o /dev/null 2>&1 | FileCheck %s --check-prefix=MOST
// MOST: arena 3221225472 bytes
// ZERO: xf-plan-memory expects a batch, a context and threads of at least 1
// RUN: not ph-opt %s --xf-plan-memory="function=nothing" 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: error: xf-plan-memory found no function @nothing with a body

xf.weight @w : tensor<4x64x64xf32> stacked

// A straight line: %a is read at its end, %b is not, so that only %d can be where %b was.
// TABLE: memory of @straight for batch=1 context=1 tokens=1 rows=1
// TABLE-NEXT: buffer   first    last          bytes         offset  holder
// TABLE-NEXT: {{^}}     0       0       3            256 {{.*}}  xf.add
// TABLE-NEXT: {{^}}     1       1       2            256 {{.*}}  xf.add
// TABLE-NEXT: {{^}}     2       2       3            256 {{.*}}  xf.add
// TABLE-NEXT: {{^}}     3       3       4            256 {{.*}}  xf.add
// TABLE-NEXT: arena 768 bytes
// TABLE-NEXT: peak 768 bytes at event 2 (xf.add), held by
// CHECK-LABEL: func.func @straight
// CHECK-SAME: xf.memory = [{arena = 768 : i64, batch = 1 : i64, cache = 0 : i64, context = 1 : i64, offsets = array<i64: 0, 256, 512, 256>, peak = 768 : i64, rows = 1 : i64, tokens = 1 : i64}
func.func @straight(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  // CHECK: xf.add %{{.*}} {xf.buffers = array<i64: 0>}
  %a = xf.add %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %b = xf.add %a, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %c = xf.add %a, %b : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %d = xf.add %a, %c : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %d : tensor<?x?x64xf32>
}

// What a loop carries is one buffer through all iterations, here that of %e.
// CHECK-LABEL: func.func @layers
func.func @layers(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  // CHECK: xf.add {{.*}} {xf.buffers = array<i64: 0>}
  %e = xf.add %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  // CHECK: xf.repeat
  %y = xf.repeat %layer = 4 iter(%h = %e) : tensor<?x?x64xf32> {
    %w = xf.load_weight @w[%layer] : tensor<64x64xf32>
    // CHECK: xf.linear {{.*}} {xf.buffers = array<i64: 1>}
    %p = xf.linear %h, %w : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %g = xf.gated_activation silu %p, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %s = xf.add %h, %g : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    xf.yield %s : tensor<?x?x64xf32>
  }
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @cached
func.func @cached(%q: tensor<?x?x64xf32>, %cache: !xf.cache<2 x 2 x 16, f16>, %past: tensor<?xi32>, %rows: tensor<?xi32>) -> tensor<?x64xf32> {
  %layer = arith.constant 1 : index
  %y = xf.attention %q cache(%cache[%layer], %past) heads = 4 scale = 0.25 mask = causal
    : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f16>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
  %r = xf.select_rows %y, %rows : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  return %r : tensor<?x64xf32>
}
