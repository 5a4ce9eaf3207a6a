// The image encoder of a CLIP of two layers written by hand: patches without a bias behind a token of the whole
// image, a norm before the layers, and a projection of unit length.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=forward --inputs=%ph_reference/models/clip/expected.safetensors \
// RUN:   --weights=%ph_reference/models/clip/model.safetensors \
// RUN:   --expect=%ph_reference/models/clip/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: image_embeds: largest error {{.*}} of 64 values

module @clip_image {
  xf.weight @patches : tensor<64x3x8x8xf32> sources [#xf.source<"vision_model.embeddings.patch_embedding.weight">]
  xf.weight @first : tensor<64xf32> sources [#xf.source<"vision_model.embeddings.class_embedding">]
  xf.weight @places : tensor<17x64xf32> sources [#xf.source<"vision_model.embeddings.position_embedding.weight">]
  xf.weight @pre_norm : tensor<64xf32> sources [#xf.source<"vision_model.pre_layrnorm.weight">]
  xf.weight @pre_norm_bias : tensor<64xf32> sources [#xf.source<"vision_model.pre_layrnorm.bias">]
  xf.weight @final_norm : tensor<64xf32> sources [#xf.source<"vision_model.post_layernorm.weight">]
  xf.weight @final_norm_bias : tensor<64xf32> sources [#xf.source<"vision_model.post_layernorm.bias">]
  xf.weight @q : tensor<2x64x64xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.self_attn.q_proj.weight">]
  xf.weight @q_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.self_attn.q_proj.bias">]
  xf.weight @k : tensor<2x64x64xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.self_attn.k_proj.weight">]
  xf.weight @k_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.self_attn.k_proj.bias">]
  xf.weight @v : tensor<2x64x64xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.self_attn.v_proj.weight">]
  xf.weight @v_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.self_attn.v_proj.bias">]
  xf.weight @o : tensor<2x64x64xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.self_attn.out_proj.weight">]
  xf.weight @o_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.self_attn.out_proj.bias">]
  xf.weight @up : tensor<2x128x64xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.mlp.fc1.weight">]
  xf.weight @up_bias : tensor<2x128xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.mlp.fc1.bias">]
  xf.weight @down : tensor<2x64x128xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.mlp.fc2.weight">]
  xf.weight @down_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.mlp.fc2.bias">]
  xf.weight @norm1 : tensor<2x64xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.layer_norm1.weight">]
  xf.weight @norm1_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.layer_norm1.bias">]
  xf.weight @norm2 : tensor<2x64xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.layer_norm2.weight">]
  xf.weight @norm2_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"vision_model.encoder.layers.{layer}.layer_norm2.bias">]
  xf.weight @projection : tensor<32x64xf32> sources [#xf.source<"visual_projection.weight">]

  func.func @forward(%image: tensor<?x3x32x32xf32> {xf.name = "pixel_values"})
      -> (tensor<?x32xf32> {xf.name = "image_embeds"}) {
    %w_patches = xf.load_weight @patches : tensor<64x3x8x8xf32>
    %p = xf.patch_embedding %image, %w_patches : (tensor<?x3x32x32xf32>, tensor<64x3x8x8xf32>) -> tensor<?x16x64xf32>
    %batch = xf.dim %image axis = 0 : (tensor<?x3x32x32xf32>) -> index
    %w_first = xf.load_weight @first : tensor<64xf32>
    %c = xf.broadcast %w_first [%batch, 1, 1] : (tensor<64xf32>, index) -> tensor<?x1x64xf32>
    %cp = xf.concat %c, %p axis = 1 : (tensor<?x1x64xf32>, tensor<?x16x64xf32>) -> tensor<?x17x64xf32>
    %w_places = xf.load_weight @places : tensor<17x64xf32>
    %t = xf.elementwise add %cp, %w_places : (tensor<?x17x64xf32>, tensor<17x64xf32>) -> tensor<?x17x64xf32>
    %w_pre_norm = xf.load_weight @pre_norm : tensor<64xf32>
    %w_pre_norm_bias = xf.load_weight @pre_norm_bias : tensor<64xf32>
    %x = xf.layer_norm %t, %w_pre_norm bias %w_pre_norm_bias eps = 1.0e-5
      : (tensor<?x17x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x17x64xf32> {
      %w_norm1 = xf.load_weight @norm1[%layer] : tensor<64xf32>
      %w_norm1_bias = xf.load_weight @norm1_bias[%layer] : tensor<64xf32>
      %n = xf.layer_norm %h, %w_norm1 bias %w_norm1_bias eps = 1.0e-5
        : (tensor<?x17x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
      %w_q = xf.load_weight @q[%layer] : tensor<64x64xf32>
      %w_q_bias = xf.load_weight @q_bias[%layer] : tensor<64xf32>
      %q = xf.linear %n, %w_q bias %w_q_bias
        : (tensor<?x17x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
      %w_k = xf.load_weight @k[%layer] : tensor<64x64xf32>
      %w_k_bias = xf.load_weight @k_bias[%layer] : tensor<64xf32>
      %k = xf.linear %n, %w_k bias %w_k_bias
        : (tensor<?x17x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
      %w_v = xf.load_weight @v[%layer] : tensor<64x64xf32>
      %w_v_bias = xf.load_weight @v_bias[%layer] : tensor<64xf32>
      %v = xf.linear %n, %w_v bias %w_v_bias
        : (tensor<?x17x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
      %a = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.25 mask = none
        : (tensor<?x17x64xf32>, tensor<?x17x64xf32>, tensor<?x17x64xf32>) -> tensor<?x17x64xf32>
      %w_o = xf.load_weight @o[%layer] : tensor<64x64xf32>
      %w_o_bias = xf.load_weight @o_bias[%layer] : tensor<64xf32>
      %o = xf.linear %a, %w_o bias %w_o_bias
        : (tensor<?x17x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
      %h1 = xf.add %h, %o : (tensor<?x17x64xf32>, tensor<?x17x64xf32>) -> tensor<?x17x64xf32>
      %w_norm2 = xf.load_weight @norm2[%layer] : tensor<64xf32>
      %w_norm2_bias = xf.load_weight @norm2_bias[%layer] : tensor<64xf32>
      %n2 = xf.layer_norm %h1, %w_norm2 bias %w_norm2_bias eps = 1.0e-5
        : (tensor<?x17x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
      %w_up = xf.load_weight @up[%layer] : tensor<128x64xf32>
      %w_up_bias = xf.load_weight @up_bias[%layer] : tensor<128xf32>
      %u = xf.linear %n2, %w_up bias %w_up_bias
        : (tensor<?x17x64xf32>, tensor<128x64xf32>, tensor<128xf32>) -> tensor<?x17x128xf32>
      %g = xf.activation quick_gelu %u : (tensor<?x17x128xf32>) -> tensor<?x17x128xf32>
      %w_down = xf.load_weight @down[%layer] : tensor<64x128xf32>
      %w_down_bias = xf.load_weight @down_bias[%layer] : tensor<64xf32>
      %d = xf.linear %g, %w_down bias %w_down_bias
        : (tensor<?x17x128xf32>, tensor<64x128xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
      %h2 = xf.add %h1, %d : (tensor<?x17x64xf32>, tensor<?x17x64xf32>) -> tensor<?x17x64xf32>
      xf.yield %h2 : tensor<?x17x64xf32>
    }
    %pooled = xf.pool cls %y : (tensor<?x17x64xf32>) -> tensor<?x64xf32>
    %w_final_norm = xf.load_weight @final_norm : tensor<64xf32>
    %w_final_norm_bias = xf.load_weight @final_norm_bias : tensor<64xf32>
    %f = xf.layer_norm %pooled, %w_final_norm bias %w_final_norm_bias eps = 1.0e-5
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %w_projection = xf.load_weight @projection : tensor<32x64xf32>
    %z = xf.linear %f, %w_projection : (tensor<?x64xf32>, tensor<32x64xf32>) -> tensor<?x32xf32>
    // Of unit length: what has a mean square of 1, by the root of how many elements there are.
    %r = xf.rms_norm %z eps = 0.0 : (tensor<?x32xf32>) -> tensor<?x32xf32>
    %e = xf.scale %r by 0.17677669529663687 : (tensor<?x32xf32>) -> tensor<?x32xf32>
    return %e : tensor<?x32xf32>
  }
}
