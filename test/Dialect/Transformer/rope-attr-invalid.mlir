// RUN: ph-opt %s -split-input-file -verify-diagnostics

// (C1) dim
// expected-error@+1 {{expects a positive even dim, but got 15}}
func.func private @f() attributes {a = #xf.rope<dim = 15, base = 1.0e4, style = half>}

// -----

// expected-error@+1 {{expects a positive even dim, but got 0}}
func.func private @f() attributes {a = #xf.rope<base = 1.0e4, style = half>}

// -----

// (C2) base
// expected-error@+1 {{expects a base > 0, but got 0}}
func.func private @f() attributes {a = #xf.rope<dim = 16, style = half>}

// -----

// (C3) factor
// expected-error@+1 {{expects a factor > 0, but got -2}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, style = half, scaling = linear, factor = -2.0>}

// -----

// expected-error@+1 {{expects factor 1 without a scaling, but got 2}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, style = half, factor = 2.0>}

// -----

// expected-error@+1 {{'spiral' is not one of the values that this key takes}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, style = spiral>}

// -----

// expected-error-re@+1 {{expects dim, base, style, scaling, factor or an option of the scaling (original, beta_fast, {{.*}}), but got 'theta'}}
func.func private @f() attributes {a = #xf.rope<dim = 16, theta = 1.0e4>}

// -----

// expected-error@+1 {{expects each key once, but got 'dim' again}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, dim = 32>}

// -----

// (C1) dim of the methods that raise to dim / (dim - 2)
// expected-error@+1 {{expects a dim ≥ 4 with scaling = ntk, but got 2}}
func.func private @f() attributes {a = #xf.rope<dim = 2, base = 1.0e4, scaling = ntk, factor = 2.0>}

// -----

// (C2) base of yarn
// expected-error@+1 {{expects a base > 1 with scaling = yarn, but got 1}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0, scaling = yarn, factor = 2.0, original = 64>}

// -----

// (C3) only linear may shrink
// expected-error@+1 {{expects a factor ≥ 1 with scaling = dynamic, but got 5.000000e-01}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = dynamic, factor = 0.5, original = 64>}

// -----

func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = linear, factor = 0.5>}

// -----

// (C4) original
// expected-error@+1 {{expects original with scaling = dynamic, yarn, llama3 or longrope only, but got it with none}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, original = 64>}

// -----

// expected-error@+1 {{expects original with scaling = dynamic, yarn, llama3 or longrope only, but got it with ntk}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = ntk, factor = 2.0, original = 64>}

// -----

// expected-error@+1 {{expects original with scaling = yarn, but got none}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = yarn, factor = 2.0>}

// -----

// expected-error@+1 {{expects original to be from 1 to 2147483647, but got 0}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = dynamic, factor = 2.0, original = 0>}

// -----

// expected-error@+1 {{expects original to be from 2 to 2147483647, but got 1}}
func.func private @f() attributes {a = #xf.rope<dim = 2, base = 1.0e4, scaling = longrope, factor = 2.0, original = 1, short_factor = [1.0], long_factor = [2.0]>}

// -----

// (C5) yarn
// expected-error@+1 {{expects beta_fast with scaling = yarn only, but got it with linear}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = linear, factor = 2.0, beta_fast = 32.0>}

// -----

// expected-error@+1 {{expects truncate with scaling = yarn only, but got it with llama3}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = llama3, factor = 2.0, original = 64, low_freq_factor = 1.0, high_freq_factor = 4.0, truncate = true>}

// -----

// expected-error@+1 {{expects true or false, but got 'maybe'}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = yarn, factor = 2.0, original = 64, truncate = maybe>}

// -----

// expected-error@+1 {{expects mscale to be a number > 0, but got 0}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = yarn, factor = 2.0, original = 64, mscale = 0.0, mscale_all_dim = 1.0>}

// -----

// expected-error@+1 {{expects beta_fast > beta_slow, but got 3.200000e+01 and 6.400000e+01}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = yarn, factor = 2.0, original = 64, beta_slow = 64.0>}

// -----

// (C6) two sayings of one thing
// expected-error@+1 {{expects mscale and mscale_all_dim together, but got only one of them}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = yarn, factor = 2.0, original = 64, mscale = 1.0>}

// -----

// expected-error@+1 {{expects either attention_factor or mscale, but got both}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = yarn, factor = 2.0, original = 64, mscale = 1.0, mscale_all_dim = 1.0, attention_factor = 1.0>}

// -----

// (C7) attention_factor
// expected-error@+1 {{expects attention_factor with scaling = yarn or longrope only, but got it with dynamic}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = dynamic, factor = 2.0, original = 64, attention_factor = 1.1>}

// -----

// expected-error@+1 {{expects attention_factor to be a number > 0, but got -1}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = yarn, factor = 2.0, original = 64, attention_factor = -1.0>}

// -----

// (C8) llama3
// expected-error@+1 {{expects high_freq_factor with scaling = llama3, but got none}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = llama3, factor = 2.0, original = 64, low_freq_factor = 1.0>}

// -----

// expected-error@+1 {{expects high_freq_factor > low_freq_factor, but got 1.000000e+00 and 1.000000e+00}}
func.func private @f() attributes {a = #xf.rope<dim = 16, base = 1.0e4, scaling = llama3, factor = 2.0, original = 64, low_freq_factor = 1.0, high_freq_factor = 1.0>}

// -----

// (C9) longrope
// expected-error@+1 {{expects long_factor with scaling = longrope, but got none}}
func.func private @f() attributes {a = #xf.rope<dim = 4, base = 1.0e4, scaling = longrope, factor = 2.0, original = 64, short_factor = [1.0, 1.0]>}

// -----

// expected-error@+1 {{expects short_factor to be 2 numbers, one for each pair of dim = 4, but got 3}}
func.func private @f() attributes {a = #xf.rope<dim = 4, base = 1.0e4, scaling = longrope, factor = 2.0, original = 64, short_factor = [1.0, 1.0, 1.0], long_factor = [1.0, 2.0]>}

// -----

// expected-error@+1 {{expects long_factor to be numbers > 0, but got 0}}
func.func private @f() attributes {a = #xf.rope<dim = 4, base = 1.0e4, scaling = longrope, factor = 2.0, original = 64, short_factor = [1.0, 1.0], long_factor = [1.0, 0.0]>}
