// A Llama of two layers written by hand that gives each sequence a score, of its last token that is no padding (0).
//
// REQUIRES: reference
// RUN: ph-opt %s --run=forward --inputs=%ph_reference/models/reward-llama/expected.safetensors \
// RUN:   --weights=%ph_reference/models/reward-llama/model.safetensors \
// RUN:   --expect=%ph_reference/models/reward-llama/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: logits: largest error {{.*}} of 2 values

module @reward_llama attributes {xf.model = {
  architecture = "llama", name = "tiny", vocabulary = 320, context_length = 128, layers = 2}} {
  xf.weight @embedding : tensor<320x64xf32> sources [#xf.source<"model.embed_tokens.weight">]
  xf.weight @norm1 : tensor<2x64xf32> stacked sources [#xf.source<"model.layers.{layer}.input_layernorm.weight">]
  xf.weight @q : tensor<2x64x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.q_proj.weight">]
  xf.weight @k : tensor<2x32x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.k_proj.weight">]
  xf.weight @v : tensor<2x32x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.v_proj.weight">]
  xf.weight @o : tensor<2x64x64xf32> stacked sources [#xf.source<"model.layers.{layer}.self_attn.o_proj.weight">]
  xf.weight @norm2 : tensor<2x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.post_attention_layernorm.weight">]
  xf.weight @gate : tensor<2x128x64xf32> stacked sources [#xf.source<"model.layers.{layer}.mlp.gate_proj.weight">]
  xf.weight @up : tensor<2x128x64xf32> stacked sources [#xf.source<"model.layers.{layer}.mlp.up_proj.weight">]
  xf.weight @down : tensor<2x64x128xf32> stacked sources [#xf.source<"model.layers.{layer}.mlp.down_proj.weight">]
  xf.weight @final_norm : tensor<64xf32> sources [#xf.source<"model.norm.weight">]
  xf.weight @score : tensor<1x64xf32> sources [#xf.source<"score.weight">]

  func.func @forward(%tokens: tensor<?x?xi32> {xf.name = "input_ids"}) -> (tensor<?x1xf32> {xf.name = "logits"}) {
    %batch = xf.dim %tokens axis = 0 : (tensor<?x?xi32>) -> index
    %zero = arith.constant dense<0> : tensor<1xi32>
    %past = xf.broadcast %zero [%batch] : (tensor<1xi32>, index) -> tensor<?xi32>
    %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %w_embedding = xf.load_weight @embedding : tensor<320x64xf32>
    %x = xf.embedding %tokens, %w_embedding : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
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
    // Tokens, which are padding where they are 0, say themselves what is valid.
    %last = xf.pool last %y valid(%tokens) : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x64xf32>
    %w_final_norm = xf.load_weight @final_norm : tensor<64xf32>
    %f = xf.rms_norm %last, %w_final_norm eps = 1.0e-6 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %w_score = xf.load_weight @score : tensor<1x64xf32>
    %score = xf.linear %f, %w_score : (tensor<?x64xf32>, tensor<1x64xf32>) -> tensor<?x1xf32>
    return %score : tensor<?x1xf32>
  }
}
