// A Gemma 3 of two layers written by hand: a sliding window and another base of rotation in the first of two layers,
// heads normalized alone.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=main --inputs=%ph_reference/models/gemma3/expected.safetensors \
// RUN:   --weights=%ph_reference/models/gemma3/model.safetensors \
// RUN:   --expect=%ph_reference/models/gemma3/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: logits: largest error {{.*}} of 7680 values

module @gemma3 attributes {xf.model = {
  architecture = "gemma3", name = "tiny", vocabulary = 320, context_length = 256, layers = 2}} {
  xf.weight @embedding : tensor<320x64xf32> sources [#xf.source<"model.embed_tokens.weight">]
  xf.weight @norm1 : tensor<2x64xf32> stacked sources [#xf.source<"model.layers.{layer}.input_layernorm.weight">]
  xf.weight @q : tensor<2x64x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.q_proj.weight">]
  xf.weight @k : tensor<2x32x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.k_proj.weight">]
  xf.weight @v : tensor<2x32x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.v_proj.weight">]
  xf.weight @q_norm : tensor<2x16xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.q_norm.weight">]
  xf.weight @k_norm : tensor<2x16xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.k_norm.weight">]
  xf.weight @o : tensor<2x64x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.o_proj.weight">]
  xf.weight @post1 : tensor<2x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.post_attention_layernorm.weight">]
  xf.weight @norm2 : tensor<2x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.pre_feedforward_layernorm.weight">]
  xf.weight @gate : tensor<2x160x64xf32> stacked sources [#xf.source<"model.layers.{layer}.mlp.gate_proj.weight">]
  xf.weight @up : tensor<2x160x64xf32> stacked sources [#xf.source<"model.layers.{layer}.mlp.up_proj.weight">]
  xf.weight @down : tensor<2x64x160xf32> stacked sources [#xf.source<"model.layers.{layer}.mlp.down_proj.weight">]
  xf.weight @post2 : tensor<2x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.post_feedforward_layernorm.weight">]
  xf.weight @final_norm : tensor<64xf32> sources [#xf.source<"model.norm.weight">]

  func.func @forward(%tokens: tensor<?x?xi32>, %past: tensor<?xi32>, %rows: tensor<?xi32>,
                     %cache: !xf.cache<2 x 2 x 16, f32>) -> (tensor<?x320xf32>, !xf.cache<2 x 2 x 16, f32>) {
    %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %w_embedding = xf.load_weight @embedding : tensor<320x64xf32>
    %x = xf.embedding %tokens, %w_embedding scale = 8.0 : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %l0 = arith.constant 0 : index
    %l1 = arith.constant 1 : index
    %w_norm10 = xf.load_weight @norm1[%l0] : tensor<64xf32>
    %n0 = xf.rms_norm %x, %w_norm10 eps = 1.0e-6 offset = 1.0
      : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %w_q0 = xf.load_weight @q[%l0] : tensor<64x64xf32>
    %q0 = xf.linear %n0, %w_q0 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %w_k0 = xf.load_weight @k[%l0] : tensor<32x64xf32>
    %k0 = xf.linear %n0, %w_k0 : (tensor<?x?x64xf32>, tensor<32x64xf32>) -> tensor<?x?x32xf32>
    %w_v0 = xf.load_weight @v[%l0] : tensor<32x64xf32>
    %v0 = xf.linear %n0, %w_v0 : (tensor<?x?x64xf32>, tensor<32x64xf32>) -> tensor<?x?x32xf32>
    %w_q_norm0 = xf.load_weight @q_norm[%l0] : tensor<16xf32>
    %qn0 = xf.rms_norm %q0, %w_q_norm0 eps = 1.0e-6 offset = 1.0 heads = 4
      : (tensor<?x?x64xf32>, tensor<16xf32>) -> tensor<?x?x64xf32>
    %w_k_norm0 = xf.load_weight @k_norm[%l0] : tensor<16xf32>
    %kn0 = xf.rms_norm %k0, %w_k_norm0 eps = 1.0e-6 offset = 1.0 heads = 2
      : (tensor<?x?x32xf32>, tensor<16xf32>) -> tensor<?x?x32xf32>
    %rk0 = xf.rope %kn0, %positions rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 2
      : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
    %rq0 = xf.rope %qn0, %positions rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 4
      : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
    %cn0 = xf.cache_append %cache[%l0], %rk0, %v0, %past
      : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>)
      -> !xf.cache<2 x 2 x 16, f32>
    %a0 = xf.attention %rq0 cache(%cn0[%l0], %past) heads = 4 scale = 0.25 mask = causal window = 5
      : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
    %w_o0 = xf.load_weight @o[%l0] : tensor<64x64xf32>
    %o0 = xf.linear %a0, %w_o0 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %w_post10 = xf.load_weight @post1[%l0] : tensor<64xf32>
    %po0 = xf.rms_norm %o0, %w_post10 eps = 1.0e-6 offset = 1.0
      : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>

    %h10 = xf.add %x, %po0 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %w_norm20 = xf.load_weight @norm2[%l0] : tensor<64xf32>
    %n20 = xf.rms_norm %h10, %w_norm20 eps = 1.0e-6 offset = 1.0
      : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %w_gate0 = xf.load_weight @gate[%l0] : tensor<160x64xf32>
    %g0 = xf.linear %n20, %w_gate0 : (tensor<?x?x64xf32>, tensor<160x64xf32>) -> tensor<?x?x160xf32>
    %w_up0 = xf.load_weight @up[%l0] : tensor<160x64xf32>
    %u0 = xf.linear %n20, %w_up0 : (tensor<?x?x64xf32>, tensor<160x64xf32>) -> tensor<?x?x160xf32>
    %s0 = xf.gated_activation gelu_tanh %g0, %u0 : (tensor<?x?x160xf32>, tensor<?x?x160xf32>) -> tensor<?x?x160xf32>
    %w_down0 = xf.load_weight @down[%l0] : tensor<64x160xf32>
    %d0 = xf.linear %s0, %w_down0 : (tensor<?x?x160xf32>, tensor<64x160xf32>) -> tensor<?x?x64xf32>
    %w_post20 = xf.load_weight @post2[%l0] : tensor<64xf32>
    %pd0 = xf.rms_norm %d0, %w_post20 eps = 1.0e-6 offset = 1.0
      : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %h20 = xf.add %h10, %pd0 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>

    %w_norm11 = xf.load_weight @norm1[%l1] : tensor<64xf32>
    %n1 = xf.rms_norm %h20, %w_norm11 eps = 1.0e-6 offset = 1.0
      : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %w_q1 = xf.load_weight @q[%l1] : tensor<64x64xf32>
    %q1 = xf.linear %n1, %w_q1 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %w_k1 = xf.load_weight @k[%l1] : tensor<32x64xf32>
    %k1 = xf.linear %n1, %w_k1 : (tensor<?x?x64xf32>, tensor<32x64xf32>) -> tensor<?x?x32xf32>
    %w_v1 = xf.load_weight @v[%l1] : tensor<32x64xf32>
    %v1 = xf.linear %n1, %w_v1 : (tensor<?x?x64xf32>, tensor<32x64xf32>) -> tensor<?x?x32xf32>
    %w_q_norm1 = xf.load_weight @q_norm[%l1] : tensor<16xf32>
    %qn1 = xf.rms_norm %q1, %w_q_norm1 eps = 1.0e-6 offset = 1.0 heads = 4
      : (tensor<?x?x64xf32>, tensor<16xf32>) -> tensor<?x?x64xf32>
    %w_k_norm1 = xf.load_weight @k_norm[%l1] : tensor<16xf32>
    %kn1 = xf.rms_norm %k1, %w_k_norm1 eps = 1.0e-6 offset = 1.0 heads = 2
      : (tensor<?x?x32xf32>, tensor<16xf32>) -> tensor<?x?x32xf32>
    %rk1 = xf.rope %kn1, %positions rope = #xf.rope<dim = 16, base = 1.0e6, style = half> heads = 2
      : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
    %rq1 = xf.rope %qn1, %positions rope = #xf.rope<dim = 16, base = 1.0e6, style = half> heads = 4
      : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
    %cn1 = xf.cache_append %cn0[%l1], %rk1, %v1, %past
      : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>)
      -> !xf.cache<2 x 2 x 16, f32>
    %a1 = xf.attention %rq1 cache(%cn1[%l1], %past) heads = 4 scale = 0.25 mask = causal
      : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
    %w_o1 = xf.load_weight @o[%l1] : tensor<64x64xf32>
    %o1 = xf.linear %a1, %w_o1 : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %w_post11 = xf.load_weight @post1[%l1] : tensor<64xf32>
    %po1 = xf.rms_norm %o1, %w_post11 eps = 1.0e-6 offset = 1.0
      : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>

    %h11 = xf.add %h20, %po1 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %w_norm21 = xf.load_weight @norm2[%l1] : tensor<64xf32>
    %n21 = xf.rms_norm %h11, %w_norm21 eps = 1.0e-6 offset = 1.0
      : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %w_gate1 = xf.load_weight @gate[%l1] : tensor<160x64xf32>
    %g1 = xf.linear %n21, %w_gate1 : (tensor<?x?x64xf32>, tensor<160x64xf32>) -> tensor<?x?x160xf32>
    %w_up1 = xf.load_weight @up[%l1] : tensor<160x64xf32>
    %u1 = xf.linear %n21, %w_up1 : (tensor<?x?x64xf32>, tensor<160x64xf32>) -> tensor<?x?x160xf32>
    %s1 = xf.gated_activation gelu_tanh %g1, %u1 : (tensor<?x?x160xf32>, tensor<?x?x160xf32>) -> tensor<?x?x160xf32>
    %w_down1 = xf.load_weight @down[%l1] : tensor<64x160xf32>
    %d1 = xf.linear %s1, %w_down1 : (tensor<?x?x160xf32>, tensor<64x160xf32>) -> tensor<?x?x64xf32>
    %w_post21 = xf.load_weight @post2[%l1] : tensor<64xf32>
    %pd1 = xf.rms_norm %d1, %w_post21 eps = 1.0e-6 offset = 1.0
      : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %h21 = xf.add %h11, %pd1 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>

    %last = xf.select_rows %h21, %rows : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
    %w_final_norm = xf.load_weight @final_norm : tensor<64xf32>
    %f = xf.rms_norm %last, %w_final_norm eps = 1.0e-6 offset = 1.0
      : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %logits = xf.logits %f, %w_embedding : (tensor<?x64xf32>, tensor<320x64xf32>) -> tensor<?x320xf32>
    return %logits, %cn1 : tensor<?x320xf32>, !xf.cache<2 x 2 x 16, f32>
  }

  // Sequences from their beginning, every row of them.
  func.func @main(%tokens: tensor<?x?xi32> {xf.name = "input_ids"}, %cache: !xf.cache<2 x 2 x 16, f32>)
      -> (tensor<?x320xf32> {xf.name = "logits"}) {
    %batch = xf.dim %tokens axis = 0 : (tensor<?x?xi32>) -> index
    %sequence = xf.dim %tokens axis = 1 : (tensor<?x?xi32>) -> index
    %all = arith.muli %batch, %sequence : index
    %rows = xf.iota %all : (index) -> tensor<?xi32>
    %zero = arith.constant dense<0> : tensor<1xi32>
    %past = xf.broadcast %zero [%batch] : (tensor<1xi32>, index) -> tensor<?xi32>
    %logits, %new = call @forward(%tokens, %past, %rows, %cache)
      : (tensor<?x?xi32>, tensor<?xi32>, tensor<?xi32>, !xf.cache<2 x 2 x 16, f32>)
      -> (tensor<?x320xf32>, !xf.cache<2 x 2 x 16, f32>)
    return %logits : tensor<?x320xf32>
  }
}
