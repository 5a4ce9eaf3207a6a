// RUN: ph-opt %s -split-input-file -verify-diagnostics

// weight (C1)
// expected-error@+1 {{expects rank 2 or more with 'stacked', but got 'tensor<30xf32>'}}
xf.weight @w : tensor<30xf32> stacked

// -----

// weight (C2)
// expected-error@+1 {{expects names of sources with {layer}, but got "norm.weight"}}
xf.weight @w : tensor<30x64xf32> stacked sources [#xf.source<"norm.weight">]

// -----

// expected-error@+1 {{expects names of sources without {layer}, but got "blk.{layer}.norm.weight"}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"blk.{layer}.norm.weight">]

// -----

// weight (C3)
// expected-error@+1 {{expects rows for each of several sources, but got none for "b"}}
xf.weight @w : tensor<64x64xf32> sources [#xf.source<"a", rows = 32>, #xf.source<"b">]

// -----

// weight (C4)
// expected-error@+1 {{expects sources of 64 rows together, but got 48}}
xf.weight @w : tensor<64x64xf32> sources [#xf.source<"a", rows = 32>, #xf.source<"b", rows = 16>]

// -----

// expected-error@+1 {{expects sources of 64 rows together, but got 0}}
xf.weight @w : tensor<64x64xf32> sources []

// -----

// weight (C5)
// expected-error@+1 {{expects an even number of rows for each of 3 heads of "a", but got 64 rows}}
xf.weight @w : tensor<64x64xf32> sources [#xf.source<"a", rope_halves<3>>]

// -----

// weight (C6)
// expected-error@+1 {{expects different storage formats in 'formats', but got [#xf.format<q4_1>, #xf.format<q4_1>]}}
xf.weight @w : tensor<2x64x64xf32, #xf.format<q4_1>> stacked formats [#xf.format<q4_1>, #xf.format<q4_1>]

// -----

// expected-error@+1 {{expects several formats in 'formats', but got [#xf.format<q4_1>]}}
xf.weight @w : tensor<2x64x64xf32, #xf.format<q4_1>> stacked formats [#xf.format<q4_1>]

// -----

// weight (C7)
// expected-error@+1 {{expects at most 56 rows of "a", but got 64}}
xf.weight @w : tensor<64x64xf32> sources [#xf.source<"a", from = 8, of = 64>]

// -----

// weight (C8)
// expected-error@+1 {{expects a layer of more dimensions for what is done to "a.{expert}", but got 'tensor<64xf32>'}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"a.{expert}">]

// -----

// expected-error@+1 {{expects a layer of more dimensions for what is done to "a.{expert}", but got 'tensor<4x64xf32>'}}
xf.weight @w : tensor<4x64xf32> sources [#xf.source<"a.{expert}", transposed>]

// -----

// expected-error@+1 {{expects a layer of more dimensions for what is done to "a", but got 'tensor<64xf32>'}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"a", part<0, 2>>]

// -----

// A weight isn't stored as activations are.
// expected-error@+1 {{failed to satisfy constraint}}
xf.weight @w : tensor<64x64xf32, #xf.format<i8x32>>

// -----

// Two weights of one name.
// expected-note@+1 {{see existing symbol definition here}}
xf.weight @w : tensor<64xf32>
// expected-error@+1 {{redefinition of symbol named 'w'}}
xf.weight @w : tensor<64xf32>

// -----

// load_weight (C1)
func.func @f() {
  // expected-error@+1 {{expects the name of an xf.weight, but got @w, which is not there}}
  %w = xf.load_weight @w : tensor<64xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{expects the name of an xf.weight, but got @f, which is something else}}
  %w = xf.load_weight @f : tensor<64xf32>
  return
}

// -----

// load_weight (C2)
xf.weight @w : tensor<30x64xf32> stacked
func.func @f() {
  // expected-error@+1 {{expects a layer if and only if the weight is stacked, but got none for one that is}}
  %w = xf.load_weight @w : tensor<30x64xf32>
  return
}

// -----

xf.weight @w : tensor<64xf32>
func.func @f(%layer: index) {
  // expected-error@+1 {{expects a layer if and only if the weight is stacked, but got one for a weight that is not}}
  %w = xf.load_weight @w[%layer] : tensor<64xf32>
  return
}

// -----

// load_weight (C3)
xf.weight @w : tensor<30x64x64xf32, #xf.format<q4_1>> stacked
func.func @f(%layer: index) {
  // expected-error@+1 {{expects a result of type 'tensor<64x64xf32, #xf.format<q4_1>>', but got 'tensor<64x64xf32>'}}
  %w = xf.load_weight @w[%layer] : tensor<64x64xf32>
  return
}

// -----

// (C2) as many listed layers as there are
// expected-error@+1 {{expects 3 layers in the list "w{a|b}", but got 2}}
xf.weight @w : tensor<3x64xf32> stacked sources [#xf.source<"w{a|b}">]

// -----

// weight (C9)
// expected-error@+1 {{expects a matrix without an encoding where columns are scaled, but got 'tensor<64xf32>'}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"w", columns = "norm">]

// -----

// expected-error@+1 {{expects a matrix without an encoding where columns are scaled, but got 'tensor<64x64xf32, #xf.format<f16>>'}}
xf.weight @w : tensor<64x64xf32, #xf.format<f16>> sources [#xf.source<"w", columns = "norm">]

// -----

// weight (C10)
// expected-error@+1 {{expects one format that can be encoded with 'requantized', but got tensor<32x32xf32>}}
xf.weight @w : tensor<32x32xf32> requantized

// -----

// expected-error@+1 {{expects one format that can be encoded with 'requantized', but got tensor<32x256xf32, #xf.format<iq2_xs>>}}
xf.weight @w : tensor<32x256xf32, #xf.format<iq2_xs>> requantized

// -----

// expected-error@+1 {{expects one format that can be encoded with 'requantized', but got [#xf.format<f16>, #xf.format<bf16>]}}
xf.weight @w : tensor<2x32x32xf32, #xf.format<f16>> stacked formats [#xf.format<f16>, #xf.format<bf16>] requantized
