// REQUIRES: compiler
// RUN: ph-opt %s --generate-cpu-kernels=level=x86-64-v3 -verify-diagnostics

// expected-error @below {{no kernel for linear: activations encoded by 16 times weights in a4g32hm: the groups must be the same}}
func.func private @product(memref<1099511627776xi8>, memref<1099511627776xi8>, memref<1099511627776xf32>,
                           memref<1099511627776xf32>, memref<1099511627776xf32>, index, index, index)
    attributes {xf.kernel = {kind = "linear", rows = 1536, columns = 576, input_group = 16,
                             layout = {kind = "affine", stored_bits = 4, code_bits = 4, group = 32, half_scales,
                                       zero_point = -1}}}
