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

// expected-error@+1 {{expects first, step, rows or rope_halves, but got 'last'}}
xf.weight @w : tensor<64xf32> sources [#xf.source<"w", last = 3>]
