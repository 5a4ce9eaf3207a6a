// A SigLIP image encoder of two layers written by hand: patches, and a learned query that pools them by attention.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=forward --inputs=%ph_reference/models/siglip-vision/expected.safetensors \
// RUN:   --weights=%ph_reference/models/siglip-vision/model.safetensors \
// RUN:   --expect=%ph_reference/models/siglip-vision/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: last_hidden_state: largest error {{.*}} of 2048 values
// CHECK: pooler_output: largest error {{.*}} of 128 values

module @siglip {
  xf.weight @patches : tensor<64x3x8x8xf32> sources [#xf.source<"embeddings.patch_embedding.weight">]
  xf.weight @patches_bias : tensor<64xf32> sources [#xf.source<"embeddings.patch_embedding.bias">]
  xf.weight @places : tensor<16x64xf32> sources [#xf.source<"embeddings.position_embedding.weight">]
  xf.weight @q : tensor<2x64x64xf32> stacked sources [#xf.source<"encoder.layers.{layer}.self_attn.q_proj.weight">]
  xf.weight @q_bias : tensor<2x64xf32> stacked sources [#xf.source<"encoder.layers.{layer}.self_attn.q_proj.bias">]
  xf.weight @k : tensor<2x64x64xf32> stacked sources [#xf.source<"encoder.layers.{layer}.self_attn.k_proj.weight">]
  xf.weight @k_bias : tensor<2x64xf32> stacked sources [#xf.source<"encoder.layers.{layer}.self_attn.k_proj.bias">]
  xf.weight @v : tensor<2x64x64xf32> stacked sources [#xf.source<"encoder.layers.{layer}.self_attn.v_proj.weight">]
  xf.weight @v_bias : tensor<2x64xf32> stacked sources [#xf.source<"encoder.layers.{layer}.self_attn.v_proj.bias">]
  xf.weight @o : tensor<2x64x64xf32> stacked sources [#xf.source<"encoder.layers.{layer}.self_attn.out_proj.weight">]
  xf.weight @o_bias : tensor<2x64xf32> stacked sources [#xf.source<"encoder.layers.{layer}.self_attn.out_proj.bias">]
  xf.weight @up : tensor<2x128x64xf32> stacked sources [#xf.source<"encoder.layers.{layer}.mlp.fc1.weight">]
  xf.weight @up_bias : tensor<2x128xf32> stacked sources [#xf.source<"encoder.layers.{layer}.mlp.fc1.bias">]
  xf.weight @down : tensor<2x64x128xf32> stacked sources [#xf.source<"encoder.layers.{layer}.mlp.fc2.weight">]
  xf.weight @down_bias : tensor<2x64xf32> stacked sources [#xf.source<"encoder.layers.{layer}.mlp.fc2.bias">]
  xf.weight @norm1 : tensor<2x64xf32> stacked sources [#xf.source<"encoder.layers.{layer}.layer_norm1.weight">]
  xf.weight @norm1_bias : tensor<2x64xf32> stacked sources [#xf.source<"encoder.layers.{layer}.layer_norm1.bias">]
  xf.weight @norm2 : tensor<2x64xf32> stacked sources [#xf.source<"encoder.layers.{layer}.layer_norm2.weight">]
  xf.weight @norm2_bias : tensor<2x64xf32> stacked sources [#xf.source<"encoder.layers.{layer}.layer_norm2.bias">]
  xf.weight @final_norm : tensor<64xf32> sources [#xf.source<"post_layernorm.weight">]
  xf.weight @final_norm_bias : tensor<64xf32> sources [#xf.source<"post_layernorm.bias">]
  xf.weight @probe : tensor<1x1x64xf32> sources [#xf.source<"head.probe">]
  xf.weight @pq : tensor<64x64xf32> sources [#xf.source<"head.attention.in_proj_weight", rows = 64, from = 0, of = 192>]
  xf.weight @pq_bias : tensor<64xf32> sources [#xf.source<"head.attention.in_proj_bias", rows = 64, from = 0, of = 192>]
  xf.weight @pk : tensor<64x64xf32> sources [
    #xf.source<"head.attention.in_proj_weight", rows = 64, from = 64, of = 192>]
  xf.weight @pk_bias : tensor<64xf32> sources [
    #xf.source<"head.attention.in_proj_bias", rows = 64, from = 64, of = 192>]
  xf.weight @pv : tensor<64x64xf32> sources [
    #xf.source<"head.attention.in_proj_weight", rows = 64, from = 128, of = 192>]
  xf.weight @pv_bias : tensor<64xf32> sources [
    #xf.source<"head.attention.in_proj_bias", rows = 64, from = 128, of = 192>]
  xf.weight @po : tensor<64x64xf32> sources [#xf.source<"head.attention.out_proj.weight">]
  xf.weight @po_bias : tensor<64xf32> sources [#xf.source<"head.attention.out_proj.bias">]
  xf.weight @pup : tensor<128x64xf32> sources [#xf.source<"head.mlp.fc1.weight">]
  xf.weight @pup_bias : tensor<128xf32> sources [#xf.source<"head.mlp.fc1.bias">]
  xf.weight @pdown : tensor<64x128xf32> sources [#xf.source<"head.mlp.fc2.weight">]
  xf.weight @pdown_bias : tensor<64xf32> sources [#xf.source<"head.mlp.fc2.bias">]
  xf.weight @pnorm : tensor<64xf32> sources [#xf.source<"head.layernorm.weight">]
  xf.weight @pnorm_bias : tensor<64xf32> sources [#xf.source<"head.layernorm.bias">]

  func.func @forward(%image: tensor<?x3x32x32xf32> {xf.name = "pixel_values"})
      -> (tensor<?x16x64xf32> {xf.name = "last_hidden_state"}, tensor<?x64xf32> {xf.name = "pooler_output"}) {
    %w_patches = xf.load_weight @patches : tensor<64x3x8x8xf32>
    %w_patches_bias = xf.load_weight @patches_bias : tensor<64xf32>
    %p = xf.patch_embedding %image, %w_patches bias %w_patches_bias
      : (tensor<?x3x32x32xf32>, tensor<64x3x8x8xf32>, tensor<64xf32>) -> tensor<?x16x64xf32>
    %batch = xf.dim %image axis = 0 : (tensor<?x3x32x32xf32>) -> index
    %w_places = xf.load_weight @places : tensor<16x64xf32>
    %x = xf.elementwise add %p, %w_places : (tensor<?x16x64xf32>, tensor<16x64xf32>) -> tensor<?x16x64xf32>
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x16x64xf32> {
      %w_norm1 = xf.load_weight @norm1[%layer] : tensor<64xf32>
      %w_norm1_bias = xf.load_weight @norm1_bias[%layer] : tensor<64xf32>
      %n = xf.layer_norm %h, %w_norm1 bias %w_norm1_bias eps = 1.0e-6
        : (tensor<?x16x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x16x64xf32>
      %w_q = xf.load_weight @q[%layer] : tensor<64x64xf32>
      %w_q_bias = xf.load_weight @q_bias[%layer] : tensor<64xf32>
      %q = xf.linear %n, %w_q bias %w_q_bias
        : (tensor<?x16x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x16x64xf32>
      %w_k = xf.load_weight @k[%layer] : tensor<64x64xf32>
      %w_k_bias = xf.load_weight @k_bias[%layer] : tensor<64xf32>
      %k = xf.linear %n, %w_k bias %w_k_bias
        : (tensor<?x16x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x16x64xf32>
      %w_v = xf.load_weight @v[%layer] : tensor<64x64xf32>
      %w_v_bias = xf.load_weight @v_bias[%layer] : tensor<64xf32>
      %v = xf.linear %n, %w_v bias %w_v_bias
        : (tensor<?x16x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x16x64xf32>
      %a = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.25 mask = none
        : (tensor<?x16x64xf32>, tensor<?x16x64xf32>, tensor<?x16x64xf32>) -> tensor<?x16x64xf32>
      %w_o = xf.load_weight @o[%layer] : tensor<64x64xf32>
      %w_o_bias = xf.load_weight @o_bias[%layer] : tensor<64xf32>
      %o = xf.linear %a, %w_o bias %w_o_bias
        : (tensor<?x16x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x16x64xf32>
      %h1 = xf.add %h, %o : (tensor<?x16x64xf32>, tensor<?x16x64xf32>) -> tensor<?x16x64xf32>
      %w_norm2 = xf.load_weight @norm2[%layer] : tensor<64xf32>
      %w_norm2_bias = xf.load_weight @norm2_bias[%layer] : tensor<64xf32>
      %n2 = xf.layer_norm %h1, %w_norm2 bias %w_norm2_bias eps = 1.0e-6
        : (tensor<?x16x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x16x64xf32>
      %w_up = xf.load_weight @up[%layer] : tensor<128x64xf32>
      %w_up_bias = xf.load_weight @up_bias[%layer] : tensor<128xf32>
      %u = xf.linear %n2, %w_up bias %w_up_bias
        : (tensor<?x16x64xf32>, tensor<128x64xf32>, tensor<128xf32>) -> tensor<?x16x128xf32>
      %g = xf.activation gelu_tanh %u : (tensor<?x16x128xf32>) -> tensor<?x16x128xf32>
      %w_down = xf.load_weight @down[%layer] : tensor<64x128xf32>
      %w_down_bias = xf.load_weight @down_bias[%layer] : tensor<64xf32>
      %d = xf.linear %g, %w_down bias %w_down_bias
        : (tensor<?x16x128xf32>, tensor<64x128xf32>, tensor<64xf32>) -> tensor<?x16x64xf32>
      %h2 = xf.add %h1, %d : (tensor<?x16x64xf32>, tensor<?x16x64xf32>) -> tensor<?x16x64xf32>
      xf.yield %h2 : tensor<?x16x64xf32>
    }
    %w_final_norm = xf.load_weight @final_norm : tensor<64xf32>
    %w_final_norm_bias = xf.load_weight @final_norm_bias : tensor<64xf32>
    %f = xf.layer_norm %y, %w_final_norm bias %w_final_norm_bias eps = 1.0e-6
      : (tensor<?x16x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x16x64xf32>
    // One query for each image asks what all its patches say.
    %w_probe = xf.load_weight @probe : tensor<1x1x64xf32>
    %probe = xf.broadcast %w_probe [%batch, 1, 1] : (tensor<1x1x64xf32>, index) -> tensor<?x1x64xf32>
    %w_pq = xf.load_weight @pq : tensor<64x64xf32>
    %w_pq_bias = xf.load_weight @pq_bias : tensor<64xf32>
    %pq = xf.linear %probe, %w_pq bias %w_pq_bias
      : (tensor<?x1x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x1x64xf32>
    %w_pk = xf.load_weight @pk : tensor<64x64xf32>
    %w_pk_bias = xf.load_weight @pk_bias : tensor<64xf32>
    %pk = xf.linear %f, %w_pk bias %w_pk_bias
      : (tensor<?x16x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x16x64xf32>
    %w_pv = xf.load_weight @pv : tensor<64x64xf32>
    %w_pv_bias = xf.load_weight @pv_bias : tensor<64xf32>
    %pv = xf.linear %f, %w_pv bias %w_pv_bias
      : (tensor<?x16x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x16x64xf32>
    %pa = xf.attention %pq keys(%pk) values(%pv) heads = 4 scale = 0.25 mask = none
      : (tensor<?x1x64xf32>, tensor<?x16x64xf32>, tensor<?x16x64xf32>) -> tensor<?x1x64xf32>
    %w_po = xf.load_weight @po : tensor<64x64xf32>
    %w_po_bias = xf.load_weight @po_bias : tensor<64xf32>
    %po = xf.linear %pa, %w_po bias %w_po_bias
      : (tensor<?x1x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x1x64xf32>
    %w_pnorm = xf.load_weight @pnorm : tensor<64xf32>
    %w_pnorm_bias = xf.load_weight @pnorm_bias : tensor<64xf32>
    %pn = xf.layer_norm %po, %w_pnorm bias %w_pnorm_bias eps = 1.0e-6
      : (tensor<?x1x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x1x64xf32>
    %w_pup = xf.load_weight @pup : tensor<128x64xf32>
    %w_pup_bias = xf.load_weight @pup_bias : tensor<128xf32>
    %pu = xf.linear %pn, %w_pup bias %w_pup_bias
      : (tensor<?x1x64xf32>, tensor<128x64xf32>, tensor<128xf32>) -> tensor<?x1x128xf32>
    %pg = xf.activation gelu_tanh %pu : (tensor<?x1x128xf32>) -> tensor<?x1x128xf32>
    %w_pdown = xf.load_weight @pdown : tensor<64x128xf32>
    %w_pdown_bias = xf.load_weight @pdown_bias : tensor<64xf32>
    %pd = xf.linear %pg, %w_pdown bias %w_pdown_bias
      : (tensor<?x1x128xf32>, tensor<64x128xf32>, tensor<64xf32>) -> tensor<?x1x64xf32>
    %pr = xf.add %po, %pd : (tensor<?x1x64xf32>, tensor<?x1x64xf32>) -> tensor<?x1x64xf32>
    %pooled = xf.pool cls %pr : (tensor<?x1x64xf32>) -> tensor<?x64xf32>
    return %f, %pooled : tensor<?x16x64xf32>, tensor<?x64xf32>
  }
}
