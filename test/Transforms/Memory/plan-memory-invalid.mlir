// RUN: ph-opt %s --split-input-file --xf-plan-memory -verify-diagnostics

func.func private @f(tensor<?x64xf32>) -> tensor<?x64xf32>
func.func @calls(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  // expected-error@+1 {{expects no calls, and no regions but those of xf.repeat, where memory is planned}}
  %y = call @f(%x) : (tensor<?x64xf32>) -> tensor<?x64xf32>
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
