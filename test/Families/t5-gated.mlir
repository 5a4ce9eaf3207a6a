// A T5 1.1 of two encoder and two decoder layers written by hand: gated products, and logits that are not scaled.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=forward --inputs=%ph_reference/models/t5-gated/expected.safetensors \
// RUN:   --weights=%ph_reference/models/t5-gated/model.safetensors \
// RUN:   --expect=%ph_reference/models/t5-gated/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: logits: largest error {{.*}} of 3840 values

module @t5_gated attributes {xf.model = {
  architecture = "t5", name = "tiny", vocabulary = 320, context_length = 512, layers = 2}} {
  xf.weight @embedding : tensor<320x64xf32> sources [#xf.source<"shared.weight">]
  xf.weight @e_bias : tensor<32x4xf32> sources [
    #xf.source<"encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight">]
  xf.weight @e_norm : tensor<2x64xf32> stacked sources [#xf.source<"encoder.block.{layer}.layer.0.layer_norm.weight">]
  xf.weight @e_q : tensor<2x64x64xf32> stacked sources [
    #xf.source<"encoder.block.{layer}.layer.0.SelfAttention.q.weight">]
  xf.weight @e_k : tensor<2x64x64xf32> stacked sources [
    #xf.source<"encoder.block.{layer}.layer.0.SelfAttention.k.weight">]
  xf.weight @e_v : tensor<2x64x64xf32> stacked sources [
    #xf.source<"encoder.block.{layer}.layer.0.SelfAttention.v.weight">]
  xf.weight @e_o : tensor<2x64x64xf32> stacked sources [
    #xf.source<"encoder.block.{layer}.layer.0.SelfAttention.o.weight">]
  xf.weight @e_norm2 : tensor<2x64xf32> stacked sources [#xf.source<"encoder.block.{layer}.layer.1.layer_norm.weight">]
  xf.weight @e_gate : tensor<2x128x64xf32> stacked sources [
    #xf.source<"encoder.block.{layer}.layer.1.DenseReluDense.wi_0.weight">]
  xf.weight @e_up : tensor<2x128x64xf32> stacked sources [
    #xf.source<"encoder.block.{layer}.layer.1.DenseReluDense.wi_1.weight">]
  xf.weight @e_down : tensor<2x64x128xf32> stacked sources [
    #xf.source<"encoder.block.{layer}.layer.1.DenseReluDense.wo.weight">]
  xf.weight @e_final : tensor<64xf32> sources [#xf.source<"encoder.final_layer_norm.weight">]
  xf.weight @d_bias : tensor<32x4xf32> sources [
    #xf.source<"decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight">]
  xf.weight @d_norm : tensor<2x64xf32> stacked sources [#xf.source<"decoder.block.{layer}.layer.0.layer_norm.weight">]
  xf.weight @d_q : tensor<2x64x64xf32> stacked sources [
    #xf.source<"decoder.block.{layer}.layer.0.SelfAttention.q.weight">]
  xf.weight @d_k : tensor<2x64x64xf32> stacked sources [
    #xf.source<"decoder.block.{layer}.layer.0.SelfAttention.k.weight">]
  xf.weight @d_v : tensor<2x64x64xf32> stacked sources [
    #xf.source<"decoder.block.{layer}.layer.0.SelfAttention.v.weight">]
  xf.weight @d_o : tensor<2x64x64xf32> stacked sources [
    #xf.source<"decoder.block.{layer}.layer.0.SelfAttention.o.weight">]
  xf.weight @c_norm : tensor<2x64xf32> stacked sources [#xf.source<"decoder.block.{layer}.layer.1.layer_norm.weight">]
  xf.weight @c_q : tensor<2x64x64xf32> stacked sources [
    #xf.source<"decoder.block.{layer}.layer.1.EncDecAttention.q.weight">]
  xf.weight @c_k : tensor<2x64x64xf32> stacked sources [
    #xf.source<"decoder.block.{layer}.layer.1.EncDecAttention.k.weight">]
  xf.weight @c_v : tensor<2x64x64xf32> stacked sources [
    #xf.source<"decoder.block.{layer}.layer.1.EncDecAttention.v.weight">]
  xf.weight @c_o : tensor<2x64x64xf32> stacked sources [
    #xf.source<"decoder.block.{layer}.layer.1.EncDecAttention.o.weight">]
  xf.weight @d_norm2 : tensor<2x64xf32> stacked sources [#xf.source<"decoder.block.{layer}.layer.2.layer_norm.weight">]
  xf.weight @d_gate : tensor<2x128x64xf32> stacked sources [
    #xf.source<"decoder.block.{layer}.layer.2.DenseReluDense.wi_0.weight">]
  xf.weight @d_up : tensor<2x128x64xf32> stacked sources [
    #xf.source<"decoder.block.{layer}.layer.2.DenseReluDense.wi_1.weight">]
  xf.weight @d_down : tensor<2x64x128xf32> stacked sources [
    #xf.source<"decoder.block.{layer}.layer.2.DenseReluDense.wo.weight">]
  xf.weight @d_final : tensor<64xf32> sources [#xf.source<"decoder.final_layer_norm.weight">]

  func.func @encode(%tokens: tensor<?x?xi32>, %valid: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
    %w_embedding = xf.load_weight @embedding : tensor<320x64xf32>
    %x = xf.embedding %tokens, %w_embedding : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %w_e_bias = xf.load_weight @e_bias : tensor<32x4xf32>
    %bias = xf.relative_position_bias %w_e_bias query(%x) max_distance = 128 bidirectional
      : (tensor<32x4xf32>, tensor<?x?x64xf32>) -> tensor<1x4x?x?xf32>
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x64xf32> {
      %w_e_norm = xf.load_weight @e_norm[%layer] : tensor<64xf32>
      %n = xf.rms_norm %h, %w_e_norm eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_e_q = xf.load_weight @e_q[%layer] : tensor<64x64xf32>
      %q = xf.linear %n, %w_e_q : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %w_e_k = xf.load_weight @e_k[%layer] : tensor<64x64xf32>
      %k = xf.linear %n, %w_e_k : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %w_e_v = xf.load_weight @e_v[%layer] : tensor<64x64xf32>
      %v = xf.linear %n, %w_e_v : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %a = xf.attention %q keys(%k) values(%v) bias(%bias) valid(%valid) heads = 4 scale = 1.0 mask = none
        : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<1x4x?x?xf32>, tensor<?x?xi32>)
        -> tensor<?x?x64xf32>
      %w_e_o = xf.load_weight @e_o[%layer] : tensor<64x64xf32>
      %o = xf.linear %a, %w_e_o : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %h1 = xf.add %h, %o : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>

      %w_e_norm2 = xf.load_weight @e_norm2[%layer] : tensor<64xf32>
      %n2 = xf.rms_norm %h1, %w_e_norm2 eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_e_gate = xf.load_weight @e_gate[%layer] : tensor<128x64xf32>
      %g = xf.linear %n2, %w_e_gate : (tensor<?x?x64xf32>, tensor<128x64xf32>) -> tensor<?x?x128xf32>
      %w_e_up = xf.load_weight @e_up[%layer] : tensor<128x64xf32>
      %u = xf.linear %n2, %w_e_up : (tensor<?x?x64xf32>, tensor<128x64xf32>) -> tensor<?x?x128xf32>
      %s = xf.gated_activation gelu_tanh %g, %u : (tensor<?x?x128xf32>, tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
      %w_e_down = xf.load_weight @e_down[%layer] : tensor<64x128xf32>
      %dn = xf.linear %s, %w_e_down : (tensor<?x?x128xf32>, tensor<64x128xf32>) -> tensor<?x?x64xf32>
      %h2 = xf.add %h1, %dn : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %h2 : tensor<?x?x64xf32>
    }
    %w_e_final = xf.load_weight @e_final : tensor<64xf32>
    %f = xf.rms_norm %y, %w_e_final eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    return %f : tensor<?x?x64xf32>
  }

  func.func @decode(%tokens: tensor<?x?xi32>, %source: tensor<?x?x64xf32>, %valid: tensor<?x?xi32>)
      -> tensor<?x?x320xf32> {
    %w_embedding = xf.load_weight @embedding : tensor<320x64xf32>
    %x = xf.embedding %tokens, %w_embedding : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %w_d_bias = xf.load_weight @d_bias : tensor<32x4xf32>
    %bias = xf.relative_position_bias %w_d_bias query(%x) max_distance = 128
      : (tensor<32x4xf32>, tensor<?x?x64xf32>) -> tensor<1x4x?x?xf32>
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x64xf32> {
      %w_d_norm = xf.load_weight @d_norm[%layer] : tensor<64xf32>
      %n = xf.rms_norm %h, %w_d_norm eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_d_q = xf.load_weight @d_q[%layer] : tensor<64x64xf32>
      %q = xf.linear %n, %w_d_q : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %w_d_k = xf.load_weight @d_k[%layer] : tensor<64x64xf32>
      %k = xf.linear %n, %w_d_k : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %w_d_v = xf.load_weight @d_v[%layer] : tensor<64x64xf32>
      %v = xf.linear %n, %w_d_v : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %a = xf.attention %q keys(%k) values(%v) bias(%bias) heads = 4 scale = 1.0 mask = causal
        : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<1x4x?x?xf32>) -> tensor<?x?x64xf32>
      %w_d_o = xf.load_weight @d_o[%layer] : tensor<64x64xf32>
      %o = xf.linear %a, %w_d_o : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %h1 = xf.add %h, %o : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>

      %w_c_norm = xf.load_weight @c_norm[%layer] : tensor<64xf32>
      %nc = xf.rms_norm %h1, %w_c_norm eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_c_q = xf.load_weight @c_q[%layer] : tensor<64x64xf32>
      %cq = xf.linear %nc, %w_c_q : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %w_c_k = xf.load_weight @c_k[%layer] : tensor<64x64xf32>
      %ck = xf.linear %source, %w_c_k : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %w_c_v = xf.load_weight @c_v[%layer] : tensor<64x64xf32>
      %cv = xf.linear %source, %w_c_v : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %ca = xf.attention %cq keys(%ck) values(%cv) valid(%valid) heads = 4 scale = 1.0 mask = none
        : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
      %w_c_o = xf.load_weight @c_o[%layer] : tensor<64x64xf32>
      %co = xf.linear %ca, %w_c_o : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %h2 = xf.add %h1, %co : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>

      %w_d_norm2 = xf.load_weight @d_norm2[%layer] : tensor<64xf32>
      %n2 = xf.rms_norm %h2, %w_d_norm2 eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_d_gate = xf.load_weight @d_gate[%layer] : tensor<128x64xf32>
      %g = xf.linear %n2, %w_d_gate : (tensor<?x?x64xf32>, tensor<128x64xf32>) -> tensor<?x?x128xf32>
      %w_d_up = xf.load_weight @d_up[%layer] : tensor<128x64xf32>
      %u = xf.linear %n2, %w_d_up : (tensor<?x?x64xf32>, tensor<128x64xf32>) -> tensor<?x?x128xf32>
      %s = xf.gated_activation gelu_tanh %g, %u : (tensor<?x?x128xf32>, tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
      %w_d_down = xf.load_weight @d_down[%layer] : tensor<64x128xf32>
      %dn = xf.linear %s, %w_d_down : (tensor<?x?x128xf32>, tensor<64x128xf32>) -> tensor<?x?x64xf32>
      %h3 = xf.add %h2, %dn : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %h3 : tensor<?x?x64xf32>
    }
    %w_d_final = xf.load_weight @d_final : tensor<64xf32>
    %f = xf.rms_norm %y, %w_d_final eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %logits = xf.logits %f, %w_embedding : (tensor<?x?x64xf32>, tensor<320x64xf32>) -> tensor<?x?x320xf32>
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
