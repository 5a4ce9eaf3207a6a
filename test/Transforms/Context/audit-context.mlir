// RUN: split-file %s %t
//
// Base 10^4 and dim 8: θ = 1, 0.1, 0.01, 0.001. Wavelengths are 2π / θ, rotations 64 θ / 2π.
// RUN: ph-opt %t/plain.mlir --xf-audit-context 2>&1 | FileCheck %s --check-prefix=NOTHING --match-full-lines --strict-whitespace
//     NOTHING:context of #xf.rope<dim = 8, base = 1.000000e+04, style = half> in 2 ops
//NOTHING-NEXT:64 positions become 64, cos and sin are multiplied with 1.000000
//NOTHING-NEXT:  pair  wavelength before   wavelength after      rotations  class
//NOTHING-NEXT:     0             6.2832             6.2832      10.185916  extrapolated
//NOTHING-NEXT:     1            62.8319            62.8319       1.018592  extrapolated
//NOTHING-NEXT:     2           628.3185           628.3185       0.101859  extrapolated
//NOTHING-NEXT:     3          6283.1853          6283.1853       0.010186  extrapolated
//
// The module itself is not changed.
// RUN: ph-opt %t/plain.mlir --xf-audit-context="method=yarn factor=4" 2>/dev/null > %t.after
// RUN: ph-opt %t/plain.mlir > %t.before
// RUN: diff %t.before %t.after
//
// All by 4.
// RUN: ph-opt %t/plain.mlir --xf-audit-context="method=linear factor=4" 2>&1 | FileCheck %s --check-prefix=LINEAR
// LINEAR: context of #xf.rope<dim = 8, base = 1.000000e+04, style = half, scaling = linear, factor = 4.000000e+00> in 2 ops
// LINEAR-NEXT: 64 positions become 256,
// LINEAR: 0 6.2832 25.1327 {{.*}} interpolated
// LINEAR: 1 62.8319 251.3274 {{.*}} interpolated
// LINEAR: 2 628.3185 2513.2741 {{.*}} interpolated
// LINEAR: 3 6283.1853 25132.7412 {{.*}} interpolated
//
// Pair i by 4^(i / 3).
// RUN: ph-opt %t/plain.mlir --xf-audit-context="method=ntk factor=4" 2>&1 | FileCheck %s --check-prefix=NTK
// NTK: 0 6.2832 6.2832 {{.*}} extrapolated
// NTK: 1 62.8319 99.7393 {{.*}} mixed
// NTK: 2 628.3185 1583.2635 {{.*}} mixed
// NTK: 3 6283.1853 25132.7412 {{.*}} interpolated
//
// At 256 positions pair i by (4 · 256 / 64 - 3)^(i / 3).
// RUN: ph-opt %t/plain.mlir --xf-audit-context="method=dynamic factor=4" 2>&1 | FileCheck %s --check-prefix=DYNAMIC
// DYNAMIC: 0 6.2832 6.2832 {{.*}} extrapolated
// DYNAMIC: 1 62.8319 147.7387 {{.*}} mixed
// DYNAMIC: 2 628.3185 3473.8317 {{.*}} interpolated
// DYNAMIC: 3 6283.1853 81681.4090 {{.*}} interpolated
//
// The ramp is from pair 0 to pair 2 (once in 64 tokens turns pair 1.008, rounded up): pair 1 gets (0.1 + 0.025) / 2.
// RUN: ph-opt %t/plain.mlir --xf-audit-context="method=yarn factor=4" 2>&1 | FileCheck %s --check-prefix=YARN
// YARN: multiplied with 1.138629
// YARN: 0 6.2832 6.2832 {{.*}} extrapolated
// YARN: 1 62.8319 100.5310 {{.*}} mixed
// YARN: 2 628.3185 2513.2741 {{.*}} interpolated
// YARN: 3 6283.1853 25132.7412 {{.*}} interpolated
//
// Pair 1, with s = (64 / 62.8319 - 1) / 3, gets 0.1 ((1 - s) / 8 + s).
// RUN: ph-opt %t/plain.mlir --xf-audit-context="method=llama3 factor=8" 2>&1 | FileCheck %s --check-prefix=LLAMA3
// LLAMA3: 64 positions become 512,
// LLAMA3: 0 6.2832 6.2832 {{.*}} extrapolated
// LLAMA3: 1 62.8319 481.7560 {{.*}} mixed
// LLAMA3: 2 628.3185 5026.5482 {{.*}} interpolated
// LLAMA3: 3 6283.1853 50265.4825 {{.*}} interpolated
//
// The long list decides, beyond the original context; √(1 + ln 4 / ln 64) = √(4/3).
// RUN: ph-opt %t/plain.mlir --xf-audit-context="method=longrope factor=4 short-factor=1,1,1,1 long-factor=1,2,4,8" 2>&1 | FileCheck %s --check-prefix=LONGROPE
// LONGROPE: multiplied with 1.154701
// LONGROPE: 0 6.2832 6.2832 {{.*}} extrapolated
// LONGROPE: 1 62.8319 125.6637 {{.*}} mixed
// LONGROPE: 2 628.3185 2513.2741 {{.*}} interpolated
// LONGROPE: 3 6283.1853 50265.4825 {{.*}} interpolated
//
// What an extended module has; the original context is the model's divided by the factor, or the scaling's own.
// RUN: ph-opt %t/plain.mlir --xf-extend-context="method=ntk factor=4" --xf-audit-context 2>&1 | FileCheck %s --check-prefix=NTK
// RUN: ph-opt %t/plain.mlir --xf-extend-context="method=yarn factor=4" --xf-audit-context 2>&1 | FileCheck %s --check-prefix=YARN
// RUN: ph-opt %t/plain.mlir --xf-extend-context="method=linear factor=4" --xf-audit-context 2>&1 | FileCheck %s --check-prefix=LINEAR
//
// One table for each rope.
// RUN: ph-opt %t/two.mlir --xf-audit-context="original=100" 2>&1 | FileCheck %s --check-prefix=TWO
// TWO: context of #xf.rope<dim = 2, base = 1.000000e+04, style = half> in 1 op
// TWO: 100 positions become 100,
// TWO: 0 6.2832 6.2832 15.915494 extrapolated
// TWO: context of #xf.rope<dim = 2, base = 1.000000e+04, style = half, scaling = linear, factor = 2.000000e+00> in 1 op
// TWO: 100 positions become 200,
// TWO: 0 6.2832 12.5664 15.915494 interpolated
//
// RUN: not ph-opt %t/two.mlir --xf-audit-context 2>&1 | FileCheck %s --check-prefix=ORIGINAL
// RUN: not ph-opt %t/two.mlir --xf-audit-context="method=yarn factor=2 original=64" 2>&1 | FileCheck %s --check-prefix=SCALED
// RUN: not ph-opt %t/plain.mlir --xf-audit-context="method=yarn" 2>&1 | FileCheck %s --check-prefix=FACTOR
// RUN: not ph-opt %t/plain.mlir --xf-audit-context="factor=2" 2>&1 | FileCheck %s --check-prefix=METHOD
// RUN: not ph-opt %t/plain.mlir --xf-extend-context="method=yarn factor=4" --xf-audit-context="original=32" 2>&1 | FileCheck %s --check-prefix=OTHER
// RUN: not ph-opt %t/none.mlir --xf-audit-context 2>&1 | FileCheck %s --check-prefix=NONE
// ORIGINAL: error: 'xf.rope' op expects xf-audit-context to be given original=…, as neither its rope nor the module says it
// SCALED: error: 'xf.rope' op expects rotary positions without a scaling for xf-audit-context, but got linear
// FACTOR: error: xf-audit-context expects a factor > 1, but got 0
// METHOD: error: xf-audit-context expects a method where it is given a factor, but got none
// OTHER: error: 'xf.rope' op expects original=64, which its rope says, but got 32
// NONE: error: xf-audit-context expects rotary positions, but got a module without any

//--- plain.mlir
module attributes {xf.model = {architecture = "llama", name = "tiny", vocabulary = 32, context_length = 64, layers = 1}} {
  func.func @f(%x: tensor<?x?x16xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
    %y = xf.rope %x, %p rope = #xf.rope<dim = 8, base = 1.0e4, style = half> heads = 1 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
    %a = xf.attention %y keys(%y) values(%y) rope(%p, #xf.rope<dim = 8, base = 1.0e4, style = half>) heads = 1 scale = 0.25 mask = causal
      : (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
    return %a : tensor<?x?x16xf32>
  }
}

//--- two.mlir
func.func @f(%x: tensor<?x?x16xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  %y = xf.rope %x, %p rope = #xf.rope<dim = 2, base = 1.0e4, style = half> heads = 1 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %z = xf.rope %y, %p rope = #xf.rope<dim = 2, base = 1.0e4, style = half, scaling = linear, factor = 2.0> heads = 1
    : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  return %z : tensor<?x?x16xf32>
}

//--- none.mlir
func.func @f(%x: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  return %x : tensor<?x?x16xf32>
}
