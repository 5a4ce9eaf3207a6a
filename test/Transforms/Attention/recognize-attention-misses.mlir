// What only looks like attention stays, with the reason.
// RUN: ph-opt %s --xf-recognize-attention --remark-policy=all --remarks-filter=xf-recognize-attention 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// REMARK: the softmax is along dimension 2, not the last one
// REMARK: the scores are multiplied with what is no constant
// REMARK: scores that are masked are not very low
// REMARK: something is added before the soft cap
// REMARK: key heads are repeated in turns, not in groups
// REMARK: queries have 4 heads, keys 4 and values 1
// REMARK: the scores change their shape on the way to the softmax
// REMARK: keys and values of grouped heads are not [batch, groups, 1, keys, head_dim]
// REMARK: something is added to scores that are not [batch, heads, queries, keys]

// CHECK-LABEL: func.func @softmax_over_queries(
// CHECK-NOT: xf.attention
// CHECK: xf.softmax
func.func @softmax_over_queries(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %kt = xf.transpose %kh [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %c = arith.constant dense<0.25> : tensor<f32>
  %z = xf.elementwise mul %s, %c : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %z axis = 2 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @computed_scale(
// CHECK-NOT: xf.attention
// CHECK: xf.softmax
func.func @computed_scale(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>, %c: tensor<?x4x1x1xf32>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %kt = xf.transpose %kh [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %z = xf.elementwise mul %s, %c : (tensor<?x4x?x?xf32>, tensor<?x4x1x1xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %z axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @not_masked_enough(
// CHECK-NOT: xf.attention
// CHECK: xf.softmax
func.func @not_masked_enough(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>, %b: tensor<1x1x?x?xi1>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %kt = xf.transpose %kh [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %c = arith.constant dense<0.25> : tensor<f32>
  %z = xf.elementwise mul %s, %c : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %low = arith.constant dense<-1.0> : tensor<f32>
  %w = xf.select %b, %low, %z : (tensor<1x1x?x?xi1>, tensor<f32>, tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %w axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @added_before_cap(
// CHECK-NOT: xf.attention
// CHECK: xf.softmax
func.func @added_before_cap(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>, %b: tensor<?x1x?x?xf32>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %kt = xf.transpose %kh [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %a = xf.elementwise add %s, %b : (tensor<?x4x?x?xf32>, tensor<?x1x?x?xf32>) -> tensor<?x4x?x?xf32>
  %t = xf.unary tanh %a : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %t axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @repeated_in_turns(
// CHECK-NOT: xf.attention
// CHECK: xf.softmax
func.func @repeated_in_turns(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %v: tensor<?x?x32xf32>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 2, 16] : (tensor<?x?x32xf32>) -> tensor<?x?x2x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x2x16xf32>) -> tensor<?x2x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 2, 16] : (tensor<?x?x32xf32>) -> tensor<?x?x2x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x2x16xf32>) -> tensor<?x2x?x16xf32>
  %k5 = xf.reshape %kh [0, 1, 2, -1, 16] : (tensor<?x2x?x16xf32>) -> tensor<?x1x2x?x16xf32>
  %ke = xf.broadcast %k5 [1, 2, 1, 1, 1] : (tensor<?x1x2x?x16xf32>) -> tensor<?x2x2x?x16xf32>
  %kr = xf.reshape %ke [0, 4, -1, 16] : (tensor<?x2x2x?x16xf32>) -> tensor<?x4x?x16xf32>
  %v5 = xf.reshape %vh [0, 1, 2, -1, 16] : (tensor<?x2x?x16xf32>) -> tensor<?x1x2x?x16xf32>
  %ve = xf.broadcast %v5 [1, 2, 1, 1, 1] : (tensor<?x1x2x?x16xf32>) -> tensor<?x2x2x?x16xf32>
  %vr = xf.reshape %ve [0, 4, -1, 16] : (tensor<?x2x2x?x16xf32>) -> tensor<?x4x?x16xf32>
  %kt = xf.transpose %kr [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %c = arith.constant dense<0.25> : tensor<f32>
  %z = xf.elementwise mul %s, %c : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %z axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vr : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @heads_of_values(
// CHECK-NOT: xf.attention
// CHECK: xf.softmax
func.func @heads_of_values(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %v1 = xf.slice %v4 axis = 2 [0, 1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x1x16xf32>
  %vh = xf.transpose %v1 [0, 2, 1, 3] : (tensor<?x?x1x16xf32>) -> tensor<?x1x?x16xf32>
  %kt = xf.transpose %kh [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %c = arith.constant dense<0.25> : tensor<f32>
  %z = xf.elementwise mul %s, %c : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %z axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @widening_mask(
// CHECK-NOT: xf.attention
// CHECK: xf.softmax
func.func @widening_mask(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %b: tensor<2x1x?x?xf32>) -> tensor<2x4x?x16xf32> {
  %s = xf.matmul %q, %k transpose_b : (tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>) -> tensor<1x4x?x?xf32>
  %w = xf.elementwise add %s, %b : (tensor<1x4x?x?xf32>, tensor<2x1x?x?xf32>) -> tensor<2x4x?x?xf32>
  %p = xf.softmax %w axis = 3 : (tensor<2x4x?x?xf32>) -> tensor<2x4x?x?xf32>
  %o = xf.matmul %p, %v : (tensor<2x4x?x?xf32>, tensor<1x4x?x16xf32>) -> tensor<2x4x?x16xf32>
  return %o : tensor<2x4x?x16xf32>
}

// Each head has keys of its own, so that groups are no groups.
// CHECK-LABEL: func.func @no_groups(
// CHECK: xf.softmax
// CHECK-NOT: xf.attention
func.func @no_groups(%q: tensor<?x2x2x?x16xf32>, %k: tensor<?x2x2x?x16xf32>) -> tensor<?x2x2x?x16xf32> {
  %s = xf.matmul %q, %k transpose_b : (tensor<?x2x2x?x16xf32>, tensor<?x2x2x?x16xf32>) -> tensor<?x2x2x?x?xf32>
  %p = xf.softmax %s axis = 4 : (tensor<?x2x2x?x?xf32>) -> tensor<?x2x2x?x?xf32>
  %o = xf.matmul %p, %k : (tensor<?x2x2x?x?xf32>, tensor<?x2x2x?x16xf32>) -> tensor<?x2x2x?x16xf32>
  return %o : tensor<?x2x2x?x16xf32>
}

// A bias of each group's heads.
// CHECK-LABEL: func.func @biased_groups(
// CHECK: xf.softmax
// CHECK-NOT: xf.attention
func.func @biased_groups(%q: tensor<?x2x2x?x16xf32>, %k: tensor<?x2x1x?x16xf32>, %b: tensor<?x2x2x?x?xf32>) -> tensor<?x2x2x?x16xf32> {
  %s = xf.matmul %q, %k transpose_b : (tensor<?x2x2x?x16xf32>, tensor<?x2x1x?x16xf32>) -> tensor<?x2x2x?x?xf32>
  %z = xf.elementwise add %s, %b : (tensor<?x2x2x?x?xf32>, tensor<?x2x2x?x?xf32>) -> tensor<?x2x2x?x?xf32>
  %p = xf.softmax %z axis = 4 : (tensor<?x2x2x?x?xf32>) -> tensor<?x2x2x?x?xf32>
  %o = xf.matmul %p, %k : (tensor<?x2x2x?x?xf32>, tensor<?x2x1x?x16xf32>) -> tensor<?x2x2x?x16xf32>
  return %o : tensor<?x2x2x?x16xf32>
}

// The padding, and then the keys, of one sequence are repeated for all queries, which xf.attention doesn't do.
// CHECK-LABEL: func.func @padding_of_one(
// CHECK-NOT: xf.attention
// CHECK: xf.softmax
func.func @padding_of_one(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>, %mm: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kt = xf.transpose %k4 [0, 2, 3, 1] : (tensor<?x?x4x16xf32>) -> tensor<?x4x16x?xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %c = arith.constant dense<0.25> : tensor<f32>
  %z = xf.elementwise mul %s, %c : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %n1 = arith.constant 1 : index
  %ms = xf.slice %mm axis = 0 [0, %n1] : (tensor<?x?xi32>, index) -> tensor<?x?xi32>
  %m4 = xf.reshape %ms [0, 1, 1, -1] : (tensor<?x?xi32>) -> tensor<?x1x1x?xi32>
  %f = xf.cast %m4 : (tensor<?x1x1x?xi32>) -> tensor<?x1x1x?xf32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %inv = xf.elementwise sub %one, %f : (tensor<f32>, tensor<?x1x1x?xf32>) -> tensor<?x1x1x?xf32>
  %low = arith.constant dense<-3.40282347E+38> : tensor<f32>
  %m = xf.elementwise mul %inv, %low : (tensor<?x1x1x?xf32>, tensor<f32>) -> tensor<?x1x1x?xf32>
  %zz = xf.elementwise add %z, %m : (tensor<?x4x?x?xf32>, tensor<?x1x1x?xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %zz axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @keys_of_one(
// CHECK-NOT: xf.attention
// CHECK: xf.softmax
func.func @keys_of_one(%q: tensor<?x?x64xf32>, %kk: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %n = arith.constant 1 : index
  %k = xf.slice %kk axis = 0 [0, %n] : (tensor<?x?x64xf32>, index) -> tensor<?x?x64xf32>
  %v = xf.scale %k by 2.0 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kt = xf.transpose %k4 [0, 2, 3, 1] : (tensor<?x?x4x16xf32>) -> tensor<?x4x16x?xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %c = arith.constant dense<0.25> : tensor<f32>
  %z = xf.elementwise mul %s, %c : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %z axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}
