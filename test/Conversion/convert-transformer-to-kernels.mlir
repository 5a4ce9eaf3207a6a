// A model becomes phases over planned memory, whose units the threads claim; what has no kernel is refused.
// RUN: split-file %s %t
// RUN: ph-opt %t/model.mlir --convert-transformer-to-kernels | FileCheck %t/model.mlir
// RUN: not ph-opt %t/slice.mlir --convert-transformer-to-kernels 2>&1 | FileCheck %t/slice.mlir
// RUN: not ph-opt %t/carried.mlir --convert-transformer-to-kernels 2>&1 | FileCheck %t/carried.mlir
// RUN: not ph-opt %t/twice.mlir --convert-transformer-to-kernels 2>&1 | FileCheck %t/twice.mlir
// RUN: ph-opt %t/refused.mlir --convert-transformer-to-kernels -split-input-file -verify-diagnostics

//--- model.mlir
// The residual stream is the only buffer that lives through the layers (64 features: 256 bytes a row); the norm's result
// (256) and the gated product (512) must not overlap it nor each other: 1024 bytes a row.
// CHECK: module attributes {xf.arena = [
// CHECK-SAME: {bytes_per_row = 512 : i64, {{[^}]*}}holder = "xf.gated_linear"
// CHECK-SAME: xf.step = {arena_fixed = 0 : i64, arena_per_row = 1024 : i64, cache_per_position = 256 : i64}}
// CHECK-DAG: func.func private @[[EMBED:kernel_[0-9]+_embedding]]
// CHECK-DAG: func.func private @[[GATED:kernel_[0-9]+_gated_linear]]{{.*}}activation = "silu"{{.*}}gate_bias{{.*}}rows = 128{{.*}}up_bias
// CHECK-DAG: func.func private @[[DOWN:kernel_[0-9]+_linear]]{{.*}}columns = 128{{.*}}residual
// No weight and no xf op is left.
// CHECK-NOT: xf.weight
// CHECK: func.func @ph_step(
// A share is claimed, and what was done of the last one reported, in one call.
// CHECK: scf.while (%[[DONE:.*]] = %{{.*}}) : (i64) -> index
// CHECK: %[[FIRST:.*]] = llvm.call %{{.*}}(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[DONE]])
// CHECK: arith.cmpi sge, %[[FIRST]]
// CHECK: call @[[EMBED]]
// CHECK: scf.yield %{{.*}} : i64
// One loop over the layers, whatever their number; each phase has its own claims.
// CHECK: scf.for {{.*}} to %c2
// CHECK: llvm.call
// CHECK: call @[[GATED]]
// CHECK: llvm.call
// CHECK: call @[[DOWN]]
// CHECK-NOT: call @[[GATED]]
module {
  xf.weight @table : tensor<256x64xf32, #xf.format<q8_0>>
  xf.weight @norm : tensor<2x64xf32> stacked
  xf.weight @gate : tensor<2x128x64xf32, #xf.format<q4_1>> stacked
  xf.weight @up : tensor<2x128x64xf32, #xf.format<q4_1>> stacked
  xf.weight @gate_bias : tensor<2x128xf32> stacked
  xf.weight @up_bias : tensor<2x128xf32> stacked
  xf.weight @down : tensor<2x64x128xf32, #xf.format<q4_1>> stacked
  func.func @forward(%tokens: tensor<?x?xi32>, %past: tensor<?xi32>, %rows: tensor<?xi32>, %cache: !xf.cache<2 x 1 x 16, f32>)
      -> (tensor<?x256xf32>, !xf.cache<2 x 1 x 16, f32>) {
    %table = xf.load_weight @table : tensor<256x64xf32, #xf.format<q8_0>>
    %x = xf.embedding %tokens, %table : (tensor<?x?xi32>, tensor<256x64xf32, #xf.format<q8_0>>) -> tensor<?x?x64xf32>
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x64xf32> {
      %wn = xf.load_weight @norm[%layer] : tensor<64xf32>
      %n = xf.rms_norm %h, %wn eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %wg = xf.load_weight @gate[%layer] : tensor<128x64xf32, #xf.format<q4_1>>
      %wu = xf.load_weight @up[%layer] : tensor<128x64xf32, #xf.format<q4_1>>
      %bg = xf.load_weight @gate_bias[%layer] : tensor<128xf32>
      %bu = xf.load_weight @up_bias[%layer] : tensor<128xf32>
      %g = xf.gated_linear silu %n, %wg, %wu gate_bias %bg up_bias %bu
        : (tensor<?x?x64xf32>, tensor<128x64xf32, #xf.format<q4_1>>, tensor<128x64xf32, #xf.format<q4_1>>, tensor<128xf32>, tensor<128xf32>) -> tensor<?x?x128xf32>
      %wd = xf.load_weight @down[%layer] : tensor<64x128xf32, #xf.format<q4_1>>
      %o = xf.linear %g, %wd residual %h
        : (tensor<?x?x128xf32>, tensor<64x128xf32, #xf.format<q4_1>>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %o : tensor<?x?x64xf32>
    }
    %s = xf.select_rows %y, %rows : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
    %l = xf.logits %s, %table : (tensor<?x64xf32>, tensor<256x64xf32, #xf.format<q8_0>>) -> tensor<?x256xf32>
    return %l, %cache : tensor<?x256xf32>, !xf.cache<2 x 1 x 16, f32>
  }
}

//--- slice.mlir
// CHECK: error: 'xf.linear' op expects an input that is no part of an xf.split
module {
  xf.weight @w : tensor<32x32xf32>
  func.func @forward(%x: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %e = xf.embedding %x, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %0:2 = xf.split %e : (tensor<?x?x32xf32>) -> (tensor<?x?x16xf32>, tensor<?x?x16xf32>)
    %v = xf.load_weight @v : tensor<32x16xf32>
    %1 = xf.linear %0#1, %v : (tensor<?x?x16xf32>, tensor<32x16xf32>) -> tensor<?x?x32xf32>
    return %1 : tensor<?x?x32xf32>
  }
  xf.weight @v : tensor<32x16xf32>
}

//--- carried.mlir
// CHECK: error: 'xf.repeat' op expects each carried activation to be computed in place
module {
  xf.weight @w : tensor<2x32x32xf32> stacked
  xf.weight @t : tensor<32x32xf32>
  func.func @forward(%x: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
    %t = xf.load_weight @t : tensor<32x32xf32>
    %e = xf.embedding %x, %t : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %r = xf.repeat %layer = 2 iter(%h = %e) : tensor<?x?x32xf32> {
      %w = xf.load_weight @w[%layer] : tensor<32x32xf32>
      %o = xf.linear %h, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
      xf.yield %o : tensor<?x?x32xf32>
    }
    return %r : tensor<?x?x32xf32>
  }
}

//--- twice.mlir
// CHECK: error: 'xf.weight' op is used alone and as half of a gated pair
module {
  xf.weight @w : tensor<32x32xf32>
  func.func @forward(%x: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
    %w = xf.load_weight @w : tensor<32x32xf32>
    %e = xf.embedding %x, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    %g = xf.gated_linear silu %e, %w, %w
      : (tensor<?x?x32xf32>, tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
    return %g : tensor<?x?x32xf32>
  }
}

//--- refused.mlir
// expected-error@+1 {{'func.func' op expects a body}}
func.func private @forward(%x: tensor<?x?xi32>) -> tensor<?x32xf32>

// -----

func.func @forward(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
  // expected-error@+1 {{'xf.add' op expects activations that an op of @forward makes}}
  %y = xf.add %x, %x : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// -----

func.func @forward(%x: tensor<?x?x32xf32>) -> tensor<?x?x16xf32> {
  // expected-error@+1 {{'xf.split' op expects activations that an op of @forward makes}}
  %0:2 = xf.split %x : (tensor<?x?x32xf32>) -> (tensor<?x?x16xf32>, tensor<?x?x16xf32>)
  return %0#0 : tensor<?x?x16xf32>
}

// -----

xf.weight @w : tensor<32x32xf32>
func.func @forward(%t: tensor<?x?xi32>, %x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{'xf.linear' op expects activations that an op of @forward makes}}
  %y = xf.linear %e, %w residual %x : (tensor<?x?x32xf32>, tensor<32x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// -----

// A constant is in no memory, and a weight that is no factor neither.
func.func @forward() -> tensor<1x2xf32> {
  %x = arith.constant dense<1.0> : tensor<1x2xf32>
  // expected-error@+1 {{'xf.add' op expects activations that an op of @forward makes}}
  %y = xf.add %x, %x : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

xf.weight @w : tensor<32x32xf32>
func.func @forward() -> tensor<32x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  // expected-error@+1 {{'xf.add' op expects activations that an op of @forward makes}}
  %y = xf.add %w, %w : (tensor<32x32xf32>, tensor<32x32xf32>) -> tensor<32x32xf32>
  return %y : tensor<32x32xf32>
}

// -----

xf.weight @w : tensor<32x32xf32>
func.func @forward(%t: tensor<?x?xi32>, %x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %r = xf.repeat %layer = 2 iter(%h = %e) : tensor<?x?x32xf32> {
    // expected-error@+1 {{'xf.yield' op expects activations that an op of @forward makes}}
    xf.yield %x : tensor<?x?x32xf32>
  }
  return %r : tensor<?x?x32xf32>
}

// -----

// A layer that nothing counts.
func.func @forward(%t: tensor<?x?xi32>, %past: tensor<?xi32>, %layer: index, %cache: !xf.cache<2 x 2 x 16, f32>)
    -> !xf.cache<2 x 2 x 16, f32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{'xf.cache_append' op expects a layer that xf.repeat or a constant gives}}
  %c = xf.cache_append %cache[%layer], %e, %e, %past
    : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 16, f32>
  return %c : !xf.cache<2 x 2 x 16, f32>
}
xf.weight @w : tensor<32x32xf32>

// -----

// The loop would overwrite what is read after it.
xf.weight @w : tensor<32x32xf32>
func.func @forward(%t: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{'xf.repeat' op expects each activation that it carries to have no other use in or after it}}
  %r = xf.repeat %layer = 2 iter(%h = %e) : tensor<?x?x32xf32> {
    xf.yield %h : tensor<?x?x32xf32>
  }
  %y = xf.add %r, %e : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// -----

xf.weight @w : tensor<32x32xf32>
func.func @forward(%t: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{'xf.repeat' op expects each activation that it carries to have no other use in or after it}}
  %r = xf.repeat %layer = 2 iter(%h = %e) : tensor<?x?x32xf32> {
    %s = xf.add %h, %e : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    xf.yield %s : tensor<?x?x32xf32>
  }
  return %r : tensor<?x?x32xf32>
}

// -----

// The product would overwrite its input, so its result gets memory of its own.
xf.weight @w : tensor<32x32xf32>
func.func @forward(%t: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32>
  %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{'xf.repeat' op expects each carried activation to be computed in place}}
  %r = xf.repeat %layer = 2 iter(%h = %e) : tensor<?x?x32xf32> {
    %s = xf.linear %h, %w residual %h : (tensor<?x?x32xf32>, tensor<32x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    xf.yield %s : tensor<?x?x32xf32>
  }
  return %r : tensor<?x?x32xf32>
}

// -----

// Kernels know activations of f32 and int8.
xf.weight @w : tensor<32x32xf32, #xf.format<bf16>>
func.func @forward(%t: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
  %w = xf.load_weight @w : tensor<32x32xf32, #xf.format<bf16>>
  %e = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32, #xf.format<bf16>>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{'xf.encode' op expects activations of f32 or int8, but got 'tensor<?x?x32xf32, #xf.format<bf16>>': there are no kernels for it}}
  %y = xf.encode %e : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32, #xf.format<bf16>>
  %z = xf.add %y, %y : (tensor<?x?x32xf32, #xf.format<bf16>>, tensor<?x?x32xf32, #xf.format<bf16>>) -> tensor<?x?x32xf32>
  return %z : tensor<?x?x32xf32>
}

// -----

// Attention has kernels for a causal mask alone.
xf.weight @w : tensor<32x32xf32>
func.func @forward(%t: tensor<?x?xi32>, %c: !xf.cache<1 x 2 x 16, f32>, %past: tensor<?xi32>) -> tensor<?x?x32xf32> {
  %l = arith.constant 0 : index
  %w = xf.load_weight @w : tensor<32x32xf32>
  %q = xf.embedding %t, %w : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  // expected-error@+1 {{'xf.attention' op expects no window: there is no kernel for attention with it yet}}
  %y = xf.attention %q cache(%c[%l], %past) heads = 2 scale = 0.25 mask = causal window = 8
    : (tensor<?x?x32xf32>, !xf.cache<1 x 2 x 16, f32>, index, tensor<?xi32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}
