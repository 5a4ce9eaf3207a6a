// Products with matrices of layers get low-rank adapters, whose weights are called as PEFT calls them; others are left alone.
//
// RUN: ph-opt %s --train-add-adapters='rank=4 scale=2.0 targets=(q|k|v)_proj$' --remark-policy=all --remarks-filter=train-add-adapters -o %t.mlir 2>%t.remarks
// RUN: FileCheck %s --input-file=%t.mlir && FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: not ph-opt %s --train-add-adapters=rank=0 2>&1 | FileCheck %s --check-prefix=WRONG

// WRONG: error: train-add-adapters expects a rank of at least 1

// REMARK-DAG: it has an adapter
// REMARK-DAG: it is no target
// REMARK-DAG: it has an activation
// REMARK-DAG: its matrix isn't the whole weight of a module of each layer
// REMARK-DAG: its matrix is no weight of the model

// Rows that are stored in another order are so in the adapter; what another file calls otherwise is called as the hub's folders have it.
// CHECK-DAG: xf.weight @q_lora_A : tensor<2x4x8xf32> stacked sources [#xf.source<"base_model.model.layers.{layer}.q_proj.lora_A.weight">]
// CHECK-DAG: xf.weight @q_lora_B : tensor<2x16x4xf32> stacked sources [#xf.source<"base_model.model.layers.{layer}.q_proj.lora_B.weight", rope_halves<2>>]
// CHECK-DAG: xf.weight @v_lora_B : tensor<2x16x4xf32> stacked sources [#xf.source<"base_model.model.layers.{layer}.v_proj.lora_B.weight">]
// CHECK-NOT: o_lora
xf.weight @q : tensor<2x16x8xf32> stacked sources [#xf.source<"layers.{layer}.q_proj.weight", rope_halves<2>>]
xf.weight @v : tensor<2x16x8xf32> stacked sources [#xf.source<"blk.{layer}.attn_v.weight", rope_halves<2>>] {
  xf.hub_source = #xf.source<"layers.{layer}.v_proj.weight">}
xf.weight @o : tensor<2x16x8xf32> stacked sources [#xf.source<"layers.{layer}.o_proj.weight">]
xf.weight @k : tensor<2x16x8xf32> stacked sources [#xf.source<"layers.{layer}.k_proj.weight">]
xf.weight @part : tensor<2x16x8xf32> stacked sources [#xf.source<"layers.{layer}.qk_proj.weight", rows = 16, of = 32>]

// CHECK-LABEL: func.func @forward
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x?x8xf32>
// CHECK: %[[Y:.*]] = xf.linear %[[X]], %{{.*}} : (tensor<?x?x8xf32>, tensor<16x8xf32>)
// CHECK: %[[A:.*]] = xf.load_weight @q_lora_A[%{{.*}}] {xf.plain} : tensor<4x8xf32>
// CHECK: %[[INNER:.*]] = xf.linear %[[X]], %[[A]]
// CHECK: %[[B:.*]] = xf.load_weight @q_lora_B[%{{.*}}] {xf.plain} : tensor<16x4xf32>
// CHECK: %[[OUTER:.*]] = xf.linear %[[INNER]], %[[B]]
// CHECK: %[[SCALED:.*]] = xf.elementwise mul %[[OUTER]]
// CHECK: xf.add %[[Y]], %[[SCALED]]
func.func @forward(%x: tensor<?x?x8xf32>, %layer: index, %other: tensor<16x8xf32>)
    -> (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) {
  %q = xf.load_weight @q[%layer] : tensor<16x8xf32>
  %a = xf.linear %x, %q : (tensor<?x?x8xf32>, tensor<16x8xf32>) -> tensor<?x?x16xf32>
  %o = xf.load_weight @o[%layer] : tensor<16x8xf32>
  %b = xf.linear %x, %o : (tensor<?x?x8xf32>, tensor<16x8xf32>) -> tensor<?x?x16xf32>
  %k = xf.load_weight @k[%layer] : tensor<16x8xf32>
  %c = xf.linear %x, %k activation = gelu : (tensor<?x?x8xf32>, tensor<16x8xf32>) -> tensor<?x?x16xf32>
  %p = xf.load_weight @part[%layer] : tensor<16x8xf32>
  %d = xf.linear %x, %p : (tensor<?x?x8xf32>, tensor<16x8xf32>) -> tensor<?x?x16xf32>
  %e = xf.linear %x, %other : (tensor<?x?x8xf32>, tensor<16x8xf32>) -> tensor<?x?x16xf32>
  %v = xf.load_weight @v[%layer] : tensor<16x8xf32>
  %f = xf.linear %x, %v : (tensor<?x?x8xf32>, tensor<16x8xf32>) -> tensor<?x?x16xf32>
  return %a, %b, %c, %d, %e, %f : tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>,
      tensor<?x?x16xf32>
}
