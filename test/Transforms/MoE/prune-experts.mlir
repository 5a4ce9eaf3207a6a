// RUN: ph-opt %s --xf-prune-experts="experts=0,4" --split-input-file --remark-policy=all --remarks-filter=xf-prune-experts 2>%t.remarks \
// RUN:   | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: ph-opt %s --xf-prune-experts="keep=1,2,3,5,6" --split-input-file | FileCheck %s --check-prefix=KEEP
// RUN: not ph-opt %s --xf-prune-experts="experts=0 keep=1" --split-input-file 2>&1 | FileCheck %s --check-prefix=BOTH
// BOTH: error: xf-prune-experts expects either experts or keep, but got both

// Rows of the router and of a tensor of all experts are cut, and tensors of experts are left out. What else uses a weight keeps it.
// CHECK-LABEL: module @listed
// CHECK-DAG: xf.weight @router_kept : tensor<2x4x32xf32> stacked sources [#xf.source<"blk.{layer}.router", rows = 3, from = 1, of = 6>, #xf.source<"blk.{layer}.router", rows = 1, from = 5, of = 6>]
// CHECK-DAG: xf.weight @up_kept : tensor<2x4x48x32xf32, #xf.format<q4_0>> stacked sources [#xf.source<"blk.{layer}.{expert}.up", rows = 3, from = 11>, #xf.source<"blk.{layer}.{expert}.up", rows = 1, from = 15>]
// CHECK-DAG: xf.weight @down_kept : tensor<2x4x32x48xf32> stacked sources [#xf.source<"blk.{layer}.down", rows = 1, from = 1, of = 2, transposed>, #xf.source<"blk.{layer}.x.down", rows = 2>, #xf.source<"blk.{layer}.y.down", rows = 1, copied>]
// CHECK-DAG: xf.weight @bias_kept : tensor<2x4x32xf32> stacked sources [#xf.source<"blk.{layer}.bias", rows = 3, from = 1, of = 6>, #xf.source<"blk.{layer}.bias", rows = 1, from = 5, of = 6>]
// CHECK-DAG: xf.weight @bias : tensor<2x6x32xf32>
// CHECK-NOT: xf.weight
// CHECK: xf.linear {{.*}} -> tensor<?x?x4xf32>
// CHECK: xf.router softmax %{{.*}} top_k = 2 normalize : (tensor<?x?x4xf32>)
// CHECK: xf.expert_linear
// CHECK: xf.expert_linear
// REMARK: 2 of 6 experts removed
// KEEP-LABEL: module @listed
// KEEP-NOT: _kept
module @listed {
  xf.weight @router : tensor<2x6x32xf32> stacked sources [#xf.source<"blk.{layer}.router">]
  xf.weight @up : tensor<2x6x48x32xf32, #xf.format<q4_0>> stacked sources [#xf.source<"blk.{layer}.{expert}.up", from = 10>]
  xf.weight @down : tensor<2x6x32x48xf32> stacked sources [
    #xf.source<"blk.{layer}.down", rows = 2, transposed>, #xf.source<"blk.{layer}.x.down", rows = 2>, #xf.source<"blk.{layer}.y.down", rows = 2, copied>]
  xf.weight @bias : tensor<2x6x32xf32> stacked sources [#xf.source<"blk.{layer}.bias">]
  func.func @forward(%x: tensor<?x?x32xf32>) -> (tensor<?x?x32xf32>, tensor<6x32xf32>) {
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x32xf32> {
      %wr = xf.load_weight @router[%layer] : tensor<6x32xf32>
      %wu = xf.load_weight @up[%layer] : tensor<6x48x32xf32, #xf.format<q4_0>>
      %wd = xf.load_weight @down[%layer] : tensor<6x32x48xf32>
      %bd = xf.load_weight @bias[%layer] : tensor<6x32xf32>
      %z = xf.linear %h, %wr : (tensor<?x?x32xf32>, tensor<6x32xf32>) -> tensor<?x?x6xf32>
      %w, %e = xf.router softmax %z top_k = 2 normalize : (tensor<?x?x6xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
      %u = xf.expert_linear %h, %wu, %e : (tensor<?x?x32xf32>, tensor<6x48x32xf32, #xf.format<q4_0>>, tensor<?x?x2xi32>) -> tensor<?x?x2x48xf32>
      %d = xf.expert_linear %u, %wd, %e bias %bd : (tensor<?x?x2x48xf32>, tensor<6x32x48xf32>, tensor<?x?x2xi32>, tensor<6x32xf32>) -> tensor<?x?x2x32xf32>
      %s = xf.combine_experts %d, %w : (tensor<?x?x2x32xf32>, tensor<?x?x2xf32>) -> tensor<?x?x32xf32>
      xf.yield %s : tensor<?x?x32xf32>
    }
    %layer = arith.constant 1 : index
    %b = xf.load_weight @bias[%layer] : tensor<6x32xf32>
    return %y, %b : tensor<?x?x32xf32>, tensor<6x32xf32>
  }
}

// -----

// A constant bias says who is never chosen, also of experts that are sorted, and together with what is listed.
// CHECK-LABEL: func.func @biased
// CHECK-DAG: arith.constant dense<[1.000000e+00, 3.000000e+00, 0.000000e+00]> : tensor<3xf32>
// CHECK: xf.router sigmoid %{{.*}} bias %{{.*}} top_k = 2 : (tensor<?x3xf32>, tensor<3xf32>)
// CHECK: xf.sort_by_expert %{{.*}} experts = 3 : (tensor<?x2xi32>) -> (tensor<?xi32>, tensor<4xi32>)
// CHECK: xf.grouped_linear %{{.*}} : (tensor<?x32xf32>, tensor<3x32x32xf32>, tensor<4xi32>) -> tensor<?x32xf32>
// REMARK: 3 of 6 experts removed
xf.weight @router : tensor<6x32xf32>
xf.weight @up : tensor<6x32x32xf32> sources [#xf.source<"up.{expert}">]
func.func @biased(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %b = arith.constant dense<[9.0, 1.0, 0xFF800000, 3.0, 4.0, 0.0]> : tensor<6xf32>
  %wr = xf.load_weight @router : tensor<6x32xf32>
  %z = xf.linear %x, %wr : (tensor<?x32xf32>, tensor<6x32xf32>) -> tensor<?x6xf32>
  %w, %e = xf.router sigmoid %z bias %b top_k = 2 : (tensor<?x6xf32>, tensor<6xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
  %order, %offsets = xf.sort_by_expert %e experts = 6 : (tensor<?x2xi32>) -> (tensor<?xi32>, tensor<7xi32>)
  %rows = xf.gather_tokens %x, %order top_k = 2 : (tensor<?x32xf32>, tensor<?xi32>) -> tensor<?x32xf32>
  %wu = xf.load_weight @up : tensor<6x32x32xf32>
  %y = xf.grouped_linear %rows, %wu, %offsets : (tensor<?x32xf32>, tensor<6x32x32xf32>, tensor<7xi32>) -> tensor<?x32xf32>
  %s = xf.scatter_combine %y, %order, %w : (tensor<?x32xf32>, tensor<?xi32>, tensor<?x2xf32>) -> tensor<?x32xf32>
  return %s : tensor<?x32xf32>
}

// -----

// CHECK-LABEL: module @refused
// CHECK-NOT: _kept
module @refused {
  xf.weight @router : tensor<6x32xf32> sources [#xf.source<"router">]
  xf.weight @turned : tensor<6x32xf32> sources [#xf.source<"router", rope_halves<3>>]
  xf.weight @up : tensor<6x32x32xf32> sources [#xf.source<"up.{expert}">]
  // REMARK: fewer experts than a token chooses would be left
  func.func @too_few(%x: tensor<?x32xf32>) -> (tensor<?x5xf32>, tensor<?x5xi32>) {
    %wr = xf.load_weight @router : tensor<6x32xf32>
    %z = xf.linear %x, %wr : (tensor<?x32xf32>, tensor<6x32xf32>) -> tensor<?x6xf32>
    %w, %e = xf.router softmax %z top_k = 5 normalize : (tensor<?x6xf32>) -> (tensor<?x5xf32>, tensor<?x5xi32>)
    return %w, %e : tensor<?x5xf32>, tensor<?x5xi32>
  }
  // REMARK: expert 4 is listed, but there are 4
  func.func @no_such(%z: tensor<?x4xf32>) -> tensor<?x2xf32> {
    %w, %e = xf.router softmax %z top_k = 2 normalize : (tensor<?x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    return %w : tensor<?x2xf32>
  }
  // REMARK: the experts are in groups
  func.func @grouped(%z: tensor<?x6xf32>) -> tensor<?x2xf32> {
    %w, %e = xf.router sigmoid %z top_k = 2 groups = 3 group_top_k = 2 : (tensor<?x6xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    return %w : tensor<?x2xf32>
  }
  // REMARK: the softmax counts the removed experts, and isn't normalized
  func.func @counted(%z: tensor<?x6xf32>) -> tensor<?x2xf32> {
    %w, %e = xf.router softmax %z top_k = 2 : (tensor<?x6xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    return %w : tensor<?x2xf32>
  }
  // REMARK: the softmax counts experts that only the bias keeps out
  func.func @kept_out(%z: tensor<?x6xf32>) -> tensor<?x2xf32> {
    %b = arith.constant dense<[0.0, 0.0, 0xFF800000, 0.0, 0.0, 0.0]> : tensor<6xf32>
    %w, %e = xf.router softmax %z bias %b top_k = 2 normalize : (tensor<?x6xf32>, tensor<6xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    return %w : tensor<?x2xf32>
  }
  // REMARK: the logits aren't made by a linear
  func.func @given_logits(%z: tensor<?x6xf32>) -> tensor<?x2xf32> {
    %w, %e = xf.router sigmoid %z top_k = 2 : (tensor<?x6xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    return %w : tensor<?x2xf32>
  }
  // REMARK: the logits are made by a linear with an activation, a residual or an encoding
  func.func @residual(%x: tensor<?x32xf32>, %r: tensor<?x6xf32>) -> tensor<?x2xf32> {
    %wr = xf.load_weight @router : tensor<6x32xf32>
    %z = xf.linear %x, %wr residual %r : (tensor<?x32xf32>, tensor<6x32xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
    %w, %e = xf.router sigmoid %z top_k = 2 : (tensor<?x6xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    return %w : tensor<?x2xf32>
  }
  // REMARK: the logits are used elsewhere too
  func.func @logits_used(%x: tensor<?x32xf32>) -> (tensor<?x2xf32>, tensor<?x6xf32>) {
    %wr = xf.load_weight @router : tensor<6x32xf32>
    %z = xf.linear %x, %wr : (tensor<?x32xf32>, tensor<6x32xf32>) -> tensor<?x6xf32>
    %w, %e = xf.router sigmoid %z top_k = 2 : (tensor<?x6xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    return %w, %z : tensor<?x2xf32>, tensor<?x6xf32>
  }
  // REMARK: the numbers of experts are used by func.return
  func.func @numbers_used(%x: tensor<?x32xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>) {
    %wr = xf.load_weight @router : tensor<6x32xf32>
    %z = xf.linear %x, %wr : (tensor<?x32xf32>, tensor<6x32xf32>) -> tensor<?x6xf32>
    %w, %e = xf.router sigmoid %z top_k = 2 : (tensor<?x6xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    return %w, %e : tensor<?x2xf32>, tensor<?x2xi32>
  }
  // REMARK: the numbers of experts are used by func.return
  func.func @offsets_used(%x: tensor<?x32xf32>) -> tensor<7xi32> {
    %wr = xf.load_weight @router : tensor<6x32xf32>
    %z = xf.linear %x, %wr : (tensor<?x32xf32>, tensor<6x32xf32>) -> tensor<?x6xf32>
    %w, %e = xf.router sigmoid %z top_k = 2 : (tensor<?x6xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    %order, %offsets = xf.sort_by_expert %e experts = 6 : (tensor<?x2xi32>) -> (tensor<?xi32>, tensor<7xi32>)
    return %offsets : tensor<7xi32>
  }
  // REMARK: a weight is no symbol of the module
  func.func @no_symbol(%x: tensor<?x32xf32>, %wr: tensor<6x32xf32>) -> tensor<?x2xf32> {
    %z = xf.linear %x, %wr : (tensor<?x32xf32>, tensor<6x32xf32>) -> tensor<?x6xf32>
    %w, %e = xf.router sigmoid %z top_k = 2 : (tensor<?x6xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    return %w : tensor<?x2xf32>
  }
  // REMARK: a weight has rows in another order than its source
  func.func @turned_rows(%x: tensor<?x32xf32>) -> tensor<?x2xf32> {
    %wr = xf.load_weight @turned : tensor<6x32xf32>
    %z = xf.linear %x, %wr : (tensor<?x32xf32>, tensor<6x32xf32>) -> tensor<?x6xf32>
    %w, %e = xf.router sigmoid %z top_k = 2 : (tensor<?x6xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    return %w : tensor<?x2xf32>
  }
}

// -----

// CHECK-LABEL: module @seven
// CHECK: xf.linear {{.*}} -> tensor<?x5xf32>
// KEEP-LABEL: module @seven
// KEEP: xf.linear {{.*}} -> tensor<?x5xf32>
module @seven {
  xf.weight @router : tensor<7x32xf32> sources [#xf.source<"router">]
  func.func @forward(%x: tensor<?x32xf32>) -> tensor<?x2xf32> {
    %wr = xf.load_weight @router : tensor<7x32xf32>
    %z = xf.linear %x, %wr : (tensor<?x32xf32>, tensor<7x32xf32>) -> tensor<?x7xf32>
    %w, %e = xf.router sigmoid %z top_k = 2 : (tensor<?x7xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>)
    return %w : tensor<?x2xf32>
  }
}
