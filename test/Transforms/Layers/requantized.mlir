// Weights that are encoded anew stay so when layers are unrolled and rolled, and only those of one kind are rolled.
// RUN: ph-opt %s --xf-unroll | FileCheck %s --check-prefix=UNROLLED
// RUN: ph-opt %s --xf-unroll --xf-outline-layers | FileCheck %s --check-prefix=ROLLED
// RUN: ph-opt %s --run --outputs=%t.rolled
// RUN: ph-opt %s --xf-unroll --run --expect=%t.rolled --atol=0 --rtol=0
// RUN: ph-opt %s --xf-unroll | sed '/@w_1 /s/ requantized//' > %t.mlir
// RUN: ph-opt %t.mlir --xf-outline-layers | FileCheck %s --check-prefix=APART
// UNROLLED: xf.weight @w_0 : tensor<64x64xf32, #xf.format<q4_0>> sources [#xf.source<"w.0">] requantized
// UNROLLED: xf.weight @w_1 : tensor<64x64xf32, #xf.format<q4_0>> sources [#xf.source<"w.1">] requantized
// ROLLED: xf.weight @{{.*}} : tensor<3x64x64xf32, #xf.format<q4_0>> stacked sources [#xf.source<"w.{layer}">] requantized
// ROLLED: xf.repeat
// APART-NOT: xf.repeat
// APART: xf.linear

xf.weight @w : tensor<3x64x64xf32, #xf.format<q4_0>> stacked sources [#xf.source<"w.{layer}">] requantized
func.func @forward(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %y = xf.repeat %layer = 3 iter(%h = %x) : tensor<?x?x64xf32> {
    %w = xf.load_weight @w[%layer] : tensor<64x64xf32, #xf.format<q4_0>>
    %p = xf.linear %h, %w : (tensor<?x?x64xf32>, tensor<64x64xf32, #xf.format<q4_0>>) -> tensor<?x?x64xf32>
    %s = xf.add %h, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    xf.yield %s : tensor<?x?x64xf32>
  }
  return %y : tensor<?x?x64xf32>
}
