// A declared product becomes a kernel of its level: the level's dot product, one per 4 columns and row, and blocks of 8,
// 4, 2, 1 rows and of one row alone.
// REQUIRES: compiler
// RUN: ph-opt %s --generate-cpu-kernels=level=x86-64-v4-vnni | FileCheck %s --check-prefix=VNNI
// RUN: ph-opt %s --generate-cpu-kernels=level=x86-64-v4-vnni | grep -c vpdpbusd.512 | FileCheck %s --check-prefix=COUNT
// RUN: ph-opt %s --generate-cpu-kernels=level=x86-64-v4 | FileCheck %s --check-prefix=V4
// RUN: ph-opt %s --generate-cpu-kernels=level=x86-64-v3 | FileCheck %s --check-prefix=V3

// VNNI: call @linear_a4g32hm_n1536_k576_i8x32_x86_64_v4_vnni(
// VNNI-LABEL: func.func private @linear_a4g32hm_n1536_k576_i8x32_x86_64_v4_vnni(
// VNNI-SAME: memref<1099511627776xi8> {llvm.noalias}
// VNNI-NOT: pmadd
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"({{.*}}) : (vector<16xi32>, vector<64xi8>, vector<64xi8>) -> vector<16xi32>
// VNNI-NOT: pmadd

// 8 products a row for 32 columns: 8 * (8 + 4 + 2 + 1 + 1).
// COUNT: {{^128$}}

// V4-LABEL: func.func private @linear_a4g32hm_n1536_k576_i8x32_x86_64_v4(
// V4-NOT: vpdpbusd
// V4: "llvm.x86.avx512.pmaddubs.w.512"({{.*}}) : (vector<64xi8>, vector<64xi8>) -> vector<32xi16>
// V4: "llvm.x86.avx512.pmaddw.d.512"
// V4-NOT: vpdpbusd

// V3-LABEL: func.func private @linear_a4g32hm_n1536_k576_i8x32_x86_64_v3(
// V3-NOT: avx512
// V3: "llvm.x86.avx2.pmadd.ub.sw"({{.*}}) : (vector<32xi8>, vector<32xi8>) -> vector<16xi16>
// V3: "llvm.x86.avx2.pmadd.wd"
// V3-NOT: avx512

func.func private @product(memref<1099511627776xi8>, memref<1099511627776xi8>, memref<1099511627776xf32>,
                           memref<1099511627776xf32>, memref<1099511627776xf32>, index, index, index)
    attributes {xf.kernel = {kind = "linear", rows = 1536, columns = 576, input_group = 32,
                             layout = {kind = "affine", stored_bits = 4, code_bits = 4, group = 32, half_scales,
                                       zero_point = -1}}}

func.func @step(%w: memref<1099511627776xi8>, %x: memref<1099511627776xi8>, %d: memref<1099511627776xf32>,
                %s: memref<1099511627776xf32>, %y: memref<1099511627776xf32>, %t0: index, %t1: index, %m: index) {
  call @product(%w, %x, %d, %s, %y, %t0, %t1, %m)
    : (memref<1099511627776xi8>, memref<1099511627776xi8>, memref<1099511627776xf32>, memref<1099511627776xf32>,
       memref<1099511627776xf32>, index, index, index) -> ()
  return
}
