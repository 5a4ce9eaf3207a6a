// A stack whose layers are stored in q4_k and q6_k is packed in one layout that holds both exactly: 8-bit codes in
// groups of 16 (q6_k's) with mins of their own (q4_k's) and single-precision scales.
// RUN: ph-opt %s --convert-transformer-to-kernels | FileCheck %s

// CHECK: kind = "linear", layout = {code_bits = 6 : i64, group = 16 : i64, kind = "affine", stored_bits = 8 : i64, zero_point = -1 : i64}
// CHECK-NOT: half_scales
module {
  xf.weight @table : tensor<64x256xf32>
  xf.weight @norm : tensor<256xf32>
  xf.weight @w : tensor<2x256x256xf32, #xf.format<q6_k>> stacked formats [#xf.format<q4_k>, #xf.format<q6_k>]
  func.func @forward(%tokens: tensor<?x?xi32>, %rows: tensor<?xi32>) -> tensor<?x64xf32> {
    %t = xf.load_weight @table : tensor<64x256xf32>
    %x = xf.embedding %tokens, %t : (tensor<?x?xi32>, tensor<64x256xf32>) -> tensor<?x?x256xf32>
    %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x256xf32> {
      %w = xf.load_weight @w[%layer] : tensor<256x256xf32, #xf.format<q6_k>>
      %n = xf.load_weight @norm : tensor<256xf32>
      %a = xf.rms_norm %h, %n eps = 1.0e-5 : (tensor<?x?x256xf32>, tensor<256xf32>) -> tensor<?x?x256xf32>
      %o = xf.linear %a, %w residual %h
        : (tensor<?x?x256xf32>, tensor<256x256xf32, #xf.format<q6_k>>, tensor<?x?x256xf32>) -> tensor<?x?x256xf32>
      xf.yield %o : tensor<?x?x256xf32>
    }
    %s = xf.select_rows %y, %rows : (tensor<?x?x256xf32>, tensor<?xi32>) -> tensor<?x256xf32>
    %l = xf.logits %s, %t : (tensor<?x256xf32>, tensor<64x256xf32>) -> tensor<?x64xf32>
    return %l : tensor<?x64xf32>
  }
}
