// A Phi of two layers written by hand: half of each head rotated, attention and MLP side by side after one norm,
// biased logits.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=main --inputs=%ph_reference/models/phi/expected.safetensors \
// RUN:   --weights=%ph_reference/models/phi/model.safetensors \
// RUN:   --expect=%ph_reference/models/phi/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: logits: largest error {{.*}} of 7680 values

module @phi attributes {xf.model = {
  architecture = "phi", name = "tiny", vocabulary = 320, context_length = 256, layers = 2}} {
  xf.weight @embedding : tensor<320x64xf32> sources [#xf.source<"model.embed_tokens.weight">]
  xf.weight @norm1 : tensor<2x64xf32> stacked sources [#xf.source<"model.layers.{layer}.input_layernorm.weight">]
  xf.weight @norm1_bias : tensor<2x64xf32> stacked sources [#xf.source<"model.layers.{layer}.input_layernorm.bias">]
  xf.weight @q : tensor<2x64x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.q_proj.weight">]
  xf.weight @q_bias : tensor<2x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.q_proj.bias">]
  xf.weight @k : tensor<2x64x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.k_proj.weight">]
  xf.weight @k_bias : tensor<2x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.k_proj.bias">]
  xf.weight @v : tensor<2x64x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.v_proj.weight">]
  xf.weight @v_bias : tensor<2x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.v_proj.bias">]
  xf.weight @o : tensor<2x64x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.dense.weight">]
  xf.weight @o_bias : tensor<2x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.dense.bias">]
  xf.weight @up : tensor<2x128x64xf32> stacked sources [#xf.source<"model.layers.{layer}.mlp.fc1.weight">]
  xf.weight @up_bias : tensor<2x128xf32> stacked sources [#xf.source<"model.layers.{layer}.mlp.fc1.bias">]
  xf.weight @down : tensor<2x64x128xf32> stacked sources [#xf.source<"model.layers.{layer}.mlp.fc2.weight">]
  xf.weight @down_bias : tensor<2x64xf32> stacked sources [#xf.source<"model.layers.{layer}.mlp.fc2.bias">]
  xf.weight @final_norm : tensor<64xf32> sources [#xf.source<"model.final_layernorm.weight">]
  xf.weight @final_norm_bias : tensor<64xf32> sources [#xf.source<"model.final_layernorm.bias">]
  xf.weight @head : tensor<320x64xf32> sources [#xf.source<"lm_head.weight">]
  xf.weight @head_bias : tensor<320xf32> sources [#xf.source<"lm_head.bias">]

  func.func @forward(%tokens: tensor<?x?xi32>, %past: tensor<?xi32>, %rows: tensor<?xi32>,
                     %cache: !xf.cache<2 x 4 x 16, f32>) -> (tensor<?x320xf32>, !xf.cache<2 x 4 x 16, f32>) {
    %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %w_embedding = xf.load_weight @embedding : tensor<320x64xf32>
    %x = xf.embedding %tokens, %w_embedding : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %y, %new = xf.repeat %layer = 2 iter(%h = %x, %c = %cache) : tensor<?x?x64xf32>, !xf.cache<2 x 4 x 16, f32> {
      %w_norm1 = xf.load_weight @norm1[%layer] : tensor<64xf32>
      %w_norm1_bias = xf.load_weight @norm1_bias[%layer] : tensor<64xf32>
      %n = xf.layer_norm %h, %w_norm1 bias %w_norm1_bias eps = 1.0e-5
        : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_q = xf.load_weight @q[%layer] : tensor<64x64xf32>
      %w_q_bias = xf.load_weight @q_bias[%layer] : tensor<64xf32>
      %q = xf.linear %n, %w_q bias %w_q_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_k = xf.load_weight @k[%layer] : tensor<64x64xf32>
      %w_k_bias = xf.load_weight @k_bias[%layer] : tensor<64xf32>
      %k = xf.linear %n, %w_k bias %w_k_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_v = xf.load_weight @v[%layer] : tensor<64x64xf32>
      %w_v_bias = xf.load_weight @v_bias[%layer] : tensor<64xf32>
      %v = xf.linear %n, %w_v bias %w_v_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %rk = xf.rope %k, %positions rope = #xf.rope<dim = 8, base = 1.0e4, style = half> heads = 4
        : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
      %rq = xf.rope %q, %positions rope = #xf.rope<dim = 8, base = 1.0e4, style = half> heads = 4
        : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
      %cn = xf.cache_append %c[%layer], %rk, %v, %past
        : (!xf.cache<2 x 4 x 16, f32>, index, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?xi32>)
        -> !xf.cache<2 x 4 x 16, f32>
      %a = xf.attention %rq cache(%cn[%layer], %past) heads = 4 scale = 0.25 mask = causal
        : (tensor<?x?x64xf32>, !xf.cache<2 x 4 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
      %w_o = xf.load_weight @o[%layer] : tensor<64x64xf32>
      %w_o_bias = xf.load_weight @o_bias[%layer] : tensor<64xf32>
      %o = xf.linear %a, %w_o bias %w_o_bias
        : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>

      %w_up = xf.load_weight @up[%layer] : tensor<128x64xf32>
      %w_up_bias = xf.load_weight @up_bias[%layer] : tensor<128xf32>
      %u = xf.linear %n, %w_up bias %w_up_bias
        : (tensor<?x?x64xf32>, tensor<128x64xf32>, tensor<128xf32>) -> tensor<?x?x128xf32>
      %s = xf.activation gelu_tanh %u : (tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
      %w_down = xf.load_weight @down[%layer] : tensor<64x128xf32>
      %w_down_bias = xf.load_weight @down_bias[%layer] : tensor<64xf32>
      %d = xf.linear %s, %w_down bias %w_down_bias
        : (tensor<?x?x128xf32>, tensor<64x128xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %ao = xf.add %h, %o : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %h2 = xf.add %ao, %d : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %h2, %cn : tensor<?x?x64xf32>, !xf.cache<2 x 4 x 16, f32>
    }
    %last = xf.select_rows %y, %rows : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
    %w_final_norm = xf.load_weight @final_norm : tensor<64xf32>
    %w_final_norm_bias = xf.load_weight @final_norm_bias : tensor<64xf32>
    %f = xf.layer_norm %last, %w_final_norm bias %w_final_norm_bias eps = 1.0e-5
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %w_head = xf.load_weight @head : tensor<320x64xf32>
    %w_head_bias = xf.load_weight @head_bias : tensor<320xf32>
    %logits = xf.linear %f, %w_head bias %w_head_bias
      : (tensor<?x64xf32>, tensor<320x64xf32>, tensor<320xf32>) -> tensor<?x320xf32>
    return %logits, %new : tensor<?x320xf32>, !xf.cache<2 x 4 x 16, f32>
  }

  // Sequences from their beginning, every row of them.
  func.func @main(%tokens: tensor<?x?xi32> {xf.name = "input_ids"}, %cache: !xf.cache<2 x 4 x 16, f32>)
      -> (tensor<?x320xf32> {xf.name = "logits"}) {
    %batch = xf.dim %tokens axis = 0 : (tensor<?x?xi32>) -> index
    %sequence = xf.dim %tokens axis = 1 : (tensor<?x?xi32>) -> index
    %all = arith.muli %batch, %sequence : index
    %rows = xf.iota %all : (index) -> tensor<?xi32>
    %zero = arith.constant dense<0> : tensor<1xi32>
    %past = xf.broadcast %zero [%batch] : (tensor<1xi32>, index) -> tensor<?xi32>
    %logits, %new = call @forward(%tokens, %past, %rows, %cache)
      : (tensor<?x?xi32>, tensor<?xi32>, tensor<?xi32>, !xf.cache<2 x 4 x 16, f32>)
      -> (tensor<?x320xf32>, !xf.cache<2 x 4 x 16, f32>)
    return %logits : tensor<?x320xf32>
  }
}
