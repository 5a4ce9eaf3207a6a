// RUN: ph-opt %s --xf-propagate-constants --canonicalize --cse --xf-recognize-attention --verify-values | FileCheck %s

// ModernBERT: keys that are near, before and behind.
// CHECK-LABEL: func.func @near
// CHECK: xf.attention {{.*}} mask = none window = 5 :
func.func @near(%q: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %n = xf.dim %q axis = 1 : (tensor<?x?x64xf32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %row = xf.reshape %i [1, 1, %n, 1] : (tensor<?xi32>, index) -> tensor<1x1x?x1xi32>
  %column = xf.reshape %i [1, 1, 1, %n] : (tensor<?xi32>, index) -> tensor<1x1x1x?xi32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %low = arith.constant dense<-3.40282347E+38> : tensor<f32>
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %z = xf.matmul %h, %h transpose_b : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x?xf32>
  %d = xf.elementwise sub %row, %column : (tensor<1x1x?x1xi32>, tensor<1x1x1x?xi32>) -> tensor<1x1x?x?xi32>
  %far = xf.unary abs %d : (tensor<1x1x?x?xi32>) -> tensor<1x1x?x?xi32>
  %bound = arith.constant dense<4> : tensor<i32>
  %seen = xf.compare le %far, %bound : (tensor<1x1x?x?xi32>, tensor<i32>) -> tensor<1x1x?x?xi1>
  %mask = xf.select %seen, %zero, %low : (tensor<1x1x?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<1x1x?x?xf32>
  %masked = xf.elementwise add %z, %mask : (tensor<?x4x?x?xf32>, tensor<1x1x?x?xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %masked axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %y4 = xf.matmul %p, %h : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %yt = xf.transpose %y4 [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %yt [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @nearer
// CHECK: xf.attention {{.*}} mask = none window = 4 :
func.func @nearer(%q: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %n = xf.dim %q axis = 1 : (tensor<?x?x64xf32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %row = xf.reshape %i [1, 1, %n, 1] : (tensor<?xi32>, index) -> tensor<1x1x?x1xi32>
  %column = xf.reshape %i [1, 1, 1, %n] : (tensor<?xi32>, index) -> tensor<1x1x1x?xi32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %low = arith.constant dense<-3.40282347E+38> : tensor<f32>
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %z = xf.matmul %h, %h transpose_b : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x?xf32>
  %d = xf.elementwise sub %column, %row : (tensor<1x1x1x?xi32>, tensor<1x1x?x1xi32>) -> tensor<1x1x?x?xi32>
  %far = xf.unary abs %d : (tensor<1x1x?x?xi32>) -> tensor<1x1x?x?xi32>
  %bound = arith.constant dense<4> : tensor<i32>
  %seen = xf.compare lt %far, %bound : (tensor<1x1x?x?xi32>, tensor<i32>) -> tensor<1x1x?x?xi1>
  %mask = xf.select %seen, %zero, %low : (tensor<1x1x?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<1x1x?x?xf32>
  %masked = xf.elementwise add %z, %mask : (tensor<?x4x?x?xf32>, tensor<1x1x?x?xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %masked axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %y4 = xf.matmul %p, %h : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %yt = xf.transpose %y4 [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %yt [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// What is far only is a bias.
// CHECK-LABEL: func.func @far
// CHECK: xf.attention {{.*}} bias(%{{.*}}) heads = 4 scale = 1.000000e+00 mask = none :
func.func @far(%q: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %n = xf.dim %q axis = 1 : (tensor<?x?x64xf32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %row = xf.reshape %i [1, 1, %n, 1] : (tensor<?xi32>, index) -> tensor<1x1x?x1xi32>
  %column = xf.reshape %i [1, 1, 1, %n] : (tensor<?xi32>, index) -> tensor<1x1x1x?xi32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %low = arith.constant dense<-3.40282347E+38> : tensor<f32>
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %z = xf.matmul %h, %h transpose_b : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x?xf32>
  %d = xf.elementwise sub %row, %column : (tensor<1x1x?x1xi32>, tensor<1x1x1x?xi32>) -> tensor<1x1x?x?xi32>
  %far = xf.unary abs %d : (tensor<1x1x?x?xi32>) -> tensor<1x1x?x?xi32>
  %bound = arith.constant dense<0> : tensor<i32>
  %seen = xf.compare ge %far, %bound : (tensor<1x1x?x?xi32>, tensor<i32>) -> tensor<1x1x?x?xi1>
  %mask = xf.select %seen, %zero, %low : (tensor<1x1x?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<1x1x?x?xf32>
  %shift = xf.cast %far : (tensor<1x1x?x?xi32>) -> tensor<1x1x?x?xf32>
  %both = xf.elementwise add %mask, %shift : (tensor<1x1x?x?xf32>, tensor<1x1x?x?xf32>) -> tensor<1x1x?x?xf32>
  %masked = xf.elementwise add %z, %both : (tensor<?x4x?x?xf32>, tensor<1x1x?x?xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %masked axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %y4 = xf.matmul %p, %h : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %yt = xf.transpose %y4 [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %yt [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// MPT: a float mask as truth, and one addend that is a mask and a bias.
// CHECK-LABEL: func.func @mask_and_bias
// CHECK: %[[B:.*]] = xf.broadcast %arg1
// CHECK: xf.attention {{.*}} bias(%[[B]]) heads = 4 scale = 1.000000e+00 mask = causal :
func.func @mask_and_bias(%q: tensor<?x?x64xf32>, %b: tensor<4x1x1xf32>) -> tensor<?x?x64xf32> {
  %n = xf.dim %q axis = 1 : (tensor<?x?x64xf32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %row = xf.reshape %i [1, 1, %n, 1] : (tensor<?xi32>, index) -> tensor<1x1x?x1xi32>
  %column = xf.reshape %i [1, 1, 1, %n] : (tensor<?xi32>, index) -> tensor<1x1x1x?xi32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %low = arith.constant dense<-3.40282347E+38> : tensor<f32>
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %z = xf.matmul %h, %h transpose_b : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x?xf32>
  %past = xf.compare le %column, %row : (tensor<1x1x1x?xi32>, tensor<1x1x?x1xi32>) -> tensor<1x1x?x?xi1>
  %causal = xf.select %past, %zero, %low : (tensor<1x1x?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<1x1x?x?xf32>
  %hidden = xf.cast %causal : (tensor<1x1x?x?xf32>) -> tensor<1x1x?x?xi1>
  %mask = xf.select %hidden, %low, %zero : (tensor<1x1x?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<1x1x?x?xf32>
  %both = xf.elementwise add %mask, %b : (tensor<1x1x?x?xf32>, tensor<4x1x1xf32>) -> tensor<1x4x?x?xf32>
  %masked = xf.elementwise add %z, %both : (tensor<?x4x?x?xf32>, tensor<1x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %masked axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %y4 = xf.matmul %p, %h : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %yt = xf.transpose %y4 [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %yt [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}
