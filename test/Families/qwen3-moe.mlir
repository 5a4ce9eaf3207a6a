// A Qwen3-MoE of two layers written by hand (each head of queries and keys is normalized, and what experts weigh too), with the weights
// of a checkpoint of transformers, gives the logits that transformers computed.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=main --inputs=%ph_reference/models/qwen3-moe/expected.safetensors \
// RUN:   --weights=%ph_reference/models/qwen3-moe/model.safetensors \
// RUN:   --expect=%ph_reference/models/qwen3-moe/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: logits: largest error {{.*}} of 7680 values
//
// Weights that don't sum up to 1 are noticed.
// RUN: sed 's/ normalize//' %s > %t.mlir
// RUN: not ph-opt %t.mlir --run=main --inputs=%ph_reference/models/qwen3-moe/expected.safetensors \
// RUN:   --weights=%ph_reference/models/qwen3-moe/model.safetensors \
// RUN:   --expect=%ph_reference/models/qwen3-moe/expected.safetensors --atol=1e-4 --rtol=0 2>&1 \
// RUN:   | FileCheck %s --check-prefix=WRONG
// WRONG: error: expects 'logits' at
//
// Grouped by expert, it gives the same.
// RUN: ph-opt %s --xf-group-experts -o %t.grouped.mlir
// RUN: FileCheck %s --check-prefix=GROUPED --input-file=%t.grouped.mlir
// RUN: ph-opt %t.grouped.mlir --run=main --inputs=%ph_reference/models/qwen3-moe/expected.safetensors \
// RUN:   --weights=%ph_reference/models/qwen3-moe/model.safetensors \
// RUN:   --expect=%ph_reference/models/qwen3-moe/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// GROUPED: xf.grouped_linear
// GROUPED: xf.scatter_combine
// RUN: ph-opt %s --verify-values=1 --xf-group-experts -o /dev/null 2>&1 | FileCheck %s --check-prefix=VERIFIED
// VERIFIED: 1 changed the IR; 1 functions × samples = {{[1-9][0-9]*}} comparisons, 0 differences

module @qwen3_moe attributes {xf.model = {architecture = "qwen3_moe", name = "tiny", vocabulary = 320, context_length = 256,
                                      layers = 2}} {
  xf.weight @embedding : tensor<320x64xf32> sources [#xf.source<"model.embed_tokens.weight">]
  xf.weight @attention_norm : tensor<2x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.input_layernorm.weight">]
  xf.weight @q : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.q_proj.weight">]
  xf.weight @k : tensor<2x32x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.k_proj.weight">]
  xf.weight @v : tensor<2x32x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.v_proj.weight">]
  xf.weight @o : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.o_proj.weight">]
  xf.weight @q_norm : tensor<2x16xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.q_norm.weight">]
  xf.weight @k_norm : tensor<2x16xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.k_norm.weight">]
  xf.weight @mlp_norm : tensor<2x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.post_attention_layernorm.weight">]
  xf.weight @router : tensor<2x8x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.gate.weight">]
  xf.weight @gate : tensor<2x8x48x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.experts.{expert}.gate_proj.weight">]
  xf.weight @up : tensor<2x8x48x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.experts.{expert}.up_proj.weight">]
  xf.weight @down : tensor<2x8x64x48xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.experts.{expert}.down_proj.weight">]
  xf.weight @final_norm : tensor<64xf32> sources [#xf.source<"model.norm.weight">]
  xf.weight @head : tensor<320x64xf32> sources [#xf.source<"lm_head.weight">]

  func.func @forward(%tokens: tensor<?x?xi32>, %past: tensor<?xi32>, %rows: tensor<?xi32>, %cache: !xf.cache<2 x 2 x 16, f32>)
      -> (tensor<?x320xf32>, !xf.cache<2 x 2 x 16, f32>) {
    %table = xf.load_weight @embedding : tensor<320x64xf32>
    %x = xf.embedding %tokens, %table : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %y, %new = xf.repeat %layer = 2 iter(%h = %x, %c = %cache) : tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32> {
      %wn = xf.load_weight @attention_norm[%layer] : tensor<64xf32>
      %wq = xf.load_weight @q[%layer] : tensor<64x64xf32>
      %wk = xf.load_weight @k[%layer] : tensor<32x64xf32>
      %wv = xf.load_weight @v[%layer] : tensor<32x64xf32>
      %wo = xf.load_weight @o[%layer] : tensor<64x64xf32>
      %wqn = xf.load_weight @q_norm[%layer] : tensor<16xf32>
      %wkn = xf.load_weight @k_norm[%layer] : tensor<16xf32>
      %n = xf.rms_norm %h, %wn eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %q = xf.linear %n, %wq : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %k = xf.linear %n, %wk : (tensor<?x?x64xf32>, tensor<32x64xf32>) -> tensor<?x?x32xf32>
      %v = xf.linear %n, %wv : (tensor<?x?x64xf32>, tensor<32x64xf32>) -> tensor<?x?x32xf32>
      %nq = xf.rms_norm %q, %wqn eps = 1.0e-6 heads = 4 : (tensor<?x?x64xf32>, tensor<16xf32>) -> tensor<?x?x64xf32>
      %nk = xf.rms_norm %k, %wkn eps = 1.0e-6 heads = 2 : (tensor<?x?x32xf32>, tensor<16xf32>) -> tensor<?x?x32xf32>
      %rq = xf.rope %nq, %positions rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 4
          : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
      %rk = xf.rope %nk, %positions rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 2
          : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
      %cn = xf.cache_append %c[%layer], %rk, %v, %past
        : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 16, f32>
      %a = xf.attention %rq cache(%cn[%layer], %past) heads = 4 scale = 0.25 mask = causal
        : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
      %p = xf.linear %a, %wo : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %h1 = xf.add %h, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %wm = xf.load_weight @mlp_norm[%layer] : tensor<64xf32>
      %wr = xf.load_weight @router[%layer] : tensor<8x64xf32>
      %wg = xf.load_weight @gate[%layer] : tensor<8x48x64xf32>
      %wu = xf.load_weight @up[%layer] : tensor<8x48x64xf32>
      %wd = xf.load_weight @down[%layer] : tensor<8x64x48xf32>
      %m = xf.rms_norm %h1, %wm eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %z = xf.linear %m, %wr : (tensor<?x?x64xf32>, tensor<8x64xf32>) -> tensor<?x?x8xf32>
      %weights, %experts = xf.router softmax %z top_k = 2 normalize
        : (tensor<?x?x8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
      %g = xf.expert_linear %m, %wg, %experts
        : (tensor<?x?x64xf32>, tensor<8x48x64xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x48xf32>
      %u = xf.expert_linear %m, %wu, %experts
        : (tensor<?x?x64xf32>, tensor<8x48x64xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x48xf32>
      %s = xf.gated_activation silu %g, %u : (tensor<?x?x2x48xf32>, tensor<?x?x2x48xf32>) -> tensor<?x?x2x48xf32>
      %e = xf.expert_linear %s, %wd, %experts
        : (tensor<?x?x2x48xf32>, tensor<8x64x48xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x64xf32>
      %routed = xf.combine_experts %e, %weights : (tensor<?x?x2x64xf32>, tensor<?x?x2xf32>) -> tensor<?x?x64xf32>
      %h2 = xf.add %h1, %routed : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %h2, %cn : tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>
    }
    %wf = xf.load_weight @final_norm : tensor<64xf32>
    %wh = xf.load_weight @head : tensor<320x64xf32>
    %last = xf.select_rows %y, %rows : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
    %f = xf.rms_norm %last, %wf eps = 1.0e-6 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %logits = xf.logits %f, %wh : (tensor<?x64xf32>, tensor<320x64xf32>) -> tensor<?x320xf32>
    return %logits, %new : tensor<?x320xf32>, !xf.cache<2 x 2 x 16, f32>
  }

  // Both sequences of the expected data from their beginning, every row of them.
  func.func @main(%tokens: tensor<?x?xi32> {xf.name = "input_ids"}, %cache: !xf.cache<2 x 2 x 16, f32>)
      -> (tensor<?x320xf32> {xf.name = "logits"}) {
    %zeros = arith.constant dense<0> : tensor<2xi32>
    %all = arith.constant dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]>
      : tensor<24xi32>
    %past = tensor.cast %zeros : tensor<2xi32> to tensor<?xi32>
    %rows = tensor.cast %all : tensor<24xi32> to tensor<?xi32>
    %logits, %new = call @forward(%tokens, %past, %rows, %cache)
      : (tensor<?x?xi32>, tensor<?xi32>, tensor<?xi32>, !xf.cache<2 x 2 x 16, f32>)
      -> (tensor<?x320xf32>, !xf.cache<2 x 2 x 16, f32>)
    return %logits : tensor<?x320xf32>
  }
}
