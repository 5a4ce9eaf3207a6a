// RUN: ph-opt %s --xf-flash-attention="tile-queries=32 tile-keys=16" --canonicalize --remark-policy=all --remarks-filter=xf-flash-attention 2>%t.remarks \
// RUN:   | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: not ph-opt %s --xf-flash-attention="tile-keys=0" 2>&1 | FileCheck %s --check-prefix=TILE
// TILE: error: expects tile-queries and tile-keys of at least 1, but got 64 and 0

// Sequences, heads and tiles of queries at once, and tiles of keys up to the last query's; what is carried is as large as a tile, and is of
// one whose size is known.
// CHECK-LABEL: func.func @causal
// CHECK-DAG: %[[TQ:.*]] = arith.constant 32 : index
// CHECK-DAG: %[[TK:.*]] = arith.constant 16 : index
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %[[ROW:.*]]) = (0, 0, 0) to (%{{.*}}, 2, %{{.*}}) step (1, 1, 32) shared_outs(
// CHECK: %[[COUNT:.*]] = arith.minsi %{{.*}}, %[[TQ]]
// CHECK: %[[LAST:.*]] = arith.addi %[[ROW]], %[[COUNT]]
// CHECK: %[[END:.*]] = arith.minsi %{{.*}}, %[[LAST]]
// CHECK: scf.for %{{.*}} = %{{.*}} to %[[END]] step %[[TK]] {{.*}} -> (tensor<?xf32>, tensor<?xf32>, tensor<?x8xf32>)
// CHECK: math.exp
// CHECK: tensor.parallel_insert_slice
// CHECK-NOT: xf.attention
func.func @causal(%q: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %y = xf.attention %q keys(%q) values(%q) heads = 2 scale = 0.25 mask = causal
    : (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}

// A window's tiles begin where it begins: 9 before the first query.
// CHECK-LABEL: func.func @window
// CHECK-DAG: %[[REACH:.*]] = arith.constant {{-?}}9 : index
// CHECK: arith.{{subi|addi}} %{{.*}}, %[[REACH]]
// CHECK: %[[FIRST:.*]] = arith.maxsi
// CHECK: scf.for %{{.*}} = %[[FIRST]] to
func.func @window(%q: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %y = xf.attention %q keys(%q) values(%q) heads = 2 scale = 0.25 mask = causal window = 10
    : (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}

// A cache is read in place, an encoded result is encoded at the end.
// CHECK-LABEL: func.func @cached
// CHECK-DAG: xf.cache_keys %arg1[
// CHECK-DAG: xf.cache_values %arg1[
// CHECK: xf.encode
func.func @cached(%q: tensor<?x?x32xf32>, %c: !xf.cache<2 x 1 x 32, f16>, %past: tensor<?xi32>) -> tensor<?x?x32xf32, #xf.format<i8x32>> {
  %layer = arith.constant 1 : index
  %y = xf.attention %q cache(%c[%layer], %past) heads = 1 scale = 0.25 mask = causal
    : (tensor<?x?x32xf32>, !xf.cache<2 x 1 x 32, f16>, index, tensor<?xi32>) -> tensor<?x?x32xf32, #xf.format<i8x32>>
  return %y : tensor<?x?x32xf32, #xf.format<i8x32>>
}

// Threads share the heads of keys: what one is added to meets no other.
// CHECK-LABEL: func.func @derived
// CHECK-NOT: xf.attention_backward
// CHECK: scf.forall {{.*}} shared_outs({{.*}}, {{.*}}, {{.*}}) -> (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>)
// CHECK-COUNT-3: tensor.parallel_insert_slice
func.func @derived(%q: tensor<?x?x16xf32>) -> (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) {
  %dq, %dk, %dv = xf.attention_backward %q, %q, %q, %q heads = 2 scale = 0.25 mask = causal
    : (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>)
    -> (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>)
  return %dq, %dk, %dv : tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>
}

// CHECK-LABEL: func.func @encoded
// CHECK: xf.attention
func.func @encoded(%q: tensor<?x?x16xf32, #xf.format<f16>>) -> tensor<?x?x16xf32> {
  %y = xf.attention %q keys(%q) values(%q) heads = 2 scale = 0.25 mask = causal
    : (tensor<?x?x16xf32, #xf.format<f16>>, tensor<?x?x16xf32, #xf.format<f16>>, tensor<?x?x16xf32, #xf.format<f16>>) -> tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}

// REMARK: Passed{{.*}}tiles of 32 queries and 16 keys
// REMARK: Missed{{.*}}an operand is encoded
