// A ModernBERT of two layers written by hand: local attention to both sides in the second layer, rotations with
// another base there, gated MLPs, no biases, and padding that no token sees.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=forward --inputs=%ph_reference/models/modernbert/expected.safetensors \
// RUN:   --weights=%ph_reference/models/modernbert/model.safetensors \
// RUN:   --expect=%ph_reference/models/modernbert/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: last_hidden_state: largest error {{.*}} of 1536 values

module @modernbert attributes {xf.model = {
  architecture = "modernbert", name = "tiny", vocabulary = 320, context_length = 128, layers = 2}} {
  xf.weight @embedding : tensor<320x64xf32> sources [#xf.source<"embeddings.tok_embeddings.weight">]
  xf.weight @first_norm : tensor<64xf32> sources [#xf.source<"embeddings.norm.weight">]
  xf.weight @attention_norm : tensor<64xf32> sources [#xf.source<"layers.1.attn_norm.weight">]
  xf.weight @qkv : tensor<2x192x64xf32> stacked sources [#xf.source<"layers.{layer}.attn.Wqkv.weight">]
  xf.weight @o : tensor<2x64x64xf32> stacked sources [#xf.source<"layers.{layer}.attn.Wo.weight">]
  xf.weight @up : tensor<2x256x64xf32> stacked sources [#xf.source<"layers.{layer}.mlp.Wi.weight">]
  xf.weight @down : tensor<2x64x128xf32> stacked sources [#xf.source<"layers.{layer}.mlp.Wo.weight">]
  xf.weight @norm2 : tensor<2x64xf32> stacked sources [#xf.source<"layers.{layer}.mlp_norm.weight">]
  xf.weight @final_norm : tensor<64xf32> sources [#xf.source<"final_norm.weight">]

  func.func @forward(%tokens: tensor<?x?xi32> {xf.name = "input_ids"},
                     %valid: tensor<?x?xi32> {xf.name = "attention_mask"})
      -> (tensor<?x?x64xf32> {xf.name = "last_hidden_state"}) {
    %batch = xf.dim %tokens axis = 0 : (tensor<?x?xi32>) -> index
    %zero = arith.constant dense<0> : tensor<1xi32>
    %past = xf.broadcast %zero [%batch] : (tensor<1xi32>, index) -> tensor<?xi32>
    %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %w_embedding = xf.load_weight @embedding : tensor<320x64xf32>
    %t = xf.embedding %tokens, %w_embedding : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %w_first_norm = xf.load_weight @first_norm : tensor<64xf32>
    %x = xf.layer_norm %t, %w_first_norm eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %l0 = arith.constant 0 : index
    %l1 = arith.constant 1 : index
    %w_qkv0 = xf.load_weight @qkv[%l0] : tensor<192x64xf32>
    %qkv0 = xf.linear %x, %w_qkv0 : (tensor<?x?x64xf32>, tensor<192x64xf32>) -> tensor<?x?x192xf32>
    %q0, %k0, %v0 = xf.split %qkv0
      : (tensor<?x?x192xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>)
    %rq0 = xf.rope %q0, %positions rope = #xf.rope<dim = 16, base = 1.6e5, style = half> heads = 4
      : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
    %rk0 = xf.rope %k0, %positions rope = #xf.rope<dim = 16, base = 1.6e5, style = half> heads = 4
      : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
    %a0 = xf.attention %rq0 keys(%rk0) values(%v0) valid(%valid) heads = 4 scale = 0.25 mask = none
      : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
    %w_o0 = xf.load_weight @o[%l0] : tensor<64x64xf32>
    %o0 = xf.linear %a0, %w_o0 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %b0 = xf.add %x, %o0 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %w_norm20 = xf.load_weight @norm2[%l0] : tensor<64xf32>
    %m0 = xf.layer_norm %b0, %w_norm20 eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %w_up0 = xf.load_weight @up[%l0] : tensor<256x64xf32>
    %gu0 = xf.linear %m0, %w_up0 : (tensor<?x?x64xf32>, tensor<256x64xf32>) -> tensor<?x?x256xf32>
    %g0, %u0 = xf.split %gu0 : (tensor<?x?x256xf32>) -> (tensor<?x?x128xf32>, tensor<?x?x128xf32>)
    %s0 = xf.gated_activation gelu %g0, %u0 : (tensor<?x?x128xf32>, tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
    %w_down0 = xf.load_weight @down[%l0] : tensor<64x128xf32>
    %d0 = xf.linear %s0, %w_down0 : (tensor<?x?x128xf32>, tensor<64x128xf32>) -> tensor<?x?x64xf32>
    %h0 = xf.add %b0, %d0 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>

    %w_attention_norm = xf.load_weight @attention_norm : tensor<64xf32>
    %n1 = xf.layer_norm %h0, %w_attention_norm eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %w_qkv1 = xf.load_weight @qkv[%l1] : tensor<192x64xf32>
    %qkv1 = xf.linear %n1, %w_qkv1 : (tensor<?x?x64xf32>, tensor<192x64xf32>) -> tensor<?x?x192xf32>
    %q1, %k1, %v1 = xf.split %qkv1
      : (tensor<?x?x192xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>)
    %rq1 = xf.rope %q1, %positions rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 4
      : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
    %rk1 = xf.rope %k1, %positions rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 4
      : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
    %a1 = xf.attention %rq1 keys(%rk1) values(%v1) valid(%valid) heads = 4 scale = 0.25 mask = none window = 5
      : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
    %w_o1 = xf.load_weight @o[%l1] : tensor<64x64xf32>
    %o1 = xf.linear %a1, %w_o1 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %b1 = xf.add %h0, %o1 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %w_norm21 = xf.load_weight @norm2[%l1] : tensor<64xf32>
    %m1 = xf.layer_norm %b1, %w_norm21 eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %w_up1 = xf.load_weight @up[%l1] : tensor<256x64xf32>
    %gu1 = xf.linear %m1, %w_up1 : (tensor<?x?x64xf32>, tensor<256x64xf32>) -> tensor<?x?x256xf32>
    %g1, %u1 = xf.split %gu1 : (tensor<?x?x256xf32>) -> (tensor<?x?x128xf32>, tensor<?x?x128xf32>)
    %s1 = xf.gated_activation gelu %g1, %u1 : (tensor<?x?x128xf32>, tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
    %w_down1 = xf.load_weight @down[%l1] : tensor<64x128xf32>
    %d1 = xf.linear %s1, %w_down1 : (tensor<?x?x128xf32>, tensor<64x128xf32>) -> tensor<?x?x64xf32>
    %h1 = xf.add %b1, %d1 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>

    %w_final_norm = xf.load_weight @final_norm : tensor<64xf32>
    %f = xf.layer_norm %h1, %w_final_norm eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    return %f : tensor<?x?x64xf32>
  }
}
