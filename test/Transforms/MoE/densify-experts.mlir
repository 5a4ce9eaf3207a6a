// RUN: ph-opt %s --xf-densify-experts --split-input-file --remark-policy=all --remarks-filter=xf-densify-experts 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// CHECK-LABEL: module @copies
// CHECK-NOT: xf.weight @router
// CHECK-DAG: xf.weight @gate_dense : tensor<2x48x32xf32, #xf.format<q4_0>> stacked sources [#xf.source<"blk.{layer}.gate", first = 3>]
// CHECK-DAG: xf.weight @up_dense : tensor<2x48x32xf32> stacked sources [#xf.source<"blk.{layer}.up", rows = 48, from = 48, of = 96, transposed>]
// CHECK-DAG: xf.weight @down_dense : tensor<2x32x48xf32> stacked sources [#xf.source<"blk.{layer}.down">]
// CHECK-DAG: xf.weight @bias_dense : tensor<2x32xf32> stacked sources [#xf.source<"blk.{layer}.bias">]
// CHECK: xf.repeat %{{.*}} = 2 iter(%[[H:.*]] = %arg0)
// CHECK-NOT: xf.router
// CHECK: %[[G:.*]] = xf.linear %[[H]], %{{.*}} -> tensor<?x?x48xf32>
// CHECK: %[[U:.*]] = xf.linear %[[H]], %{{.*}} -> tensor<?x?x48xf32>
// CHECK: %[[A:.*]] = xf.gated_activation silu %[[G]], %[[U]] : (tensor<?x?x48xf32>, tensor<?x?x48xf32>) -> tensor<?x?x48xf32>
// CHECK: %[[D:.*]] = xf.linear %[[A]], %{{.*}} bias
// CHECK-NEXT: xf.yield %[[D]]
// REMARK: 4 equal experts became one
module @copies {
  xf.weight @router : tensor<2x4x32xf32> stacked sources [#xf.source<"blk.{layer}.router">]
  xf.weight @gate : tensor<2x4x48x32xf32, #xf.format<q4_0>> stacked sources [#xf.source<"blk.{layer}.gate", first = 3, copied>]
  xf.weight @up : tensor<2x4x48x32xf32> stacked sources [#xf.source<"blk.{layer}.up", copied, transposed, part<1, 2>>]
  xf.weight @down : tensor<2x4x32x48xf32> stacked sources [
    #xf.source<"blk.{layer}.down", rows = 1, copied>, #xf.source<"blk.{layer}.down", rows = 3, copied>]
  xf.weight @bias : tensor<2x4x32xf32> stacked sources [#xf.source<"blk.{layer}.bias", copied>]
  func.func @forward(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x32xf32> {
      %wr = xf.load_weight @router[%layer] : tensor<4x32xf32>
      %wg = xf.load_weight @gate[%layer] : tensor<4x48x32xf32, #xf.format<q4_0>>
      %wu = xf.load_weight @up[%layer] : tensor<4x48x32xf32>
      %wd = xf.load_weight @down[%layer] : tensor<4x32x48xf32>
      %bd = xf.load_weight @bias[%layer] : tensor<4x32xf32>
      %z = xf.linear %h, %wr : (tensor<?x?x32xf32>, tensor<4x32xf32>) -> tensor<?x?x4xf32>
      %w, %e = xf.router softmax %z top_k = 2 normalize : (tensor<?x?x4xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
      %g = xf.expert_linear %h, %wg, %e : (tensor<?x?x32xf32>, tensor<4x48x32xf32, #xf.format<q4_0>>, tensor<?x?x2xi32>) -> tensor<?x?x2x48xf32>
      %u = xf.expert_linear %h, %wu, %e : (tensor<?x?x32xf32>, tensor<4x48x32xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x48xf32>
      %a = xf.gated_activation silu %g, %u : (tensor<?x?x2x48xf32>, tensor<?x?x2x48xf32>) -> tensor<?x?x2x48xf32>
      %d = xf.expert_linear %a, %wd, %e bias %bd : (tensor<?x?x2x48xf32>, tensor<4x32x48xf32>, tensor<?x?x2xi32>, tensor<4x32xf32>) -> tensor<?x?x2x32xf32>
      %s = xf.combine_experts %d, %w : (tensor<?x?x2x32xf32>, tensor<?x?x2xf32>) -> tensor<?x?x32xf32>
      xf.yield %s : tensor<?x?x32xf32>
    }
    return %y : tensor<?x?x32xf32>
  }
}

// -----

// One expert, a tensor of its own; a router whose choice something else uses stays.
// CHECK-LABEL: module @one
// CHECK-DAG: xf.weight @up_dense : tensor<32x32xf32> sources [#xf.source<"experts.5.up">]
// CHECK: xf.router
// CHECK: xf.linear %arg0, %{{.*}} : (tensor<?x32xf32>, tensor<32x32xf32>)
// CHECK-NOT: xf.combine_experts
// REMARK: 1 equal experts became one
module @one {
  xf.weight @up : tensor<1x32x32xf32> sources [#xf.source<"experts.{expert}.up", from = 5>]
  func.func @forward(%x: tensor<?x32xf32>, %z: tensor<?x1xf32>) -> (tensor<?x32xf32>, tensor<?x1xi32>) {
    %m = xf.load_weight @up : tensor<1x32x32xf32>
    %w, %e = xf.router softmax %z top_k = 1 : (tensor<?x1xf32>) -> (tensor<?x1xf32>, tensor<?x1xi32>)
    %u = xf.expert_linear %x, %m, %e : (tensor<?x32xf32>, tensor<1x32x32xf32>, tensor<?x1xi32>) -> tensor<?x1x32xf32>
    %s = xf.combine_experts %u, %w : (tensor<?x1x32xf32>, tensor<?x1xf32>) -> tensor<?x32xf32>
    return %s, %e : tensor<?x32xf32>, tensor<?x1xi32>
  }
}

// -----

// CHECK-LABEL: module @refused
// CHECK-NOT: xf.linear
// CHECK-NOT: _dense
module @refused {
  xf.weight @same : tensor<4x32x32xf32> sources [#xf.source<"w", copied>]
  xf.weight @each : tensor<4x32x32xf32> sources [#xf.source<"w.{expert}">]
  xf.weight @all : tensor<4x32x32xf32> sources [#xf.source<"w.all">]
  xf.weight @woven : tensor<4x32x32xf32> sources [#xf.source<"w.two", copied, interleaved<0, 2>>]
  // REMARK: the experts have different sources
  func.func @different(%x: tensor<?x32xf32>, %z: tensor<?x4xf32>) -> tensor<?x32xf32> {
    %m = xf.load_weight @each : tensor<4x32x32xf32>
    %w, %e = xf.router softmax %z top_k = 2 normalize : (tensor<?x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    %u = xf.expert_linear %x, %m, %e : (tensor<?x32xf32>, tensor<4x32x32xf32>, tensor<?x2xi32>) -> tensor<?x2x32xf32>
    %s = xf.combine_experts %u, %w : (tensor<?x2x32xf32>, tensor<?x2xf32>) -> tensor<?x32xf32>
    return %s : tensor<?x32xf32>
  }
  // REMARK: the matrices of experts are not tensors of their own
  func.func @one_tensor(%x: tensor<?x32xf32>, %z: tensor<?x4xf32>) -> tensor<?x32xf32> {
    %m = xf.load_weight @all : tensor<4x32x32xf32>
    %w, %e = xf.router softmax %z top_k = 2 after_top_k : (tensor<?x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    %u = xf.expert_linear %x, %m, %e : (tensor<?x32xf32>, tensor<4x32x32xf32>, tensor<?x2xi32>) -> tensor<?x2x32xf32>
    %s = xf.combine_experts %u, %w : (tensor<?x2x32xf32>, tensor<?x2xf32>) -> tensor<?x32xf32>
    return %s : tensor<?x32xf32>
  }
  // REMARK: the matrices of experts are not tensors of their own
  func.func @interleaved(%x: tensor<?x32xf32>, %z: tensor<?x4xf32>) -> tensor<?x32xf32> {
    %m = xf.load_weight @woven : tensor<4x32x32xf32>
    %w, %e = xf.router softmax %z top_k = 4 : (tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xi32>)
    %u = xf.expert_linear %x, %m, %e : (tensor<?x32xf32>, tensor<4x32x32xf32>, tensor<?x4xi32>) -> tensor<?x4x32xf32>
    %s = xf.combine_experts %u, %w : (tensor<?x4x32xf32>, tensor<?x4xf32>) -> tensor<?x32xf32>
    return %s : tensor<?x32xf32>
  }
  // REMARK: a weight is no symbol of the module
  func.func @no_symbol(%x: tensor<?x32xf32>, %z: tensor<?x4xf32>, %m: tensor<4x32x32xf32>) -> tensor<?x32xf32> {
    %w, %e = xf.router softmax %z top_k = 2 normalize : (tensor<?x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    %u = xf.expert_linear %x, %m, %e : (tensor<?x32xf32>, tensor<4x32x32xf32>, tensor<?x2xi32>) -> tensor<?x2x32xf32>
    %s = xf.combine_experts %u, %w : (tensor<?x2x32xf32>, tensor<?x2xf32>) -> tensor<?x32xf32>
    return %s : tensor<?x32xf32>
  }
  // REMARK: what the experts weigh needn't sum up to 1
  func.func @not_normalized(%x: tensor<?x32xf32>, %z: tensor<?x4xf32>) -> tensor<?x32xf32> {
    %m = xf.load_weight @same : tensor<4x32x32xf32>
    %w, %e = xf.router softmax %z top_k = 2 : (tensor<?x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    %u = xf.expert_linear %x, %m, %e : (tensor<?x32xf32>, tensor<4x32x32xf32>, tensor<?x2xi32>) -> tensor<?x2x32xf32>
    %s = xf.combine_experts %u, %w : (tensor<?x2x32xf32>, tensor<?x2xf32>) -> tensor<?x32xf32>
    return %s : tensor<?x32xf32>
  }
  // REMARK: what the experts weigh needn't sum up to 1
  func.func @scaled(%x: tensor<?x32xf32>, %z: tensor<?x4xf32>) -> tensor<?x32xf32> {
    %m = xf.load_weight @same : tensor<4x32x32xf32>
    %w, %e = xf.router softmax %z top_k = 2 normalize scale = 2.5 : (tensor<?x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    %u = xf.expert_linear %x, %m, %e : (tensor<?x32xf32>, tensor<4x32x32xf32>, tensor<?x2xi32>) -> tensor<?x2x32xf32>
    %s = xf.combine_experts %u, %w : (tensor<?x2x32xf32>, tensor<?x2xf32>) -> tensor<?x32xf32>
    return %s : tensor<?x32xf32>
  }
  // REMARK: what the experts weigh needn't sum up to 1
  func.func @sigmoid(%x: tensor<?x32xf32>, %z: tensor<?x4xf32>) -> tensor<?x32xf32> {
    %m = xf.load_weight @same : tensor<4x32x32xf32>
    %w, %e = xf.router sigmoid %z top_k = 2 normalize : (tensor<?x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    %u = xf.expert_linear %x, %m, %e : (tensor<?x32xf32>, tensor<4x32x32xf32>, tensor<?x2xi32>) -> tensor<?x2x32xf32>
    %s = xf.combine_experts %u, %w : (tensor<?x2x32xf32>, tensor<?x2xf32>) -> tensor<?x32xf32>
    return %s : tensor<?x32xf32>
  }
  // REMARK: what the experts gave is not made here
  func.func @not_made(%y: tensor<?x2x16xf32>, %w: tensor<?x2xf32>) -> tensor<?x16xf32> {
    %s = xf.combine_experts %y, %w : (tensor<?x2x16xf32>, tensor<?x2xf32>) -> tensor<?x16xf32>
    return %s : tensor<?x16xf32>
  }
}
