// A dense layer, a mixture of experts and one with experts that a bias keeps out give the same values before and after each pass,
// on samples of all kinds and sizes.
//
// RUN: ph-opt %s --verify-values --xf-group-experts -o /dev/null 2>&1 | FileCheck %s
// RUN: ph-opt %s --verify-values --xf-densify-experts -o /dev/null 2>&1 | FileCheck %s
// RUN: ph-opt %s --verify-values --xf-prune-experts -o /dev/null 2>&1 | FileCheck %s
// RUN: ph-opt %s --verify-values --xf-upcycle-dense="experts=4 top-k=2" -o /dev/null 2>&1 | FileCheck %s
// CHECK-NOT: error
// CHECK: verify-values: 1 passes, of which 1 changed the IR; {{[1-9].*}} 0 differences
//
// All of them, one after the other; what was upcycled is dense again at the end.
// RUN: ph-opt %s --verify-values --xf-upcycle-dense="experts=4 top-k=2" --xf-prune-experts --xf-densify-experts --xf-group-experts \
// RUN:   -o %t.mlir 2>&1 | FileCheck %s --check-prefix=ALL
// ALL-NOT: error
// ALL: verify-values: 4 passes, of which 4 changed the IR; {{[1-9].*}} 0 differences
// RUN: FileCheck %s --check-prefix=LEFT --input-file=%t.mlir
// LEFT-LABEL: func.func @dense
// LEFT-NOT: xf.router
// LEFT-LABEL: func.func @mixture
// LEFT: xf.sort_by_expert
// LEFT-LABEL: func.func @kept_out
// LEFT: xf.router sigmoid {{.*}} (tensor<?x?x3xf32>, tensor<3xf32>)
//
// Experts that the option lists and that no token chooses can go: the values stay. Others can't.
// RUN: ph-opt %s --run=listed --seed=3 --outputs=%t.whole.safetensors
// RUN: ph-opt %s --xf-prune-experts="experts=1,3" --run=listed --seed=3 --expect=%t.whole.safetensors --atol=1e-6 --rtol=0 | FileCheck %s --check-prefix=LISTED
// RUN: not ph-opt %s --xf-prune-experts="experts=0" --run=listed --seed=3 --expect=%t.whole.safetensors --atol=1e-6 --rtol=0
// LISTED: sum: largest error
// RUN: not ph-opt %s --verify-values --xf-prune-experts="experts=0" -o /dev/null 2>&1 | FileCheck %s --check-prefix=DECLARED
// DECLARED: not compared: @listed, xf-prune-experts{{.*}}: the pass changes what is computed (experts that the options list may be chosen)

module @mixtures {
  xf.weight @gate : tensor<2x48x32xf32> stacked sources [#xf.source<"blk.{layer}.gate.weight", first = 1>]
  xf.weight @up : tensor<2x48x32xf32> stacked sources [#xf.source<"blk.{layer}.up.weight", transposed>]
  xf.weight @down : tensor<2x32x48xf32> stacked sources [#xf.source<"blk.{layer}.down.weight">]
  xf.weight @down_bias : tensor<2x32xf32> stacked sources [#xf.source<"blk.{layer}.down.bias">]
  xf.weight @router : tensor<2x5x32xf32> stacked sources [#xf.source<"blk.{layer}.router.weight">]
  xf.weight @expert_gate : tensor<2x5x24x32xf32> stacked sources [#xf.source<"blk.{layer}.{expert}.gate.weight">]
  xf.weight @expert_up : tensor<2x5x24x32xf32> stacked sources [#xf.source<"blk.{layer}.up_gate.weight", transposed, interleaved<1, 2>>]
  xf.weight @expert_down : tensor<2x5x32x24xf32> stacked sources [
    #xf.source<"blk.{layer}.{expert}.down.weight", rows = 3, from = 7>, #xf.source<"blk.{layer}.down.all", rows = 2, from = 1, of = 3>]
  xf.weight @expert_bias : tensor<2x5x24xf32> stacked sources [#xf.source<"blk.{layer}.experts.bias", part<1, 2>>]

  func.func @dense(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x32xf32> {
      %wg = xf.load_weight @gate[%layer] : tensor<48x32xf32>
      %wu = xf.load_weight @up[%layer] : tensor<48x32xf32>
      %wd = xf.load_weight @down[%layer] : tensor<32x48xf32>
      %bd = xf.load_weight @down_bias[%layer] : tensor<32xf32>
      %g = xf.linear %h, %wg : (tensor<?x?x32xf32>, tensor<48x32xf32>) -> tensor<?x?x48xf32>
      %u = xf.linear %h, %wu : (tensor<?x?x32xf32>, tensor<48x32xf32>) -> tensor<?x?x48xf32>
      %a = xf.gated_activation silu %g, %u : (tensor<?x?x48xf32>, tensor<?x?x48xf32>) -> tensor<?x?x48xf32>
      %d = xf.linear %a, %wd bias %bd residual %h : (tensor<?x?x48xf32>, tensor<32x48xf32>, tensor<32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
      xf.yield %d : tensor<?x?x32xf32>
    }
    return %y : tensor<?x?x32xf32>
  }

  func.func @mixture(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x32xf32> {
      %wr = xf.load_weight @router[%layer] : tensor<5x32xf32>
      %wg = xf.load_weight @expert_gate[%layer] : tensor<5x24x32xf32>
      %wu = xf.load_weight @expert_up[%layer] : tensor<5x24x32xf32>
      %bu = xf.load_weight @expert_bias[%layer] : tensor<5x24xf32>
      %wd = xf.load_weight @expert_down[%layer] : tensor<5x32x24xf32>
      %z = xf.linear %h, %wr : (tensor<?x?x32xf32>, tensor<5x32xf32>) -> tensor<?x?x5xf32>
      %w, %e = xf.router softmax %z top_k = 2 : (tensor<?x?x5xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
      %g = xf.expert_linear %h, %wg, %e : (tensor<?x?x32xf32>, tensor<5x24x32xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x24xf32>
      %u = xf.expert_linear %h, %wu, %e bias %bu : (tensor<?x?x32xf32>, tensor<5x24x32xf32>, tensor<?x?x2xi32>, tensor<5x24xf32>) -> tensor<?x?x2x24xf32>
      %a = xf.gated_activation gelu %g, %u : (tensor<?x?x2x24xf32>, tensor<?x?x2x24xf32>) -> tensor<?x?x2x24xf32>
      %d = xf.expert_linear %a, %wd, %e : (tensor<?x?x2x24xf32>, tensor<5x32x24xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x32xf32>
      %s = xf.combine_experts %d, %w : (tensor<?x?x2x32xf32>, tensor<?x?x2xf32>) -> tensor<?x?x32xf32>
      %r = xf.add %h, %s : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
      xf.yield %r : tensor<?x?x32xf32>
    }
    return %y : tensor<?x?x32xf32>
  }

  xf.weight @same : tensor<5x32x32xf32> sources [#xf.source<"same", copied>]

  // Equal experts, and none that a token chooses is 1 or 3.
  func.func @kept_out(%x: tensor<?x?x32xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>) {
    %layer = arith.constant 1 : index
    %b = arith.constant dense<[0.0, 0xFF800000, 0.1, 0xFF800000, -0.1]> : tensor<5xf32>
    %wr = xf.load_weight @router[%layer] : tensor<5x32xf32>
    %wg = xf.load_weight @expert_gate[%layer] : tensor<5x24x32xf32>
    %wd = xf.load_weight @expert_down[%layer] : tensor<5x32x24xf32>
    %z = xf.linear %x, %wr : (tensor<?x?x32xf32>, tensor<5x32xf32>) -> tensor<?x?x5xf32>
    %w, %e = xf.router sigmoid %z bias %b top_k = 2 normalize scale = 1.5 : (tensor<?x?x5xf32>, tensor<5xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
    %g = xf.expert_linear %x, %wg, %e : (tensor<?x?x32xf32>, tensor<5x24x32xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x24xf32>
    %d = xf.expert_linear %g, %wd, %e : (tensor<?x?x2x24xf32>, tensor<5x32x24xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x32xf32>
    %s = xf.combine_experts %d, %w : (tensor<?x?x2x32xf32>, tensor<?x?x2xf32>) -> tensor<?x?x32xf32>

    // A linear whose bias keeps an expert out, which the softmax doesn't count either.
    %lb = arith.constant dense<[0.0, 0.5, 0xFF800000, 0.2, -0.1]> : tensor<5xf32>
    %m = xf.load_weight @same : tensor<5x32x32xf32>
    %lz = xf.linear %x, %wr bias %lb : (tensor<?x?x32xf32>, tensor<5x32xf32>, tensor<5xf32>) -> tensor<?x?x5xf32>
    %lw, %le = xf.router softmax %lz top_k = 3 normalize : (tensor<?x?x5xf32>) -> (tensor<?x?x3xf32>, tensor<?x?x3xi32>)
    %ly = xf.expert_linear %x, %m, %le : (tensor<?x?x32xf32>, tensor<5x32x32xf32>, tensor<?x?x3xi32>) -> tensor<?x?x3x32xf32>
    %ls = xf.combine_experts %ly, %lw : (tensor<?x?x3x32xf32>, tensor<?x?x3xf32>) -> tensor<?x?x32xf32>
    return %s, %ls : tensor<?x?x32xf32>, tensor<?x?x32xf32>
  }

  // A bias that isn't infinite but large: with these inputs experts 1 and 3 are never chosen.
  func.func @listed(%x: tensor<?x?x32xf32>) -> (tensor<?x?x32xf32> {xf.name = "sum"}) {
    %layer = arith.constant 0 : index
    %b = arith.constant dense<[0.0, -9.0, 0.1, -9.0, -0.1]> : tensor<5xf32>
    %wr = xf.load_weight @router[%layer] : tensor<5x32xf32>
    %wg = xf.load_weight @expert_gate[%layer] : tensor<5x24x32xf32>
    %wd = xf.load_weight @expert_down[%layer] : tensor<5x32x24xf32>
    %z = xf.linear %x, %wr bias %b : (tensor<?x?x32xf32>, tensor<5x32xf32>, tensor<5xf32>) -> tensor<?x?x5xf32>
    %w, %e = xf.router softmax %z top_k = 2 normalize : (tensor<?x?x5xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
    %g = xf.expert_linear %x, %wg, %e : (tensor<?x?x32xf32>, tensor<5x24x32xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x24xf32>
    %d = xf.expert_linear %g, %wd, %e : (tensor<?x?x2x24xf32>, tensor<5x32x24xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x32xf32>
    %s = xf.combine_experts %d, %w : (tensor<?x?x2x32xf32>, tensor<?x?x2xf32>) -> tensor<?x?x32xf32>
    return %s : tensor<?x?x32xf32>
  }
}
