// A BART of two encoder and two decoder layers written by hand: learned positions that begin at 2, norms after each
// branch, biases everywhere, and attention from the decoder to what the encoder made of the source, whose padding it
// doesn't see.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=forward --inputs=%ph_reference/models/bart/expected.safetensors \
// RUN:   --weights=%ph_reference/models/bart/model.safetensors \
// RUN:   --expect=%ph_reference/models/bart/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: logits: largest error {{.*}} of 3840 values

module @bart attributes {xf.model = {
  architecture = "bart", name = "tiny", vocabulary = 320, context_length = 128, layers = 2}} {
  xf.weight @embedding : tensor<320x64xf32> sources [#xf.source<"model.shared.weight">]
  xf.weight @logits_bias : tensor<1x320xf32> sources [#xf.source<"final_logits_bias">]
  xf.weight @e_places : tensor<130x64xf32> sources [#xf.source<"model.encoder.embed_positions.weight">]
  xf.weight @e_first : tensor<64xf32> sources [#xf.source<"model.encoder.layernorm_embedding.weight">]
  xf.weight @e_first_bias : tensor<64xf32> sources [#xf.source<"model.encoder.layernorm_embedding.bias">]
  xf.weight @e_q : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.encoder.layers.{layer}.self_attn.q_proj.weight">]
  xf.weight @e_q_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.encoder.layers.{layer}.self_attn.q_proj.bias">]
  xf.weight @e_k : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.encoder.layers.{layer}.self_attn.k_proj.weight">]
  xf.weight @e_k_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.encoder.layers.{layer}.self_attn.k_proj.bias">]
  xf.weight @e_v : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.encoder.layers.{layer}.self_attn.v_proj.weight">]
  xf.weight @e_v_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.encoder.layers.{layer}.self_attn.v_proj.bias">]
  xf.weight @e_o : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.encoder.layers.{layer}.self_attn.out_proj.weight">]
  xf.weight @e_o_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.encoder.layers.{layer}.self_attn.out_proj.bias">]
  xf.weight @e_norm : tensor<2x64xf32> stacked sources [
    #xf.source<"model.encoder.layers.{layer}.self_attn_layer_norm.weight">]
  xf.weight @e_norm_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.encoder.layers.{layer}.self_attn_layer_norm.bias">]
  xf.weight @e_up : tensor<2x128x64xf32> stacked sources [#xf.source<"model.encoder.layers.{layer}.fc1.weight">]
  xf.weight @e_up_bias : tensor<2x128xf32> stacked sources [#xf.source<"model.encoder.layers.{layer}.fc1.bias">]
  xf.weight @e_down : tensor<2x64x128xf32> stacked sources [#xf.source<"model.encoder.layers.{layer}.fc2.weight">]
  xf.weight @e_down_bias : tensor<2x64xf32> stacked sources [#xf.source<"model.encoder.layers.{layer}.fc2.bias">]
  xf.weight @e_final : tensor<2x64xf32> stacked sources [
    #xf.source<"model.encoder.layers.{layer}.final_layer_norm.weight">]
  xf.weight @e_final_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.encoder.layers.{layer}.final_layer_norm.bias">]
  xf.weight @d_places : tensor<130x64xf32> sources [#xf.source<"model.decoder.embed_positions.weight">]
  xf.weight @d_first : tensor<64xf32> sources [#xf.source<"model.decoder.layernorm_embedding.weight">]
  xf.weight @d_first_bias : tensor<64xf32> sources [#xf.source<"model.decoder.layernorm_embedding.bias">]
  xf.weight @d_q : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.self_attn.q_proj.weight">]
  xf.weight @d_q_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.self_attn.q_proj.bias">]
  xf.weight @d_k : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.self_attn.k_proj.weight">]
  xf.weight @d_k_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.self_attn.k_proj.bias">]
  xf.weight @d_v : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.self_attn.v_proj.weight">]
  xf.weight @d_v_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.self_attn.v_proj.bias">]
  xf.weight @d_o : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.self_attn.out_proj.weight">]
  xf.weight @d_o_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.self_attn.out_proj.bias">]
  xf.weight @d_norm : tensor<2x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.self_attn_layer_norm.weight">]
  xf.weight @d_norm_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.self_attn_layer_norm.bias">]
  xf.weight @c_q : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.encoder_attn.q_proj.weight">]
  xf.weight @c_q_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.encoder_attn.q_proj.bias">]
  xf.weight @c_k : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.encoder_attn.k_proj.weight">]
  xf.weight @c_k_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.encoder_attn.k_proj.bias">]
  xf.weight @c_v : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.encoder_attn.v_proj.weight">]
  xf.weight @c_v_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.encoder_attn.v_proj.bias">]
  xf.weight @c_o : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.encoder_attn.out_proj.weight">]
  xf.weight @c_o_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.encoder_attn.out_proj.bias">]
  xf.weight @c_norm : tensor<2x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.encoder_attn_layer_norm.weight">]
  xf.weight @c_norm_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.encoder_attn_layer_norm.bias">]
  xf.weight @d_up : tensor<2x128x64xf32> stacked sources [#xf.source<"model.decoder.layers.{layer}.fc1.weight">]
  xf.weight @d_up_bias : tensor<2x128xf32> stacked sources [#xf.source<"model.decoder.layers.{layer}.fc1.bias">]
  xf.weight @d_down : tensor<2x64x128xf32> stacked sources [#xf.source<"model.decoder.layers.{layer}.fc2.weight">]
  xf.weight @d_down_bias : tensor<2x64xf32> stacked sources [#xf.source<"model.decoder.layers.{layer}.fc2.bias">]
  xf.weight @d_final : tensor<2x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.final_layer_norm.weight">]
  xf.weight @d_final_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.decoder.layers.{layer}.final_layer_norm.bias">]

  func.func @encode(%tokens: tensor<?x?xi32>, %valid: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
    %batch = xf.dim %tokens axis = 0 : (tensor<?x?xi32>) -> index
    %zero = arith.constant dense<0> : tensor<1xi32>
    %past = xf.broadcast %zero [%batch] : (tensor<1xi32>, index) -> tensor<?xi32>
    %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %w_embedding = xf.load_weight @embedding : tensor<320x64xf32>
    %t = xf.embedding %tokens, %w_embedding : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %w_e_places = xf.load_weight @e_places : tensor<130x64xf32>
    %p = xf.embedding %positions, %w_e_places offset = 2 : (tensor<?x?xi32>, tensor<130x64xf32>) -> tensor<?x?x64xf32>
    %tp = xf.add %t, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %w_e_first = xf.load_weight @e_first : tensor<64xf32>
    %w_e_first_bias = xf.load_weight @e_first_bias : tensor<64xf32>
    %x = xf.layer_norm %tp, %w_e_first bias %w_e_first_bias eps = 1.0e-5
      : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x64xf32> {
      %w_e_q = xf.load_weight @e_q[%layer] : tensor<64x64xf32>
      %w_e_q_bias = xf.load_weight @e_q_bias[%layer] : tensor<64xf32>
      %q = xf.linear %h, %w_e_q bias %w_e_q_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_e_k = xf.load_weight @e_k[%layer] : tensor<64x64xf32>
      %w_e_k_bias = xf.load_weight @e_k_bias[%layer] : tensor<64xf32>
      %k = xf.linear %h, %w_e_k bias %w_e_k_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_e_v = xf.load_weight @e_v[%layer] : tensor<64x64xf32>
      %w_e_v_bias = xf.load_weight @e_v_bias[%layer] : tensor<64xf32>
      %v = xf.linear %h, %w_e_v bias %w_e_v_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %a = xf.attention %q keys(%k) values(%v) valid(%valid) heads = 4 scale = 0.25 mask = none
        : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
      %w_e_o = xf.load_weight @e_o[%layer] : tensor<64x64xf32>
      %w_e_o_bias = xf.load_weight @e_o_bias[%layer] : tensor<64xf32>
      %o = xf.linear %a, %w_e_o bias %w_e_o_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %s = xf.add %h, %o : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %w_e_norm = xf.load_weight @e_norm[%layer] : tensor<64xf32>
      %w_e_norm_bias = xf.load_weight @e_norm_bias[%layer] : tensor<64xf32>
      %h1 = xf.layer_norm %s, %w_e_norm bias %w_e_norm_bias eps = 1.0e-5
        : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>

      %w_e_up = xf.load_weight @e_up[%layer] : tensor<128x64xf32>
      %w_e_up_bias = xf.load_weight @e_up_bias[%layer] : tensor<128xf32>
      %u = xf.linear %h1, %w_e_up bias %w_e_up_bias
        : (tensor<?x?x64xf32>, tensor<128x64xf32>, tensor<128xf32>) -> tensor<?x?x128xf32>
      %g = xf.activation gelu %u : (tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
      %w_e_down = xf.load_weight @e_down[%layer] : tensor<64x128xf32>
      %w_e_down_bias = xf.load_weight @e_down_bias[%layer] : tensor<64xf32>
      %d = xf.linear %g, %w_e_down bias %w_e_down_bias
        : (tensor<?x?x128xf32>, tensor<64x128xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %fs = xf.add %h1, %d : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %w_e_final = xf.load_weight @e_final[%layer] : tensor<64xf32>
      %w_e_final_bias = xf.load_weight @e_final_bias[%layer] : tensor<64xf32>
      %next = xf.layer_norm %fs, %w_e_final bias %w_e_final_bias eps = 1.0e-5
        : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      xf.yield %next : tensor<?x?x64xf32>
    }
    return %y : tensor<?x?x64xf32>
  }

  func.func @decode(%tokens: tensor<?x?xi32>, %source: tensor<?x?x64xf32>, %valid: tensor<?x?xi32>)
      -> tensor<?x?x320xf32> {
    %batch = xf.dim %tokens axis = 0 : (tensor<?x?xi32>) -> index
    %zero = arith.constant dense<0> : tensor<1xi32>
    %past = xf.broadcast %zero [%batch] : (tensor<1xi32>, index) -> tensor<?xi32>
    %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %w_embedding = xf.load_weight @embedding : tensor<320x64xf32>
    %t = xf.embedding %tokens, %w_embedding : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %w_d_places = xf.load_weight @d_places : tensor<130x64xf32>
    %p = xf.embedding %positions, %w_d_places offset = 2 : (tensor<?x?xi32>, tensor<130x64xf32>) -> tensor<?x?x64xf32>
    %tp = xf.add %t, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %w_d_first = xf.load_weight @d_first : tensor<64xf32>
    %w_d_first_bias = xf.load_weight @d_first_bias : tensor<64xf32>
    %x = xf.layer_norm %tp, %w_d_first bias %w_d_first_bias eps = 1.0e-5
      : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x64xf32> {
      %w_d_q = xf.load_weight @d_q[%layer] : tensor<64x64xf32>
      %w_d_q_bias = xf.load_weight @d_q_bias[%layer] : tensor<64xf32>
      %q = xf.linear %h, %w_d_q bias %w_d_q_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_d_k = xf.load_weight @d_k[%layer] : tensor<64x64xf32>
      %w_d_k_bias = xf.load_weight @d_k_bias[%layer] : tensor<64xf32>
      %k = xf.linear %h, %w_d_k bias %w_d_k_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_d_v = xf.load_weight @d_v[%layer] : tensor<64x64xf32>
      %w_d_v_bias = xf.load_weight @d_v_bias[%layer] : tensor<64xf32>
      %v = xf.linear %h, %w_d_v bias %w_d_v_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %a = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.25 mask = causal
        : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %w_d_o = xf.load_weight @d_o[%layer] : tensor<64x64xf32>
      %w_d_o_bias = xf.load_weight @d_o_bias[%layer] : tensor<64xf32>
      %o = xf.linear %a, %w_d_o bias %w_d_o_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %s = xf.add %h, %o : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %w_d_norm = xf.load_weight @d_norm[%layer] : tensor<64xf32>
      %w_d_norm_bias = xf.load_weight @d_norm_bias[%layer] : tensor<64xf32>
      %h1 = xf.layer_norm %s, %w_d_norm bias %w_d_norm_bias eps = 1.0e-5
        : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>

      %w_c_q = xf.load_weight @c_q[%layer] : tensor<64x64xf32>
      %w_c_q_bias = xf.load_weight @c_q_bias[%layer] : tensor<64xf32>
      %cq = xf.linear %h1, %w_c_q bias %w_c_q_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_c_k = xf.load_weight @c_k[%layer] : tensor<64x64xf32>
      %w_c_k_bias = xf.load_weight @c_k_bias[%layer] : tensor<64xf32>
      %ck = xf.linear %source, %w_c_k bias %w_c_k_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_c_v = xf.load_weight @c_v[%layer] : tensor<64x64xf32>
      %w_c_v_bias = xf.load_weight @c_v_bias[%layer] : tensor<64xf32>
      %cv = xf.linear %source, %w_c_v bias %w_c_v_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %ca = xf.attention %cq keys(%ck) values(%cv) valid(%valid) heads = 4 scale = 0.25 mask = none
        : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
      %w_c_o = xf.load_weight @c_o[%layer] : tensor<64x64xf32>
      %w_c_o_bias = xf.load_weight @c_o_bias[%layer] : tensor<64xf32>
      %co = xf.linear %ca, %w_c_o bias %w_c_o_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %cs = xf.add %h1, %co : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %w_c_norm = xf.load_weight @c_norm[%layer] : tensor<64xf32>
      %w_c_norm_bias = xf.load_weight @c_norm_bias[%layer] : tensor<64xf32>
      %ch1 = xf.layer_norm %cs, %w_c_norm bias %w_c_norm_bias eps = 1.0e-5
        : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>

      %w_d_up = xf.load_weight @d_up[%layer] : tensor<128x64xf32>
      %w_d_up_bias = xf.load_weight @d_up_bias[%layer] : tensor<128xf32>
      %u = xf.linear %ch1, %w_d_up bias %w_d_up_bias
        : (tensor<?x?x64xf32>, tensor<128x64xf32>, tensor<128xf32>) -> tensor<?x?x128xf32>
      %g = xf.activation gelu %u : (tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
      %w_d_down = xf.load_weight @d_down[%layer] : tensor<64x128xf32>
      %w_d_down_bias = xf.load_weight @d_down_bias[%layer] : tensor<64xf32>
      %d = xf.linear %g, %w_d_down bias %w_d_down_bias
        : (tensor<?x?x128xf32>, tensor<64x128xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %fs = xf.add %ch1, %d : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %w_d_final = xf.load_weight @d_final[%layer] : tensor<64xf32>
      %w_d_final_bias = xf.load_weight @d_final_bias[%layer] : tensor<64xf32>
      %next = xf.layer_norm %fs, %w_d_final bias %w_d_final_bias eps = 1.0e-5
        : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      xf.yield %next : tensor<?x?x64xf32>
    }
    %scores = xf.logits %y, %w_embedding : (tensor<?x?x64xf32>, tensor<320x64xf32>) -> tensor<?x?x320xf32>
    %w_logits_bias = xf.load_weight @logits_bias : tensor<1x320xf32>
    %logits = xf.elementwise add %scores, %w_logits_bias
      : (tensor<?x?x320xf32>, tensor<1x320xf32>) -> tensor<?x?x320xf32>
    return %logits : tensor<?x?x320xf32>
  }

  func.func @forward(%tokens: tensor<?x?xi32> {xf.name = "input_ids"},
                     %valid: tensor<?x?xi32> {xf.name = "attention_mask"},
                     %target: tensor<?x?xi32> {xf.name = "decoder_input_ids"})
      -> (tensor<?x?x320xf32> {xf.name = "logits"}) {
    %source = call @encode(%tokens, %valid) : (tensor<?x?xi32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
    %logits = call @decode(%target, %source, %valid)
      : (tensor<?x?xi32>, tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x320xf32>
    return %logits : tensor<?x?x320xf32>
  }
}
