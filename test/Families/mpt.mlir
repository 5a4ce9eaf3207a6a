// An MPT of two layers written by hand: ALiBi, layer norms and products without biases.
//
// RUN: ph-opt %s --run=main --inputs=%ph_source/test/Data/models/mpt-alibi/expected.safetensors \
// RUN:   --weights=%ph_source/test/Data/models/mpt-alibi/model.safetensors \
// RUN:   --expect=%ph_source/test/Data/models/mpt-alibi/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: logits: largest error {{.*}} of 7680 values

module @mpt attributes {xf.model = {
  architecture = "mpt", name = "tiny", vocabulary = 320, context_length = 128, layers = 2}} {
  xf.weight @embedding : tensor<320x64xf32> sources [#xf.source<"transformer.wte.weight">]
  xf.weight @norm1 : tensor<2x64xf32> stacked sources [#xf.source<"transformer.blocks.{layer}.norm_1.weight">]
  xf.weight @norm2 : tensor<2x64xf32> stacked sources [#xf.source<"transformer.blocks.{layer}.norm_2.weight">]
  xf.weight @qkv : tensor<2x192x64xf32> stacked sources [#xf.source<"transformer.blocks.{layer}.attn.Wqkv.weight">]
  xf.weight @o : tensor<2x64x64xf32> stacked sources [#xf.source<"transformer.blocks.{layer}.attn.out_proj.weight">]
  xf.weight @up : tensor<2x256x64xf32> stacked sources [#xf.source<"transformer.blocks.{layer}.ffn.up_proj.weight">]
  xf.weight @down : tensor<2x64x256xf32> stacked sources [#xf.source<"transformer.blocks.{layer}.ffn.down_proj.weight">]
  xf.weight @final_norm : tensor<64xf32> sources [#xf.source<"transformer.norm_f.weight">]

  func.func @forward(%tokens: tensor<?x?xi32>, %past: tensor<?xi32>, %rows: tensor<?xi32>,
                     %cache: !xf.cache<2 x 4 x 16, f32>) -> (tensor<?x320xf32>, !xf.cache<2 x 4 x 16, f32>) {
    %w_embedding = xf.load_weight @embedding : tensor<320x64xf32>
    %x = xf.embedding %tokens, %w_embedding : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %y, %new = xf.repeat %layer = 2 iter(%h = %x, %c = %cache) : tensor<?x?x64xf32>, !xf.cache<2 x 4 x 16, f32> {
      %w_norm1 = xf.load_weight @norm1[%layer] : tensor<64xf32>
      %n = xf.layer_norm %h, %w_norm1 eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_qkv = xf.load_weight @qkv[%layer] : tensor<192x64xf32>
      %qkv = xf.linear %n, %w_qkv : (tensor<?x?x64xf32>, tensor<192x64xf32>) -> tensor<?x?x192xf32>
      %q, %k, %v = xf.split %qkv : (tensor<?x?x192xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>)
      %cn = xf.cache_append %c[%layer], %k, %v, %past
        : (!xf.cache<2 x 4 x 16, f32>, index, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?xi32>)
        -> !xf.cache<2 x 4 x 16, f32>
      %a = xf.attention %q cache(%cn[%layer], %past) alibi = #xf.alibi<max_bias = 8.0> heads = 4 scale = 0.25
        mask = causal
        : (tensor<?x?x64xf32>, !xf.cache<2 x 4 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
      %w_o = xf.load_weight @o[%layer] : tensor<64x64xf32>
      %o = xf.linear %a, %w_o : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %h1 = xf.add %h, %o : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>

      %w_norm2 = xf.load_weight @norm2[%layer] : tensor<64xf32>
      %n2 = xf.layer_norm %h1, %w_norm2 eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %w_up = xf.load_weight @up[%layer] : tensor<256x64xf32>
      %u = xf.linear %n2, %w_up : (tensor<?x?x64xf32>, tensor<256x64xf32>) -> tensor<?x?x256xf32>
      %g = xf.activation gelu %u : (tensor<?x?x256xf32>) -> tensor<?x?x256xf32>
      %w_down = xf.load_weight @down[%layer] : tensor<64x256xf32>
      %d = xf.linear %g, %w_down : (tensor<?x?x256xf32>, tensor<64x256xf32>) -> tensor<?x?x64xf32>
      %h2 = xf.add %h1, %d : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %h2, %cn : tensor<?x?x64xf32>, !xf.cache<2 x 4 x 16, f32>
    }
    %last = xf.select_rows %y, %rows : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
    %w_final_norm = xf.load_weight @final_norm : tensor<64xf32>
    %f = xf.layer_norm %last, %w_final_norm eps = 1.0e-5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %logits = xf.logits %f, %w_embedding : (tensor<?x64xf32>, tensor<320x64xf32>) -> tensor<?x320xf32>
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
