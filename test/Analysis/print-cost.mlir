// What each op costs, as a closed form written by hand, and how it is printed.
//
// RUN: %python %S/cost_forms.py ph-opt %s | FileCheck %s --check-prefix=FORMS
// FORMS: {{[0-9]+}} values of {{[0-9]+}} ops equal the closed forms
//
// A form that is a little wrong is noticed.
// RUN: sed 's/FORM: xf.linear | flop: T/FORM: xf.linear | flop: 1 + T/' %s > %t.mlir
// RUN: not %python %S/cost_forms.py ph-opt %t.mlir 2>&1 | FileCheck %s --check-prefix=WRONG
// WRONG: @linear xf.linear at T=1 C=1: flop is 12480.0, by hand 12481
//
// RUN: ph-opt %s --xf-print-cost="tokens=2 context=3 function=layers" -o /dev/null 2>&1 | FileCheck %s --match-full-lines --strict-whitespace
//      CHECK:cost of @layers for tokens=2 context=3
// CHECK-NEXT:op                        times             FLOP   weight bytes     act. bytes     cache read  cache written  weights
// CHECK-NEXT:xf.linear                     4            65536          65536           4096              0              0  w
// CHECK-NEXT:xf.add                        4              512              0           6144              0              0
// CHECK-NEXT:total                                      66048          65536          10240              0              0
// CHECK-NEXT:not counted: 1 x func.call
// CHECK-NOT:{{.+}}
//
// RUN: not ph-opt %s --xf-print-cost="tokens=0" -o /dev/null 2>&1 | FileCheck %s --check-prefix=TOKENS
// TOKENS: error: xf-print-cost expects tokens of at least 1 and a context of at least 0, but got 0 and 0
// RUN: not ph-opt %s --xf-print-cost="function=nothing" -o /dev/null 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: error: xf-print-cost found no function @nothing with a body

xf.weight @w : tensor<4x64x64xf32> stacked

func.func private @elsewhere(tensor<?x?x64xf32>)

func.func @layers(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %y = xf.repeat %layer = 4 iter(%h = %x) : tensor<?x?x64xf32> {
    %w = xf.load_weight @w[%layer] : tensor<64x64xf32>
    %p = xf.linear %h, %w : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %s = xf.add %h, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    xf.yield %s : tensor<?x?x64xf32>
  }
  call @elsewhere(%y) : (tensor<?x?x64xf32>) -> ()
  return %y : tensor<?x?x64xf32>
}

// FORM: xf.embedding | flop: T*64 | weights: T*64/32*34 | activations: T*(4 + 64*4)
func.func @embedding(%tokens: tensor<?x?xi32>, %table: tensor<320x64xf32, #xf.format<q8_0>>) -> tensor<?x?x64xf32> {
  %x = xf.embedding %tokens, %table scale = 8.0
    : (tensor<?x?xi32>, tensor<320x64xf32, #xf.format<q8_0>>) -> tensor<?x?x64xf32>
  return %x : tensor<?x?x64xf32>
}

// FORM: xf.positions | activations: T*4 + T*4 + T*4
func.func @positions(%tokens: tensor<?x?xi32>, %past: tensor<?xi32>) -> tensor<?x?xi32> {
  %p = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
  return %p : tensor<?x?xi32>
}

// FORM: xf.rms_norm | flop: T*(4*64 + 3) | weights: 64*4 | activations: T*64*8
func.func @rms_norm(%x: tensor<?x?x64xf32>, %w: tensor<64xf32>) -> tensor<?x?x64xf32> {
  %y = xf.rms_norm %x, %w eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// FORM: xf.linear | flop: T*96*(2*64 + 2) | weights: 96*64/32*20 + 96*4 | activations: T*(64 + 64/32*4 + 96*4 + 96*4)
func.func @linear(%x: tensor<?x?x64xf32, #xf.format<i8x32>>, %w: tensor<96x64xf32, #xf.format<q4_1>>,
                  %b: tensor<96xf32>, %r: tensor<?x?x96xf32>) -> tensor<?x?x96xf32> {
  %y = xf.linear %x, %w bias %b residual %r
    : (tensor<?x?x64xf32, #xf.format<i8x32>>, tensor<96x64xf32, #xf.format<q4_1>>, tensor<96xf32>, tensor<?x?x96xf32>)
    -> tensor<?x?x96xf32>
  return %y : tensor<?x?x96xf32>
}

// The encoding of the result counts too.
// FORM: xf.gated_linear | flop: T*160*(4*64 + 2 + 3) | weights: 2*160*64*4 | activations: T*(64*4 + 160 + 160/32*4)
func.func @gated_linear(%x: tensor<?x?x64xf32>, %wg: tensor<160x64xf32>, %wu: tensor<160x64xf32>)
    -> tensor<?x?x160xf32, #xf.format<i8x32>> {
  %y = xf.gated_linear silu %x, %wg, %wu
    : (tensor<?x?x64xf32>, tensor<160x64xf32>, tensor<160x64xf32>) -> tensor<?x?x160xf32, #xf.format<i8x32>>
  return %y : tensor<?x?x160xf32, #xf.format<i8x32>>
}

// FORM: xf.logits | flop: T*320*(2*64 + 1 + 3) | weights: 320*64*4 | activations: T*(64 + 320)*4
func.func @logits(%x: tensor<?x64xf32>, %w: tensor<320x64xf32>) -> tensor<?x320xf32> {
  %y = xf.logits %x, %w scale = 0.5 soft_cap = 30.0 : (tensor<?x64xf32>, tensor<320x64xf32>) -> tensor<?x320xf32>
  return %y : tensor<?x320xf32>
}

// FORM: xf.gated_activation | flop: T*160*2 | activations: T*160*4*3
func.func @gated_activation(%g: tensor<?x?x160xf32>, %u: tensor<?x?x160xf32>) -> tensor<?x?x160xf32> {
  %y = xf.gated_activation silu %g, %u : (tensor<?x?x160xf32>, tensor<?x?x160xf32>) -> tensor<?x?x160xf32>
  return %y : tensor<?x?x160xf32>
}

// FORM: xf.add | flop: T*64 | activations: T*64*4*3
func.func @add(%x: tensor<?x?x64xf32>, %y: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %z = xf.add %x, %y : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %z : tensor<?x?x64xf32>
}

// FORM: xf.encode | flop: T*64*3 | activations: T*(64*4 + 64 + 64/16*4)
func.func @encode(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32, #xf.format<i8x16>> {
  %y = xf.encode %x : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32, #xf.format<i8x16>>
  return %y : tensor<?x?x64xf32, #xf.format<i8x16>>
}

// FORM: xf.rope | flop: T*4*3*16 | activations: T*(64*4 + 4 + 64*4)
func.func @rope(%x: tensor<?x?x64xf32>, %positions: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %y = xf.rope %x, %positions rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 4
    : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// FORM: xf.cache_append | flop: T*2*3*16 | activations: T*(2*32*4 + 4 + 4) | written: T*2*2*16*2
func.func @cache_append(%cache: !xf.cache<2 x 2 x 16, f16>, %k: tensor<?x?x32xf32>, %v: tensor<?x?x32xf32>,
                        %past: tensor<?xi32>, %positions: tensor<?x?xi32>) -> !xf.cache<2 x 2 x 16, f16> {
  %layer = arith.constant 0 : index
  %new = xf.cache_append %cache[%layer], %k, %v, %past rope(%positions, #xf.rope<dim = 16, base = 1.0e4, style = half>)
    : (!xf.cache<2 x 2 x 16, f16>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>, tensor<?x?xi32>)
    -> !xf.cache<2 x 2 x 16, f16>
  return %new : !xf.cache<2 x 2 x 16, f16>
}

// Token s of T, the last of which sees C positions, sees C - (T - 1 - s).
// FORM: xf.attention | flop: (T*C - T*(T-1)/2)*4*(4*16 + 5) + T*4*3*16 | activations: T*(2*64*4 + 4 + 4) | read: C*2*2*16*4
func.func @attention_cached(%q: tensor<?x?x64xf32>, %cache: !xf.cache<2 x 2 x 16, f32>, %past: tensor<?xi32>,
                            %positions: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %layer = arith.constant 1 : index
  %y = xf.attention %q cache(%cache[%layer], %past) rope(%positions, #xf.rope<dim = 16, base = 1.0e4, style = half>)
    heads = 4 scale = 0.25 mask = causal
    : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// FORM: xf.attention | flop: T*C*4*(4*16 + 5) | activations: (T*2*64 + C*2*32)*4
func.func @attention(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %v: tensor<?x?x32xf32>) -> tensor<?x?x64xf32> {
  %y = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.25 mask = none
    : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Its parts are where they were.
// FORM: xf.split | flop: 0
func.func @split(%x: tensor<?x?x128xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %a, %b = xf.split %x : (tensor<?x?x128xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  return %a, %b : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// FORM: xf.select_rows | activations: T*(64*4 + 4 + 64*4)
func.func @select_rows(%x: tensor<?x?x64xf32>, %rows: tensor<?xi32>) -> tensor<?x64xf32> {
  %y = xf.select_rows %x, %rows : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// FORM: xf.convolution | flop: T*64*100*(2*80*3 + 1) | weights: (64*80*3 + 64)*4 | activations: T*(80*200 + 64*100)*4
func.func @convolution(%x: tensor<?x80x200xf32>, %w: tensor<64x80x3xf32>, %b: tensor<64xf32>) -> tensor<?x64x100xf32> {
  %y = xf.convolution %x, %w bias %b stride = [2] padding = [1]
    : (tensor<?x80x200xf32>, tensor<64x80x3xf32>, tensor<64xf32>) -> tensor<?x64x100xf32>
  return %y : tensor<?x64x100xf32>
}

// FORM: xf.patch_embedding | flop: T*16*64*2*3*14*14 | weights: 64*3*14*14*2 | activations: T*(3*56*56 + 16*64)*4
func.func @patch_embedding(%x: tensor<?x3x56x56xf32>, %w: tensor<64x3x14x14xf32, #xf.format<f16>>) -> tensor<?x16x64xf32> {
  %y = xf.patch_embedding %x, %w
    : (tensor<?x3x56x56xf32>, tensor<64x3x14x14xf32, #xf.format<f16>>) -> tensor<?x16x64xf32>
  return %y : tensor<?x16x64xf32>
}

// FORM: xf.merge_features | activations: T*64*4 + T*4 + T*64*4 + T*64*4
func.func @merge_features(%x: tensor<?x?x64xf32>, %t: tensor<?x?xi32>, %i: tensor<?x64xf32>) -> tensor<?x?x64xf32> {
  %y = xf.merge_features %x, %t, %i image_token = 7
    : (tensor<?x?x64xf32>, tensor<?x?xi32>, tensor<?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// FORM: xf.pool | flop: T*64 + 64 | activations: T*64*4 + T*4 + 64*4
func.func @pool(%x: tensor<1x?x64xf32>, %v: tensor<1x?xi32>) -> tensor<1x64xf32> {
  %y = xf.pool mean %x valid(%v) : (tensor<1x?x64xf32>, tensor<1x?xi32>) -> tensor<1x64xf32>
  return %y : tensor<1x64xf32>
}

// FORM: xf.pool | flop: 0 | activations: T*64*4 + 64*4
// FORM: xf.linear | flop: 64*64*2 | weights: 64*64*4 | activations: 64*4 + 64*4
func.func @pooled_of_any_batch(%x: tensor<?x?x64xf32>, %w: tensor<64x64xf32>) -> tensor<?x64xf32> {
  %p = xf.pool cls %x : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
  %y = xf.linear %p, %w : (tensor<?x64xf32>, tensor<64x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// FORM: xf.cross_entropy | flop: T*(5*320 + 3) | activations: T*320*4 + T*4 + 4
func.func @cross_entropy(%z: tensor<?x320xf32>, %l: tensor<?xi32>) -> tensor<f32> {
  %y = xf.cross_entropy %z, %l smoothing = 0.1 : (tensor<?x320xf32>, tensor<?xi32>) -> tensor<f32>
  return %y : tensor<f32>
}

// FORM: xf.argmax | flop: T*320 | activations: T*320*4 + T*4
// FORM: xf.sample | flop: T*4*320 | activations: T*320*4 + T*4 + T*4
func.func @sampling(%z: tensor<?x320xf32>, %u: tensor<?xf32>) -> (tensor<?xi32>, tensor<?xi32>) {
  %a = xf.argmax %z : (tensor<?x320xf32>) -> tensor<?xi32>
  %b = xf.sample %z, %u top_k = 40 : (tensor<?x320xf32>, tensor<?xf32>) -> tensor<?xi32>
  return %a, %b : tensor<?xi32>, tensor<?xi32>
}

// Attention as exporters spell it: of a batch of 1, T rows of C scores.
// FORM: xf.matmul | flop: 4*T*C*2*16 | activations: (4*T*16 + 4*16*C + 4*T*C)*4
// FORM: xf.elementwise | flop: 4*T*C | activations: (4*T*C + 1 + 4*T*C)*4
// FORM: xf.softmax | flop: 5*4*T*C | activations: 2*4*T*C*4
func.func @scores(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32> {
  %half = tensor.empty() : tensor<1xf32>
  %y = xf.matmul %q, %k : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %z = xf.elementwise mul %y, %half : (tensor<?x4x?x?xf32>, tensor<1xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %z axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  return %p : tensor<?x4x?x?xf32>
}

// FORM: xf.unary | flop: T*64 | activations: 2*T*64*4
// FORM: xf.reduce | flop: T*64 + T | activations: T*64*4 + T*4
// FORM: xf.compare | flop: T*64 | activations: T*64*4 + T*4 + T*64
// FORM: xf.select | activations: T*64 + 3*T*64*4
// FORM: xf.cast | activations: T*64 + T*64*4
func.func @elements(%x: tensor<?x?x64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %e = xf.unary exp %x : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %m = xf.reduce mean %x axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
  %c = xf.compare lt %x, %m : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xi1>
  %y = xf.select %c, %x, %e : (tensor<?x?x64xi1>, tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %f = xf.cast %c : (tensor<?x?x64xi1>) -> tensor<?x?x64xf32>
  return %y, %f : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// FORM: xf.transpose | activations: 2*T*64*4
// FORM: xf.reshape | flop: 0
// FORM: xf.concat | activations: (T*64 + T*64 + T*128)*4
// FORM: xf.slice | activations: 2*T*32*4
// FORM: xf.dim | flop: 0
// FORM: xf.iota | activations: T*4
// FORM: xf.scalar | activations: 4
// FORM: xf.broadcast | activations: T*4*4 + T*4*16*4
func.func @shapes(%x: tensor<?x?x64xf32>, %b: tensor<?x?x4x1xf32>)
    -> (tensor<?x4x?x16xf32>, tensor<?x?x32xf32>, tensor<?x?x4x16xf32>, tensor<?xi32>, tensor<i32>) {
  %r = xf.reshape %x [0, 0, 4, -1] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %t = xf.transpose %r [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %c = xf.concat %x, %x axis = 2 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x128xf32>
  %s = xf.slice %c axis = 2 [0, 32] : (tensor<?x?x128xf32>) -> tensor<?x?x32xf32>
  %w = xf.broadcast %b [1, 1, 1, 16] : (tensor<?x?x4x1xf32>) -> tensor<?x?x4x16xf32>
  %n = xf.dim %x axis = 1 : (tensor<?x?x64xf32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %one = xf.scalar %n : (index) -> tensor<i32>
  return %t, %s, %w, %i, %one : tensor<?x4x?x16xf32>, tensor<?x?x32xf32>, tensor<?x?x4x16xf32>, tensor<?xi32>, tensor<i32>
}

// Of a table only the rows that are picked.
// FORM: xf.gather | weights: T*64*4 | activations: T*4 + T*64*4
func.func @gather(%table: tensor<40x64xf32>, %tokens: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %y = xf.gather %table, %tokens axis = 0 : (tensor<40x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// A window of 16, values of 24, a cap and sinks: token s of T sees at most 16 positions.
// FORM: xf.attention | weights: 4*4 | activations: T*64*4 + C*32*4 + C*48*4 + T*96*4 | ...
//   flop: sum(min(C - s, 16) for s in range(T))*4*(2*16 + 2*24 + 5 + 3) + 3*T*4
func.func @attention_window(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %v: tensor<?x?x48xf32>, %s: tensor<4xf32>)
    -> tensor<?x?x96xf32> {
  %y = xf.attention %q keys(%k) values(%v) sinks(%s) heads = 4 scale = 0.25 mask = causal window = 16 soft_cap = 50.0
    : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x48xf32>, tensor<4xf32>) -> tensor<?x?x96xf32>
  return %y : tensor<?x?x96xf32>
}

// Of the cache the positions that some token sees.
// FORM: xf.attention | flop: sum(min(C - s, 16) for s in range(T))*4*(4*16 + 5 + 2) | activations: T*(2*64*4 + 4) | ...
//   read: min(C, 16 + T - 1)*2*2*16*4
func.func @attention_window_cached(%q: tensor<?x?x64xf32>, %cache: !xf.cache<2 x 2 x 16, f32>, %past: tensor<?xi32>)
    -> tensor<?x?x64xf32> {
  %layer = arith.constant 1 : index
  %y = xf.attention %q cache(%cache[%layer], %past) alibi = #xf.alibi<max_bias = 8.0> heads = 4 scale = 0.25
    mask = causal window = 16
    : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// A window of 8 and the first 4: position i sees 8, and of those before them at most 4.
// FORM: xf.attention | flop: sum(min(i + 1, 8) + min(4, max(0, i + 1 - 8)) for i in range(C - T, C))*4*(4*16 + 5) | activations: T*(2*64*4 + 4) | ...
//   read: min(C, 8 + T - 1 + 4)*2*2*16*4
func.func @attention_kept(%q: tensor<?x?x64xf32>, %cache: !xf.cache<2 x 2 x 16, f32>, %past: tensor<?xi32>) -> tensor<?x?x64xf32> {
  %layer = arith.constant 1 : index
  %y = xf.attention %q cache(%cache[%layer], %past) heads = 4 scale = 0.25 mask = causal window = 8 keep = 4
    : (tensor<?x?x64xf32>, !xf.cache<2 x 2 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// To both sides: position i sees those j with |i - j| < 4.
// FORM: xf.attention | flop: sum(min(C, i + 4) - max(0, i - 3) for i in range(C - T, C))*4*(4*16 + 5) | ...
//   activations: (T*2*64 + C*2*64)*4
func.func @attention_local(%q: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %y = xf.attention %q keys(%q) values(%q) heads = 4 scale = 0.25 mask = none window = 4
    : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// FORM: xf.attention_backward | flop: (T*C - T*(T-1)/2)*4*(10*16 + 5 + 4) + T*64 + C*32 | ...
//   activations: T*(64 + 64 + 64)*4 + C*2*2*32*4
func.func @attention_backward(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %v: tensor<?x?x32xf32>, %dy: tensor<?x?x64xf32>)
    -> (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) {
  %dq, %dk, %dv = xf.attention_backward %q, %k, %v, %dy heads = 4 scale = 0.25 mask = causal
    : (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x64xf32>)
    -> (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>)
  return %dq, %dk, %dv : tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>
}

// FORM: xf.relative_position_bias | flop: 4*T*C | weights: 32*8*4 | activations: 8*T*C*4
func.func @relative_position_bias(%table: tensor<32x8xf32>, %x: tensor<?x?x64xf32>) -> tensor<1x8x?x?xf32> {
  %y = xf.relative_position_bias %table query(%x) max_distance = 128 bidirectional
    : (tensor<32x8xf32>, tensor<?x?x64xf32>) -> tensor<1x8x?x?xf32>
  return %y : tensor<1x8x?x?xf32>
}

// Keys of the cache are where they were.
// FORM: xf.cache_keys | flop: 0
// FORM: xf.cache_values | flop: 0
func.func @cache_read(%cache: !xf.cache<2 x 2 x 16, f16>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>) {
  %layer = arith.constant 0 : index
  %k = xf.cache_keys %cache[%layer] : (!xf.cache<2 x 2 x 16, f16>, index) -> tensor<?x?x32xf32>
  %v = xf.cache_values %cache[%layer] : (!xf.cache<2 x 2 x 16, f16>, index) -> tensor<?x?x32xf32>
  return %k, %v : tensor<?x?x32xf32>, tensor<?x?x32xf32>
}

// FORM: xf.split_heads | activations: 2*T*96*4
// FORM: xf.join_heads | activations: 2*T*96*4
// FORM: xf.head_linear | flop: T*4*16*24*2 | weights: 4*16*24*4 | activations: T*(96 + 64)*4
func.func @heads(%x: tensor<?x?x96xf32>, %w: tensor<4x16x24xf32>) -> (tensor<?x?x96xf32>, tensor<?x?x64xf32>) {
  %a, %b = xf.split_heads %x heads = 4 : (tensor<?x?x96xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x32xf32>)
  %y = xf.join_heads %a, %b heads = 4 : (tensor<?x?x64xf32>, tensor<?x?x32xf32>) -> tensor<?x?x96xf32>
  %z = xf.head_linear %x, %w : (tensor<?x?x96xf32>, tensor<4x16x24xf32>) -> tensor<?x?x64xf32>
  return %y, %z : tensor<?x?x96xf32>, tensor<?x?x64xf32>
}

// FORM: xf.rms_norm | flop: T*(5*64 + 3*4) | weights: 16*4 | activations: T*64*8
func.func @rms_norm_heads(%x: tensor<?x?x64xf32>, %w: tensor<16xf32>) -> tensor<?x?x64xf32> {
  %y = xf.rms_norm %x, %w eps = 1.0e-6 offset = 1.0 heads = 4 : (tensor<?x?x64xf32>, tensor<16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// FORM: xf.layer_norm | flop: T*(7*64 + 4) | weights: 2*64*4 | activations: T*64*8
func.func @layer_norm(%x: tensor<?x?x64xf32>, %w: tensor<64xf32>) -> tensor<?x?x64xf32> {
  %y = xf.layer_norm %x, %w bias %w eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// FORM: xf.add_rms_norm | flop: T*(4*64 + 3) | activations: T*64*16
func.func @add_rms_norm(%x: tensor<?x?x64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %y, %z = xf.add_rms_norm %x, %x eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  return %y, %z : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// FORM: xf.add_layer_norm | flop: T*(7*64 + 4) | weights: 64*4 | activations: T*64*16
func.func @add_layer_norm(%x: tensor<?x?x64xf32>, %w: tensor<64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %y, %z = xf.add_layer_norm %x, %x, %w eps = 1.0e-6 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  return %y, %z : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// FORM: xf.linear | flop: T*96*(2*64 + 1) | weights: 96*64*4 | activations: T*(64 + 96)*4
func.func @linear_activated(%x: tensor<?x?x64xf32>, %w: tensor<96x64xf32>) -> tensor<?x?x96xf32> {
  %y = xf.linear %x, %w activation = relu : (tensor<?x?x64xf32>, tensor<96x64xf32>) -> tensor<?x?x96xf32>
  return %y : tensor<?x?x96xf32>
}

// FORM: xf.gated_linear | flop: T*96*(4*64 + 2 + 2) | weights: 2*96*64*4 + 2*96*4 | activations: T*(64 + 96)*4
func.func @gated_linear_biased(%x: tensor<?x?x64xf32>, %w: tensor<96x64xf32>, %b: tensor<96xf32>) -> tensor<?x?x96xf32> {
  %y = xf.gated_linear silu %x, %w, %w gate_bias %b up_bias %b : (tensor<?x?x64xf32>, tensor<96x64xf32>, tensor<96x64xf32>, tensor<96xf32>, tensor<96xf32>) -> tensor<?x?x96xf32>
  return %y : tensor<?x?x96xf32>
}

// FORM: xf.activation | flop: T*64 | activations: T*64*8
func.func @activation(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %y = xf.activation tanh %x : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// FORM: xf.gated_activation | flop: T*64*(2 + 3 + 1) | activations: T*64*12
func.func @gated_limited(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %y = xf.gated_activation silu %x, %x limit = 7.0 up_offset = 1.0 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// FORM: xf.mul | flop: T*64 | activations: T*(64 + 1 + 64)*4
func.func @mul(%x: tensor<?x?x64xf32>, %g: tensor<?x?x1xf32>) -> tensor<?x?x64xf32> {
  %y = xf.mul %x, %g : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// FORM: xf.scale | flop: T*64 | activations: T*64*8
func.func @scale(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %y = xf.scale %x by 0.5 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// FORM: xf.masked_positions | flop: T | activations: T*8
func.func @masked_positions(%m: tensor<?x?xi32>) -> tensor<?x?xi32> {
  %y = xf.masked_positions %m : (tensor<?x?xi32>) -> tensor<?x?xi32>
  return %y : tensor<?x?xi32>
}

// FORM: xf.logits_argmax | flop: T*320*(2*64 + 1 + 3 + 1) | weights: 320*64*4 | activations: T*(64 + 1)*4
func.func @logits_argmax(%x: tensor<?x64xf32>, %w: tensor<320x64xf32>) -> tensor<?xi32> {
  %y = xf.logits_argmax %x, %w scale = 0.5 soft_cap = 30.0 : (tensor<?x64xf32>, tensor<320x64xf32>) -> tensor<?xi32>
  return %y : tensor<?xi32>
}

// FORM: xf.logits_sample | flop: T*320*(2*64 + 1 + 4) | weights: 320*64*4 | activations: T*(64 + 1 + 1)*4
func.func @logits_sample(%x: tensor<?x64xf32>, %w: tensor<320x64xf32>, %u: tensor<?xf32>) -> tensor<?xi32> {
  %y = xf.logits_sample %x, %w, %u scale = 0.5 top_k = 40 : (tensor<?x64xf32>, tensor<320x64xf32>, tensor<?xf32>) -> tensor<?xi32>
  return %y : tensor<?xi32>
}
