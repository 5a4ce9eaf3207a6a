// RUN: ph-opt %s --split-input-file --xf-plan-memory -verify-diagnostics

func.func private @f(tensor<?x64xf32>) -> tensor<?x64xf32>
func.func @calls(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // expected-error@+1 {{expects a function with a body, where memory is planned, but @f has none}}
  %y = call @f(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

func.func @f(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %y = call @g(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
func.func @g(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // expected-error@+1 {{expects a function that doesn't call itself, where memory is planned, but @f does}}
  %y = call @f(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// -----

func.func @while(%x: tensor<?x64xf32>, %more: i1) -> tensor<?x64xf32> {
  // expected-error@+1 {{expects no other calls than those of functions, and no other regions than those of xf.repeat, scf.for, scf.forall, scf.if and structured ops, where memory is planned}}
  %y = scf.while (%a = %x) : (tensor<?x64xf32>) -> tensor<?x64xf32> {
    scf.condition(%more) %a : tensor<?x64xf32>
  } do {
  ^bb0(%a: tensor<?x64xf32>):
    scf.yield %a : tensor<?x64xf32>
  }
  return %y : tensor<?x64xf32>
}

// -----

// A result can't be where something is that is read later.
func.func @later(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %a = xf.add %x, %x : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  // expected-error@+1 {{can't have its result in the place of operand 0: it is used later, or shares its memory}}
  %b = xf.add %a, %x {xf.in_place = 0 : i64} : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %c = xf.add %a, %b : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %c : tensor<?x64xf32>
}

// -----

func.func @number(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // expected-error@+1 {{expects xf.in_place to be the number of an operand, but got 2}}
  %a = xf.add %x, %x {xf.in_place = 2 : i64} : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %a : tensor<?x64xf32>
}
