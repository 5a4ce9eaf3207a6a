// A DeepSeek-V3 written by hand (latent attention, one dense layer, one with experts in groups and a shared expert), with the weights of a
// checkpoint of transformers, gives the logits that transformers computed.
//
// REQUIRES: reference
// RUN: ph-opt %s --run=main --inputs=%ph_reference/models/deepseek-v3/expected.safetensors \
// RUN:   --weights=%ph_reference/models/deepseek-v3/model.safetensors \
// RUN:   --expect=%ph_reference/models/deepseek-v3/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// CHECK: logits: largest error {{.*}} of 7680 values
//
// Experts of all groups are noticed.
// RUN: sed 's/group_top_k = 1/group_top_k = 2/' %s > %t.mlir
// RUN: not ph-opt %t.mlir --run=main --inputs=%ph_reference/models/deepseek-v3/expected.safetensors \
// RUN:   --weights=%ph_reference/models/deepseek-v3/model.safetensors \
// RUN:   --expect=%ph_reference/models/deepseek-v3/expected.safetensors --atol=1e-4 --rtol=0 2>&1 \
// RUN:   | FileCheck %s --check-prefix=WRONG
// WRONG: error: expects 'logits' at
//
// Grouped by expert, it gives the same.
// RUN: ph-opt %s --xf-group-experts -o %t.grouped.mlir
// RUN: FileCheck %s --check-prefix=GROUPED --input-file=%t.grouped.mlir
// RUN: ph-opt %t.grouped.mlir --run=main --inputs=%ph_reference/models/deepseek-v3/expected.safetensors \
// RUN:   --weights=%ph_reference/models/deepseek-v3/model.safetensors \
// RUN:   --expect=%ph_reference/models/deepseek-v3/expected.safetensors --atol=1e-4 --rtol=0 | FileCheck %s
// GROUPED: xf.grouped_linear
// GROUPED: xf.scatter_combine
// RUN: ph-opt %s --verify-values=1 --xf-group-experts -o /dev/null 2>&1 | FileCheck %s --check-prefix=VERIFIED
// VERIFIED: 1 changed the IR; 1 functions × samples = {{[1-9][0-9]*}} comparisons, 0 differences

module @deepseek_v3 attributes {xf.model = {architecture = "deepseek_v3", name = "tiny", vocabulary = 320, context_length = 256,
                                      layers = 2}} {
  xf.weight @embedding : tensor<320x64xf32> sources [#xf.source<"model.embed_tokens.weight">]
  xf.weight @attention_norm : tensor<2x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.input_layernorm.weight">]
  xf.weight @q_a : tensor<2x24x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.q_a_proj.weight">]
  xf.weight @q_a_norm : tensor<2x24xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.q_a_layernorm.weight">]
  xf.weight @q_b : tensor<2x64x24xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.q_b_proj.weight">]
  xf.weight @kv_a : tensor<2x24x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.kv_a_proj_with_mqa.weight">]
  xf.weight @kv_a_norm : tensor<2x16xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.kv_a_layernorm.weight">]
  xf.weight @kv_b : tensor<2x96x16xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.kv_b_proj.weight">]
  xf.weight @o : tensor<2x64x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.self_attn.o_proj.weight">]
  xf.weight @mlp_norm : tensor<2x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.post_attention_layernorm.weight">]
  xf.weight @dense_gate : tensor<1x160x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.gate_proj.weight">]
  xf.weight @dense_up : tensor<1x160x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.up_proj.weight">]
  xf.weight @dense_down : tensor<1x64x160xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.down_proj.weight">]
  xf.weight @router : tensor<1x8x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.gate.weight", first = 1>]
  xf.weight @gate : tensor<1x8x48x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.experts.{expert}.gate_proj.weight", first = 1>]
  xf.weight @up : tensor<1x8x48x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.experts.{expert}.up_proj.weight", first = 1>]
  xf.weight @down : tensor<1x8x64x48xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.experts.{expert}.down_proj.weight", first = 1>]
  xf.weight @correction : tensor<1x8xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.gate.e_score_correction_bias", first = 1>]
  xf.weight @shared_gate : tensor<1x48x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.shared_experts.gate_proj.weight", first = 1>]
  xf.weight @shared_up : tensor<1x48x64xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.shared_experts.up_proj.weight", first = 1>]
  xf.weight @shared_down : tensor<1x64x48xf32> stacked sources [
    #xf.source<"model.layers.{layer}.mlp.shared_experts.down_proj.weight", first = 1>]
  xf.weight @final_norm : tensor<64xf32> sources [#xf.source<"model.norm.weight">]
  xf.weight @head : tensor<320x64xf32> sources [#xf.source<"lm_head.weight">]

  func.func @forward(%tokens: tensor<?x?xi32>, %past: tensor<?xi32>, %rows: tensor<?xi32>, %cache: !xf.cache<2 x 4 x 16, f32>)
      -> (tensor<?x320xf32>, !xf.cache<2 x 4 x 16, f32>) {
    %table = xf.load_weight @embedding : tensor<320x64xf32>
    %x = xf.embedding %tokens, %table : (tensor<?x?xi32>, tensor<320x64xf32>) -> tensor<?x?x64xf32>
    %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %x0, %c0 = xf.repeat %layer = 1 iter(%h = %x, %c = %cache) : tensor<?x?x64xf32>, !xf.cache<2 x 4 x 16, f32> {
      %wn = xf.load_weight @attention_norm[%layer] : tensor<64xf32>
      %wqa = xf.load_weight @q_a[%layer] : tensor<24x64xf32>
      %wqn = xf.load_weight @q_a_norm[%layer] : tensor<24xf32>
      %wqb = xf.load_weight @q_b[%layer] : tensor<64x24xf32>
      %wkva = xf.load_weight @kv_a[%layer] : tensor<24x64xf32>
      %wkvn = xf.load_weight @kv_a_norm[%layer] : tensor<16xf32>
      %wkvb = xf.load_weight @kv_b[%layer] : tensor<96x16xf32>
      %wo = xf.load_weight @o[%layer] : tensor<64x64xf32>
      %wm = xf.load_weight @mlp_norm[%layer] : tensor<64xf32>
      %n = xf.rms_norm %h, %wn eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %qa = xf.linear %n, %wqa : (tensor<?x?x64xf32>, tensor<24x64xf32>) -> tensor<?x?x24xf32>
      %qn = xf.rms_norm %qa, %wqn eps = 1.0e-6 : (tensor<?x?x24xf32>, tensor<24xf32>) -> tensor<?x?x24xf32>
      %q = xf.linear %qn, %wqb : (tensor<?x?x24xf32>, tensor<64x24xf32>) -> tensor<?x?x64xf32>
      %qnope, %qrot = xf.split_heads %q heads = 4 : (tensor<?x?x64xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>)
      %kva = xf.linear %n, %wkva : (tensor<?x?x64xf32>, tensor<24x64xf32>) -> tensor<?x?x24xf32>
      %latent, %krot = xf.split %kva : (tensor<?x?x24xf32>) -> (tensor<?x?x16xf32>, tensor<?x?x8xf32>)
      %ln = xf.rms_norm %latent, %wkvn eps = 1.0e-6 : (tensor<?x?x16xf32>, tensor<16xf32>) -> tensor<?x?x16xf32>
      %kv = xf.linear %ln, %wkvb : (tensor<?x?x16xf32>, tensor<96x16xf32>) -> tensor<?x?x96xf32>
      %knope, %v = xf.split_heads %kv heads = 4 : (tensor<?x?x96xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x64xf32>)
      %rq = xf.rope %qrot, %positions rope = #xf.rope<dim = 8, base = 1.0e4, style = interleaved> heads = 4
          : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
      %rk = xf.rope %krot, %positions rope = #xf.rope<dim = 8, base = 1.0e4, style = interleaved> heads = 1
          : (tensor<?x?x8xf32>, tensor<?x?xi32>) -> tensor<?x?x8xf32>
      %qj = xf.join_heads %qnope, %rq heads = 4 : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x64xf32>
      %kj = xf.join_heads %knope, %rk heads = 4 shared = [1] : (tensor<?x?x32xf32>, tensor<?x?x8xf32>) -> tensor<?x?x64xf32>
      %cn = xf.cache_append %c[%layer], %kj, %v, %past
        : (!xf.cache<2 x 4 x 16, f32>, index, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?xi32>) -> !xf.cache<2 x 4 x 16, f32>
      %a = xf.attention %qj cache(%cn[%layer], %past) heads = 4 scale = 0.25 mask = causal
        : (tensor<?x?x64xf32>, !xf.cache<2 x 4 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
      %p = xf.linear %a, %wo : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %h1 = xf.add %h, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %m = xf.rms_norm %h1, %wm eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %wdg = xf.load_weight @dense_gate[%layer] : tensor<160x64xf32>
      %wdu = xf.load_weight @dense_up[%layer] : tensor<160x64xf32>
      %wdd = xf.load_weight @dense_down[%layer] : tensor<64x160xf32>
      %dh = xf.gated_linear silu %m, %wdg, %wdu : (tensor<?x?x64xf32>, tensor<160x64xf32>, tensor<160x64xf32>) -> tensor<?x?x160xf32>
      %d = xf.linear %dh, %wdd : (tensor<?x?x160xf32>, tensor<64x160xf32>) -> tensor<?x?x64xf32>
      %h2 = xf.add %h1, %d : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %h2, %cn : tensor<?x?x64xf32>, !xf.cache<2 x 4 x 16, f32>
    }
    %y, %new = xf.repeat %layer = 1 iter(%h = %x0, %c = %c0) : tensor<?x?x64xf32>, !xf.cache<2 x 4 x 16, f32> {
      %dense = arith.constant 1 : index
      %at = arith.addi %layer, %dense : index
      %wn = xf.load_weight @attention_norm[%at] : tensor<64xf32>
      %wqa = xf.load_weight @q_a[%at] : tensor<24x64xf32>
      %wqn = xf.load_weight @q_a_norm[%at] : tensor<24xf32>
      %wqb = xf.load_weight @q_b[%at] : tensor<64x24xf32>
      %wkva = xf.load_weight @kv_a[%at] : tensor<24x64xf32>
      %wkvn = xf.load_weight @kv_a_norm[%at] : tensor<16xf32>
      %wkvb = xf.load_weight @kv_b[%at] : tensor<96x16xf32>
      %wo = xf.load_weight @o[%at] : tensor<64x64xf32>
      %wm = xf.load_weight @mlp_norm[%at] : tensor<64xf32>
      %n = xf.rms_norm %h, %wn eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %qa = xf.linear %n, %wqa : (tensor<?x?x64xf32>, tensor<24x64xf32>) -> tensor<?x?x24xf32>
      %qn = xf.rms_norm %qa, %wqn eps = 1.0e-6 : (tensor<?x?x24xf32>, tensor<24xf32>) -> tensor<?x?x24xf32>
      %q = xf.linear %qn, %wqb : (tensor<?x?x24xf32>, tensor<64x24xf32>) -> tensor<?x?x64xf32>
      %qnope, %qrot = xf.split_heads %q heads = 4 : (tensor<?x?x64xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>)
      %kva = xf.linear %n, %wkva : (tensor<?x?x64xf32>, tensor<24x64xf32>) -> tensor<?x?x24xf32>
      %latent, %krot = xf.split %kva : (tensor<?x?x24xf32>) -> (tensor<?x?x16xf32>, tensor<?x?x8xf32>)
      %ln = xf.rms_norm %latent, %wkvn eps = 1.0e-6 : (tensor<?x?x16xf32>, tensor<16xf32>) -> tensor<?x?x16xf32>
      %kv = xf.linear %ln, %wkvb : (tensor<?x?x16xf32>, tensor<96x16xf32>) -> tensor<?x?x96xf32>
      %knope, %v = xf.split_heads %kv heads = 4 : (tensor<?x?x96xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x64xf32>)
      %rq = xf.rope %qrot, %positions rope = #xf.rope<dim = 8, base = 1.0e4, style = interleaved> heads = 4
          : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
      %rk = xf.rope %krot, %positions rope = #xf.rope<dim = 8, base = 1.0e4, style = interleaved> heads = 1
          : (tensor<?x?x8xf32>, tensor<?x?xi32>) -> tensor<?x?x8xf32>
      %qj = xf.join_heads %qnope, %rq heads = 4 : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x64xf32>
      %kj = xf.join_heads %knope, %rk heads = 4 shared = [1] : (tensor<?x?x32xf32>, tensor<?x?x8xf32>) -> tensor<?x?x64xf32>
      %cn = xf.cache_append %c[%at], %kj, %v, %past
        : (!xf.cache<2 x 4 x 16, f32>, index, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?xi32>) -> !xf.cache<2 x 4 x 16, f32>
      %a = xf.attention %qj cache(%cn[%at], %past) heads = 4 scale = 0.25 mask = causal
        : (tensor<?x?x64xf32>, !xf.cache<2 x 4 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
      %p = xf.linear %a, %wo : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %h1 = xf.add %h, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %m = xf.rms_norm %h1, %wm eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %wr = xf.load_weight @router[%layer] : tensor<8x64xf32>
      %wg = xf.load_weight @gate[%layer] : tensor<8x48x64xf32>
      %wu = xf.load_weight @up[%layer] : tensor<8x48x64xf32>
      %wd = xf.load_weight @down[%layer] : tensor<8x64x48xf32>
      %correct = xf.load_weight @correction[%layer] : tensor<8xf32>
      %z = xf.linear %m, %wr : (tensor<?x?x64xf32>, tensor<8x64xf32>) -> tensor<?x?x8xf32>
      %weights, %experts = xf.router sigmoid %z bias %correct top_k = 2 groups = 2 group_top_k = 1 normalize scale = 2.5
        : (tensor<?x?x8xf32>, tensor<8xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
      %g = xf.expert_linear %m, %wg, %experts
        : (tensor<?x?x64xf32>, tensor<8x48x64xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x48xf32>
      %u = xf.expert_linear %m, %wu, %experts
        : (tensor<?x?x64xf32>, tensor<8x48x64xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x48xf32>
      %s = xf.gated_activation silu %g, %u : (tensor<?x?x2x48xf32>, tensor<?x?x2x48xf32>) -> tensor<?x?x2x48xf32>
      %e = xf.expert_linear %s, %wd, %experts
        : (tensor<?x?x2x48xf32>, tensor<8x64x48xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x64xf32>
      %routed = xf.combine_experts %e, %weights : (tensor<?x?x2x64xf32>, tensor<?x?x2xf32>) -> tensor<?x?x64xf32>
      %wsg = xf.load_weight @shared_gate[%layer] : tensor<48x64xf32>
      %wsu = xf.load_weight @shared_up[%layer] : tensor<48x64xf32>
      %wsd = xf.load_weight @shared_down[%layer] : tensor<64x48xf32>
      %sh = xf.gated_linear silu %m, %wsg, %wsu : (tensor<?x?x64xf32>, tensor<48x64xf32>, tensor<48x64xf32>) -> tensor<?x?x48xf32>
      %shared = xf.linear %sh, %wsd : (tensor<?x?x48xf32>, tensor<64x48xf32>) -> tensor<?x?x64xf32>
      %mixed = xf.add %routed, %shared : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %h2 = xf.add %h1, %mixed : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %h2, %cn : tensor<?x?x64xf32>, !xf.cache<2 x 4 x 16, f32>
    }
    %wf = xf.load_weight @final_norm : tensor<64xf32>
    %wh = xf.load_weight @head : tensor<320x64xf32>
    %last = xf.select_rows %y, %rows : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
    %f = xf.rms_norm %last, %wf eps = 1.0e-6 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %logits = xf.logits %f, %wh : (tensor<?x64xf32>, tensor<320x64xf32>) -> tensor<?x320xf32>
    return %logits, %new : tensor<?x320xf32>, !xf.cache<2 x 4 x 16, f32>
  }

  // Both sequences of the expected data from their beginning, every row of them.
  func.func @main(%tokens: tensor<?x?xi32> {xf.name = "input_ids"}, %cache: !xf.cache<2 x 4 x 16, f32>)
      -> (tensor<?x320xf32> {xf.name = "logits"}) {
    %zeros = arith.constant dense<0> : tensor<2xi32>
    %all = arith.constant dense<[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]>
      : tensor<24xi32>
    %past = tensor.cast %zeros : tensor<2xi32> to tensor<?xi32>
    %rows = tensor.cast %all : tensor<24xi32> to tensor<?xi32>
    %logits, %new = call @forward(%tokens, %past, %rows, %cache)
      : (tensor<?x?xi32>, tensor<?xi32>, tensor<?xi32>, !xf.cache<2 x 4 x 16, f32>)
      -> (tensor<?x320xf32>, !xf.cache<2 x 4 x 16, f32>)
    return %logits : tensor<?x320xf32>
  }
}
