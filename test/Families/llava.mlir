// A LLaVA of one and two layers written by hand: what the last layer but one of an image encoder says of its patches,
// projected to the width of a Llama, stands in the text where image tokens are.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=forward --inputs=%ph_reference/models/llava/expected.safetensors \
// RUN:   --weights=%ph_reference/models/llava/model.safetensors \
// RUN:   --expect=%ph_reference/models/llava/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: logits: largest error {{.*}} of 17920 values

module @llava attributes {xf.model = {
  architecture = "llava", name = "tiny", vocabulary = 320, context_length = 2048, layers = 2}} {
  xf.weight @patches : tensor<64x3x8x8xf32> sources [#xf.source<"vision_tower.embeddings.patch_embedding.weight">]
  xf.weight @first : tensor<64xf32> sources [#xf.source<"vision_tower.embeddings.class_embedding">]
  xf.weight @places : tensor<17x64xf32> sources [#xf.source<"vision_tower.embeddings.position_embedding.weight">]
  xf.weight @pre_norm : tensor<64xf32> sources [#xf.source<"vision_tower.pre_layrnorm.weight">]
  xf.weight @pre_norm_bias : tensor<64xf32> sources [#xf.source<"vision_tower.pre_layrnorm.bias">]
  xf.weight @image_q : tensor<1x64x64xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.self_attn.q_proj.weight">]
  xf.weight @image_q_bias : tensor<1x64xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.self_attn.q_proj.bias">]
  xf.weight @image_k : tensor<1x64x64xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.self_attn.k_proj.weight">]
  xf.weight @image_k_bias : tensor<1x64xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.self_attn.k_proj.bias">]
  xf.weight @image_v : tensor<1x64x64xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.self_attn.v_proj.weight">]
  xf.weight @image_v_bias : tensor<1x64xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.self_attn.v_proj.bias">]
  xf.weight @image_o : tensor<1x64x64xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.self_attn.out_proj.weight">]
  xf.weight @image_o_bias : tensor<1x64xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.self_attn.out_proj.bias">]
  xf.weight @image_up : tensor<1x128x64xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.mlp.fc1.weight">]
  xf.weight @image_up_bias : tensor<1x128xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.mlp.fc1.bias">]
  xf.weight @image_down : tensor<1x64x128xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.mlp.fc2.weight">]
  xf.weight @image_down_bias : tensor<1x64xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.mlp.fc2.bias">]
  xf.weight @image_norm1 : tensor<1x64xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.layer_norm1.weight">]
  xf.weight @image_norm1_bias : tensor<1x64xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.layer_norm1.bias">]
  xf.weight @image_norm2 : tensor<1x64xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.layer_norm2.weight">]
  xf.weight @image_norm2_bias : tensor<1x64xf32> stacked sources [
    #xf.source<"vision_tower.encoder.layers.{layer}.layer_norm2.bias">]
  xf.weight @project_in : tensor<64x64xf32> sources [#xf.source<"multi_modal_projector.linear_1.weight">]
  xf.weight @project_in_bias : tensor<64xf32> sources [#xf.source<"multi_modal_projector.linear_1.bias">]
  xf.weight @project_out : tensor<64x64xf32> sources [#xf.source<"multi_modal_projector.linear_2.weight">]
  xf.weight @project_out_bias : tensor<64xf32> sources [#xf.source<"multi_modal_projector.linear_2.bias">]

  xf.weight @embedding : tensor<320x64xf32> sources [#xf.source<"language_model.model.embed_tokens.weight">]
  xf.weight @norm1 : tensor<2x64xf32> stacked sources [#xf.source<"language_model.model.layers.{layer}.input_layernorm.weight">]
  xf.weight @q : tensor<2x64x64xf32> stacked sources [#xf.source<"language_model.model.layers.{layer}.self_attn.q_proj.weight">]
  xf.weight @k : tensor<2x32x64xf32> stacked sources [#xf.source<"language_model.model.layers.{layer}.self_attn.k_proj.weight">]
  xf.weight @v : tensor<2x32x64xf32> stacked sources [#xf.source<"language_model.model.layers.{layer}.self_attn.v_proj.weight">]
  xf.weight @o : tensor<2x64x64xf32> stacked sources [#xf.source<"language_model.model.layers.{layer}.self_attn.o_proj.weight">]
  xf.weight @norm2 : tensor<2x64xf32> stacked sources [
    #xf.source<"language_model.model.layers.{layer}.post_attention_layernorm.weight">]
  xf.weight @gate : tensor<2x128x64xf32> stacked sources [#xf.source<"language_model.model.layers.{layer}.mlp.gate_proj.weight">]
  xf.weight @up : tensor<2x128x64xf32> stacked sources [#xf.source<"language_model.model.layers.{layer}.mlp.up_proj.weight">]
  xf.weight @down : tensor<2x64x128xf32> stacked sources [#xf.source<"language_model.model.layers.{layer}.mlp.down_proj.weight">]
  xf.weight @final_norm : tensor<64xf32> sources [#xf.source<"language_model.model.norm.weight">]
  xf.weight @head : tensor<320x64xf32> sources [#xf.source<"language_model.lm_head.weight">]

  func.func @image(%image: tensor<?x3x32x32xf32>) -> tensor<?x16x64xf32> {
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
    %y = xf.repeat %layer = 1 iter(%h = %x) : tensor<?x17x64xf32> {
      %w_norm1 = xf.load_weight @image_norm1[%layer] : tensor<64xf32>
      %w_norm1_bias = xf.load_weight @image_norm1_bias[%layer] : tensor<64xf32>
      %n = xf.layer_norm %h, %w_norm1 bias %w_norm1_bias eps = 1.0e-5
        : (tensor<?x17x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
      %w_q = xf.load_weight @image_q[%layer] : tensor<64x64xf32>
      %w_q_bias = xf.load_weight @image_q_bias[%layer] : tensor<64xf32>
      %q = xf.linear %n, %w_q bias %w_q_bias
        : (tensor<?x17x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
      %w_k = xf.load_weight @image_k[%layer] : tensor<64x64xf32>
      %w_k_bias = xf.load_weight @image_k_bias[%layer] : tensor<64xf32>
      %k = xf.linear %n, %w_k bias %w_k_bias
        : (tensor<?x17x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
      %w_v = xf.load_weight @image_v[%layer] : tensor<64x64xf32>
      %w_v_bias = xf.load_weight @image_v_bias[%layer] : tensor<64xf32>
      %v = xf.linear %n, %w_v bias %w_v_bias
        : (tensor<?x17x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
      %a = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.25 mask = none
        : (tensor<?x17x64xf32>, tensor<?x17x64xf32>, tensor<?x17x64xf32>) -> tensor<?x17x64xf32>
      %w_o = xf.load_weight @image_o[%layer] : tensor<64x64xf32>
      %w_o_bias = xf.load_weight @image_o_bias[%layer] : tensor<64xf32>
      %o = xf.linear %a, %w_o bias %w_o_bias
        : (tensor<?x17x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
      %h1 = xf.add %h, %o : (tensor<?x17x64xf32>, tensor<?x17x64xf32>) -> tensor<?x17x64xf32>
      %w_norm2 = xf.load_weight @image_norm2[%layer] : tensor<64xf32>
      %w_norm2_bias = xf.load_weight @image_norm2_bias[%layer] : tensor<64xf32>
      %n2 = xf.layer_norm %h1, %w_norm2 bias %w_norm2_bias eps = 1.0e-5
        : (tensor<?x17x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
      %w_up = xf.load_weight @image_up[%layer] : tensor<128x64xf32>
      %w_up_bias = xf.load_weight @image_up_bias[%layer] : tensor<128xf32>
      %u = xf.linear %n2, %w_up bias %w_up_bias
        : (tensor<?x17x64xf32>, tensor<128x64xf32>, tensor<128xf32>) -> tensor<?x17x128xf32>
      %g = xf.activation quick_gelu %u : (tensor<?x17x128xf32>) -> tensor<?x17x128xf32>
      %w_down = xf.load_weight @image_down[%layer] : tensor<64x128xf32>
      %w_down_bias = xf.load_weight @image_down_bias[%layer] : tensor<64xf32>
      %d = xf.linear %g, %w_down bias %w_down_bias
        : (tensor<?x17x128xf32>, tensor<64x128xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
      %h2 = xf.add %h1, %d : (tensor<?x17x64xf32>, tensor<?x17x64xf32>) -> tensor<?x17x64xf32>
      xf.yield %h2 : tensor<?x17x64xf32>
    }
    // The token of the whole image is left out.
    %patches = xf.slice %y axis = 1 [1, 17] : (tensor<?x17x64xf32>) -> tensor<?x16x64xf32>
    %w_in = xf.load_weight @project_in : tensor<64x64xf32>
    %w_in_bias = xf.load_weight @project_in_bias : tensor<64xf32>
    %a = xf.linear %patches, %w_in bias %w_in_bias
      : (tensor<?x16x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x16x64xf32>
    %b = xf.activation gelu %a : (tensor<?x16x64xf32>) -> tensor<?x16x64xf32>
    %w_out = xf.load_weight @project_out : tensor<64x64xf32>
    %w_out_bias = xf.load_weight @project_out_bias : tensor<64xf32>
    %features = xf.linear %b, %w_out bias %w_out_bias
      : (tensor<?x16x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x16x64xf32>
    return %features : tensor<?x16x64xf32>
  }

  func.func @forward(%image: tensor<?x3x32x32xf32> {xf.name = "pixel_values"},
                     %tokens: tensor<?x?xi32> {xf.name = "input_ids"}) -> (tensor<?x?x320xf32> {xf.name = "logits"}) {
    %batch = xf.dim %tokens axis = 0 : (tensor<?x?xi32>) -> index
    %zero = arith.constant dense<0> : tensor<1xi32>
    %past = xf.broadcast %zero [%batch] : (tensor<1xi32>, index) -> tensor<?xi32>
    %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %w_embedding = xf.load_weight @embedding : tensor<320x64xf32>
    %t = xf.embedding %tokens, %w_embedding : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %features = call @image(%image) : (tensor<?x3x32x32xf32>) -> tensor<?x16x64xf32>
    %x = xf.merge_features %t, %tokens, %features image_token = 319
      : (tensor<?x?x64xf32>, tensor<?x?xi32>, tensor<?x16x64xf32>) -> tensor<?x?x64xf32>
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x64xf32> {
      %w_norm1 = xf.load_weight @norm1[%layer] : tensor<64xf32>
      %n = xf.rms_norm %h, %w_norm1 eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_q = xf.load_weight @q[%layer] : tensor<64x64xf32>
      %q = xf.linear %n, %w_q : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %w_k = xf.load_weight @k[%layer] : tensor<32x64xf32>
      %k = xf.linear %n, %w_k : (tensor<?x?x64xf32>, tensor<32x64xf32>) -> tensor<?x?x32xf32>
      %w_v = xf.load_weight @v[%layer] : tensor<32x64xf32>
      %v = xf.linear %n, %w_v : (tensor<?x?x64xf32>, tensor<32x64xf32>) -> tensor<?x?x32xf32>
      %rk = xf.rope %k, %positions rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 2
        : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
      %rq = xf.rope %q, %positions rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 4
        : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
      %a = xf.attention %rq keys(%rk) values(%v) heads = 4 scale = 0.25 mask = causal
        : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x64xf32>
      %w_o = xf.load_weight @o[%layer] : tensor<64x64xf32>
      %o = xf.linear %a, %w_o : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>

      %h1 = xf.add %h, %o : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %w_norm2 = xf.load_weight @norm2[%layer] : tensor<64xf32>
      %n2 = xf.rms_norm %h1, %w_norm2 eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_gate = xf.load_weight @gate[%layer] : tensor<128x64xf32>
      %g = xf.linear %n2, %w_gate : (tensor<?x?x64xf32>, tensor<128x64xf32>) -> tensor<?x?x128xf32>
      %w_up = xf.load_weight @up[%layer] : tensor<128x64xf32>
      %u = xf.linear %n2, %w_up : (tensor<?x?x64xf32>, tensor<128x64xf32>) -> tensor<?x?x128xf32>
      %s = xf.gated_activation silu %g, %u : (tensor<?x?x128xf32>, tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
      %w_down = xf.load_weight @down[%layer] : tensor<64x128xf32>
      %d = xf.linear %s, %w_down : (tensor<?x?x128xf32>, tensor<64x128xf32>) -> tensor<?x?x64xf32>
      %h2 = xf.add %h1, %d : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %h2 : tensor<?x?x64xf32>
    }
    %w_final_norm = xf.load_weight @final_norm : tensor<64xf32>
    %f = xf.rms_norm %y, %w_final_norm eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %w_head = xf.load_weight @head : tensor<320x64xf32>
    %logits = xf.linear %f, %w_head : (tensor<?x?x64xf32>, tensor<320x64xf32>) -> tensor<?x?x320xf32>
    return %logits : tensor<?x?x320xf32>
  }
}
