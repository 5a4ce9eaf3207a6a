// Attention as exporters spell it out. Values are compared at several sizes and on special inputs.
// RUN: ph-opt %s --xf-propagate-constants --canonicalize --cse --xf-recognize-attention --verify-values | FileCheck %s
//
// Keys of another length than the queries', as in cross attention.
// RUN: ph-opt %s --run=grouped --dims=arg0=2x3x64,arg1=2x5x32,arg2=2x5x32 --outputs=%t.safetensors
// RUN: ph-opt %s --xf-recognize-attention --run=grouped --dims=arg0=2x3x64,arg1=2x5x32,arg2=2x5x32 --expect=%t.safetensors

// The scores are multiplied.
// CHECK-LABEL: func.func @scale_after(
// CHECK-NEXT: %[[Y:.*]] = xf.attention %arg0 keys(%arg1) values(%arg2) heads = 4 scale = 2.500000e-01 mask = none :
// CHECK-NEXT: return %[[Y]]
func.func @scale_after(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
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
  %p = xf.softmax %z axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// The scores are divided by a root that is computed.
// CHECK-LABEL: func.func @scale_divided(
// CHECK-NEXT: %[[Y:.*]] = xf.attention %arg0 keys(%arg1) values(%arg2) heads = 4 scale = 2.500000e-01 mask = none :
// CHECK-NEXT: return %[[Y]]
func.func @scale_divided(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %kt = xf.transpose %kh [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %d = arith.constant dense<16.0> : tensor<f32>
  %r = xf.unary sqrt %d : (tensor<f32>) -> tensor<f32>
  %z = xf.elementwise div %s, %r : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %z axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Queries are multiplied, before they are split into heads.
// CHECK-LABEL: func.func @scale_on_query(
// CHECK-NEXT: %[[Y:.*]] = xf.attention %arg0 keys(%arg1) values(%arg2) heads = 4 scale = 2.500000e-01 mask = none :
// CHECK-NEXT: return %[[Y]]
func.func @scale_on_query(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %c = arith.constant dense<0.25> : tensor<f32>
  %qs = xf.elementwise mul %q, %c : (tensor<?x?x64xf32>, tensor<f32>) -> tensor<?x?x64xf32>
  %q4 = xf.reshape %qs [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %kt = xf.transpose %kh [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %s axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Transposed keys are divided.
// CHECK-LABEL: func.func @scale_on_keys(
// CHECK-NEXT: %[[Y:.*]] = xf.attention %arg0 keys(%arg1) values(%arg2) heads = 4 scale = 2.500000e-01 mask = none :
// CHECK-NEXT: return %[[Y]]
func.func @scale_on_keys(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %c = arith.constant dense<4.0> : tensor<f32>
  %kt = xf.transpose %kh [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %ks = xf.elementwise div %kt, %c : (tensor<?x4x16x?xf32>, tensor<f32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qh, %ks : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %s axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Its root is on queries and on keys.
// CHECK-LABEL: func.func @scale_on_both(
// CHECK-NEXT: %[[Y:.*]] = xf.attention %arg0 keys(%arg1) values(%arg2) heads = 4 scale = 2.500000e-01 mask = none :
// CHECK-NEXT: return %[[Y]]
func.func @scale_on_both(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %c = arith.constant dense<0.5> : tensor<f32>
  %qs = xf.elementwise mul %qh, %c : (tensor<?x4x?x16xf32>, tensor<f32>) -> tensor<?x4x?x16xf32>
  %kt = xf.transpose %kh [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %ks = xf.elementwise mul %kt, %c : (tensor<?x4x16x?xf32>, tensor<f32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qs, %ks : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %s axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @keys_permuted_once(
// CHECK-NEXT: %[[Y:.*]] = xf.attention %arg0 keys(%arg1) values(%arg2) heads = 4 scale = 2.500000e-01 mask = none :
// CHECK-NEXT: return %[[Y]]
func.func @keys_permuted_once(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kt = xf.transpose %k4 [0, 2, 3, 1] : (tensor<?x?x4x16xf32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %c = arith.constant dense<0.25> : tensor<f32>
  %z = xf.elementwise mul %s, %c : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %z axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @keys_transposed_by_the_product(
// CHECK-NEXT: %[[Y:.*]] = xf.attention %arg0 keys(%arg1) values(%arg2) heads = 4 scale = 2.500000e-01 mask = none :
// CHECK-NEXT: return %[[Y]]
func.func @keys_transposed_by_the_product(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %s = xf.matmul %qh, %kh transpose_b : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x?xf32>
  %c = arith.constant dense<0.25> : tensor<f32>
  %z = xf.elementwise mul %s, %c : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %z axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @decomposed_softmax(
// CHECK-NEXT: %[[Y:.*]] = xf.attention %arg0 keys(%arg1) values(%arg2) heads = 4 scale = 2.500000e-01 mask = none :
// CHECK-NEXT: return %[[Y]]
func.func @decomposed_softmax(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
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
  %m = xf.reduce max %z axes = [3] keepdims : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x1xf32>
  %x = xf.elementwise sub %z, %m : (tensor<?x4x?x?xf32>, tensor<?x4x?x1xf32>) -> tensor<?x4x?x?xf32>
  %e = xf.unary exp %x : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %t = xf.reduce sum %e axes = [3] keepdims : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x1xf32>
  %p = xf.elementwise div %e, %t : (tensor<?x4x?x?xf32>, tensor<?x4x?x1xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Gemma 2.
// CHECK-LABEL: func.func @soft_cap(
// CHECK-NEXT: %[[Y:.*]] = xf.attention %arg0 keys(%arg1) values(%arg2) heads = 4 scale = 2.500000e-01 mask = none soft_cap = 5.000000e+01 :
// CHECK-NEXT: return %[[Y]]
func.func @soft_cap(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
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
  %cap = arith.constant dense<50.0> : tensor<f32>
  %a = xf.elementwise div %z, %cap : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %b = xf.unary tanh %a : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %g = xf.elementwise mul %b, %cap : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %g axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Scores are chosen by the numbers of rows and columns.
// CHECK-LABEL: func.func @causal_selected(
// CHECK: %[[P:.*]]:3 = xf.split
// CHECK-NEXT: %[[Y:.*]] = xf.attention %[[P]]#0 keys(%[[P]]#1) values(%[[P]]#2) heads = 4 scale = 2.500000e-01 mask = causal :
// CHECK-NEXT: return %[[Y]]
func.func @causal_selected(%x: tensor<?x?x192xf32>) -> tensor<?x?x64xf32> {
  %q, %k, %v = xf.split %x : (tensor<?x?x192xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  %n = xf.dim %q axis = 1 : (tensor<?x?x64xf32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %row = xf.reshape %i [-1, 1] : (tensor<?xi32>) -> tensor<?x1xi32>
  %col = xf.reshape %i [1, -1] : (tensor<?xi32>) -> tensor<1x?xi32>
  %mask = xf.compare ge %row, %col : (tensor<?x1xi32>, tensor<1x?xi32>) -> tensor<?x?xi1>
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
  %low = arith.constant dense<-1.0e9> : tensor<f32>
  %w = xf.select %mask, %z, %low : (tensor<?x?xi1>, tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %w axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// A computed mask of 0 and -inf is added.
// CHECK-LABEL: func.func @causal_added(
// CHECK: %[[P:.*]]:3 = xf.split
// CHECK-NEXT: %[[Y:.*]] = xf.attention %[[P]]#0 keys(%[[P]]#1) values(%[[P]]#2) heads = 4 scale = 2.500000e-01 mask = causal :
// CHECK-NEXT: return %[[Y]]
func.func @causal_added(%x: tensor<?x?x192xf32>) -> tensor<?x?x64xf32> {
  %q, %k, %v = xf.split %x : (tensor<?x?x192xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  %n = xf.dim %q axis = 1 : (tensor<?x?x64xf32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %row = xf.reshape %i [-1, 1] : (tensor<?xi32>) -> tensor<?x1xi32>
  %col = xf.reshape %i [1, -1] : (tensor<?xi32>) -> tensor<1x?xi32>
  %above = xf.compare gt %col, %row : (tensor<1x?xi32>, tensor<?x1xi32>) -> tensor<?x?xi1>
  %low = arith.constant dense<0xFF800000> : tensor<f32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %add = xf.select %above, %low, %zero : (tensor<?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<?x?xf32>
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
  %w = xf.elementwise add %z, %add : (tensor<?x4x?x?xf32>, tensor<?x?xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %w axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// GPT-2: a buffer of truth is cut to what there is.
// CHECK-LABEL: func.func @causal_buffer(
// CHECK: %[[P:.*]]:3 = xf.split
// CHECK-NEXT: %[[Y:.*]] = xf.attention %[[P]]#0 keys(%[[P]]#1) values(%[[P]]#2) heads = 4 scale = 2.500000e-01 mask = causal :
// CHECK-NEXT: return %[[Y]]
func.func @causal_buffer(%x: tensor<?x?x192xf32>) -> tensor<?x?x64xf32> {
  %q, %k, %v = xf.split %x : (tensor<?x?x192xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  %i = xf.iota : () -> tensor<32xi32>
  %row = xf.reshape %i [1, 1, 32, 1] : (tensor<32xi32>) -> tensor<1x1x32x1xi32>
  %buffer = xf.compare le %i, %row : (tensor<32xi32>, tensor<1x1x32x1xi32>) -> tensor<1x1x32x32xi1>
  %nd = xf.dim %q axis = 1 : (tensor<?x?x64xf32>) -> index
  %ns = xf.dim %k axis = 1 : (tensor<?x?x64xf32>) -> index
  %from = arith.subi %ns, %nd : index
  %cut = xf.slice %buffer axis = 2 [%from, %ns] : (tensor<1x1x32x32xi1>, index, index) -> tensor<1x1x?x32xi1>
  %mask = xf.slice %cut axis = 3 [0, %ns] : (tensor<1x1x?x32xi1>, index) -> tensor<1x1x?x?xi1>
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %kt = xf.transpose %kh [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %c = arith.constant dense<4.0> : tensor<f32>
  %z = xf.elementwise div %s, %c : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %low = arith.constant dense<-3.40282347E+38> : tensor<f32>
  %w = xf.select %mask, %z, %low : (tensor<1x1x?x?xi1>, tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %w axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Mistral: what is near, too.
// CHECK-LABEL: func.func @window(
// CHECK: %[[P:.*]]:3 = xf.split
// CHECK-NEXT: %[[Y:.*]] = xf.attention %[[P]]#0 keys(%[[P]]#1) values(%[[P]]#2) heads = 4 scale = 2.500000e-01 mask = causal window = 8 :
// CHECK-NEXT: return %[[Y]]
func.func @window(%x: tensor<?x?x192xf32>) -> tensor<?x?x64xf32> {
  %q, %k, %v = xf.split %x : (tensor<?x?x192xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  %n = xf.dim %q axis = 1 : (tensor<?x?x64xf32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %row = xf.reshape %i [-1, 1] : (tensor<?xi32>) -> tensor<?x1xi32>
  %col = xf.reshape %i [1, -1] : (tensor<?xi32>) -> tensor<1x?xi32>
  %mask = xf.compare ge %row, %col : (tensor<?x1xi32>, tensor<1x?xi32>) -> tensor<?x?xi1>
  %w8 = arith.constant dense<8> : tensor<i32>
  %end = xf.elementwise add %col, %w8 : (tensor<1x?xi32>, tensor<i32>) -> tensor<1x?xi32>
  %near = xf.compare lt %row, %end : (tensor<?x1xi32>, tensor<1x?xi32>) -> tensor<?x?xi1>
  %both = xf.elementwise and %mask, %near : (tensor<?x?xi1>, tensor<?x?xi1>) -> tensor<?x?xi1>
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
  %low = arith.constant dense<0xFF800000> : tensor<f32>
  %w = xf.select %both, %z, %low : (tensor<?x?xi1>, tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %w axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// A mask that is an argument is added.
// CHECK-LABEL: func.func @bias(
// CHECK: %[[B:.*]] = xf.broadcast %arg3
// CHECK: %[[Y:.*]] = xf.attention %arg0 keys(%arg1) values(%arg2) bias(%[[B]]) heads = 4 scale = 2.500000e-01 mask = none :
// CHECK-NEXT: return %[[Y]]
func.func @bias(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>, %b: tensor<?x1x?x?xf32>) -> tensor<?x?x64xf32> {
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
  %w = xf.elementwise add %z, %b : (tensor<?x4x?x?xf32>, tensor<?x1x?x?xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %w axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// What is added before the scale is scaled too.
// CHECK-LABEL: func.func @scaled_bias(
// CHECK: %[[C:.*]] = arith.constant dense<2.500000e-01>
// CHECK: %[[M:.*]] = xf.elementwise mul %arg3, %[[C]]
// CHECK: %[[B:.*]] = xf.broadcast %[[M]] [1, 1, %{{.*}}, %{{.*}}]
// CHECK: xf.attention %arg0 keys(%arg1) values(%arg2) bias(%[[B]]) heads = 4 scale = 2.500000e-01 mask = none :
func.func @scaled_bias(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>, %b: tensor<1x4x1x?xf32>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %kt = xf.transpose %kh [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %t = xf.elementwise add %s, %b : (tensor<?x4x?x?xf32>, tensor<1x4x1x?xf32>) -> tensor<?x4x?x?xf32>
  %c = arith.constant dense<0.25> : tensor<f32>
  %z = xf.elementwise mul %t, %c : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %z axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Key heads are repeated.
// CHECK-LABEL: func.func @grouped(
// CHECK-NEXT: %[[Y:.*]] = xf.attention %arg0 keys(%arg1) values(%arg2) heads = 4 scale = 2.500000e-01 mask = none :
// CHECK-NEXT: return %[[Y]]
func.func @grouped(%q: tensor<?x?x64xf32>, %k: tensor<?x?x32xf32>, %v: tensor<?x?x32xf32>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 2, 16] : (tensor<?x?x32xf32>) -> tensor<?x?x2x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x2x16xf32>) -> tensor<?x2x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 2, 16] : (tensor<?x?x32xf32>) -> tensor<?x?x2x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x2x16xf32>) -> tensor<?x2x?x16xf32>
  %k5 = xf.reshape %kh [0, 2, 1, -1, 16] : (tensor<?x2x?x16xf32>) -> tensor<?x2x1x?x16xf32>
  %ke = xf.broadcast %k5 [1, 1, 2, 1, 1] : (tensor<?x2x1x?x16xf32>) -> tensor<?x2x2x?x16xf32>
  %kr = xf.reshape %ke [0, 4, -1, 16] : (tensor<?x2x2x?x16xf32>) -> tensor<?x4x?x16xf32>
  %v5 = xf.reshape %vh [0, 2, 1, -1, 16] : (tensor<?x2x?x16xf32>) -> tensor<?x2x1x?x16xf32>
  %ve = xf.broadcast %v5 [1, 1, 2, 1, 1] : (tensor<?x2x1x?x16xf32>) -> tensor<?x2x2x?x16xf32>
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

// One key head serves all.

// Heads of a group beside each other, whose keys the products repeat.
// CHECK-LABEL: func.func @grouped_products(
// CHECK: xf.attention %{{.*}} keys(%{{.*}}) values(%{{.*}}) heads = 4 scale = 2.500000e-01 mask = causal :
// CHECK-NOT: xf.softmax
// CHECK: return
func.func @grouped_products(%x: tensor<?x?x128xf32>) -> tensor<?x2x2x?x16xf32> {
  %q, %k, %v = xf.split %x : (tensor<?x?x128xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>)
  %q5 = xf.reshape %q [0, 0, 2, 2, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x2x2x16xf32>
  %qh = xf.transpose %q5 [0, 2, 3, 1, 4] : (tensor<?x?x2x2x16xf32>) -> tensor<?x2x2x?x16xf32>
  %k5 = xf.reshape %k [0, 0, 2, 1, 16] : (tensor<?x?x32xf32>) -> tensor<?x?x2x1x16xf32>
  %kh = xf.transpose %k5 [0, 2, 3, 1, 4] : (tensor<?x?x2x1x16xf32>) -> tensor<?x2x1x?x16xf32>
  %v5 = xf.reshape %v [0, 0, 2, 1, 16] : (tensor<?x?x32xf32>) -> tensor<?x?x2x1x16xf32>
  %vh = xf.transpose %v5 [0, 2, 3, 1, 4] : (tensor<?x?x2x1x16xf32>) -> tensor<?x2x1x?x16xf32>
  %n = xf.dim %x axis = 1 : (tensor<?x?x128xf32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %rows = xf.reshape %i [-1, 1] : (tensor<?xi32>) -> tensor<?x1xi32>
  %seen = xf.compare ge %rows, %i : (tensor<?x1xi32>, tensor<?xi32>) -> tensor<?x?xi1>
  %low = arith.constant dense<0xFF800000> : tensor<f32>
  %s = xf.matmul %qh, %kh transpose_b : (tensor<?x2x2x?x16xf32>, tensor<?x2x1x?x16xf32>) -> tensor<?x2x2x?x?xf32>
  %c = arith.constant dense<0.25> : tensor<f32>
  %z = xf.elementwise mul %s, %c : (tensor<?x2x2x?x?xf32>, tensor<f32>) -> tensor<?x2x2x?x?xf32>
  %m = xf.select %seen, %z, %low : (tensor<?x?xi1>, tensor<?x2x2x?x?xf32>, tensor<f32>) -> tensor<?x2x2x?x?xf32>
  %p = xf.softmax %m axis = 4 : (tensor<?x2x2x?x?xf32>) -> tensor<?x2x2x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x2x2x?x?xf32>, tensor<?x2x1x?x16xf32>) -> tensor<?x2x2x?x16xf32>
  return %o : tensor<?x2x2x?x16xf32>
}

// CHECK-LABEL: func.func @multi_query(
// CHECK-NEXT: %[[Y:.*]] = xf.attention %arg0 keys(%arg1) values(%arg2) heads = 4 scale = 2.500000e-01 mask = none :
// CHECK-NEXT: return %[[Y]]
func.func @multi_query(%q: tensor<?x?x64xf32>, %k: tensor<?x?x16xf32>, %v: tensor<?x?x16xf32>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 1, 16] : (tensor<?x?x16xf32>) -> tensor<?x?x1x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x1x16xf32>) -> tensor<?x1x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 1, 16] : (tensor<?x?x16xf32>) -> tensor<?x?x1x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x1x16xf32>) -> tensor<?x1x?x16xf32>
  %kt = xf.transpose %kh [0, 1, 3, 2] : (tensor<?x1x?x16xf32>) -> tensor<?x1x16x?xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x1x16x?xf32>) -> tensor<?x4x?x?xf32>
  %c = arith.constant dense<0.25> : tensor<f32>
  %z = xf.elementwise mul %s, %c : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %z axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// One head needs no splitting.
// CHECK-LABEL: func.func @one_head(
// CHECK-NEXT: %[[Y:.*]] = xf.attention %arg0 keys(%arg1) values(%arg2) heads = 1 scale = 1.250000e-01 mask = none :
// CHECK-NEXT: return %[[Y]]
func.func @one_head(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
  %s = xf.matmul %q, %k transpose_b : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x?xf32>
  %c = arith.constant dense<0.125> : tensor<f32>
  %z = xf.elementwise mul %s, %c : (tensor<?x?x?xf32>, tensor<f32>) -> tensor<?x?x?xf32>
  %p = xf.softmax %z axis = 2 : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %y = xf.matmul %p, %v : (tensor<?x?x?xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// The weights are wanted too: they are still computed.
// CHECK-LABEL: func.func @used_elsewhere(
// CHECK: %[[W:.*]] = xf.softmax
// CHECK: %[[Y:.*]] = xf.attention %arg0 keys(%arg1) values(%arg2) heads = 4
// CHECK: return %[[Y]], %[[W]]
func.func @used_elsewhere(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>) -> (tensor<?x?x64xf32>, tensor<?x4x?x?xf32>) {
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
  %p = xf.softmax %z axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y, %p : tensor<?x?x64xf32>, tensor<?x4x?x?xf32>
}
