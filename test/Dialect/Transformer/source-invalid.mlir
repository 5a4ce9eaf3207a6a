// RUN: ph-opt %s -split-input-file -verify-diagnostics

// (C1) a name
// expected-error@+1 {{expects the name of a tensor, but got an empty one}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"">]

// -----

// (C2) numbers in range
// expected-error@+1 {{expects first ≥ 0, step ≥ 1 and rows ≥ 1, but got first = 0, step = 0, rows = 0}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"w", step = 0>]

// -----

// expected-error@+1 {{expects first ≥ 0, step ≥ 1 and rows ≥ 1, but got first = -1, step = 1, rows = 0}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"w", first = -1>]

// -----

// expected-error@+1 {{expects rows ≥ 1, but got 0}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"w", rows = 0>]

// -----

// expected-error@+1 {{expects step ≤ 2147483648, but got 9223372036854775807}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"w", step = 9223372036854775807>]

// -----

// expected-error@+1 {{expects rows ≤ 2147483648, but got 4611686018427387904}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"w", rows = 4611686018427387904>]

// -----

// expected-error@+1 {{expects heads ≤ 2147483648, but got 4611686018427387904}}
xf.weight @w : tensor<64x64xf32> sources [#xf.source<"w", rope_halves<4611686018427387904>>]

// -----

// (C3) heads of the transform
// expected-error@+1 {{expects rope_halves of at least one head, but got 0}}
xf.weight @w : tensor<64x64xf32> sources [#xf.source<"w", rope_halves<0>>]

// -----

// expected-error@+1 {{expects an even number of rows for each of 3 heads, but got 64 rows}}
xf.weight @w : tensor<64x64xf32> sources [#xf.source<"w", rows = 64, rope_halves<3>>]

// -----

// expected-error@+1 {{expects first, step, rows, from, of, rope_halves, copied, transposed, columns, offset, part or interleaved once, but got 'last'}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"w", last = 3>]

// -----

// (C4) a part of a tensor's rows
// expected-error@+1 {{expects of ≥ 1, but got 0}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"w", of = 0>]

// -----

// expected-error@+1 {{expects from ≥ 0 and from + rows ≤ of, but got from = 32, rows = 64, of = 64}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"w", rows = 64, from = 32, of = 64>]

// -----

// expected-error@+1 {{expects from ≥ 0 and from + rows ≤ of, but got from = -1, rows = 0, of = 64}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"w", from = -1, of = 64>]

// -----

// expected-error@+1 {{expects from with of or with {expert} in the name, but got it alone}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"w", from = 8>]

// -----

// expected-error@+1 {{expects no of where each row is a tensor, but got of = 8}}
xf.weight @w : tensor<4x64xf32> sources [#xf.source<"w.{expert}", of = 8>]

// -----

// expected-error@+1 {{expects no of where each row is a tensor, but got of = 8}}
xf.weight @w : tensor<4x64xf32> sources [#xf.source<"w", of = 8, copied>]

// -----

// expected-error@+1 {{expects of ≤ 2147483648, but got 4611686018427387904}}
xf.weight @w : tensor<64x64xf32> sources [#xf.source<"w", of = 4611686018427387904>]

// -----

// (C5) rows that are tensors have no order of their own
// expected-error@+1 {{expects only one of {expert} in the name, copied and rope_halves, but got more for "w.{expert}"}}
xf.weight @w : tensor<4x64xf32> sources [#xf.source<"w.{expert}", copied>]

// -----

// expected-error@+1 {{expects only one of {expert} in the name, copied and rope_halves, but got more for "w.{expert}"}}
xf.weight @w : tensor<4x64xf32> sources [#xf.source<"w.{expert}", rope_halves<2>>]

// -----

// (C6) parts
// expected-error@+1 {{expects part or interleaved with 0 ≤ i < n and 2 ≤ n, but got i = 2, n = 2}}
xf.weight @w : tensor<4x64xf32> sources [#xf.source<"w", part<2, 2>>]

// -----

// expected-error@+1 {{expects at least 2 parts, but got 1}}
xf.weight @w : tensor<4x64xf32> sources [#xf.source<"w", interleaved<0, 1>>]

// -----

// expected-error@+1 {{part or interleaved once, but got 'interleaved'}}
xf.weight @w : tensor<4x64xf32> sources [#xf.source<"w", part<0, 2>, interleaved<0, 2>>]

// -----

// (C1) either a list or numbers
// expected-error@+1 {{expects either a list of layers or numbers of them, but got both for "w{a|b}"}}
xf.weight @w : tensor<2x64xf32> stacked sources [#xf.source<"w{a|b}", first = 1>]

// -----

// (C7) a layer in both names, an offset of something
// expected-error@+1 {{expects a {layer} in both names or in none, but got "blk.{layer}.w" and "norm"}}
xf.weight @w : tensor<2x64x64xf32> stacked sources [#xf.source<"blk.{layer}.w", columns = "norm">]

// -----

// expected-error@+1 {{expects a finite offset, and one only with columns, but got 1}}
xf.weight @w : tensor<64x64xf32> sources [#xf.source<"w", offset = 1.0>]
