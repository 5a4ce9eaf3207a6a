// RUN: ph-opt %s --xf-unroll=most=40 --verify-values --remark-policy=all --remarks-filter=xf-unroll --split-input-file 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// Each layer has its weights, with the names of its tensors; what all share stays, what is computed of the layer's number is known.
// CHECK-LABEL: module @layers
// CHECK-DAG: xf.weight @w_0 : tensor<64x64xf32> sources [#xf.source<"blk.2.q", rows = 32>, #xf.source<"blk.2.k", rows = 32, rope_halves<2>, columns = "blk.2.n">]
// CHECK-DAG: xf.weight @w_1 : tensor<64x64xf32> sources [#xf.source<"blk.4.q", rows = 32>, #xf.source<"blk.4.k", rows = 32, rope_halves<2>, columns = "blk.4.n">]
// CHECK-DAG: xf.weight @norm : tensor<64xf32>
// CHECK-DAG: xf.weight @plain : tensor<2x64x64xf32> stacked
// CHECK-NOT: xf.weight @w :
// CHECK-LABEL: func.func @forward
// CHECK-SAME: (%[[X:.*]]: tensor
// CHECK-NOT: xf.repeat
// CHECK: %[[N0:.*]] = xf.rms_norm %[[X]]
// CHECK: %[[W0:.*]] = xf.load_weight @w_0 :
// CHECK: %[[A0:.*]] = xf.linear %[[N0]], %[[W0]]
// CHECK: %[[P0:.*]] = xf.load_weight @plain[%{{.*}}]
// CHECK: %[[B0:.*]] = xf.linear %[[A0]], %[[P0]]
// CHECK: %[[N1:.*]] = xf.rms_norm %[[B0]]
// CHECK: %[[W1:.*]] = xf.load_weight @w_1 :
// CHECK: %[[A1:.*]] = xf.linear %[[N1]], %[[W1]]
// CHECK: %[[P1:.*]] = xf.load_weight @plain[%{{.*}}]
// CHECK: %[[B1:.*]] = xf.linear %[[A1]], %[[P1]]
// CHECK: return %[[B1]]
// REMARK: 2 layers
module @layers {
  xf.weight @norm : tensor<64xf32>
  xf.weight @w : tensor<2x64x64xf32> stacked sources [
    #xf.source<"blk.{layer}.q", first = 2, step = 2, rows = 32>, #xf.source<"blk.{layer}.k", first = 2, step = 2, rows = 32, rope_halves<2>, columns = "blk.{layer}.n">]
  xf.weight @plain : tensor<2x64x64xf32> stacked
  func.func @forward(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x64xf32> {
      %wn = xf.load_weight @norm : tensor<64xf32>
      %n = xf.rms_norm %h, %wn eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w = xf.load_weight @w[%layer] : tensor<64x64xf32>
      %a = xf.linear %n, %w : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %one = arith.constant 1 : index
      %other = arith.subi %one, %layer : index
      %p = xf.load_weight @plain[%other] : tensor<64x64xf32>
      %b = xf.linear %a, %p : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %b : tensor<?x?x64xf32>
    }
    return %y : tensor<?x?x64xf32>
  }
}

// -----

// CHECK-LABEL: module @large
// CHECK: xf.repeat
// REMARK: 30 layers of 2 ops are more than 40
module @large {
  func.func @forward(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
    %y = xf.repeat %layer = 30 iter(%h = %x) : tensor<?x?x64xf32> {
      %n = xf.add %h, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %n : tensor<?x?x64xf32>
    }
    return %y : tensor<?x?x64xf32>
  }
}

// -----

// CHECK-LABEL: module @listed
// CHECK-DAG: xf.weight @w_0 : tensor<64xf32> sources [#xf.source<"a.17.g">]
// CHECK-DAG: xf.weight @w_1 : tensor<64xf32> sources [#xf.source<"a.5.g">]
module @listed {
  xf.weight @w : tensor<2x64xf32> stacked sources [#xf.source<"a.{17|5}.g">]
  func.func @forward(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x64xf32> {
      %w = xf.load_weight @w[%layer] : tensor<64xf32>
      %n = xf.rms_norm %h, %w eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      xf.yield %n : tensor<?x?x64xf32>
    }
    return %y : tensor<?x?x64xf32>
  }
}
