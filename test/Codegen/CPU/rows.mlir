// Declared row kernels: the norm writes codes, scales and sums itself; the rotary table calls libm, nothing else does;
// one specification makes one function, however often it is declared.
// REQUIRES: compiler
// RUN: ph-opt %s --generate-cpu-kernels=level=x86-64-v3 | FileCheck %s
// RUN: ph-opt %s --generate-cpu-kernels=level=x86-64-v3 | grep -c 'func.func private @gated_silu' | FileCheck %s --check-prefix=ONCE

// ONCE: {{^1$}}

// CHECK-DAG: func.func private @cosf(f32) -> f32
// CHECK-DAG: func.func private @sinf(f32) -> f32
// CHECK-DAG: memref.global "private" constant @[[TABLE:rope_frequencies_.*]] : memref<2xf32> = dense<[1.000000e+00, 5.000000e-01]>

// CHECK-LABEL: func.func @step(
// CHECK: call @rms_norm_576_{{[0-9a-f]+}}_i8x32_x86_64_v3(
// CHECK: call @gated_silu_x86_64_v3(
// CHECK: call @gated_silu_x86_64_v3(

// Four groups of chains hide the latency of fma; codes are rounded by adding 1.5 * 2^23.
// CHECK-LABEL: func.func private @rms_norm_576_
// CHECK-NOT: call
// CHECK: scf.for {{.*}} -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
// CHECK: arith.constant dense<0x4B400000> : vector<8xf32>
// CHECK: vector.store %{{.*}} : memref<1099511627776xi8>, vector<8xi8>

// CHECK-LABEL: func.func private @gated_silu_x86_64_v3(
// CHECK-NOT: math.exp
// CHECK-NOT: call

// CHECK-LABEL: func.func private @rope_table_2_
// CHECK: memref.get_global @[[TABLE]]
// CHECK: call @cosf
// CHECK: call @sinf

func.func private @norm(memref<1099511627776xf32>, memref<1099511627776xf32>, memref<1099511627776xi8>,
                        memref<1099511627776xf32>, memref<1099511627776xf32>, index, index, index)
    attributes {xf.kernel = {kind = "rms_norm", features = 576, eps = 1.0e-5, output_group = 32}}

func.func private @gate(memref<1099511627776xf32>, memref<1099511627776xf32>, memref<1099511627776xf32>, index, index,
                        index, index, index, index, index)
    attributes {xf.kernel = {kind = "gated_activation", activation = "silu"}}
func.func private @other_gate(memref<1099511627776xf32>, memref<1099511627776xf32>, memref<1099511627776xf32>, index,
                              index, index, index, index, index, index)
    attributes {xf.kernel = {kind = "gated_activation", activation = "silu"}}

func.func private @table(memref<1099511627776xi32>, memref<1099511627776xf32>, memref<1099511627776xf32>, index, index,
                         index)
    attributes {xf.kernel = {kind = "rope_table", frequencies = [1.0, 0.5]}}

func.func @step(%x: memref<1099511627776xf32>, %w: memref<1099511627776xf32>, %codes: memref<1099511627776xi8>,
                %scale: memref<1099511627776xf32>, %sum: memref<1099511627776xf32>, %m0: index, %m1: index, %k: index) {
  call @norm(%x, %w, %codes, %scale, %sum, %m0, %m1, %k)
    : (memref<1099511627776xf32>, memref<1099511627776xf32>, memref<1099511627776xi8>, memref<1099511627776xf32>,
       memref<1099511627776xf32>, index, index, index) -> ()
  call @gate(%x, %w, %x, %m0, %m1, %m0, %k, %k, %k, %k)
    : (memref<1099511627776xf32>, memref<1099511627776xf32>, memref<1099511627776xf32>, index, index, index, index,
       index, index, index) -> ()
  call @other_gate(%x, %w, %x, %m0, %m1, %m0, %k, %k, %k, %k)
    : (memref<1099511627776xf32>, memref<1099511627776xf32>, memref<1099511627776xf32>, index, index, index, index,
       index, index, index) -> ()
  return
}
