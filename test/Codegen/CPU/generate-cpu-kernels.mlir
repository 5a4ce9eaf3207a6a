// Declared kernels get bodies for the level that was asked for; what no generator makes is refused with its reason.
// RUN: split-file %s %t
// RUN: ph-opt %t/linear.mlir --generate-cpu-kernels=level=x86-64-v4-vnni | FileCheck %t/linear.mlir --check-prefix=VNNI
// RUN: ph-opt %t/linear.mlir --generate-cpu-kernels=level=x86-64-v3 | FileCheck %t/linear.mlir --check-prefix=AVX2
// RUN: not ph-opt %t/linear.mlir --generate-cpu-kernels=level=x86-64-v9 2>&1 | FileCheck %t/linear.mlir --check-prefix=LEVEL
// RUN: not ph-opt %t/kind.mlir --generate-cpu-kernels 2>&1 | FileCheck %t/kind.mlir
// RUN: not ph-opt %t/type.mlir --generate-cpu-kernels 2>&1 | FileCheck %t/type.mlir

//--- linear.mlir
// VNNI: vpdpbusd.512
// VNNI-NOT: xf.kernel
// AVX2-NOT: vpdpbusd
// AVX2: pmadd.ub.sw
// AVX2-NOT: xf.kernel
// LEVEL: error: unknown CPU level 'x86-64-v9'
func.func private @k(memref<1099511627776xi8>, memref<1099511627776xi8>, memref<1099511627776xf32>, memref<1099511627776xf32>,
                     memref<1099511627776xf32>, index, index, index)
  attributes {xf.kernel = {kind = "linear", rows = 64 : i64, columns = 64 : i64, input_group = 32 : i64,
    layout = {kind = "affine", stored_bits = 4 : i64, code_bits = 4 : i64, group = 32 : i64, half_scales, zero_point = -1 : i64}}}

//--- kind.mlir
// CHECK: error: no generator for a kernel of kind 'teleport'
func.func private @k(index) attributes {xf.kernel = {kind = "teleport"}}

//--- type.mlir
// CHECK: error: expects a kernel of type
func.func private @k(index) attributes {xf.kernel = {kind = "add"}}
