// RUN: ph-opt %s --xf-split-kv="parts=3 tile-keys=16" --canonicalize --remark-policy=all --remarks-filter=xf-split-kv 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: not ph-opt %s --xf-split-kv="parts=0" 2>&1 | FileCheck %s --check-prefix=PARTS
// PARTS: error: expects parts and tile-keys of at least 1, but got 0 and 64
//
// Values: contexts shorter than the parts, and parts that see nothing.
// RUN: ph-opt %s --run=one --dims=q=2x1x8,k=2x1000x4 --outputs=%t.one.safetensors
// RUN: ph-opt %s --xf-split-kv="parts=7" --run=one --dims=q=2x1x8,k=2x1000x4 --expect=%t.one.safetensors --atol=1e-5 --rtol=1e-5 | FileCheck %s --check-prefix=VALUES
// RUN: ph-opt %s --run=one --dims=q=2x1x8,k=2x4x4 --outputs=%t.one.safetensors
// RUN: ph-opt %s --xf-split-kv="parts=9" --run=one --dims=q=2x1x8,k=2x4x4 --expect=%t.one.safetensors --atol=1e-5 --rtol=1e-5 | FileCheck %s --check-prefix=VALUES
// RUN: ph-opt %s --run=cached --dims=q=3x2x8,k=3x2x4 --seed=4 --outputs=%t.cached.safetensors
// RUN: ph-opt %s --xf-split-kv="parts=2" --run=cached --dims=q=3x2x8,k=3x2x4 --seed=4 --expect=%t.cached.safetensors --atol=1e-5 --rtol=1e-5 | FileCheck %s --check-prefix=VALUES
// Both sides of the choice at run time.
// RUN: ph-opt %s --run=cached --dims=q=2x40x8,k=2x40x4 --outputs=%t.many.safetensors
// RUN: ph-opt %s --xf-split-kv --run=cached --dims=q=2x40x8,k=2x40x4 --expect=%t.many.safetensors --atol=0 --rtol=0 | FileCheck %s --check-prefix=VALUES
// VALUES: largest error {{.*}} of {{[1-9]}}

// Three parts of the keys, each with its own state, then what they give together.
// CHECK-LABEL: func.func @one
// CHECK-NOT: xf.attention
// CHECK-NOT: scf.if
// CHECK: %[[LENGTH:.*]] = arith.ceildivsi %{{.*}}, %c3
// CHECK: scf.for %[[PART:.*]] = %c0 to %c3 step %c1 {{.*}} -> (tensor<{{.*}}x3xf32>, tensor<{{.*}}x3xf32>, tensor<3x{{.*}}x4xf32>)
// CHECK: %[[FROM:.*]] = arith.muli %[[PART]], %[[LENGTH]]
// CHECK: scf.for {{.*}} step %c16
func.func @one(%q: tensor<?x1x8xf32> {xf.name = "q"}, %k: tensor<?x?x4xf32> {xf.name = "k"}, %s: tensor<2xf32>) -> tensor<?x1x8xf32> {
  %y = xf.attention %q keys(%k) values(%k) sinks(%s) heads = 2 scale = 0.5 mask = none soft_cap = 2.0
    : (tensor<?x1x8xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<2xf32>) -> tensor<?x1x8xf32>
  return %y : tensor<?x1x8xf32>
}

// How many queries there are is known at run time only: both ways stay.
// CHECK-LABEL: func.func @cached
// CHECK: %[[FEW:.*]] = arith.cmpi sle, %{{.*}}, %c16
// CHECK: scf.if %[[FEW]]
// CHECK: xf.cache_keys
// CHECK: else
// CHECK: xf.attention
func.func @cached(%q: tensor<?x?x8xf32> {xf.name = "q"}, %k: tensor<?x?x4xf32> {xf.name = "k"}, %c: !xf.cache<2 x 1 x 4, f32>, %past: tensor<?xi32>)
    -> tensor<?x?x8xf32> {
  %layer = arith.constant 1 : index
  %new = xf.cache_append %c[%layer], %k, %k, %past
    : (!xf.cache<2 x 1 x 4, f32>, index, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?xi32>) -> !xf.cache<2 x 1 x 4, f32>
  %y = xf.attention %q cache(%new[%layer], %past) heads = 2 scale = 0.25 mask = causal window = 3
    : (tensor<?x?x8xf32>, !xf.cache<2 x 1 x 4, f32>, index, tensor<?xi32>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @prompt
// CHECK-NEXT: xf.attention
func.func @prompt(%q: tensor<1x512x8xf32>) -> tensor<1x512x8xf32> {
  %y = xf.attention %q keys(%q) values(%q) heads = 2 scale = 0.25 mask = causal
    : (tensor<1x512x8xf32>, tensor<1x512x8xf32>, tensor<1x512x8xf32>) -> tensor<1x512x8xf32>
  return %y : tensor<1x512x8xf32>
}

// REMARK: Passed{{.*}}keys in 3 parts
// REMARK: Missed{{.*}}there are more than 16 queries
