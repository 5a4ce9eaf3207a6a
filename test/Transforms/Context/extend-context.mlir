// RUN: split-file %s %t
//
// Each method changes each rope, and what xf.model says of the context.
// RUN: ph-opt %t/model.mlir --xf-extend-context="method=linear factor=4" --remark-policy=all --remarks-filter=xf-extend-context 2>%t.remarks \
// RUN:   | FileCheck %t/model.mlir -DSCALING="scaling = linear, factor = 4.000000e+00" -DMETHOD=linear
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: ph-opt %t/model.mlir --xf-extend-context="method=ntk factor=4 original=64" \
// RUN:   | FileCheck %t/model.mlir -DSCALING="scaling = ntk, factor = 4.000000e+00" -DMETHOD=ntk
// RUN: ph-opt %t/model.mlir --xf-extend-context="method=dynamic factor=4" \
// RUN:   | FileCheck %t/model.mlir -DSCALING="scaling = dynamic, factor = 4.000000e+00, original = 64" -DMETHOD=dynamic
// RUN: ph-opt %t/model.mlir --xf-extend-context="method=yarn factor=4 beta-fast=16 truncate=false attention-factor=1.5" \
// RUN:   | FileCheck %t/model.mlir -DMETHOD=yarn \
// RUN:     -DSCALING="scaling = yarn, factor = 4.000000e+00, original = 64, beta_fast = 1.600000e+01, attention_factor = 1.500000e+00, truncate = false"
// RUN: ph-opt %t/model.mlir --xf-extend-context="method=llama3 factor=4 high-freq-factor=8" \
// RUN:   | FileCheck %t/model.mlir -DMETHOD=llama3 \
// RUN:     -DSCALING="scaling = llama3, factor = 4.000000e+00, original = 64, low_freq_factor = 1.000000e+00, high_freq_factor = 8.000000e+00"
// RUN: ph-opt %t/model.mlir --xf-extend-context="method=longrope factor=4 short-factor=1,1.5 long-factor=2,4" \
// RUN:   | FileCheck %t/model.mlir -DMETHOD=longrope \
// RUN:     -DSCALING="scaling = longrope, factor = 4.000000e+00, original = 64, short_factor = [1.000000e+00, 1.500000e+00], long_factor = [2.000000e+00, 4.000000e+00]"
// REMARK-COUNT-4: 64 positions become 256
//
// Contradictions are refused.
// RUN: not ph-opt %t/model.mlir --xf-extend-context="factor=4" 2>&1 | FileCheck %s --check-prefix=METHOD
// RUN: not ph-opt %t/model.mlir --xf-extend-context="method=none factor=4" 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not ph-opt %t/model.mlir --xf-extend-context="method=linear" 2>&1 | FileCheck %s --check-prefix=FACTOR
// RUN: not ph-opt %t/model.mlir --xf-extend-context="method=linear factor=1" 2>&1 | FileCheck %s --check-prefix=ONE
// RUN: not ph-opt %t/model.mlir --xf-extend-context="method=yarn factor=4 original=128" 2>&1 | FileCheck %s --check-prefix=LARGE
// RUN: not ph-opt %t/model.mlir --xf-extend-context="method=yarn factor=4 original=16" 2>&1 | FileCheck %s --check-prefix=SMALL
// RUN: not ph-opt %t/model.mlir --xf-extend-context="method=yarn factor=4 original=-1" 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not ph-opt %t/model.mlir --xf-extend-context="method=yarn factor=1e9" 2>&1 | FileCheck %s --check-prefix=HUGE
// RUN: not ph-opt %t/model.mlir --xf-extend-context="method=linear factor=4 beta-fast=16" 2>&1 | FileCheck %s --check-prefix=OTHER
// RUN: not ph-opt %t/model.mlir --xf-extend-context="method=ntk factor=4 truncate=false" 2>&1 | FileCheck %s --check-prefix=TRUNCATE
// RUN: not ph-opt %t/model.mlir --xf-extend-context="method=yarn factor=4 beta-slow=40" 2>&1 | FileCheck %s --check-prefix=BETA
// RUN: not ph-opt %t/model.mlir --xf-extend-context="method=longrope factor=4" 2>&1 | FileCheck %s --check-prefix=LISTS
// RUN: not ph-opt %t/model.mlir --xf-extend-context="method=longrope factor=4 short-factor=1,1 long-factor=1,2,3" 2>&1 | FileCheck %s --check-prefix=LENGTH
// RUN: not ph-opt %t/scaled.mlir --xf-extend-context="method=yarn factor=4 original=64" 2>&1 | FileCheck %s --check-prefix=SCALED
// RUN: not ph-opt %t/scaled.mlir --xf-extend-context="method=yarn factor=4 original=64" --mlir-print-ir-after-failure 2>&1 | FileCheck %s --check-prefix=UNCHANGED
// RUN: not ph-opt %t/alibi.mlir --xf-extend-context="method=yarn factor=4 original=64" 2>&1 | FileCheck %s --check-prefix=ALIBI
// RUN: not ph-opt %t/learned.mlir --xf-extend-context="method=yarn factor=4 original=64" 2>&1 | FileCheck %s --check-prefix=LEARNED
// RUN: not ph-opt %t/unknown.mlir --xf-extend-context="method=yarn factor=4" 2>&1 | FileCheck %s --check-prefix=ORIGINAL
// METHOD: error: xf-extend-context expects method=linear, ntk, dynamic, yarn, llama3 or longrope, but got ''
// NONE: error: xf-extend-context expects method=linear, ntk, dynamic, yarn, llama3 or longrope, but got 'none'
// FACTOR: error: xf-extend-context expects a factor > 1, but got 0
// ONE: error: xf-extend-context expects a factor > 1, but got 1
// LARGE: error: xf-extend-context expects an original context of at most the model's 64 positions, but got 128
// SMALL: error: xf-extend-context expects an extended context beyond the model's 64 positions, but got 64
// NEGATIVE: error: xf-extend-context expects an original context from 1 to 2147483647, but got -1
// HUGE: error: xf-extend-context expects an extended context of at most 2147483647, but got 6.4
// OTHER: error: 'xf.rope' op expects beta_fast with scaling = yarn only, but got it with linear
// TRUNCATE: error: 'xf.rope' op expects truncate with scaling = yarn only, but got it with ntk
// BETA: error: 'xf.rope' op expects beta_fast > beta_slow, but got 3.200000e+01 and 4.000000e+01
// LISTS: error: 'xf.rope' op expects {{long|short}}_factor with scaling = longrope, but got none
// LENGTH: error: 'xf.rope' op expects long_factor to be 2 numbers, one for each pair of dim = 4, but got 3
// SCALED: error: 'xf.rope' op expects rotary positions without a scaling for xf-extend-context, but got linear
// UNCHANGED: rope = #xf.rope<dim = 8, base = 1.000000e+04, style = half>
// ALIBI: error: 'xf.attention' op uses ALiBi, whose biases xf-extend-context can't stretch
// LEARNED: error: xf-extend-context expects rotary positions, but got a module without any
// ORIGINAL: error: xf-extend-context expects original=…, as the module says no context_length, but got none

//--- model.mlir
// CHECK: xf.model = {{.*}}context_length = 256 : i64
// CHECK-SAME: rope_factor = 4.000000e+00 : f64, rope_scaling = "[[METHOD]]"
// CHECK: xf.rope {{.*}} rope = #xf.rope<dim = 4, base = 1.000000e+04, style = interleaved, [[SCALING]]> heads = 1
// CHECK: xf.cache_append {{.*}} rope(%arg4, #xf.rope<dim = 4, base = 5.000000e+05, style = half, [[SCALING]]>)
// CHECK: xf.attention {{.*}} rope(%arg4, #xf.rope<dim = 4, base = 5.000000e+05, style = half, [[SCALING]]>)
// CHECK: xf.attention {{.*}} rope(%arg4, #xf.rope<dim = 4, base = 1.000000e+04, style = half, [[SCALING]]>)
module attributes {xf.model = {architecture = "llama", name = "tiny", vocabulary = 32, context_length = 64, layers = 1,
                               rope_scaling = "none", rope_factor = 1.0 : f64}} {
  func.func @f(%q: tensor<?x?x32xf32>, %k: tensor<?x?x16xf32>, %cache: !xf.cache<2 x 1 x 16, f32>, %past: tensor<?xi32>, %p: tensor<?x?xi32>)
      -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x16xf32>) {
    %layer = arith.constant 1 : index
    %r = xf.rope %k, %p rope = #xf.rope<dim = 4, base = 1.0e4, style = interleaved> heads = 1 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
    %c = xf.cache_append %cache[%layer], %k, %k, %past rope(%p, #xf.rope<dim = 4, base = 5.0e5, style = half>)
      : (!xf.cache<2 x 1 x 16, f32>, index, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?xi32>, tensor<?x?xi32>) -> !xf.cache<2 x 1 x 16, f32>
    %a = xf.attention %q cache(%c[%layer], %past) rope(%p, #xf.rope<dim = 4, base = 5.0e5, style = half>) heads = 2 scale = 0.25 mask = causal
      : (tensor<?x?x32xf32>, !xf.cache<2 x 1 x 16, f32>, index, tensor<?xi32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
    %b = xf.attention %q keys(%k) values(%k) rope(%p, #xf.rope<dim = 4, base = 1.0e4, style = half>) heads = 2 scale = 0.25 mask = causal
      : (tensor<?x?x32xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x32xf32>
    return %a, %b, %r : tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x16xf32>
  }
}

//--- scaled.mlir
func.func @f(%x: tensor<?x?x16xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  %y = xf.rope %x, %p rope = #xf.rope<dim = 8, base = 1.0e4, style = half> heads = 1 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %z = xf.rope %y, %p rope = #xf.rope<dim = 8, base = 1.0e4, style = half, scaling = linear, factor = 2.0> heads = 1
    : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  return %z : tensor<?x?x16xf32>
}

//--- alibi.mlir
func.func @f(%x: tensor<?x?x16xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  %y = xf.attention %x keys(%x) values(%x) alibi = #xf.alibi<max_bias = 8.0> heads = 1 scale = 0.25 mask = causal
    : (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}

//--- learned.mlir
func.func @f(%x: tensor<?x?x16xf32>, %embedded: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %y = xf.add %x, %embedded : (tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}

//--- unknown.mlir
func.func @f(%x: tensor<?x?x16xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  %y = xf.rope %x, %p rope = #xf.rope<dim = 8, base = 1.0e4, style = half> heads = 1 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}
