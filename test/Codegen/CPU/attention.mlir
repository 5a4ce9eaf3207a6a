// Declared attention becomes a kernel with an online softmax: keys in blocks of 64 up to the unit's last position, a
// block only for the tiles that see some of it, one row and six rows side by side, and neither
// calls nor math.exp.
// REQUIRES: compiler
// RUN: ph-opt %s --generate-cpu-kernels=level=x86-64-v4 | FileCheck %s
// RUN: ph-opt %s --generate-cpu-kernels=level=x86-64-v3 | FileCheck %s --check-prefix=V3
// RUN: ph-opt %s --generate-cpu-kernels=level=x86-64-v4 | FileCheck %s --check-prefix=NONE

// CHECK-LABEL: func.func private @attention_1of9_3fc0000000000000_30x3x64_f16_half64_i8x32_x86_64_v4(
// CHECK: scf.for %{{.*}} = %[[U0:arg9]] to %[[U1:arg10]] step

// The keys of a unit: up to a computed end, in blocks.
// CHECK: scf.for %[[KEY:.*]] = %c0{{.*}} to %{{[0-9]+}} step %c64
// CHECK: scf.for
// CHECK: %[[SOME:.*]] = arith.cmpi slt, %[[KEY]], %[[SEEN:.*]] : index
// CHECK-NEXT: scf.if %[[SOME]] {
// CHECK: %[[LEFT:.*]] = arith.subi %[[SEEN]], %[[KEY]] : index
// CHECK: %[[COUNT:.*]] = arith.minsi %[[LEFT]], %{{.*}} : index

// Scores: a chain of fma over the head's elements for each of 64 keys, which come as f16.
// CHECK: scf.for %{{.*}} to %[[COUNT]] step
// CHECK: scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK: arith.extf %{{.*}} : vector<16xf16> to vector<16xf32>
// Values: only the keys that are seen.
// CHECK: scf.for {{.*}} to %[[COUNT]] step {{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// Six rows: 24 sums.
// CHECK: scf.for %{{.*}} -> ({{(vector<16xf32>, ){23}vector<16xf32>[)]}}
// CHECK: scf.for %{{.*}} -> ({{(vector<16xf32>, ){23}vector<16xf32>[)]}}

// 16 registers hold 12 sums.
// V3: scf.for %{{.*}} -> ({{(vector<8xf32>, ){11}vector<8xf32>[)]}}
// V3-NOT: vector<16xf32>

// NONE: func.func private @attention_1of9
// NONE-NOT: call
// NONE-NOT: math.exp

func.func private @attend(memref<1099511627776xf32>, memref<1099511627776xf32>, memref<1099511627776xf32>,
                          memref<1099511627776xi32>, memref<1099511627776xf16>, memref<1099511627776xi8>,
                          memref<1099511627776xf32>, memref<1099511627776xf32>, index, index, index, index, index, index)
    attributes {xf.kernel = {kind = "attention", layers = 30, kv_heads = 3, head_dim = 64, half, heads = 9, scale = 0.125,
                             rope_dim = 64, rope_style = "half", output_group = 32, positions_per_unit = 48}}
