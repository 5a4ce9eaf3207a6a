// RUN: ph-opt %s --xf-fuse-qkv --split-input-file --remark-policy=all --remarks-filter=xf-fuse-qkv 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// CHECK-LABEL: module @cached
// CHECK-NOT: @attn_q :
// CHECK: xf.weight @attn_qkv : tensor<2x64x32xf32, #xf.format<q4_1>> stacked sources
// CHECK-SAME: [#xf.source<"blk.{layer}.q", rows = 32, rope_halves<2>>, #xf.source<"blk.{layer}.k", rows = 16, rope_halves<1>>, #xf.source<"blk.{layer}.v", rows = 16>]
// CHECK-NOT: xf.weight
// CHECK: %[[W:.*]] = xf.load_weight @attn_qkv[%{{.*}}]
// CHECK: %[[P:.*]] = xf.linear %{{.*}}, %[[W]]
// CHECK: %[[S:.*]]:3 = xf.split %[[P]] {{.*}} -> (tensor<?x?x32xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>)
// CHECK: %[[Q:.*]] = xf.rope %[[S]]#0
// CHECK: %[[K:.*]] = xf.rope %[[S]]#1
// CHECK: xf.cache_append %{{.*}}, %[[K]], %[[S]]#2
// CHECK: xf.attention %[[Q]]
// REMARK: one product for 3
module @cached {
  xf.weight @attn_q : tensor<2x32x32xf32, #xf.format<q4_1>> stacked sources [#xf.source<"blk.{layer}.q", rope_halves<2>>]
  xf.weight @attn_k : tensor<2x16x32xf32, #xf.format<q4_1>> stacked sources [#xf.source<"blk.{layer}.k", rope_halves<1>>]
  xf.weight @attn_v : tensor<2x16x32xf32, #xf.format<q4_1>> stacked sources [#xf.source<"blk.{layer}.v">]
  func.func @forward(%x: tensor<?x?x32xf32>, %past: tensor<?xi32>, %positions: tensor<?x?xi32>, %cache: !xf.cache<2 x 1 x 16, f32>)
      -> (tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>) {
    %0:2 = xf.repeat %layer = 2 iter(%h = %x, %c = %cache) : tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32> {
      %wq = xf.load_weight @attn_q[%layer] : tensor<32x32xf32, #xf.format<q4_1>>
      %q = xf.linear %h, %wq : (tensor<?x?x32xf32>, tensor<32x32xf32, #xf.format<q4_1>>) -> tensor<?x?x32xf32>
      %qr = xf.rope %q, %positions rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 2 : (tensor<?x?x32xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
      %wk = xf.load_weight @attn_k[%layer] : tensor<16x32xf32, #xf.format<q4_1>>
      %k = xf.linear %h, %wk : (tensor<?x?x32xf32>, tensor<16x32xf32, #xf.format<q4_1>>) -> tensor<?x?x16xf32>
      %kr = xf.rope %k, %positions rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 1 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
      %wv = xf.load_weight @attn_v[%layer] : tensor<16x32xf32, #xf.format<q4_1>>
      %v = xf.linear %h, %wv : (tensor<?x?x32xf32>, tensor<16x32xf32, #xf.format<q4_1>>) -> tensor<?x?x16xf32>
      %c2 = xf.cache_append %c[%layer], %kr, %v, %past : (!xf.cache<2 x 1 x 16, f32>, index, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?xi32>) -> !xf.cache<2 x 1 x 16, f32>
      %a = xf.attention %qr cache(%c2[%layer], %past) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x32xf32>
      xf.yield %a, %c2 : tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>
    }
    return %0#0, %0#1 : tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>
  }
}

// -----

// Values in another format stay alone; a weight that is used elsewhere too stays; biases are joined as matrices are.

// CHECK-LABEL: module @formats
// CHECK-DAG: xf.weight @wqk : tensor<64x32xf32, #xf.format<q4_0>> sources [#xf.source<"q", rows = 32>, #xf.source<"k", rows = 32>]
// CHECK-DAG: xf.weight @bqk : tensor<64xf32>
// CHECK-DAG: xf.weight @wk : tensor<32x32xf32
// CHECK-DAG: xf.weight @wv : tensor<32x32xf32, #xf.format<q8_0>>
// CHECK-NOT: @wq
// CHECK-LABEL: func.func @forward
// CHECK: xf.load_weight @wqk :
// CHECK: xf.load_weight @bqk :
// CHECK: xf.linear {{.*}} bias
// CHECK: xf.split
// CHECK: xf.load_weight @wv :
// CHECK: xf.attention
// CHECK-LABEL: func.func @other
// CHECK: xf.load_weight @wk :
// REMARK: one product for 2
module @formats {
  xf.weight @wq : tensor<32x32xf32, #xf.format<q4_0>> sources [#xf.source<"q">]
  xf.weight @wk : tensor<32x32xf32, #xf.format<q4_0>> sources [#xf.source<"k">]
  xf.weight @wv : tensor<32x32xf32, #xf.format<q8_0>> sources [#xf.source<"v">]
  xf.weight @bq : tensor<32xf32> sources [#xf.source<"bq">]
  xf.weight @bk : tensor<32xf32> sources [#xf.source<"bk">]
  xf.weight @bv : tensor<32xf32> sources [#xf.source<"bv">]
  func.func @forward(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
    %wq = xf.load_weight @wq : tensor<32x32xf32, #xf.format<q4_0>>
    %bq = xf.load_weight @bq : tensor<32xf32>
    %q = xf.linear %x, %wq bias %bq : (tensor<?x?x32xf32>, tensor<32x32xf32, #xf.format<q4_0>>, tensor<32xf32>) -> tensor<?x?x32xf32>
    %wk = xf.load_weight @wk : tensor<32x32xf32, #xf.format<q4_0>>
    %bk = xf.load_weight @bk : tensor<32xf32>
    %k = xf.linear %x, %wk bias %bk : (tensor<?x?x32xf32>, tensor<32x32xf32, #xf.format<q4_0>>, tensor<32xf32>) -> tensor<?x?x32xf32>
    %wv = xf.load_weight @wv : tensor<32x32xf32, #xf.format<q8_0>>
    %bv = xf.load_weight @bv : tensor<32xf32>
    %v = xf.linear %x, %wv bias %bv : (tensor<?x?x32xf32>, tensor<32x32xf32, #xf.format<q8_0>>, tensor<32xf32>) -> tensor<?x?x32xf32>
    %a = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    return %a : tensor<?x?x32xf32>
  }
  func.func @other(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
    %wk = xf.load_weight @wk : tensor<32x32xf32, #xf.format<q4_0>>
    %k = xf.linear %x, %wk : (tensor<?x?x32xf32>, tensor<32x32xf32, #xf.format<q4_0>>) -> tensor<?x?x32xf32>
    return %k : tensor<?x?x32xf32>
  }
}

// -----

// CHECK-LABEL: module @refused
// CHECK-COUNT-3: xf.weight
// CHECK-LABEL: func.func @two_inputs
// CHECK-NOT: xf.split
// CHECK: return
// REMARK: made of different inputs
// CHECK-LABEL: func.func @one_bias
// CHECK-NOT: xf.split
// CHECK: return
// REMARK: only some of query, keys and values have a bias
// CHECK-LABEL: func.func @activated
// CHECK-NOT: xf.split
// CHECK: return
// REMARK: query, keys or values have an activation or a residual
// CHECK-LABEL: func.func @unmade
// CHECK-NOT: xf.split
// CHECK: return
// REMARK: aren't made by a linear
// CHECK-LABEL: func.func @no_symbols
// CHECK-NOT: xf.split
// CHECK: return
// REMARK: a weight is no symbol of the module
// CHECK-LABEL: func.func @no_sources
// CHECK-NOT: xf.split
// CHECK: return
// REMARK: a weight names no source
module @refused {
  xf.weight @w : tensor<32x32xf32> sources [#xf.source<"w">]
  xf.weight @b : tensor<32xf32> sources [#xf.source<"b">]
  xf.weight @bare : tensor<32x32xf32>
  func.func @two_inputs(%x: tensor<?x?x32xf32>, %y: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %q = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %k = xf.linear %y, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %v = xf.linear %y, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %a = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.25 mask = none : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    return %a : tensor<?x?x32xf32>
  }
  func.func @one_bias(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %b = xf.load_weight @b : tensor<32xf32>
    %q = xf.linear %x, %w bias %b : (tensor<?x?x32xf32>, tensor<32x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
    %k = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %v = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %a = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.25 mask = none : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    return %a : tensor<?x?x32xf32>
  }
  func.func @activated(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %q = xf.linear %x, %w activation = tanh : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %k = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %v = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %a = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.25 mask = none : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    return %a : tensor<?x?x32xf32>
  }
  func.func @unmade(%x: tensor<?x?x32xf32>, %k: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %q = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %v = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %a = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.25 mask = none : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    return %a : tensor<?x?x32xf32>
  }
  func.func @no_symbols(%x: tensor<?x?x32xf32>, %w: tensor<32x32xf32>) -> tensor<?x?x32xf32> {
    %q = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %k = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %v = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %a = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.25 mask = none : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    return %a : tensor<?x?x32xf32>
  }
  func.func @no_sources(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
    %w = xf.load_weight @bare : tensor<32x32xf32>
    %q = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %k = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %v = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %a = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.25 mask = none : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    return %a : tensor<?x?x32xf32>
  }
}

// -----

// Keys and values of one weight, loaded once.
// CHECK-LABEL: module @shared
// CHECK: xf.weight @qkvkv : tensor<96x32xf32> sources [#xf.source<"q", rows = 32>, #xf.source<"kv", rows = 32>, #xf.source<"kv", rows = 32>]
// CHECK-NOT: xf.weight
// CHECK: xf.split
// CHECK: xf.attention
module @shared {
  xf.weight @q : tensor<32x32xf32> sources [#xf.source<"q">]
  xf.weight @kv : tensor<32x32xf32> sources [#xf.source<"kv">]
  func.func @forward(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
    %wq = xf.load_weight @q : tensor<32x32xf32>
    %w = xf.load_weight @kv : tensor<32x32xf32>
    %q = xf.linear %x, %wq : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %k = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %v = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %a = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.25 mask = none : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    return %a : tensor<?x?x32xf32>
  }
}
