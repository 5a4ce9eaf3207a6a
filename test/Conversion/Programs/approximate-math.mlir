// RUN: ph-opt %s --approximate-math | FileCheck %s

// CHECK-LABEL: func.func @polynomials
// CHECK-NOT: math.{{exp|tanh|erf|log}}
// CHECK: return
func.func @polynomials(%x: f32) -> f32 {
  %a = math.exp %x : f32
  %b = math.tanh %a : f32
  %c = math.erf %b : f32
  %d = math.log %c : f32
  return %d : f32
}

// Angles of rotations are large: a polynomial would lose what matters.
// CHECK-LABEL: func.func @kept
// CHECK: math.sin
// CHECK: math.cos
func.func @kept(%x: f32) -> f32 {
  %a = math.sin %x : f32
  %b = math.cos %a : f32
  return %b : f32
}
