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

// expected-error@+1 {{expects dim, base, style, scaling or factor, but got 'theta'}}
func.func private @f() attributes {a = #xf.rope<dim = 16, theta = 1.0e4>}
