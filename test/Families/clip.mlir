// A CLIP of two and two layers written by hand: an image encoder (patches without a bias behind a token of the whole image,
// a norm before the layers), a causal text encoder that gives its token of the largest number, and how well each
// image fits each text: the product of projections of unit length.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=forward --inputs=%ph_reference/models/clip/expected.safetensors \
// RUN:   --weights=%ph_reference/models/clip/model.safetensors \
// RUN:   --expect=%ph_reference/models/clip/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK-DAG: image_embeds: largest error {{.*}} of 64 values
// CHECK-DAG: text_embeds: largest error {{.*}} of 64 values
// CHECK-DAG: logits_per_image: largest error {{.*}} of 4 values

module @clip {
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

  xf.weight @embedding : tensor<320x64xf32> sources [#xf.source<"text_model.embeddings.token_embedding.weight">]
  xf.weight @text_places : tensor<64x64xf32> sources [#xf.source<"text_model.embeddings.position_embedding.weight">]
  xf.weight @text_norm : tensor<64xf32> sources [#xf.source<"text_model.final_layer_norm.weight">]
  xf.weight @text_norm_bias : tensor<64xf32> sources [#xf.source<"text_model.final_layer_norm.bias">]
  xf.weight @text_q : tensor<2x64x64xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.self_attn.q_proj.weight">]
  xf.weight @text_q_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.self_attn.q_proj.bias">]
  xf.weight @text_k : tensor<2x64x64xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.self_attn.k_proj.weight">]
  xf.weight @text_k_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.self_attn.k_proj.bias">]
  xf.weight @text_v : tensor<2x64x64xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.self_attn.v_proj.weight">]
  xf.weight @text_v_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.self_attn.v_proj.bias">]
  xf.weight @text_o : tensor<2x64x64xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.self_attn.out_proj.weight">]
  xf.weight @text_o_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.self_attn.out_proj.bias">]
  xf.weight @text_up : tensor<2x128x64xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.mlp.fc1.weight">]
  xf.weight @text_up_bias : tensor<2x128xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.mlp.fc1.bias">]
  xf.weight @text_down : tensor<2x64x128xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.mlp.fc2.weight">]
  xf.weight @text_down_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.mlp.fc2.bias">]
  xf.weight @text_norm1 : tensor<2x64xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.layer_norm1.weight">]
  xf.weight @text_norm1_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.layer_norm1.bias">]
  xf.weight @text_norm2 : tensor<2x64xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.layer_norm2.weight">]
  xf.weight @text_norm2_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"text_model.encoder.layers.{layer}.layer_norm2.bias">]
  xf.weight @text_projection : tensor<32x64xf32> sources [#xf.source<"text_projection.weight">]

  xf.weight @logit_scale : tensor<1xf32> sources [#xf.source<"logit_scale">]

  func.func @image(%image: tensor<?x3x32x32xf32>) -> tensor<?x32xf32> {
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

  // The token of the largest number, which ends a text, the first if there are several, says what the text is.
  func.func @text(%tokens: tensor<?x?xi32>) -> tensor<?x32xf32> {
    %batch = xf.dim %tokens axis = 0 : (tensor<?x?xi32>) -> index
    %zero = arith.constant dense<0> : tensor<1xi32>
    %past = xf.broadcast %zero [%batch] : (tensor<1xi32>, index) -> tensor<?xi32>
    %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %w_embedding = xf.load_weight @embedding : tensor<320x64xf32>
    %t = xf.embedding %tokens, %w_embedding : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %w_places = xf.load_weight @text_places : tensor<64x64xf32>
    %p = xf.embedding %positions, %w_places : (tensor<?x?xi32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %x = xf.add %t, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x64xf32> {
      %w_norm1 = xf.load_weight @text_norm1[%layer] : tensor<64xf32>
      %w_norm1_bias = xf.load_weight @text_norm1_bias[%layer] : tensor<64xf32>
      %n = xf.layer_norm %h, %w_norm1 bias %w_norm1_bias eps = 1.0e-5
        : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_q = xf.load_weight @text_q[%layer] : tensor<64x64xf32>
      %w_q_bias = xf.load_weight @text_q_bias[%layer] : tensor<64xf32>
      %q = xf.linear %n, %w_q bias %w_q_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_k = xf.load_weight @text_k[%layer] : tensor<64x64xf32>
      %w_k_bias = xf.load_weight @text_k_bias[%layer] : tensor<64xf32>
      %k = xf.linear %n, %w_k bias %w_k_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_v = xf.load_weight @text_v[%layer] : tensor<64x64xf32>
      %w_v_bias = xf.load_weight @text_v_bias[%layer] : tensor<64xf32>
      %v = xf.linear %n, %w_v bias %w_v_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %a = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.25 mask = causal
        : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %w_o = xf.load_weight @text_o[%layer] : tensor<64x64xf32>
      %w_o_bias = xf.load_weight @text_o_bias[%layer] : tensor<64xf32>
      %o = xf.linear %a, %w_o bias %w_o_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %h1 = xf.add %h, %o : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %w_norm2 = xf.load_weight @text_norm2[%layer] : tensor<64xf32>
      %w_norm2_bias = xf.load_weight @text_norm2_bias[%layer] : tensor<64xf32>
      %n2 = xf.layer_norm %h1, %w_norm2 bias %w_norm2_bias eps = 1.0e-5
        : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_up = xf.load_weight @text_up[%layer] : tensor<128x64xf32>
      %w_up_bias = xf.load_weight @text_up_bias[%layer] : tensor<128xf32>
      %u = xf.linear %n2, %w_up bias %w_up_bias
        : (tensor<?x?x64xf32>, tensor<128x64xf32>, tensor<128xf32>) -> tensor<?x?x128xf32>
      %g = xf.activation quick_gelu %u : (tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
      %w_down = xf.load_weight @text_down[%layer] : tensor<64x128xf32>
      %w_down_bias = xf.load_weight @text_down_bias[%layer] : tensor<64xf32>
      %d = xf.linear %g, %w_down bias %w_down_bias
        : (tensor<?x?x128xf32>, tensor<64x128xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %h2 = xf.add %h1, %d : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %h2 : tensor<?x?x64xf32>
    }
    %w_text_norm = xf.load_weight @text_norm : tensor<64xf32>
    %w_text_norm_bias = xf.load_weight @text_norm_bias : tensor<64xf32>
    %f = xf.layer_norm %y, %w_text_norm bias %w_text_norm_bias eps = 1.0e-5
      : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %numbers = xf.cast %tokens : (tensor<?x?xi32>) -> tensor<?x?xf32>
    %largest = xf.reduce max %numbers axes = [1] keepdims : (tensor<?x?xf32>) -> tensor<?x1xf32>
    %ends = xf.compare eq %numbers, %largest : (tensor<?x?xf32>, tensor<?x1xf32>) -> tensor<?x?xi1>
    %valid = xf.cast %ends : (tensor<?x?xi1>) -> tensor<?x?xi32>
    %pooled = xf.pool cls %f valid(%valid) : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x64xf32>
    %w_projection = xf.load_weight @text_projection : tensor<32x64xf32>
    %z = xf.linear %pooled, %w_projection : (tensor<?x64xf32>, tensor<32x64xf32>) -> tensor<?x32xf32>
    %r = xf.rms_norm %z eps = 0.0 : (tensor<?x32xf32>) -> tensor<?x32xf32>
    %e = xf.scale %r by 0.17677669529663687 : (tensor<?x32xf32>) -> tensor<?x32xf32>
    return %e : tensor<?x32xf32>
  }

  func.func @forward(%image: tensor<?x3x32x32xf32> {xf.name = "pixel_values"},
                     %tokens: tensor<?x?xi32> {xf.name = "input_ids"})
      -> (tensor<?x32xf32> {xf.name = "image_embeds"}, tensor<?x32xf32> {xf.name = "text_embeds"},
          tensor<?x?xf32> {xf.name = "logits_per_image"}) {
    %i = call @image(%image) : (tensor<?x3x32x32xf32>) -> tensor<?x32xf32>
    %t = call @text(%tokens) : (tensor<?x?xi32>) -> tensor<?x32xf32>
    %products = xf.matmul %i, %t transpose_b : (tensor<?x32xf32>, tensor<?x32xf32>) -> tensor<?x?xf32>
    %w_scale = xf.load_weight @logit_scale : tensor<1xf32>
    %scale = xf.unary exp %w_scale : (tensor<1xf32>) -> tensor<1xf32>
    %logits = xf.elementwise mul %products, %scale : (tensor<?x?xf32>, tensor<1xf32>) -> tensor<?x?xf32>
    return %i, %t, %logits : tensor<?x32xf32>, tensor<?x32xf32>, tensor<?x?xf32>
  }
}
