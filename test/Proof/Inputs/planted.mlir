// What the wrong rewrites of test/Proof/Planted are tried on.
xf.weight @table : tensor<24x32xf32> sources [#xf.source<"table">]
xf.weight @norm : tensor<2x32xf32> stacked sources [#xf.source<"norm.{layer}">]
xf.weight @q : tensor<2x32x32xf32> stacked sources [#xf.source<"q.{layer}">]
xf.weight @k : tensor<2x16x32xf32> stacked sources [#xf.source<"k.{layer}">]
xf.weight @v : tensor<2x16x32xf32> stacked sources [#xf.source<"v.{layer}">]
xf.weight @o : tensor<2x32x32xf32> stacked sources [#xf.source<"o.{layer}">]
xf.weight @o_bias : tensor<2x32xf32> stacked sources [#xf.source<"o_bias.{layer}">]
xf.weight @gate : tensor<2x64x32xf32> stacked sources [#xf.source<"gate.{layer}">]
xf.weight @up : tensor<2x64x32xf32> stacked sources [#xf.source<"up.{layer}">]
xf.weight @down : tensor<2x32x64xf32> stacked sources [#xf.source<"down.{layer}">]
xf.weight @sinks : tensor<2xf32> sources [#xf.source<"sinks">]
xf.weight @vector : tensor<32xf32> sources [#xf.source<"vector">]
xf.weight @square : tensor<32x32xf32> sources [#xf.source<"square">]
xf.weight @router : tensor<4x32xf32> sources [#xf.source<"router">]
xf.weight @experts : tensor<4x32x32xf32> sources [#xf.source<"experts">]

// A model of two layers with a cache.
func.func @model(%tokens: tensor<?x?xi32>, %past: tensor<?xi32>, %rows: tensor<?xi32>, %cache: !xf.cache<2 x 2 x 8, f32>)
    -> (tensor<?x24xf32>, !xf.cache<2 x 2 x 8, f32>) {
  %table = xf.load_weight @table : tensor<24x32xf32>
  %x = xf.embedding %tokens, %table scale = 5.6 : (tensor<?x?xi32>, tensor<24x32xf32>) -> tensor<?x?x32xf32>
  %positions = xf.positions %tokens, %past : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
  %y:2 = xf.repeat %layer = 2 iter(%h = %x, %c = %cache) : tensor<?x?x32xf32>, !xf.cache<2 x 2 x 8, f32> {
    %wn = xf.load_weight @norm[%layer] : tensor<32xf32>
    %n = xf.rms_norm %h, %wn eps = 1.0e-5 : (tensor<?x?x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
    %wq = xf.load_weight @q[%layer] : tensor<32x32xf32>
    %wk = xf.load_weight @k[%layer] : tensor<16x32xf32>
    %wv = xf.load_weight @v[%layer] : tensor<16x32xf32>
    %q = xf.linear %n, %wq : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %k = xf.linear %n, %wk : (tensor<?x?x32xf32>, tensor<16x32xf32>) -> tensor<?x?x16xf32>
    %v = xf.linear %n, %wv : (tensor<?x?x32xf32>, tensor<16x32xf32>) -> tensor<?x?x16xf32>
    %qr = xf.rope %q, %positions rope = #xf.rope<dim = 8, base = 1.0e4, style = half> heads = 4 : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
    %kr = xf.rope %k, %positions rope = #xf.rope<dim = 8, base = 1.0e4, style = half> heads = 2 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
    %c2 = xf.cache_append %c[%layer], %kr, %v, %past : (!xf.cache<2 x 2 x 8, f32>, index, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 8, f32>
    %a = xf.attention %qr cache(%c2[%layer], %past) heads = 4 scale = 0.35 mask = causal : (tensor<?x?x32xf32>, !xf.cache<2 x 2 x 8, f32>, index, tensor<?xi32>) -> tensor<?x?x32xf32>
    %wo = xf.load_weight @o[%layer] : tensor<32x32xf32>
    %bo = xf.load_weight @o_bias[%layer] : tensor<32xf32>
    %o = xf.linear %a, %wo bias %bo : (tensor<?x?x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
    %h2 = xf.add %h, %o : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    %wg = xf.load_weight @gate[%layer] : tensor<64x32xf32>
    %wu = xf.load_weight @up[%layer] : tensor<64x32xf32>
    %wd = xf.load_weight @down[%layer] : tensor<32x64xf32>
    %g = xf.linear %h2, %wg : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
    %u = xf.linear %h2, %wu : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
    %gu = xf.gated_activation gelu %g, %u : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %d = xf.linear %gu, %wd : (tensor<?x?x64xf32>, tensor<32x64xf32>) -> tensor<?x?x32xf32>
    %h3 = xf.add %h2, %d : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    xf.yield %h3, %c2 : tensor<?x?x32xf32>, !xf.cache<2 x 2 x 8, f32>
  }
  %s = xf.select_rows %y#0, %rows : (tensor<?x?x32xf32>, tensor<?xi32>) -> tensor<?x32xf32>
  %logits = xf.logits %s, %table soft_cap = 30.0 : (tensor<?x32xf32>, tensor<24x32xf32>) -> tensor<?x24xf32>
  return %logits, %y#1 : tensor<?x24xf32>, !xf.cache<2 x 2 x 8, f32>
}

// Attention with its options, one at a time.
func.func @options(%q: tensor<?x?x32xf32>, %k: tensor<?x?x16xf32>, %v: tensor<?x?x16xf32>, %prefix: tensor<?xi32>,
                   %documents: tensor<?x?xi32>, %valid: tensor<?x?xi32>)
    -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) {
  %plain = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.35 mask = causal : (tensor<?x?x32xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x32xf32>
  %window = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.35 mask = causal window = 3 : (tensor<?x?x32xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x32xf32>
  %capped = xf.attention %q keys(%k) values(%v) heads = 4 scale = 0.35 mask = none soft_cap = 5.0 : (tensor<?x?x32xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x32xf32>
  %alibi = xf.attention %q keys(%k) values(%v) alibi = #xf.alibi<max_bias = 8.0> heads = 4 scale = 0.35 mask = none : (tensor<?x?x32xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x32xf32>
  %first = xf.attention %q keys(%k) values(%v) prefix(%prefix) heads = 4 scale = 0.35 mask = causal : (tensor<?x?x32xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?xi32>) -> tensor<?x?x32xf32>
  %packed = xf.attention %q keys(%k) values(%v) documents(%documents) heads = 4 scale = 0.35 mask = causal : (tensor<?x?x32xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  %padded = xf.attention %q keys(%k) values(%v) valid(%valid) heads = 4 scale = 0.35 mask = none : (tensor<?x?x32xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
  return %plain, %window, %capped, %alibi, %first, %packed, %padded
    : tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>
}

func.func @with_sinks(%q: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
  %s = xf.load_weight @sinks : tensor<2xf32>
  %y = xf.attention %q keys(%q) values(%q) sinks(%s) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<2xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

func.func @mixture(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
  %wr = xf.load_weight @router : tensor<4x32xf32>
  %we = xf.load_weight @experts : tensor<4x32x32xf32>
  %z = xf.linear %x, %wr : (tensor<?x?x32xf32>, tensor<4x32xf32>) -> tensor<?x?x4xf32>
  %weights, %chosen = xf.router softmax %z top_k = 2 normalize scale = 2.0 : (tensor<?x?x4xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
  %e = xf.expert_linear %x, %we, %chosen : (tensor<?x?x32xf32>, tensor<4x32x32xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x32xf32>
  %y = xf.combine_experts %e, %weights : (tensor<?x?x2x32xf32>, tensor<?x?x2xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// The same norm twice but for eps, a norm spelled out, and products of parts.
func.func @dense(%x: tensor<?x?x32xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x16xf32>) {
  %w = xf.load_weight @vector : tensor<32xf32>
  %m = xf.load_weight @square : tensor<32x32xf32>
  %a = xf.rms_norm %x, %w eps = 1.0e-5 : (tensor<?x?x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
  %b = xf.rms_norm %x, %w eps = 1.0e-3 : (tensor<?x?x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
  %ab = xf.linear %a, %m residual %b : (tensor<?x?x32xf32>, tensor<32x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  %eps = arith.constant dense<1.0e-5> : tensor<f32>
  %square = xf.elementwise mul %x, %x : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  %mean = xf.reduce mean %square axes = [2] keepdims : (tensor<?x?x32xf32>) -> tensor<?x?x1xf32>
  %sum = xf.elementwise add %mean, %eps : (tensor<?x?x1xf32>, tensor<f32>) -> tensor<?x?x1xf32>
  %root = xf.unary sqrt %sum : (tensor<?x?x1xf32>) -> tensor<?x?x1xf32>
  %spelled = xf.elementwise div %x, %root : (tensor<?x?x32xf32>, tensor<?x?x1xf32>) -> tensor<?x?x32xf32>
  %small = xf.encode %x : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32, #xf.format<i8x32>>
  %coded = xf.linear %small, %m : (tensor<?x?x32xf32, #xf.format<i8x32>>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %parts:2 = xf.split %x : (tensor<?x?x32xf32>) -> (tensor<?x?x16xf32>, tensor<?x?x16xf32>)
  %gated = xf.gated_activation silu %parts#0, %parts#1 : (tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  return %ab, %spelled, %coded, %gated : tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x16xf32>
}

// Attention of primitive ops with a causal mask.
func.func @spelled(%x: tensor<?x?x32xf32>) -> (tensor<?x?x32xf32>, tensor<32x?x?xf32>) {
  %heads = xf.reshape %x [0, 0, 2, 16] : (tensor<?x?x32xf32>) -> tensor<?x?x2x16xf32>
  %k = xf.transpose %heads [0, 2, 1, 3] : (tensor<?x?x2x16xf32>) -> tensor<?x2x?x16xf32>
  %near = xf.slice %k axis = 3 [0, 8] : (tensor<?x2x?x16xf32>) -> tensor<?x2x?x8xf32>
  %far = xf.slice %k axis = 3 [8, 16] : (tensor<?x2x?x16xf32>) -> tensor<?x2x?x8xf32>
  %q = xf.concat %far, %near axis = 3 : (tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>) -> tensor<?x2x?x16xf32>
  %scores = xf.matmul %q, %k transpose_b : (tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>) -> tensor<?x2x?x?xf32>
  %n = xf.dim %x axis = 1 : (tensor<?x?x32xf32>) -> index
  %numbers = xf.iota %n : (index) -> tensor<?xi32>
  %i = xf.reshape %numbers [-1, 1] : (tensor<?xi32>) -> tensor<?x1xi32>
  %visible = xf.compare ge %i, %numbers : (tensor<?x1xi32>, tensor<?xi32>) -> tensor<?x?xi1>
  %low = arith.constant dense<-1.0e9> : tensor<f32>
  %masked = xf.select %visible, %scores, %low : (tensor<?x?xi1>, tensor<?x2x?x?xf32>, tensor<f32>) -> tensor<?x2x?x?xf32>
  %p = xf.softmax %masked axis = 3 : (tensor<?x2x?x?xf32>) -> tensor<?x2x?x?xf32>
  %y = xf.matmul %p, %k : (tensor<?x2x?x?xf32>, tensor<?x2x?x16xf32>) -> tensor<?x2x?x16xf32>
  %back = xf.transpose %y [0, 2, 1, 3] : (tensor<?x2x?x16xf32>) -> tensor<?x?x2x16xf32>
  %joined = xf.reshape %back [0, 0, 32] : (tensor<?x?x2x16xf32>) -> tensor<?x?x32xf32>
  %difference = xf.elementwise sub %joined, %x : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  %t = xf.transpose %difference [1, 2, 0] : (tensor<?x?x32xf32>) -> tensor<?x32x?xf32>
  %tt = xf.transpose %t [1, 0, 2] : (tensor<?x32x?xf32>) -> tensor<32x?x?xf32>
  return %difference, %tt : tensor<?x?x32xf32>, tensor<32x?x?xf32>
}

xf.weight @each : tensor<4x32x32xf32> sources [#xf.source<"each.{expert}", from = 1>]
xf.weight @woven : tensor<4x32x32xf32> sources [#xf.source<"woven", transposed, interleaved<1, 2>>]
xf.weight @biases : tensor<4x32xf32> sources [#xf.source<"biases">]

// A mixture whose tokens are sorted by expert, and one whose choice comes before the softmax.
func.func @sorted(%x: tensor<?x?x32xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>) {
  %b = arith.constant dense<[0.4, -0.3, 0.2, 0.0]> : tensor<4xf32>
  %wr = xf.load_weight @router : tensor<4x32xf32>
  %wg = xf.load_weight @each : tensor<4x32x32xf32>
  %wu = xf.load_weight @woven : tensor<4x32x32xf32>
  %bu = xf.load_weight @biases : tensor<4x32xf32>
  %z = xf.linear %x, %wr : (tensor<?x?x32xf32>, tensor<4x32xf32>) -> tensor<?x?x4xf32>
  %weights, %chosen = xf.router sigmoid %z bias %b top_k = 2 groups = 2 group_top_k = 1 normalize : (tensor<?x?x4xf32>, tensor<4xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
  %order, %offsets = xf.sort_by_expert %chosen experts = 4 : (tensor<?x?x2xi32>) -> (tensor<?xi32>, tensor<5xi32>)
  %rows = xf.gather_tokens %x, %order top_k = 2 : (tensor<?x?x32xf32>, tensor<?xi32>) -> tensor<?x32xf32>
  %g = xf.grouped_linear %rows, %wg, %offsets : (tensor<?x32xf32>, tensor<4x32x32xf32>, tensor<5xi32>) -> tensor<?x32xf32>
  %u = xf.grouped_linear %rows, %wu, %offsets bias %bu : (tensor<?x32xf32>, tensor<4x32x32xf32>, tensor<5xi32>, tensor<4x32xf32>) -> tensor<?x32xf32>
  %h = xf.gated_activation silu %g, %u : (tensor<?x32xf32>, tensor<?x32xf32>) -> tensor<?x32xf32>
  %y = xf.scatter_combine %h, %order, %weights : (tensor<?x32xf32>, tensor<?xi32>, tensor<?x?x2xf32>) -> tensor<?x?x32xf32>
  %lateweights, %latechosen = xf.router softmax %z top_k = 2 after_top_k : (tensor<?x?x4xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi32>)
  %e = xf.expert_linear %x, %wg, %latechosen : (tensor<?x?x32xf32>, tensor<4x32x32xf32>, tensor<?x?x2xi32>) -> tensor<?x?x2x32xf32>
  %late = xf.combine_experts %e, %lateweights : (tensor<?x?x2x32xf32>, tensor<?x?x2xf32>) -> tensor<?x?x32xf32>
  return %y, %late : tensor<?x?x32xf32>, tensor<?x?x32xf32>
}
