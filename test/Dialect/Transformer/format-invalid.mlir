// RUN: ph-opt %s -split-input-file -verify-diagnostics

// (C1) a known name
// expected-error@+1 {{expects the name of a storage format or i8x32 or i8x16, but got 'q4_9'}}
func.func private @f(tensor<64xf32, #xf.format<q4_9>>)

// -----

// (C2) elements of f32
// expected-error@+1 {{expects elements of f32 with #xf.format<q4_1>, but got 'i8'}}
func.func private @f(tensor<64xi8, #xf.format<q4_1>>)

// -----

// (C3) whole blocks
// expected-error@+1 {{expects a last dimension that is a multiple of 32 with #xf.format<q4_1>, but got 48}}
func.func private @f(tensor<4x48xf32, #xf.format<q4_1>>)

// -----

// (C3) of K quants too
// expected-error@+1 {{expects a last dimension that is a multiple of 256 with #xf.format<q6_k>, but got 128}}
func.func private @f(tensor<4x128xf32, #xf.format<q6_k>>)

// -----

// (C3) of activation encodings too
// expected-error@+1 {{expects a last dimension that is a multiple of 16 with #xf.format<i8x16>, but got 40}}
func.func private @f(tensor<?x40xf32, #xf.format<i8x16>>)

// -----

// (C3) a static last dimension
// expected-error@+1 {{expects a static last dimension with #xf.format<i8x32>, but got a dynamic one}}
func.func private @f(tensor<4x?xf32, #xf.format<i8x32>>)

// -----

// expected-error@+1 {{expects a static last dimension with #xf.format<f16>, but got no dimension}}
func.func private @f(tensor<f32, #xf.format<f16>>)
