// RUN: ph-opt %s --xf-recognize-relative-positions --verify-values --remark-policy=all --remarks-filter=xf-recognize-relative-positions 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// T5's encoder: how far, and in which direction.
// CHECK-LABEL: func.func @both_directions
// CHECK: %[[X:.*]] = xf.embedding
// CHECK: %[[B:.*]] = xf.relative_position_bias %arg2 query(%[[X]]) max_distance = 16 bidirectional :
// CHECK-SAME: -> tensor<1x4x?x?xf32>
// CHECK: xf.reshape %[[B]] [4, %{{.*}}, %{{.*}}]
// REMARK: remark: [Passed] xf.relative_position_bias {{.*}}"rows are picked by buckets of distances"
func.func @both_directions(%t: tensor<?x?xi32>, %table: tensor<40x64xf32>, %w: tensor<16x4xf32>) -> tensor<4x?x?xf32> {
  %x = xf.embedding %t, %table : (tensor<?x?xi32>, tensor<40x64xf32>) -> tensor<?x?x64xf32>
  %n = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %row = xf.reshape %i [1, %n] : (tensor<?xi32>, index) -> tensor<1x?xi32>
  %column = xf.reshape %i [%n, 1] : (tensor<?xi32>, index) -> tensor<?x1xi32>
  %rel = xf.elementwise sub %row, %column : (tensor<1x?xi32>, tensor<?x1xi32>) -> tensor<?x?xi32>
  %zero = arith.constant dense<0> : tensor<i32>
  %e = arith.constant dense<4> : tensor<i32>
  %ef = arith.constant dense<4.0> : tensor<f32>
  %ln = arith.constant dense<1.38629436> : tensor<f32>
  %rest = arith.constant dense<4.0> : tensor<f32>
  %most = arith.constant dense<7> : tensor<i32>
  %d = xf.unary abs %rel : (tensor<?x?xi32>) -> tensor<?x?xi32>
  %f = xf.cast %d : (tensor<?x?xi32>) -> tensor<?x?xf32>
  %q = xf.elementwise div %f, %ef : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %l = xf.unary log %q : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %o = xf.elementwise div %l, %ln : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %s = xf.elementwise mul %o, %rest : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %c = xf.cast %s : (tensor<?x?xf32>) -> tensor<?x?xi32>
  %a = xf.elementwise add %c, %e : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %m = xf.elementwise min %a, %most : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %near = xf.compare lt %d, %e : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi1>
  %b = xf.select %near, %d, %m : (tensor<?x?xi1>, tensor<?x?xi32>, tensor<?x?xi32>) -> tensor<?x?xi32>
  %after = xf.compare gt %rel, %zero : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi1>
  %one = xf.cast %after : (tensor<?x?xi1>) -> tensor<?x?xi32>
  %half = arith.constant dense<8> : tensor<i32>
  %offset = xf.elementwise mul %one, %half : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %bucket = xf.elementwise add %offset, %b : (tensor<?x?xi32>, tensor<?x?xi32>) -> tensor<?x?xi32>
  %rows = xf.gather %w, %bucket axis = 0 : (tensor<16x4xf32>, tensor<?x?xi32>) -> tensor<?x?x4xf32>
  %y = xf.transpose %rows [2, 0, 1] : (tensor<?x?x4xf32>) -> tensor<4x?x?xf32>
  return %y : tensor<4x?x?xf32>
}

// Its decoder: what comes later is as near as the token itself.
// CHECK-LABEL: func.func @past
// CHECK: xf.relative_position_bias %arg2 query(%{{.*}}) max_distance = 32 :
func.func @past(%t: tensor<?x?xi32>, %table: tensor<40x64xf32>, %w: tensor<16x4xf32>) -> tensor<4x?x?xf32> {
  %x = xf.embedding %t, %table : (tensor<?x?xi32>, tensor<40x64xf32>) -> tensor<?x?x64xf32>
  %n = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %row = xf.reshape %i [1, %n] : (tensor<?xi32>, index) -> tensor<1x?xi32>
  %column = xf.reshape %i [%n, 1] : (tensor<?xi32>, index) -> tensor<?x1xi32>
  %rel = xf.elementwise sub %row, %column : (tensor<1x?xi32>, tensor<?x1xi32>) -> tensor<?x?xi32>
  %zero = arith.constant dense<0> : tensor<i32>
  %e = arith.constant dense<8> : tensor<i32>
  %ef = arith.constant dense<8.0> : tensor<f32>
  %ln = arith.constant dense<1.38629436> : tensor<f32>
  %rest = arith.constant dense<8.0> : tensor<f32>
  %most = arith.constant dense<15> : tensor<i32>
  %past = xf.elementwise min %rel, %zero : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %d = xf.unary neg %past : (tensor<?x?xi32>) -> tensor<?x?xi32>
  %f = xf.cast %d : (tensor<?x?xi32>) -> tensor<?x?xf32>
  %q = xf.elementwise div %f, %ef : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %l = xf.unary log %q : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %o = xf.elementwise div %l, %ln : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %s = xf.elementwise mul %o, %rest : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %c = xf.cast %s : (tensor<?x?xf32>) -> tensor<?x?xi32>
  %a = xf.elementwise add %c, %e : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %m = xf.elementwise min %a, %most : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %near = xf.compare lt %d, %e : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi1>
  %b = xf.select %near, %d, %m : (tensor<?x?xi1>, tensor<?x?xi32>, tensor<?x?xi32>) -> tensor<?x?xi32>
  %bucket = xf.elementwise add %zero, %b : (tensor<i32>, tensor<?x?xi32>) -> tensor<?x?xi32>
  %rows = xf.gather %w, %bucket axis = 0 : (tensor<16x4xf32>, tensor<?x?xi32>) -> tensor<?x?x4xf32>
  %y = xf.transpose %rows [2, 0, 1] : (tensor<?x?x4xf32>) -> tensor<4x?x?xf32>
  return %y : tensor<4x?x?xf32>
}

// The last bucket is not used.
// CHECK-LABEL: func.func @other_buckets
// CHECK-NOT: xf.relative_position_bias
// REMARK: remark: [Missed] xf.transpose {{.*}}the numbers of rows are not T5's buckets of distances
func.func @other_buckets(%t: tensor<?x?xi32>, %table: tensor<40x64xf32>, %w: tensor<16x4xf32>) -> tensor<4x?x?xf32> {
  %x = xf.embedding %t, %table : (tensor<?x?xi32>, tensor<40x64xf32>) -> tensor<?x?x64xf32>
  %n = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %row = xf.reshape %i [1, %n] : (tensor<?xi32>, index) -> tensor<1x?xi32>
  %column = xf.reshape %i [%n, 1] : (tensor<?xi32>, index) -> tensor<?x1xi32>
  %rel = xf.elementwise sub %row, %column : (tensor<1x?xi32>, tensor<?x1xi32>) -> tensor<?x?xi32>
  %zero = arith.constant dense<0> : tensor<i32>
  %e = arith.constant dense<4> : tensor<i32>
  %ef = arith.constant dense<4.0> : tensor<f32>
  %ln = arith.constant dense<1.38629436> : tensor<f32>
  %rest = arith.constant dense<4.0> : tensor<f32>
  %most = arith.constant dense<6> : tensor<i32>
  %d = xf.unary abs %rel : (tensor<?x?xi32>) -> tensor<?x?xi32>
  %f = xf.cast %d : (tensor<?x?xi32>) -> tensor<?x?xf32>
  %q = xf.elementwise div %f, %ef : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %l = xf.unary log %q : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %o = xf.elementwise div %l, %ln : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %s = xf.elementwise mul %o, %rest : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %c = xf.cast %s : (tensor<?x?xf32>) -> tensor<?x?xi32>
  %a = xf.elementwise add %c, %e : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %m = xf.elementwise min %a, %most : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %near = xf.compare lt %d, %e : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi1>
  %b = xf.select %near, %d, %m : (tensor<?x?xi1>, tensor<?x?xi32>, tensor<?x?xi32>) -> tensor<?x?xi32>
  %after = xf.compare gt %rel, %zero : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi1>
  %one = xf.cast %after : (tensor<?x?xi1>) -> tensor<?x?xi32>
  %half = arith.constant dense<8> : tensor<i32>
  %offset = xf.elementwise mul %one, %half : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %bucket = xf.elementwise add %offset, %b : (tensor<?x?xi32>, tensor<?x?xi32>) -> tensor<?x?xi32>
  %rows = xf.gather %w, %bucket axis = 0 : (tensor<16x4xf32>, tensor<?x?xi32>) -> tensor<?x?x4xf32>
  %y = xf.transpose %rows [2, 0, 1] : (tensor<?x?x4xf32>) -> tensor<4x?x?xf32>
  return %y : tensor<4x?x?xf32>
}

// CHECK-LABEL: func.func @no_activation
// CHECK-NOT: xf.relative_position_bias
// REMARK: remark: [Missed] xf.transpose {{.*}}no activation of the sequence is known
func.func @no_activation(%t: tensor<?x?xi32>, %w: tensor<16x4xf32>) -> tensor<4x?x?xf32> {
  %n = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %row = xf.reshape %i [1, %n] : (tensor<?xi32>, index) -> tensor<1x?xi32>
  %column = xf.reshape %i [%n, 1] : (tensor<?xi32>, index) -> tensor<?x1xi32>
  %rel = xf.elementwise sub %row, %column : (tensor<1x?xi32>, tensor<?x1xi32>) -> tensor<?x?xi32>
  %zero = arith.constant dense<0> : tensor<i32>
  %e = arith.constant dense<4> : tensor<i32>
  %ef = arith.constant dense<4.0> : tensor<f32>
  %ln = arith.constant dense<1.38629436> : tensor<f32>
  %rest = arith.constant dense<4.0> : tensor<f32>
  %most = arith.constant dense<7> : tensor<i32>
  %d = xf.unary abs %rel : (tensor<?x?xi32>) -> tensor<?x?xi32>
  %f = xf.cast %d : (tensor<?x?xi32>) -> tensor<?x?xf32>
  %q = xf.elementwise div %f, %ef : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %l = xf.unary log %q : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %o = xf.elementwise div %l, %ln : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %s = xf.elementwise mul %o, %rest : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %c = xf.cast %s : (tensor<?x?xf32>) -> tensor<?x?xi32>
  %a = xf.elementwise add %c, %e : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %m = xf.elementwise min %a, %most : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %near = xf.compare lt %d, %e : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi1>
  %b = xf.select %near, %d, %m : (tensor<?x?xi1>, tensor<?x?xi32>, tensor<?x?xi32>) -> tensor<?x?xi32>
  %after = xf.compare gt %rel, %zero : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi1>
  %one = xf.cast %after : (tensor<?x?xi1>) -> tensor<?x?xi32>
  %half = arith.constant dense<8> : tensor<i32>
  %offset = xf.elementwise mul %one, %half : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %bucket = xf.elementwise add %offset, %b : (tensor<?x?xi32>, tensor<?x?xi32>) -> tensor<?x?xi32>
  %rows = xf.gather %w, %bucket axis = 0 : (tensor<16x4xf32>, tensor<?x?xi32>) -> tensor<?x?x4xf32>
  %y = xf.transpose %rows [2, 0, 1] : (tensor<?x?x4xf32>) -> tensor<4x?x?xf32>
  return %y : tensor<4x?x?xf32>
}

// CHECK-LABEL: func.func @two_sequences
// CHECK-NOT: xf.relative_position_bias
// REMARK: remark: [Missed] xf.transpose {{.*}}rows and columns are not known to be of one sequence
func.func @two_sequences(%t: tensor<?x?xi32>, %other: tensor<?x?xi32>, %table: tensor<40x64xf32>, %w: tensor<16x4xf32>) -> tensor<4x?x?xf32> {
  %x = xf.embedding %t, %table : (tensor<?x?xi32>, tensor<40x64xf32>) -> tensor<?x?x64xf32>
  %n = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %row = xf.reshape %i [1, %n] : (tensor<?xi32>, index) -> tensor<1x?xi32>
  %k = xf.dim %other axis = 1 : (tensor<?x?xi32>) -> index
  %j = xf.iota %k : (index) -> tensor<?xi32>
  %column = xf.reshape %j [%k, 1] : (tensor<?xi32>, index) -> tensor<?x1xi32>
  %rel = xf.elementwise sub %row, %column : (tensor<1x?xi32>, tensor<?x1xi32>) -> tensor<?x?xi32>
  %zero = arith.constant dense<0> : tensor<i32>
  %e = arith.constant dense<4> : tensor<i32>
  %ef = arith.constant dense<4.0> : tensor<f32>
  %ln = arith.constant dense<1.38629436> : tensor<f32>
  %rest = arith.constant dense<4.0> : tensor<f32>
  %most = arith.constant dense<7> : tensor<i32>
  %d = xf.unary abs %rel : (tensor<?x?xi32>) -> tensor<?x?xi32>
  %f = xf.cast %d : (tensor<?x?xi32>) -> tensor<?x?xf32>
  %q = xf.elementwise div %f, %ef : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %l = xf.unary log %q : (tensor<?x?xf32>) -> tensor<?x?xf32>
  %o = xf.elementwise div %l, %ln : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %s = xf.elementwise mul %o, %rest : (tensor<?x?xf32>, tensor<f32>) -> tensor<?x?xf32>
  %c = xf.cast %s : (tensor<?x?xf32>) -> tensor<?x?xi32>
  %a = xf.elementwise add %c, %e : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %m = xf.elementwise min %a, %most : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %near = xf.compare lt %d, %e : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi1>
  %b = xf.select %near, %d, %m : (tensor<?x?xi1>, tensor<?x?xi32>, tensor<?x?xi32>) -> tensor<?x?xi32>
  %after = xf.compare gt %rel, %zero : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi1>
  %one = xf.cast %after : (tensor<?x?xi1>) -> tensor<?x?xi32>
  %half = arith.constant dense<8> : tensor<i32>
  %offset = xf.elementwise mul %one, %half : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  %bucket = xf.elementwise add %offset, %b : (tensor<?x?xi32>, tensor<?x?xi32>) -> tensor<?x?xi32>
  %rows = xf.gather %w, %bucket axis = 0 : (tensor<16x4xf32>, tensor<?x?xi32>) -> tensor<?x?x4xf32>
  %y = xf.transpose %rows [2, 0, 1] : (tensor<?x?x4xf32>) -> tensor<4x?x?xf32>
  return %y : tensor<4x?x?xf32>
}
