// RUN: split-file %s %t
// RUN: ph-opt %t/folded.mlir --xf-fuse-norm-linear --remark-policy=all --remarks-filter=xf-fuse-norm-linear 2>%t.remarks | FileCheck %t/folded.mlir
// RUN: FileCheck %t/folded.mlir --check-prefix=REMARK --input-file=%t.remarks
// RUN: ph-opt %t/refused.mlir --xf-fuse-norm-linear --remark-policy=all --remarks-filter=xf-fuse-norm-linear 2>%t.remarks | FileCheck %t/refused.mlir
// RUN: FileCheck %t/refused.mlir --check-prefix=REMARK --input-file=%t.remarks
//
// The values stay, also where queries, keys and values are joined after it; a wrong offset would be seen.
// RUN: ph-opt %t/folded.mlir --run --outputs=%t.safetensors
// RUN: ph-opt %t/folded.mlir --xf-fuse-norm-linear --run --expect=%t.safetensors --atol=1e-5 --rtol=0
// RUN: ph-opt %t/folded.mlir --xf-fuse-norm-linear --xf-fuse-qkv --run --expect=%t.safetensors --atol=1e-5 --rtol=0
// RUN: ph-opt %t/folded.mlir --xf-fuse-norm-linear | sed 's/, offset = 1.0[0e+]*//' > %t.wrong.mlir
// RUN: not ph-opt %t.wrong.mlir --run --expect=%t.safetensors --atol=1e-3 --rtol=0

//--- folded.mlir

// CHECK-DAG: xf.weight @q : tensor<2x32x32xf32> stacked sources [#xf.source<"blk.{layer}.q", rope_halves<2>, columns = "blk.{layer}.norm", offset = 1.000000e+00>]
// CHECK-DAG: xf.weight @k : {{.*}} columns = "blk.{layer}.norm", offset = 1.000000e+00>]
// CHECK-DAG: xf.weight @v : {{.*}} columns = "blk.{layer}.norm", offset = 1.000000e+00>]
// CHECK-DAG: xf.weight @o : tensor<2x32x32xf32> stacked sources [#xf.source<"blk.{layer}.o">]
// CHECK-DAG: xf.weight @gate : {{.*}} columns = "blk.{layer}.norm2">]
// CHECK-DAG: xf.weight @up : {{.*}} columns = "blk.{layer}.norm2">]
// CHECK-DAG: xf.weight @down : tensor<2x32x48xf32> stacked sources [#xf.source<"blk.{layer}.down">]
// CHECK-DAG: xf.weight @output : tensor<40x32xf32> sources [#xf.source<"output", columns = "norm">]
// CHECK-NOT: xf.weight @norm
// CHECK-LABEL: func.func @forward
// CHECK: xf.repeat
// CHECK-NEXT: xf.rms_norm %{{[a-z0-9]*}} eps
// CHECK: xf.add_layer_norm %{{[a-z0-9]*}}, %{{[a-z0-9]*}} eps
// CHECK: xf.rms_norm %{{[a-z0-9]*}} eps
// CHECK-NEXT: xf.load_weight @output
//
// REMARK: its weight scales the columns of 3 matrices
// REMARK: its weight scales the columns of 2 matrices
// REMARK: its weight scales the columns of 1 matrices
xf.weight @norm1 : tensor<2x32xf32> stacked sources [#xf.source<"blk.{layer}.norm">]
xf.weight @q : tensor<2x32x32xf32> stacked sources [#xf.source<"blk.{layer}.q", rope_halves<2>>]
xf.weight @k : tensor<2x32x32xf32> stacked sources [#xf.source<"blk.{layer}.k">]
xf.weight @v : tensor<2x32x32xf32> stacked sources [#xf.source<"blk.{layer}.v">]
xf.weight @o : tensor<2x32x32xf32> stacked sources [#xf.source<"blk.{layer}.o">]
xf.weight @norm2 : tensor<2x32xf32> stacked sources [#xf.source<"blk.{layer}.norm2">]
xf.weight @gate : tensor<2x48x32xf32> stacked sources [#xf.source<"blk.{layer}.gate">]
xf.weight @up : tensor<2x48x32xf32> stacked sources [#xf.source<"blk.{layer}.up">]
xf.weight @down : tensor<2x32x48xf32> stacked sources [#xf.source<"blk.{layer}.down">]
xf.weight @norm3 : tensor<32xf32> sources [#xf.source<"norm">]
xf.weight @output : tensor<40x32xf32> sources [#xf.source<"output">]
func.func @forward(%x: tensor<2x3x32xf32>) -> tensor<2x3x40xf32> {
  %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<2x3x32xf32> {
    %wn = xf.load_weight @norm1[%layer] : tensor<32xf32>
    %n = xf.rms_norm %h, %wn eps = 1.0e-5 offset = 1.0 : (tensor<2x3x32xf32>, tensor<32xf32>) -> tensor<2x3x32xf32>
    %wq = xf.load_weight @q[%layer] : tensor<32x32xf32>
    %q = xf.linear %n, %wq : (tensor<2x3x32xf32>, tensor<32x32xf32>) -> tensor<2x3x32xf32>
    %wk = xf.load_weight @k[%layer] : tensor<32x32xf32>
    %k = xf.linear %n, %wk : (tensor<2x3x32xf32>, tensor<32x32xf32>) -> tensor<2x3x32xf32>
    %wv = xf.load_weight @v[%layer] : tensor<32x32xf32>
    %v = xf.linear %n, %wv : (tensor<2x3x32xf32>, tensor<32x32xf32>) -> tensor<2x3x32xf32>
    %a = xf.attention %q keys(%k) values(%v) heads = 2 scale = 0.25 mask = causal : (tensor<2x3x32xf32>, tensor<2x3x32xf32>, tensor<2x3x32xf32>) -> tensor<2x3x32xf32>
    %wo = xf.load_weight @o[%layer] : tensor<32x32xf32>
    %o = xf.linear %a, %wo : (tensor<2x3x32xf32>, tensor<32x32xf32>) -> tensor<2x3x32xf32>
    %wn2 = xf.load_weight @norm2[%layer] : tensor<32xf32>
    %s, %n2 = xf.add_layer_norm %h, %o, %wn2 eps = 1.0e-5 : (tensor<2x3x32xf32>, tensor<2x3x32xf32>, tensor<32xf32>) -> (tensor<2x3x32xf32>, tensor<2x3x32xf32>)
    %wg = xf.load_weight @gate[%layer] : tensor<48x32xf32>
    %wu = xf.load_weight @up[%layer] : tensor<48x32xf32>
    %g = xf.gated_linear silu %n2, %wg, %wu : (tensor<2x3x32xf32>, tensor<48x32xf32>, tensor<48x32xf32>) -> tensor<2x3x48xf32>
    %wd = xf.load_weight @down[%layer] : tensor<32x48xf32>
    %d = xf.linear %g, %wd residual %s : (tensor<2x3x48xf32>, tensor<32x48xf32>, tensor<2x3x32xf32>) -> tensor<2x3x32xf32>
    xf.yield %d : tensor<2x3x32xf32>
  }
  %wn = xf.load_weight @norm3 : tensor<32xf32>
  %n = xf.rms_norm %y, %wn eps = 1.0e-5 : (tensor<2x3x32xf32>, tensor<32xf32>) -> tensor<2x3x32xf32>
  %w = xf.load_weight @output : tensor<40x32xf32>
  %z = xf.logits %n, %w : (tensor<2x3x32xf32>, tensor<40x32xf32>) -> tensor<2x3x40xf32>
  return %z : tensor<2x3x40xf32>
}

//--- refused.mlir

// CHECK-NOT: columns
xf.weight @n : tensor<32xf32> sources [#xf.source<"n">]
xf.weight @head : tensor<16xf32> sources [#xf.source<"head">]
xf.weight @parts : tensor<32xf32> sources [#xf.source<"a", rows = 16>, #xf.source<"b", rows = 16>]
xf.weight @stack : tensor<4x32xf32> stacked sources [#xf.source<"n.{layer}">]
xf.weight @shifted : tensor<4x32xf32> stacked sources [#xf.source<"n.{layer}", first = 1>]
xf.weight @m1 : tensor<32x32xf32> sources [#xf.source<"m1">]
xf.weight @m2 : tensor<32x32xf32> sources [#xf.source<"m2">]
xf.weight @m3 : tensor<32x32xf32, #xf.format<q8_0>> sources [#xf.source<"m3">]
xf.weight @m4 : tensor<32x32xf32, #xf.format<f16>> sources [#xf.source<"m4">]
xf.weight @ms : tensor<4x32x32xf32> stacked sources [#xf.source<"m.{layer}">]
xf.weight @unnamed : tensor<32x32xf32>

// REMARK: the norm has a bias, which products with the matrices would have to be made of
func.func @bias(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %n = xf.load_weight @n : tensor<32xf32>
  %y = xf.layer_norm %x, %n bias %n eps = 1.0e-5 : (tensor<?x32xf32>, tensor<32xf32>, tensor<32xf32>) -> tensor<?x32xf32>
  %m = xf.load_weight @m1 : tensor<32x32xf32>
  %z = xf.linear %y, %m : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
  return %z : tensor<?x32xf32>
}

// REMARK: the norm's result is encoded
func.func @encoded(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %n = xf.load_weight @n : tensor<32xf32>
  %y = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x32xf32>, tensor<32xf32>) -> tensor<?x32xf32, #xf.format<i8x32>>
  %m = xf.load_weight @m1 : tensor<32x32xf32>
  %z = xf.linear %y, %m : (tensor<?x32xf32, #xf.format<i8x32>>, tensor<32x32xf32>) -> tensor<?x32xf32>
  return %z : tensor<?x32xf32>
}

// REMARK: the norm's weight is that of a head
func.func @heads(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %n = xf.load_weight @head : tensor<16xf32>
  %y = xf.rms_norm %x, %n eps = 1.0e-5 heads = 2 : (tensor<?x32xf32>, tensor<16xf32>) -> tensor<?x32xf32>
  %m = xf.load_weight @m1 : tensor<32x32xf32>
  %z = xf.linear %y, %m : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
  return %z : tensor<?x32xf32>
}

// REMARK: the norm's weight names no single source
func.func @two_sources(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %n = xf.load_weight @parts : tensor<32xf32>
  %y = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x32xf32>, tensor<32xf32>) -> tensor<?x32xf32>
  %m = xf.load_weight @m1 : tensor<32x32xf32>
  %z = xf.linear %y, %m : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
  return %z : tensor<?x32xf32>
}

// The residual is the norm, as the input is.
// REMARK: the norm is read by something else than products too
func.func @residual(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %n = xf.load_weight @n : tensor<32xf32>
  %y = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x32xf32>, tensor<32xf32>) -> tensor<?x32xf32>
  %m = xf.load_weight @m1 : tensor<32x32xf32>
  %z = xf.linear %y, %m residual %y : (tensor<?x32xf32>, tensor<32x32xf32>, tensor<?x32xf32>) -> tensor<?x32xf32>
  return %z : tensor<?x32xf32>
}

// REMARK: a matrix names no source
func.func @argument(%x: tensor<?x32xf32>, %m: tensor<32x32xf32>) -> tensor<?x32xf32> {
  %n = xf.load_weight @n : tensor<32xf32>
  %y = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x32xf32>, tensor<32xf32>) -> tensor<?x32xf32>
  %z = xf.linear %y, %m : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
  return %z : tensor<?x32xf32>
}

// REMARK: a matrix names no source
func.func @unnamed_source(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %n = xf.load_weight @n : tensor<32xf32>
  %y = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x32xf32>, tensor<32xf32>) -> tensor<?x32xf32>
  %m = xf.load_weight @unnamed : tensor<32x32xf32>
  %z = xf.linear %y, %m : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
  return %z : tensor<?x32xf32>
}

// REMARK: a matrix is stored as q8_0, which can't keep scaled columns
func.func @codes(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %n = xf.load_weight @n : tensor<32xf32>
  %y = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x32xf32>, tensor<32xf32>) -> tensor<?x32xf32>
  %m = xf.load_weight @m3 : tensor<32x32xf32, #xf.format<q8_0>>
  %z = xf.linear %y, %m : (tensor<?x32xf32>, tensor<32x32xf32, #xf.format<q8_0>>) -> tensor<?x32xf32>
  return %z : tensor<?x32xf32>
}

// REMARK: a matrix is stored as f16, which can't keep scaled columns
func.func @half(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %n = xf.load_weight @n : tensor<32xf32>
  %y = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x32xf32>, tensor<32xf32>) -> tensor<?x32xf32>
  %m = xf.load_weight @m4 : tensor<32x32xf32, #xf.format<f16>>
  %z = xf.linear %y, %m : (tensor<?x32xf32>, tensor<32x32xf32, #xf.format<f16>>) -> tensor<?x32xf32>
  return %z : tensor<?x32xf32>
}

// REMARK: a matrix is of another layer than the norm
func.func @layers(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %one = arith.constant 1 : index
  %two = arith.constant 2 : index
  %n = xf.load_weight @stack[%one] : tensor<32xf32>
  %y = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x32xf32>, tensor<32xf32>) -> tensor<?x32xf32>
  %m = xf.load_weight @ms[%two] : tensor<32x32xf32>
  %z = xf.linear %y, %m : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
  return %z : tensor<?x32xf32>
}

// REMARK: a matrix counts layers otherwise than the norm
func.func @counted(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %one = arith.constant 1 : index
  %n = xf.load_weight @shifted[%one] : tensor<32xf32>
  %y = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x32xf32>, tensor<32xf32>) -> tensor<?x32xf32>
  %m = xf.load_weight @ms[%one] : tensor<32x32xf32>
  %z = xf.linear %y, %m : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
  return %z : tensor<?x32xf32>
}

// REMARK: a matrix is used elsewhere too
func.func @tied(%x: tensor<?x32xf32>, %t: tensor<?x?xi32>) -> (tensor<?x32xf32>, tensor<?x?x32xf32>) {
  %m = xf.load_weight @m2 : tensor<32x32xf32>
  %e = xf.embedding %t, %m : (tensor<?x?xi32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %n = xf.load_weight @n : tensor<32xf32>
  %y = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x32xf32>, tensor<32xf32>) -> tensor<?x32xf32>
  %again = xf.load_weight @m2 : tensor<32x32xf32>
  %z = xf.logits %y, %again : (tensor<?x32xf32>, tensor<32x32xf32>) -> tensor<?x32xf32>
  return %z, %e : tensor<?x32xf32>, tensor<?x?x32xf32>
}

// Nothing to do: a norm without a weight.
func.func @bare(%x: tensor<?x32xf32>) -> tensor<?x32xf32> {
  %y = xf.rms_norm %x eps = 1.0e-5 : (tensor<?x32xf32>) -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}
