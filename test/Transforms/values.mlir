// A whole model of two layers gives the same values before and after each pass, and after all of them; weights are made from
// the names of their sources, so a pass that arranges them wrongly is seen.
//
// RUN: ph-opt %s --run --dims=tokens=2x5 --seed=7 --outputs=%t.plain.safetensors
// RUN: ph-opt %s --xf-fuse-qkv --run --dims=tokens=2x5 --seed=7 --expect=%t.plain.safetensors --atol=1e-6 --rtol=0
// RUN: ph-opt %s --xf-fuse-gate-up --run --dims=tokens=2x5 --seed=7 --expect=%t.plain.safetensors --atol=1e-6 --rtol=0
// RUN: ph-opt %s --xf-fuse-residual --run --dims=tokens=2x5 --seed=7 --expect=%t.plain.safetensors --atol=1e-6 --rtol=0
// RUN: ph-opt %s --xf-fuse-rope --run --dims=tokens=2x5 --seed=7 --expect=%t.plain.safetensors --atol=1e-6 --rtol=0
// RUN: ph-opt %s --cse --xf-fuse-qkv --xf-fuse-gate-up --xf-fuse-residual --xf-fuse-rope --canonicalize --run --dims=tokens=2x5 --seed=7 \
// RUN:   --expect=%t.plain.safetensors --atol=1e-6 --rtol=0
//
// int8 inputs change values; what follows must not change them further.
// RUN: ph-opt %s --xf-quantize-activations --run --dims=tokens=2x5 --seed=7 --outputs=%t.int8.safetensors
// RUN: not ph-opt %s --run --dims=tokens=2x5 --seed=7 --expect=%t.int8.safetensors --atol=1e-6 --rtol=0
// RUN: ph-opt %s --run --dims=tokens=2x5 --seed=7 --expect=%t.int8.safetensors --atol=0.1 --rtol=0
// RUN: ph-opt %s --xf-quantize-activations --xf-fold-encode --run --dims=tokens=2x5 --seed=7 --expect=%t.int8.safetensors --atol=1e-6 --rtol=0
// RUN: ph-opt %s --xf-fuse-qkv --xf-fuse-gate-up --xf-fuse-residual --xf-fuse-rope --xf-quantize-activations --xf-fold-encode --run \
// RUN:   --dims=tokens=2x5 --seed=7 --expect=%t.int8.safetensors --atol=1e-6 --rtol=0
//
// After all of them, this is what is left of a layer.
// RUN: ph-opt %s --xf-fuse-qkv --xf-fuse-gate-up --xf-fuse-residual --xf-fuse-rope --xf-quantize-activations --xf-fold-encode | FileCheck %s
// CHECK: xf.repeat
// CHECK-NEXT: xf.load_weight @attn_norm
// CHECK-NEXT: xf.rms_norm {{.*}} -> tensor<?x?x64xf32, #xf.format<i8x32>>
// CHECK-NEXT: xf.load_weight @attn_qkv
// CHECK-NEXT: xf.linear
// CHECK-NEXT: xf.split
// CHECK-NEXT: xf.cache_append {{.*}} rope(
// CHECK-NEXT: xf.attention {{.*}} rope({{.*}} -> tensor<?x?x64xf32>
// CHECK-NEXT: xf.load_weight @attn_output
// CHECK-NEXT: xf.encode
// CHECK-NEXT: xf.linear {{.*}} residual
// CHECK-NEXT: xf.load_weight @ffn_norm
// CHECK-NEXT: xf.rms_norm {{.*}} -> tensor<?x?x64xf32, #xf.format<i8x32>>
// CHECK-NEXT: xf.load_weight @ffn_gate
// CHECK-NEXT: xf.load_weight @ffn_up
// CHECK-NEXT: xf.gated_linear silu
// CHECK-NEXT: xf.load_weight @ffn_down
// CHECK-NEXT: xf.encode
// CHECK-NEXT: xf.linear {{.*}} residual
// CHECK-NEXT: xf.yield
module @tiny_llama {
  xf.weight @token_embedding : tensor<40x64xf32, #xf.format<q8_0>> sources [#xf.source<"token_embd.weight">]
  xf.weight @attn_norm : tensor<2x64xf32> stacked sources [#xf.source<"blk.{layer}.attn_norm.weight">]
  xf.weight @attn_q : tensor<2x64x64xf32, #xf.format<q4_1>> stacked sources [#xf.source<"blk.{layer}.attn_q.weight", rope_halves<4>>]
  xf.weight @attn_k : tensor<2x32x64xf32, #xf.format<q4_1>> stacked sources [#xf.source<"blk.{layer}.attn_k.weight", rope_halves<2>>]
  xf.weight @attn_v : tensor<2x32x64xf32, #xf.format<q4_1>> stacked sources [#xf.source<"blk.{layer}.attn_v.weight">]
  xf.weight @attn_output : tensor<2x64x64xf32, #xf.format<q4_1>> stacked sources [#xf.source<"blk.{layer}.attn_output.weight">]
  xf.weight @ffn_norm : tensor<2x64xf32> stacked sources [#xf.source<"blk.{layer}.ffn_norm.weight">]
  xf.weight @ffn_gate : tensor<2x96x64xf32, #xf.format<q4_1>> stacked sources [#xf.source<"blk.{layer}.ffn_gate.weight">]
  xf.weight @ffn_up : tensor<2x96x64xf32, #xf.format<q4_1>> stacked sources [#xf.source<"blk.{layer}.ffn_up.weight">]
  xf.weight @ffn_down : tensor<2x64x96xf32, #xf.format<q4_1>> stacked sources [#xf.source<"blk.{layer}.ffn_down.weight">]
  xf.weight @output_norm : tensor<64xf32> sources [#xf.source<"output_norm.weight">]
  func.func @forward(%tokens: tensor<?x?xi32> {xf.name = "tokens"}, %past: tensor<?xi32> {xf.name = "past"}, %rows: tensor<?xi32> {xf.name = "rows"},
                     %cache: !xf.cache<2 x 2 x 16, f32> {xf.name = "cache"})
      -> (tensor<?x40xf32> {xf.name = "logits"}, !xf.cache<2 x 2 x 16, f32> {xf.name = "cache"}) {
    %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %table = xf.load_weight @token_embedding : tensor<40x64xf32, #xf.format<q8_0>>
    %x = xf.embedding %tokens, %table : (tensor<?x?xi32>, tensor<40x64xf32, #xf.format<q8_0>>) -> tensor<?x?x64xf32>
    %y:2 = xf.repeat %layer = 2 iter(%h = %x, %c = %cache) : tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32> {
      %wn = xf.load_weight @attn_norm[%layer] : tensor<64xf32>
      %n = xf.rms_norm %h, %wn eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %wq = xf.load_weight @attn_q[%layer] : tensor<64x64xf32, #xf.format<q4_1>>
      %q = xf.linear %n, %wq : (tensor<?x?x64xf32>, tensor<64x64xf32, #xf.format<q4_1>>) -> tensor<?x?x64xf32>
      %qr = xf.rope %q, %positions rope = #xf.rope<dim = 16, base = 5.0e4, style = half> heads = 4 : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
      %wk = xf.load_weight @attn_k[%layer] : tensor<32x64xf32, #xf.format<q4_1>>
      %k = xf.linear %n, %wk : (tensor<?x?x64xf32>, tensor<32x64xf32, #xf.format<q4_1>>) -> tensor<?x?x32xf32>
      %kr = xf.rope %k, %positions rope = #xf.rope<dim = 16, base = 5.0e4, style = half> heads = 2 : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
      %wv = xf.load_weight @attn_v[%layer] : tensor<32x64xf32, #xf.format<q4_1>>
      %v = xf.linear %n, %wv : (tensor<?x?x64xf32>, tensor<32x64xf32, #xf.format<q4_1>>) -> tensor<?x?x32xf32>
      %c2 = xf.cache_append %c[%layer], %kr, %v, %past : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 16, f32>
      %a = xf.attention %qr cache(%c2[%layer], %past) heads = 4 scale = 0.25 mask = causal : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
      %wo = xf.load_weight @attn_output[%layer] : tensor<64x64xf32, #xf.format<q4_1>>
      %o = xf.linear %a, %wo : (tensor<?x?x64xf32>, tensor<64x64xf32, #xf.format<q4_1>>) -> tensor<?x?x64xf32>
      %h2 = xf.add %h, %o : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      %wfn = xf.load_weight @ffn_norm[%layer] : tensor<64xf32>
      %fn = xf.rms_norm %h2, %wfn eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %wg = xf.load_weight @ffn_gate[%layer] : tensor<96x64xf32, #xf.format<q4_1>>
      %g = xf.linear %fn, %wg : (tensor<?x?x64xf32>, tensor<96x64xf32, #xf.format<q4_1>>) -> tensor<?x?x96xf32>
      %wu = xf.load_weight @ffn_up[%layer] : tensor<96x64xf32, #xf.format<q4_1>>
      %u = xf.linear %fn, %wu : (tensor<?x?x64xf32>, tensor<96x64xf32, #xf.format<q4_1>>) -> tensor<?x?x96xf32>
      %gu = xf.gated_activation silu %g, %u : (tensor<?x?x96xf32>, tensor<?x?x96xf32>) -> tensor<?x?x96xf32>
      %wd = xf.load_weight @ffn_down[%layer] : tensor<64x96xf32, #xf.format<q4_1>>
      %d = xf.linear %gu, %wd : (tensor<?x?x96xf32>, tensor<64x96xf32, #xf.format<q4_1>>) -> tensor<?x?x64xf32>
      %h3 = xf.add %h2, %d : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %h3, %c2 : tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>
    }
    %s = xf.select_rows %y#0, %rows : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
    %won = xf.load_weight @output_norm : tensor<64xf32>
    %on = xf.rms_norm %s, %won eps = 1.0e-5 : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
    %logits = xf.logits %on, %table : (tensor<?x64xf32>, tensor<40x64xf32, #xf.format<q8_0>>) -> tensor<?x40xf32>
    return %logits, %y#1 : tensor<?x40xf32>, !xf.cache<2 x 2 x 16, f32>
  }
}
