// RUN: ph-opt %s --xf-recognize-alibi --verify-values --remark-policy=all --remarks-filter=xf-recognize-alibi 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// Bloom: slopes times numbers of keys, for each sequence.
// CHECK-LABEL: func.func @bloom
// CHECK-SAME: (%[[Q:.*]]: tensor<?x?x64xf32>)
// CHECK: xf.attention %[[Q]] keys(%[[Q]]) values(%[[Q]]) alibi = #xf.alibi<max_bias = 8.000000e+00> heads = 4 scale = 2.500000e-01 mask = causal :
// REMARK: remark: [Passed] xf.attention {{.*}}"the bias is a slope times the number of the key"
func.func @bloom(%q: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %m = arith.constant dense<[[[0.25]], [[0.0625]], [[0.015625]], [[0.00390625]]]> : tensor<4x1x1xf32>
  %n = xf.dim %q axis = 1 : (tensor<?x?x64xf32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %f = xf.cast %i : (tensor<?xi32>) -> tensor<?xf32>
  %b = xf.elementwise mul %m, %f : (tensor<4x1x1xf32>, tensor<?xf32>) -> tensor<4x1x?xf32>
  %batch = xf.dim %q axis = 0 : (tensor<?x?x64xf32>) -> index
  %b4 = xf.reshape %b [1, 4, 1, %n] : (tensor<4x1x?xf32>, index) -> tensor<1x4x1x?xf32>
  %all = xf.broadcast %b4 [%batch, 1, 1, 1] : (tensor<1x4x1x?xf32>, index) -> tensor<?x4x1x?xf32>
  %bias = xf.broadcast %all [1, 1, %n, 1] : (tensor<?x4x1x?xf32>, index) -> tensor<?x4x?x?xf32>
  %y = xf.attention %q keys(%q) values(%q) bias(%bias) heads = 4 scale = 0.25 mask = causal
    : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x4x?x?xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// MPT: the end of a table of distances.
// CHECK-LABEL: func.func @mpt
// CHECK: alibi = #xf.alibi<max_bias = 4.000000e+00> heads = 4
func.func @mpt(%q: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %t = arith.constant dense<[[[-4.5, -4.0, -3.5, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0]], [[-2.25, -2.0, -1.75, -1.5, -1.25, -1.0, -0.75, -0.5, -0.25, 0.0]], [[-1.125, -1.0, -0.875, -0.75, -0.625, -0.5, -0.375, -0.25, -0.125, 0.0]], [[-0.5625, -0.5, -0.4375, -0.375, -0.3125, -0.25, -0.1875, -0.125, -0.0625, 0.0]]]> : tensor<4x1x10xf32>
  %all = arith.constant 10 : index
  %none = arith.constant 0 : index
  %n = xf.dim %q axis = 1 : (tensor<?x?x64xf32>) -> index
  %before = arith.subi %all, %n : index
  %from = arith.maxsi %before, %none : index
  %b = xf.slice %t axis = 2 [%from, 9223372036854775807] : (tensor<4x1x10xf32>, index) -> tensor<4x1x?xf32>
  %bias = xf.broadcast %b [1, 1, %n, %n] : (tensor<4x1x?xf32>, index, index) -> tensor<1x4x?x?xf32>
  %y = xf.attention %q keys(%q) values(%q) bias(%bias) heads = 4 scale = 0.25 mask = causal
    : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<1x4x?x?xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @other_slopes
// CHECK: bias(
// REMARK: remark: [Missed] xf.attention {{.*}}the slopes are not those of ALiBi
func.func @other_slopes(%q: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %m = arith.constant dense<[[[0.25]], [[0.0625]], [[0.02]], [[0.00390625]]]> : tensor<4x1x1xf32>
  %n = xf.dim %q axis = 1 : (tensor<?x?x64xf32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %f = xf.cast %i : (tensor<?xi32>) -> tensor<?xf32>
  %b = xf.elementwise mul %m, %f : (tensor<4x1x1xf32>, tensor<?xf32>) -> tensor<4x1x?xf32>
  %b4 = xf.reshape %b [1, 4, 1, %n] : (tensor<4x1x?xf32>, index) -> tensor<1x4x1x?xf32>
  %bias = xf.broadcast %b4 [1, 1, %n, 1] : (tensor<1x4x1x?xf32>, index) -> tensor<1x4x?x?xf32>
  %y = xf.attention %q keys(%q) values(%q) bias(%bias) heads = 4 scale = 0.25 mask = causal
    : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<1x4x?x?xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @sinks
// CHECK: bias(
// REMARK: remark: [Missed] xf.attention {{.*}}the attention has ALiBi already, or sinks
func.func @sinks(%q: tensor<?x?x64xf32>, %s: tensor<4xf32>) -> tensor<?x?x64xf32> {
  %m = arith.constant dense<[[[0.25]], [[0.0625]], [[0.015625]], [[0.00390625]]]> : tensor<4x1x1xf32>
  %n = xf.dim %q axis = 1 : (tensor<?x?x64xf32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %f = xf.cast %i : (tensor<?xi32>) -> tensor<?xf32>
  %b = xf.elementwise mul %m, %f : (tensor<4x1x1xf32>, tensor<?xf32>) -> tensor<4x1x?xf32>
  %b4 = xf.reshape %b [1, 4, 1, %n] : (tensor<4x1x?xf32>, index) -> tensor<1x4x1x?xf32>
  %bias = xf.broadcast %b4 [1, 1, %n, 1] : (tensor<1x4x1x?xf32>, index) -> tensor<1x4x?x?xf32>
  %y = xf.attention %q keys(%q) values(%q) bias(%bias) sinks(%s) heads = 4 scale = 0.25 mask = causal
    : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<1x4x?x?xf32>, tensor<4xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// The slopes are of queries, not of keys.
// CHECK-LABEL: func.func @of_queries
// CHECK: bias(
func.func @of_queries(%q: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %m = arith.constant dense<[[[[0.25]], [[0.0625]], [[0.015625]], [[0.00390625]]]]> : tensor<1x4x1x1xf32>
  %n = xf.dim %q axis = 1 : (tensor<?x?x64xf32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %f = xf.cast %i : (tensor<?xi32>) -> tensor<?xf32>
  %column = xf.reshape %f [1, 1, %n, 1] : (tensor<?xf32>, index) -> tensor<1x1x?x1xf32>
  %b = xf.elementwise mul %m, %column : (tensor<1x4x1x1xf32>, tensor<1x1x?x1xf32>) -> tensor<1x4x?x1xf32>
  %bias = xf.broadcast %b [1, 1, 1, %n] : (tensor<1x4x?x1xf32>, index) -> tensor<1x4x?x?xf32>
  %y = xf.attention %q keys(%q) values(%q) bias(%bias) heads = 4 scale = 0.25 mask = causal
    : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<1x4x?x?xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}
