// A Falcon of two layers written by hand: one key head for all queries, attention and MLP side by side after one
// norm.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=main --inputs=%ph_reference/models/falcon-mqa/expected.safetensors \
// RUN:   --weights=%ph_reference/models/falcon-mqa/model.safetensors \
// RUN:   --expect=%ph_reference/models/falcon-mqa/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: logits: largest error {{.*}} of 7680 values

module @falcon attributes {xf.model = {
  architecture = "falcon", name = "tiny", vocabulary = 320, context_length = 2048, layers = 2}} {
  xf.weight @embedding : tensor<320x64xf32> sources [#xf.source<"transformer.word_embeddings.weight">]
  xf.weight @norm1 : tensor<2x64xf32> stacked sources [#xf.source<"transformer.h.{layer}.input_layernorm.weight">]
  xf.weight @norm1_bias : tensor<2x64xf32> stacked sources [#xf.source<"transformer.h.{layer}.input_layernorm.bias">]
  xf.weight @qkv : tensor<2x96x64xf32> stacked sources [
    #xf.source<"transformer.h.{layer}.self_attention.query_key_value.weight">]
  xf.weight @o : tensor<2x64x64xf32> stacked sources [#xf.source<"transformer.h.{layer}.self_attention.dense.weight">]
  xf.weight @up : tensor<2x256x64xf32> stacked sources [#xf.source<"transformer.h.{layer}.mlp.dense_h_to_4h.weight">]
  xf.weight @down : tensor<2x64x256xf32> stacked sources [#xf.source<"transformer.h.{layer}.mlp.dense_4h_to_h.weight">]
  xf.weight @final_norm : tensor<64xf32> sources [#xf.source<"transformer.ln_f.weight">]
  xf.weight @final_norm_bias : tensor<64xf32> sources [#xf.source<"transformer.ln_f.bias">]

  func.func @forward(%tokens: tensor<?x?xi32>, %past: tensor<?xi32>, %rows: tensor<?xi32>,
                     %cache: !xf.cache<2 x 1 x 16, f32>) -> (tensor<?x320xf32>, !xf.cache<2 x 1 x 16, f32>) {
    %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %w_embedding = xf.load_weight @embedding : tensor<320x64xf32>
    %x = xf.embedding %tokens, %w_embedding : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %y, %new = xf.repeat %layer = 2 iter(%h = %x, %c = %cache) : tensor<?x?x64xf32>, !xf.cache<2 x 1 x 16, f32> {
      %w_norm1 = xf.load_weight @norm1[%layer] : tensor<64xf32>
      %w_norm1_bias = xf.load_weight @norm1_bias[%layer] : tensor<64xf32>
      %n = xf.layer_norm %h, %w_norm1 bias %w_norm1_bias eps = 1.0e-5
        : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_qkv = xf.load_weight @qkv[%layer] : tensor<96x64xf32>
      %qkv = xf.linear %n, %w_qkv : (tensor<?x?x64xf32>, tensor<96x64xf32>) -> tensor<?x?x96xf32>
      %q, %k, %v = xf.split %qkv : (tensor<?x?x96xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>)
      %rk = xf.rope %k, %positions rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 1
        : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
      %rq = xf.rope %q, %positions rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 4
        : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
      %cn = xf.cache_append %c[%layer], %rk, %v, %past
        : (!xf.cache<2 x 1 x 16, f32>, index, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?xi32>)
        -> !xf.cache<2 x 1 x 16, f32>
      %a = xf.attention %rq cache(%cn[%layer], %past) heads = 4 scale = 0.25 mask = causal
        : (tensor<?x?x64xf32>, !xf.cache<2 x 1 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
      %w_o = xf.load_weight @o[%layer] : tensor<64x64xf32>
      %o = xf.linear %a, %w_o : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>

      %w_up = xf.load_weight @up[%layer] : tensor<256x64xf32>
      %u = xf.linear %n, %w_up : (tensor<?x?x64xf32>, tensor<256x64xf32>) -> tensor<?x?x256xf32>
      %s = xf.activation gelu %u : (tensor<?x?x256xf32>) -> tensor<?x?x256xf32>
      %w_down = xf.load_weight @down[%layer] : tensor<64x256xf32>
      %d = xf.linear %s, %w_down : (tensor<?x?x256xf32>, tensor<64x256xf32>) -> tensor<?x?x64xf32>
      %ao = xf.add %h, %o : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %h2 = xf.add %ao, %d : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %h2, %cn : tensor<?x?x64xf32>, !xf.cache<2 x 1 x 16, f32>
    }
    %last = xf.select_rows %y, %rows : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
    %w_final_norm = xf.load_weight @final_norm : tensor<64xf32>
    %w_final_norm_bias = xf.load_weight @final_norm_bias : tensor<64xf32>
    %f = xf.layer_norm %last, %w_final_norm bias %w_final_norm_bias eps = 1.0e-5
      : (tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %logits = xf.logits %f, %w_embedding : (tensor<?x64xf32>, tensor<320x64xf32>) -> tensor<?x320xf32>
    return %logits, %new : tensor<?x320xf32>, !xf.cache<2 x 1 x 16, f32>
  }

  // Sequences from their beginning, every row of them.
  func.func @main(%tokens: tensor<?x?xi32> {xf.name = "input_ids"}, %cache: !xf.cache<2 x 1 x 16, f32>)
      -> (tensor<?x320xf32> {xf.name = "logits"}) {
    %batch = xf.dim %tokens axis = 0 : (tensor<?x?xi32>) -> index
    %sequence = xf.dim %tokens axis = 1 : (tensor<?x?xi32>) -> index
    %all = arith.muli %batch, %sequence : index
    %rows = xf.iota %all : (index) -> tensor<?xi32>
    %zero = arith.constant dense<0> : tensor<1xi32>
    %past = xf.broadcast %zero [%batch] : (tensor<1xi32>, index) -> tensor<?xi32>
    %logits, %new = call @forward(%tokens, %past, %rows, %cache)
      : (tensor<?x?xi32>, tensor<?xi32>, tensor<?xi32>, !xf.cache<2 x 1 x 16, f32>)
      -> (tensor<?x320xf32>, !xf.cache<2 x 1 x 16, f32>)
    return %logits : tensor<?x320xf32>
  }
}
