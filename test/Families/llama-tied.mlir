// A Llama of two layers written by hand whose scores are made with the table of the embedding.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=main --inputs=%ph_reference/models/llama-tied/expected.safetensors \
// RUN:   --weights=%ph_reference/models/llama-tied/model.safetensors \
// RUN:   --expect=%ph_reference/models/llama-tied/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: logits: largest error {{.*}} of 7680 values

module @llama_tied attributes {xf.model = {
  architecture = "llama", name = "tiny", vocabulary = 320, context_length = 256, layers = 2}} {
  xf.weight @embedding : tensor<320x64xf32> sources [#xf.source<"model.embed_tokens.weight">]
  xf.weight @norm1 : tensor<2x64xf32> stacked sources [#xf.source<"model.layers.{layer}.input_layernorm.weight">]
  xf.weight @q : tensor<2x64x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.q_proj.weight">]
  xf.weight @k : tensor<2x32x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.k_proj.weight">]
  xf.weight @v : tensor<2x32x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.v_proj.weight">]
  xf.weight @o : tensor<2x64x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.o_proj.weight">]
  xf.weight @norm2 : tensor<2x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.post_attention_layernorm.weight">]
  xf.weight @gate : tensor<2x160x64xf32> stacked sources [#xf.source<"model.layers.{layer}.mlp.gate_proj.weight">]
  xf.weight @up : tensor<2x160x64xf32> stacked sources [#xf.source<"model.layers.{layer}.mlp.up_proj.weight">]
  xf.weight @down : tensor<2x64x160xf32> stacked sources [#xf.source<"model.layers.{layer}.mlp.down_proj.weight">]
  xf.weight @final_norm : tensor<64xf32> sources [#xf.source<"model.norm.weight">]

  func.func @forward(%tokens: tensor<?x?xi32>, %past: tensor<?xi32>, %rows: tensor<?xi32>,
                     %cache: !xf.cache<2 x 2 x 16, f32>) -> (tensor<?x320xf32>, !xf.cache<2 x 2 x 16, f32>) {
    %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %w_embedding = xf.load_weight @embedding : tensor<320x64xf32>
    %x = xf.embedding %tokens, %w_embedding : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %y, %new = xf.repeat %layer = 2 iter(%h = %x, %c = %cache) : tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32> {
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
      %cn = xf.cache_append %c[%layer], %rk, %v, %past
        : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>)
        -> !xf.cache<2 x 2 x 16, f32>
      %a = xf.attention %rq cache(%cn[%layer], %past) heads = 4 scale = 0.25 mask = causal
        : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
      %w_o = xf.load_weight @o[%layer] : tensor<64x64xf32>
      %o = xf.linear %a, %w_o : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>

      %h1 = xf.add %h, %o : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %w_norm2 = xf.load_weight @norm2[%layer] : tensor<64xf32>
      %n2 = xf.rms_norm %h1, %w_norm2 eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_gate = xf.load_weight @gate[%layer] : tensor<160x64xf32>
      %g = xf.linear %n2, %w_gate : (tensor<?x?x64xf32>, tensor<160x64xf32>) -> tensor<?x?x160xf32>
      %w_up = xf.load_weight @up[%layer] : tensor<160x64xf32>
      %u = xf.linear %n2, %w_up : (tensor<?x?x64xf32>, tensor<160x64xf32>) -> tensor<?x?x160xf32>
      %s = xf.gated_activation silu %g, %u : (tensor<?x?x160xf32>, tensor<?x?x160xf32>) -> tensor<?x?x160xf32>
      %w_down = xf.load_weight @down[%layer] : tensor<64x160xf32>
      %d = xf.linear %s, %w_down : (tensor<?x?x160xf32>, tensor<64x160xf32>) -> tensor<?x?x64xf32>
      %h2 = xf.add %h1, %d : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %h2, %cn : tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>
    }
    %last = xf.select_rows %y, %rows : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
    %w_final_norm = xf.load_weight @final_norm : tensor<64xf32>
    %f = xf.rms_norm %last, %w_final_norm eps = 1.0e-6 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %logits = xf.logits %f, %w_embedding : (tensor<?x64xf32>, tensor<320x64xf32>) -> tensor<?x320xf32>
    return %logits, %new : tensor<?x320xf32>, !xf.cache<2 x 2 x 16, f32>
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
