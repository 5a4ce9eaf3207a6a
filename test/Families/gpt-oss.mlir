// A gpt-oss of two layers written by hand (sinks, a window in every other layer, YaRN, experts of which gate and up are interleaved), with the
// weights of a checkpoint of transformers, gives the logits that transformers computed.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=main --inputs=%ph_reference/models/gpt-oss/expected.safetensors \
// RUN:   --weights=%ph_reference/models/gpt-oss/model.safetensors \
// RUN:   --expect=%ph_reference/models/gpt-oss/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: logits: largest error {{.*}} of 7680 values
//
// Gate and up one after the other are noticed.
// RUN: sed 's/interleaved<0, 2>/part<0, 2>/' %s > %t.mlir
// RUN: not ph-opt %t.mlir --run=main --inputs=%ph_reference/models/gpt-oss/expected.safetensors \
// RUN:   --weights=%ph_reference/models/gpt-oss/model.safetensors \
// RUN:   --expect=%ph_reference/models/gpt-oss/expected.safetensors --atol=1e-4 --rtol=0 2>&1 \
// RUN:   | FileCheck %s --check-prefix=WRONG
// WRONG: error: expects 'logits' at
//
// Grouped by expert, it gives the same.
// RUN: ph-opt %s --xf-group-experts -o %t.grouped.mlir
// RUN: FileCheck %s --check-prefix=GROUPED --input-file=%t.grouped.mlir
// RUN: ph-opt %t.grouped.mlir --run=main --inputs=%ph_reference/models/gpt-oss/expected.safetensors \
// RUN:   --weights=%ph_reference/models/gpt-oss/model.safetensors \
// RUN:   --expect=%ph_reference/models/gpt-oss/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// GROUPED: xf.grouped_linear
// GROUPED: xf.scatter_combine
// RUN: ph-opt %s --verify-values=1 --xf-group-experts -o /dev/null 2>&1 | FileCheck %s --check-prefix=VERIFIED
// VERIFIED: 1 changed the IR; 1 functions × samples = {{[1-9][0-9]*}} comparisons, 0 differences

module @gpt_oss attributes {xf.model = {architecture = "gpt_oss", name = "tiny", vocabulary = 320, context_length = 256,
                                      layers = 2}} {
  xf.weight @embedding : tensor<320x64xf32> sources [#xf.source<"model.embed_tokens.weight">]
  xf.weight @attention_norm : tensor<2x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.input_layernorm.weight">]
  xf.weight @q : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.q_proj.weight">]
  xf.weight @q_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.q_proj.bias">]
  xf.weight @k : tensor<2x32x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.k_proj.weight">]
  xf.weight @k_bias : tensor<2x32xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.k_proj.bias">]
  xf.weight @v : tensor<2x32x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.v_proj.weight">]
  xf.weight @v_bias : tensor<2x32xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.v_proj.bias">]
  xf.weight @o : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.o_proj.weight">]
  xf.weight @o_bias : tensor<2x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.o_proj.bias">]
  xf.weight @sinks : tensor<2x4xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.sinks">]
  xf.weight @mlp_norm : tensor<2x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.post_attention_layernorm.weight">]
  xf.weight @router : tensor<2x4x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.router.weight">]
  xf.weight @router_bias : tensor<2x4xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.router.bias">]
  xf.weight @gate : tensor<2x4x160x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.experts.gate_up_proj", transposed, interleaved<0, 2>>]
  xf.weight @gate_bias : tensor<2x4x160xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.experts.gate_up_proj_bias", interleaved<0, 2>>]
  xf.weight @up : tensor<2x4x160x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.experts.gate_up_proj", transposed, interleaved<1, 2>>]
  xf.weight @up_bias : tensor<2x4x160xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.experts.gate_up_proj_bias", interleaved<1, 2>>]
  xf.weight @down : tensor<2x4x64x160xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.experts.down_proj", transposed>]
  xf.weight @down_bias : tensor<2x4x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.experts.down_proj_bias">]
  xf.weight @final_norm : tensor<64xf32> sources [#xf.source<"model.norm.weight">]
  xf.weight @head : tensor<320x64xf32> sources [#xf.source<"lm_head.weight">]

  func.func @forward(%tokens: tensor<?x?xi32>, %past: tensor<?xi32>, %rows: tensor<?xi32>, %cache: !xf.cache<2 x 2 x 16, f32>)
      -> (tensor<?x320xf32>, !xf.cache<2 x 2 x 16, f32>) {
    %table = xf.load_weight @embedding : tensor<320x64xf32>
    %x = xf.embedding %tokens, %table : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    // Layers alternate: one sees a window, one everything.
    %x0, %c0 = xf.repeat %layer = 1 iter(%h = %x, %c = %cache) : tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32> {
      %wn = xf.load_weight @attention_norm[%layer] : tensor<64xf32>
      %wq = xf.load_weight @q[%layer] : tensor<64x64xf32>
      %bq = xf.load_weight @q_bias[%layer] : tensor<64xf32>
      %wk = xf.load_weight @k[%layer] : tensor<32x64xf32>
      %bk = xf.load_weight @k_bias[%layer] : tensor<32xf32>
      %wv = xf.load_weight @v[%layer] : tensor<32x64xf32>
      %bv = xf.load_weight @v_bias[%layer] : tensor<32xf32>
      %wo = xf.load_weight @o[%layer] : tensor<64x64xf32>
      %bo = xf.load_weight @o_bias[%layer] : tensor<64xf32>
      %ws = xf.load_weight @sinks[%layer] : tensor<4xf32>
      %n = xf.rms_norm %h, %wn eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %q = xf.linear %n, %wq bias %bq : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %k = xf.linear %n, %wk bias %bk : (tensor<?x?x64xf32>, tensor<32x64xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
      %v = xf.linear %n, %wv bias %bv : (tensor<?x?x64xf32>, tensor<32x64xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
      %rq = xf.rope %q, %positions
        rope = #xf.rope<dim = 16, base = 1.0e4, style = half, scaling = yarn, factor = 4.0, original = 64> heads = 4
        : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
      %rk = xf.rope %k, %positions
        rope = #xf.rope<dim = 16, base = 1.0e4, style = half, scaling = yarn, factor = 4.0, original = 64> heads = 2
        : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
      %cn = xf.cache_append %c[%layer], %rk, %v, %past
        : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 16, f32>
      %a = xf.attention %rq cache(%cn[%layer], %past) sinks(%ws) heads = 4 scale = 0.25 mask = causal window = 5
        : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>, tensor<4xf32>) -> tensor<?x?x64xf32>
      %p = xf.linear %a, %wo bias %bo : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %h1 = xf.add %h, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %wm = xf.load_weight @mlp_norm[%layer] : tensor<64xf32>
      %wr = xf.load_weight @router[%layer] : tensor<4x64xf32>
      %br = xf.load_weight @router_bias[%layer] : tensor<4xf32>
      %wg = xf.load_weight @gate[%layer] : tensor<4x160x64xf32>
      %bg = xf.load_weight @gate_bias[%layer] : tensor<4x160xf32>
      %wu = xf.load_weight @up[%layer] : tensor<4x160x64xf32>
      %bu = xf.load_weight @up_bias[%layer] : tensor<4x160xf32>
      %wd = xf.load_weight @down[%layer] : tensor<4x64x160xf32>
      %bd = xf.load_weight @down_bias[%layer] : tensor<4x64xf32>
      %m = xf.rms_norm %h1, %wm eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %z = xf.linear %m, %wr bias %br : (tensor<?x?x64xf32>, tensor<4x64xf32>, tensor<4xf32>) -> tensor<?x?x4xf32>
      %weights, %experts = xf.router softmax %z top_k = 2 after_top_k
        : (tensor<?x?x4xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
      %g = xf.expert_linear %m, %wg, %experts bias %bg
        : (tensor<?x?x64xf32>, tensor<4x160x64xf32>, tensor<?x?x2xi32>, tensor<4x160xf32>) -> tensor<?x?x2x160xf32>
      %u = xf.expert_linear %m, %wu, %experts bias %bu
        : (tensor<?x?x64xf32>, tensor<4x160x64xf32>, tensor<?x?x2xi32>, tensor<4x160xf32>) -> tensor<?x?x2x160xf32>
      %s = xf.gated_activation quick_gelu %g, %u limit = 7.0 up_offset = 1.0
        : (tensor<?x?x2x160xf32>, tensor<?x?x2x160xf32>) -> tensor<?x?x2x160xf32>
      %e = xf.expert_linear %s, %wd, %experts bias %bd
        : (tensor<?x?x2x160xf32>, tensor<4x64x160xf32>, tensor<?x?x2xi32>, tensor<4x64xf32>) -> tensor<?x?x2x64xf32>
      %routed = xf.combine_experts %e, %weights : (tensor<?x?x2x64xf32>, tensor<?x?x2xf32>) -> tensor<?x?x64xf32>
      %h2 = xf.add %h1, %routed : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %h2, %cn : tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>
    }
    %y, %new = xf.repeat %layer = 1 iter(%h = %x0, %c = %c0) : tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32> {
      %second = arith.constant 1 : index
      %at = arith.addi %layer, %second : index
      %wn = xf.load_weight @attention_norm[%at] : tensor<64xf32>
      %wq = xf.load_weight @q[%at] : tensor<64x64xf32>
      %bq = xf.load_weight @q_bias[%at] : tensor<64xf32>
      %wk = xf.load_weight @k[%at] : tensor<32x64xf32>
      %bk = xf.load_weight @k_bias[%at] : tensor<32xf32>
      %wv = xf.load_weight @v[%at] : tensor<32x64xf32>
      %bv = xf.load_weight @v_bias[%at] : tensor<32xf32>
      %wo = xf.load_weight @o[%at] : tensor<64x64xf32>
      %bo = xf.load_weight @o_bias[%at] : tensor<64xf32>
      %ws = xf.load_weight @sinks[%at] : tensor<4xf32>
      %n = xf.rms_norm %h, %wn eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %q = xf.linear %n, %wq bias %bq : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %k = xf.linear %n, %wk bias %bk : (tensor<?x?x64xf32>, tensor<32x64xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
      %v = xf.linear %n, %wv bias %bv : (tensor<?x?x64xf32>, tensor<32x64xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
      %rq = xf.rope %q, %positions
        rope = #xf.rope<dim = 16, base = 1.0e4, style = half, scaling = yarn, factor = 4.0, original = 64> heads = 4
        : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
      %rk = xf.rope %k, %positions
        rope = #xf.rope<dim = 16, base = 1.0e4, style = half, scaling = yarn, factor = 4.0, original = 64> heads = 2
        : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
      %cn = xf.cache_append %c[%at], %rk, %v, %past
        : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 16, f32>
      %a = xf.attention %rq cache(%cn[%at], %past) sinks(%ws) heads = 4 scale = 0.25 mask = causal
        : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>, tensor<4xf32>) -> tensor<?x?x64xf32>
      %p = xf.linear %a, %wo bias %bo : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %h1 = xf.add %h, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %wm = xf.load_weight @mlp_norm[%at] : tensor<64xf32>
      %wr = xf.load_weight @router[%at] : tensor<4x64xf32>
      %br = xf.load_weight @router_bias[%at] : tensor<4xf32>
      %wg = xf.load_weight @gate[%at] : tensor<4x160x64xf32>
      %bg = xf.load_weight @gate_bias[%at] : tensor<4x160xf32>
      %wu = xf.load_weight @up[%at] : tensor<4x160x64xf32>
      %bu = xf.load_weight @up_bias[%at] : tensor<4x160xf32>
      %wd = xf.load_weight @down[%at] : tensor<4x64x160xf32>
      %bd = xf.load_weight @down_bias[%at] : tensor<4x64xf32>
      %m = xf.rms_norm %h1, %wm eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %z = xf.linear %m, %wr bias %br : (tensor<?x?x64xf32>, tensor<4x64xf32>, tensor<4xf32>) -> tensor<?x?x4xf32>
      %weights, %experts = xf.router softmax %z top_k = 2 after_top_k
        : (tensor<?x?x4xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
      %g = xf.expert_linear %m, %wg, %experts bias %bg
        : (tensor<?x?x64xf32>, tensor<4x160x64xf32>, tensor<?x?x2xi32>, tensor<4x160xf32>) -> tensor<?x?x2x160xf32>
      %u = xf.expert_linear %m, %wu, %experts bias %bu
        : (tensor<?x?x64xf32>, tensor<4x160x64xf32>, tensor<?x?x2xi32>, tensor<4x160xf32>) -> tensor<?x?x2x160xf32>
      %s = xf.gated_activation quick_gelu %g, %u limit = 7.0 up_offset = 1.0
        : (tensor<?x?x2x160xf32>, tensor<?x?x2x160xf32>) -> tensor<?x?x2x160xf32>
      %e = xf.expert_linear %s, %wd, %experts bias %bd
        : (tensor<?x?x2x160xf32>, tensor<4x64x160xf32>, tensor<?x?x2xi32>, tensor<4x64xf32>) -> tensor<?x?x2x64xf32>
      %routed = xf.combine_experts %e, %weights : (tensor<?x?x2x64xf32>, tensor<?x?x2xf32>) -> tensor<?x?x64xf32>
      %h2 = xf.add %h1, %routed : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %h2, %cn : tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>
    }
    %wf = xf.load_weight @final_norm : tensor<64xf32>
    %wh = xf.load_weight @head : tensor<320x64xf32>
    %last = xf.select_rows %y, %rows : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
    %f = xf.rms_norm %last, %wf eps = 1.0e-5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
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
