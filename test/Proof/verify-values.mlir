// --verify-values counts what it compared, and names what it did not compare and why.
//
// RUN: ph-opt %s --verify-values --cse --xf-fuse-residual --symbol-dce -o %t.mlir 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR --input-file=%t.mlir
// CHECK-NOT: error
// CHECK-DAG: verify-values: not compared: @nothing, xf-fuse-residual: it gives no results
// CHECK-DAG: verify-values: not compared: @unknown, xf-fuse-residual: sparse_tensor.has_runtime_library has no reference semantics
// CHECK-DAG: verify-values: not compared: @calls, xf-fuse-residual: @outside, which it calls, has no body
// CHECK-DAG: verify-values: not compared: @fixed, xf-fuse-residual: {{.*}}expects a past for each sequence at run time
// CHECK-DAG: verify-values: not compared: @pairs, xf-fuse-residual: batch 1 and sequence 1: {{.*}}expects a past for each sequence at run time, but got [2] ({{[0-9]}} times)
// CHECK-DAG: verify-values: not compared: @pairs, xf-fuse-residual: batch 1 and sequence 17: {{.*}} ({{[0-9]}} times)
// CHECK-DAG: verify-values: not compared: @unused, symbol-dce: the pass removes it
// CHECK: verify-values: 3 passes, of which 2 changed the IR; {{[0-9]+}} functions × samples = {{[0-9]+}} comparisons, 0 differences; 3 sizes, {{[0-9]+}} functions not compared
// IR: xf.linear {{.*}} residual
//
// Sizes and samples: one size, three random ones, zeros, large and tiny; masked rows, where there are integers.
// RUN: ph-opt %s --verify-values=3 --verify-sizes=2x5 --xf-fuse-residual -o %t.mlir 2>&1 | FileCheck %s --check-prefix=SIZES
// SIZES: verify-values: 1 passes, of which 1 changed the IR; 3 functions × samples = 19 comparisons, 0 differences; 1 sizes, 4 functions not compared
//
// RUN: not ph-opt %s --verify-values=many 2>&1 | FileCheck %s --check-prefix=MANY
// MANY: error: expects --verify-values=samples, but got 'many'
// RUN: not ph-opt %s --verify-values --verify-sizes=2x0 2>&1 | FileCheck %s --check-prefix=SIZE
// SIZE: error: expects --verify-sizes=BATCHxSEQUENCE, but got '2x0'
// RUN: not ph-opt %s --verify-values --weights=%t.absent --xf-fuse-residual 2>&1 | FileCheck %s --check-prefix=ABSENT
// ABSENT: error: {{.*}}.absent

func.func @forward(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>, %r: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.add %r, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

func.func private @unused(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>, %r: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %y = func.call @forward(%x, %w, %r) : (tensor<?x?x32xf32>, tensor<64x32xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

func.func @nothing(%x: tensor<?x?x32xf32>) {
  return
}

func.func @unknown(%x: tensor<?x?x32xf32>) -> i1 {
  %y = sparse_tensor.has_runtime_library
  return %y : i1
}

func.func private @outside(tensor<?x?x32xf32>) -> tensor<?x?x32xf32>

func.func @calls(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
  %y = func.call @outside(%x) : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// Of three sequences, whatever the sizes are.
func.func @fixed(%tokens: tensor<?x?xi32>) -> tensor<?x?xi32> {
  %zeros = arith.constant dense<0> : tensor<3xi32>
  %past = tensor.cast %zeros : tensor<3xi32> to tensor<?xi32>
  %p = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
  return %p : tensor<?x?xi32>
}

// Of two sequences, whatever the sizes are: others are skipped, and these compared.
func.func @pairs(%tokens: tensor<?x?xi32>, %x: tensor<?x?x32xf32>, %w: tensor<32x32xf32>) -> (tensor<?x?xi32>, tensor<?x?x32xf32>) {
  %zeros = arith.constant dense<0> : tensor<2xi32>
  %past = tensor.cast %zeros : tensor<2xi32> to tensor<?xi32>
  %p = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
  %l = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %y = xf.add %x, %l : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %p, %y : tensor<?x?xi32>, tensor<?x?x32xf32>
}
