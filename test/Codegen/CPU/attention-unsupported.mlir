// REQUIRES: compiler
// RUN: ph-opt %s --generate-cpu-kernels=level=x86-64-v3 -verify-diagnostics
// RUN: ph-opt %s --generate-cpu-kernels=only-check=true -verify-diagnostics

// expected-error @below {{no kernel for attention: a cache of 2 layers, 3 heads of 100 elements: heads must be a multiple of 16}}
func.func private @attend(memref<1099511627776xf32>, memref<1099511627776xi32>, memref<1099511627776xf32>,
                          memref<1099511627776xf32>, index, index, index, index, index, index, index)
    attributes {xf.kernel = {kind = "attention", layers = 2, kv_heads = 3, head_dim = 100, heads = 9, scale = 0.1,
                             positions_per_unit = 48}}
