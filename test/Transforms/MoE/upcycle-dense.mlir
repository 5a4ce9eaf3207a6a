// RUN: ph-opt %s --xf-upcycle-dense="experts=4 top-k=2" --split-input-file --remark-policy=all --remarks-filter=xf-upcycle-dense 2>%t.remarks \
// RUN:   | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: not ph-opt %s --xf-upcycle-dense="experts=4 top-k=5" --split-input-file 2>&1 | FileCheck %s --check-prefix=OPTIONS
// OPTIONS: error: xf-upcycle-dense expects 1 ≤ top-k ≤ experts, but got top-k = 5, experts = 4

// CHECK-LABEL: module @layers
// CHECK-NOT: xf.weight @gate :
// CHECK-DAG: xf.weight @gate_experts : tensor<2x4x48x32xf32, #xf.format<q4_0>> stacked sources [#xf.source<"blk.{layer}.gate.weight", first = 1, rows = 4, copied>]
// CHECK-DAG: xf.weight @gate_router : tensor<2x4x32xf32> stacked sources [#xf.source<"blk.{layer}.gate.router.weight", first = 1, rows = 4>]
// CHECK-DAG: xf.weight @up_experts : tensor<2x4x48x32xf32> stacked sources [#xf.source<"blk.{layer}.up", rows = 4, copied, transposed>]
// CHECK-DAG: xf.weight @down_experts : tensor<2x4x32x48xf32> stacked
// CHECK-DAG: xf.weight @down_bias_experts : tensor<2x4x32xf32> stacked sources [#xf.source<"blk.{layer}.down.bias", rows = 4, copied>]
// CHECK: %[[Z:.*]] = xf.linear %[[H:.*]], %{{.*}} : (tensor<?x?x32xf32>, tensor<4x32xf32>)
// CHECK-NEXT: %[[W:.*]], %[[E:.*]] = xf.router softmax %[[Z]] top_k = 2 normalize
// CHECK-NEXT: %[[G:.*]] = xf.expert_linear %[[H]], %{{.*}}, %[[E]] :
// CHECK-NEXT: %[[U:.*]] = xf.expert_linear %[[H]], %{{.*}}, %[[E]] :
// CHECK-NEXT: %[[A:.*]] = xf.gated_activation gelu %[[G]], %[[U]] limit = 7.000000e+00 up_offset = 1.000000e+00
// CHECK-NEXT: %[[D:.*]] = xf.expert_linear %[[A]], %{{.*}}, %[[E]] bias
// CHECK-NEXT: %[[S:.*]] = xf.combine_experts %[[D]], %[[W]]
// CHECK-NEXT: %[[Y:.*]] = xf.add %[[H]], %[[S]]
// CHECK-NEXT: xf.yield %[[Y]]
// REMARK: an MLP became 4 experts
module @layers {
  xf.weight @gate : tensor<2x48x32xf32, #xf.format<q4_0>> stacked sources [#xf.source<"blk.{layer}.gate.weight", first = 1>]
  xf.weight @up : tensor<2x48x32xf32> stacked sources [#xf.source<"blk.{layer}.up", transposed>]
  xf.weight @down : tensor<2x32x48xf32> stacked sources [#xf.source<"blk.{layer}.down.weight">]
  xf.weight @down_bias : tensor<2x32xf32> stacked sources [#xf.source<"blk.{layer}.down.bias">]
  func.func @forward(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x32xf32> {
      %wg = xf.load_weight @gate[%layer] : tensor<48x32xf32, #xf.format<q4_0>>
      %wu = xf.load_weight @up[%layer] : tensor<48x32xf32>
      %wd = xf.load_weight @down[%layer] : tensor<32x48xf32>
      %bd = xf.load_weight @down_bias[%layer] : tensor<32xf32>
      %g = xf.linear %h, %wg : (tensor<?x?x32xf32>, tensor<48x32xf32, #xf.format<q4_0>>) -> tensor<?x?x48xf32>
      %u = xf.linear %h, %wu : (tensor<?x?x32xf32>, tensor<48x32xf32>) -> tensor<?x?x48xf32>
      %a = xf.gated_activation gelu %g, %u limit = 7.0 up_offset = 1.0 : (tensor<?x?x48xf32>, tensor<?x?x48xf32>) -> tensor<?x?x48xf32>
      %d = xf.linear %a, %wd bias %bd residual %h : (tensor<?x?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
      xf.yield %d : tensor<?x?x32xf32>
    }
    return %y : tensor<?x?x32xf32>
  }
}

// -----

// Fused already, and weights that something else uses too.
// CHECK-LABEL: module @fused
// CHECK-DAG: xf.weight @gate :
// CHECK-DAG: xf.weight @gate_experts : tensor<4x48x32xf32> sources [#xf.source<"gate", rows = 4, copied>]
// CHECK-DAG: xf.weight @gate_router : tensor<4x32xf32> sources [#xf.source<"gate.router.weight", rows = 4>]
// CHECK-DAG: xf.weight @bias_experts : tensor<4x48xf32> sources [#xf.source<"b", rows = 4, copied>]
// CHECK-NOT: xf.weight @up :
// CHECK: xf.router
// CHECK-NOT: xf.gated_linear
// CHECK: xf.expert_linear {{.*}} bias
// CHECK: xf.combine_experts
// REMARK: an MLP became 4 experts
module @fused {
  xf.weight @gate : tensor<48x32xf32>
  xf.weight @up : tensor<48x32xf32> sources [#xf.source<"u">]
  xf.weight @down : tensor<32x48xf32> sources [#xf.source<"d">]
  xf.weight @bias : tensor<48xf32> sources [#xf.source<"b">]
  func.func @forward(%x: tensor<?x?x32xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x48xf32>) {
    %b = xf.load_weight @bias : tensor<48xf32>
    %wg = xf.load_weight @gate : tensor<48x32xf32>
    %wu = xf.load_weight @up : tensor<48x32xf32>
    %wd = xf.load_weight @down : tensor<32x48xf32>
    %a = xf.gated_linear silu %x, %wg, %wu gate_bias %b : (tensor<?x?x32xf32>, tensor<48x32xf32>, tensor<48x32xf32>, tensor<48xf32>) -> tensor<?x?x48xf32>
    %d = xf.linear %a, %wd : (tensor<?x?x48xf32>, tensor<32x48xf32>) -> tensor<?x?x32xf32>
    %other = xf.linear %x, %wg : (tensor<?x?x32xf32>, tensor<48x32xf32>) -> tensor<?x?x48xf32>
    return %d, %other : tensor<?x?x32xf32>, tensor<?x?x48xf32>
  }
}

// -----

// CHECK-LABEL: module @refused
// CHECK-NOT: xf.router
module @refused {
  xf.weight @w : tensor<32x32xf32> sources [#xf.source<"w">]
  xf.weight @halves : tensor<32x32xf32> sources [#xf.source<"a", rows = 16>, #xf.source<"b", rows = 16>]
  xf.weight @part : tensor<32x32xf32> sources [#xf.source<"w", of = 64>]
  // REMARK: a weight is no symbol of the module
  func.func @no_symbol(%x: tensor<?x32xf32>, %w: tensor<32x32xf32>) -> tensor<?x32xf32> {
    %a = xf.gated_linear silu %x, %w, %w : (tensor<?x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    %d = xf.linear %a, %w : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    return %d : tensor<?x32xf32>
  }
  // REMARK: a weight has several sources
  func.func @several(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %h = xf.load_weight @halves : tensor<32x32xf32>
    %a = xf.gated_linear silu %x, %w, %h : (tensor<?x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    %d = xf.linear %a, %w : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    return %d : tensor<?x32xf32>
  }
  // REMARK: a weight's source is not a whole tensor
  func.func @part_of_it(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %p = xf.load_weight @part : tensor<32x32xf32>
    %a = xf.gated_linear silu %x, %w, %w : (tensor<?x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    %d = xf.linear %a, %p : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    return %d : tensor<?x32xf32>
  }
  // REMARK: gate, up or what they make is used elsewhere too
  func.func @used_twice(%x: tensor<?x32xf32>) -> (tensor<?x32xf32>, tensor<?x32xf32>) {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %a = xf.gated_linear silu %x, %w, %w : (tensor<?x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    %d = xf.linear %a, %w : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    return %d, %a : tensor<?x32xf32>, tensor<?x32xf32>
  }
  // REMARK: gate and up have different inputs
  func.func @two_inputs(%x: tensor<?x32xf32>, %y: tensor<?x32xf32>) -> tensor<?x32xf32> {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %g = xf.linear %x, %w : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    %u = xf.linear %y, %w : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    %a = xf.gated_activation silu %g, %u : (tensor<?x32xf32>, tensor<?x32xf32>) -> tensor<?x32xf32>
    %d = xf.linear %a, %w : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    return %d : tensor<?x32xf32>
  }
  // REMARK: gate or up isn't made by a linear
  func.func @one_linear(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %g = xf.linear %x, %w : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    %a = xf.gated_activation silu %g, %x : (tensor<?x32xf32>, tensor<?x32xf32>) -> tensor<?x32xf32>
    %d = xf.linear %a, %w : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    return %d : tensor<?x32xf32>
  }
  // REMARK: gate or up has a residual
  func.func @residual(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %g = xf.linear %x, %w residual %x : (tensor<?x32xf32>, tensor<32x32xf32>, tensor<?x32xf32>) -> tensor<?x32xf32>
    %u = xf.linear %x, %w : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    %a = xf.gated_activation silu %g, %u : (tensor<?x32xf32>, tensor<?x32xf32>) -> tensor<?x32xf32>
    %d = xf.linear %a, %w : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    return %d : tensor<?x32xf32>
  }
  // REMARK: gate or up has an activation of its own
  func.func @activated(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %g = xf.linear %x, %w activation = tanh : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    %u = xf.linear %x, %w : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    %a = xf.gated_activation silu %g, %u : (tensor<?x32xf32>, tensor<?x32xf32>) -> tensor<?x32xf32>
    %d = xf.linear %a, %w : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    return %d : tensor<?x32xf32>
  }
  // REMARK: the last product has an activation
  func.func @activated_last(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %a = xf.gated_linear silu %x, %w, %w : (tensor<?x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    %d = xf.linear %a, %w activation = relu : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    return %d : tensor<?x32xf32>
  }
  // REMARK: a value is encoded
  func.func @encoded(%x: tensor<?x32xf32, #xf.format<i8x32>>) -> tensor<?x32xf32> {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %a = xf.gated_linear silu %x, %w, %w : (tensor<?x32xf32, #xf.format<i8x32>>, tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    %d = xf.linear %a, %w : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    return %d : tensor<?x32xf32>
  }
  // REMARK: gate or up is made outside the loop
  func.func @outside(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %a = xf.gated_linear silu %x, %w, %w : (tensor<?x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x32xf32> {
      %d = xf.linear %a, %w : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
      xf.yield %d : tensor<?x32xf32>
    }
    return %y : tensor<?x32xf32>
  }
}

// -----

// CHECK-LABEL: module @whole_stack
// CHECK-NOT: xf.router
// REMARK: a weight names no source
module @whole_stack {
  xf.weight @w : tensor<2x32x32xf32> stacked
  func.func @no_source(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
    %layer = arith.constant 0 : index
    %w = xf.load_weight @w[%layer] : tensor<32x32xf32>
    %a = xf.gated_linear silu %x, %w, %w : (tensor<?x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    %d = xf.linear %a, %w : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
    return %d : tensor<?x32xf32>
  }
}
