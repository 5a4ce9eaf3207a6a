// RUN: ph-opt %s --xf-propagate-constants=most=100 --verify-values --remark-policy=all --remarks-filter=xf-propagate-constants 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: FileCheck %s --check-prefix=WHERE --input-file=%t.remarks

// A causal mask that is computed of constants is one.
// CHECK-LABEL: @mask
// CHECK-NEXT: %[[M:.*]] = arith.constant dense<{{\[}}[-0.000000e+00, -1.000000e+09], [-0.000000e+00, -0.000000e+00]]> : tensor<2x2xf32>
// CHECK-NEXT: return %[[M]]
func.func @mask() -> tensor<2x2xf32> {
  %i = xf.iota : () -> tensor<2xi32>
  %row = xf.reshape %i [2, 1] : (tensor<2xi32>) -> tensor<2x1xi32>
  %above = xf.compare gt %i, %row : (tensor<2xi32>, tensor<2x1xi32>) -> tensor<2x2xi1>
  %number = xf.cast %above : (tensor<2x2xi1>) -> tensor<2x2xf32>
  %low = arith.constant dense<-1.0e9> : tensor<f32>
  %mask = xf.elementwise mul %number, %low : (tensor<2x2xf32>, tensor<f32>) -> tensor<2x2xf32>
  return %mask : tensor<2x2xf32>
}

// The root of a head's size: arithmetic on indices, a scalar, a cast and a root.
// CHECK-LABEL: @scale
// CHECK-SAME: (%[[X:.*]]: tensor<?x4x?x16xf32>)
// CHECK-NEXT: %[[C:.*]] = arith.constant dense<8.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[Y:.*]] = xf.elementwise div %[[X]], %[[C]]
// CHECK-NEXT: return %[[Y]]
func.func @scale(%x: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %heads = xf.dim %x axis = 1 : (tensor<?x4x?x16xf32>) -> index
  %dim = xf.dim %x axis = 3 : (tensor<?x4x?x16xf32>) -> index
  %features = arith.muli %heads, %dim : index
  %scalar = xf.scalar %features : (index) -> tensor<i32>
  %number = xf.cast %scalar : (tensor<i32>) -> tensor<f32>
  %root = xf.unary sqrt %number : (tensor<f32>) -> tensor<f32>
  %y = xf.elementwise div %x, %root : (tensor<?x4x?x16xf32>, tensor<f32>) -> tensor<?x4x?x16xf32>
  return %y : tensor<?x4x?x16xf32>
}

// CHECK-LABEL: @neutral
// CHECK-SAME: (%[[X:.*]]: tensor<?x4xf32>, %[[M:.*]]: tensor<?x4xi1>)
// CHECK-NEXT: return %[[X]], %[[X]], %[[M]], %[[X]]
func.func @neutral(%x: tensor<?x4xf32>, %m: tensor<?x4xi1>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xi1>, tensor<?x4xf32>) {
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %true = arith.constant dense<true> : tensor<1x4xi1>
  %a = xf.elementwise add %zero, %x : (tensor<4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %b = xf.elementwise sub %a, %zero : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  %c = xf.elementwise mul %one, %x : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %d = xf.elementwise div %c, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.elementwise {{.*}}"one operand changes nothing"
  %e = xf.elementwise and %m, %true : (tensor<?x4xi1>, tensor<1x4xi1>) -> tensor<?x4xi1>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.select {{.*}}"the choice is known"
  %f = xf.select %true, %x, %zero : (tensor<1x4xi1>, tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  return %b, %d, %e, %f : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xi1>, tensor<?x4xf32>
}

// CHECK-LABEL: @powers
// CHECK-SAME: (%[[X:.*]]: tensor<?x4xf32>)
// CHECK-DAG: %[[A:.*]] = xf.elementwise mul %[[X]], %[[X]]
// CHECK-DAG: %[[B:.*]] = xf.unary rsqrt %[[A]]
// CHECK-DAG: %[[C:.*]] = xf.unary reciprocal %[[B]]
// CHECK: return %[[C]]
func.func @powers(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %two = arith.constant dense<2.0> : tensor<f32>
  %half = arith.constant dense<-0.5> : tensor<f32>
  %minus = arith.constant dense<-1.0> : tensor<f32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.elementwise {{.*}}"it is what a power was"
  %a = xf.elementwise pow %x, %two : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %b = xf.elementwise pow %a, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %c = xf.elementwise pow %b, %minus : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  return %c : tensor<?x4xf32>
}

// What isn't neutral, or widens the other operand, stays: 0 - x, 1 / x, x · 0 (of infinity it is NaN), x + 0 in a larger shape.
// CHECK-LABEL: @not_neutral
// CHECK: xf.elementwise sub
// CHECK: xf.elementwise div
// CHECK: xf.elementwise mul
// CHECK: xf.elementwise add
func.func @not_neutral(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<2x?x4xf32>) {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %zeros = arith.constant dense<0.0> : tensor<2x1x4xf32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %a = xf.elementwise sub %zero, %x : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %b = xf.elementwise div %one, %x : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %c = xf.elementwise mul %x, %zero : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %d = xf.elementwise add %x, %zeros : (tensor<?x4xf32>, tensor<2x1x4xf32>) -> tensor<2x?x4xf32>
  return %a, %b, %c, %d : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<2x?x4xf32>
}

// Where x has one row, the zeros may have more.
// CHECK-LABEL: @may_widen
// CHECK: xf.elementwise add
// CHECK: xf.select
func.func @may_widen(%x: tensor<?x4xf32>, %other: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %n = xf.dim %other axis = 0 : (tensor<?x4xf32>) -> index
  %zero = arith.constant dense<0.0> : tensor<1x1xf32>
  %true = arith.constant dense<true> : tensor<i1>
  %zeros = xf.broadcast %zero [%n, 1] : (tensor<1x1xf32>, index) -> tensor<?x1xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Missed] xf.elementwise {{.*}}"one operand changes no number, but may be broadcast to a larger shape"
  %y = xf.elementwise add %x, %zeros : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Missed] xf.select {{.*}}"the choice is known, but what is chosen is broadcast"
  %z = xf.select %true, %x, %zeros : (tensor<i1>, tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  return %y, %z : tensor<?x4xf32>, tensor<?x4xf32>
}

// REMARK: the constant has 128 elements, more than 100
// CHECK-LABEL: @large
// CHECK: xf.broadcast
func.func @large() -> tensor<8x16xf32> {
  %one = arith.constant dense<1.0> : tensor<f32>
  %y = xf.broadcast %one [8, 16] : (tensor<f32>) -> tensor<8x16xf32>
  return %y : tensor<8x16xf32>
}

// One number that is repeated twice, unless the first time says a size that the second keeps.
// CHECK-LABEL: @repeated_twice
// CHECK-SAME: (%[[M:.*]]: index, %[[N:.*]]: index)
// CHECK-DAG: %[[C:.*]] = arith.constant dense<7> : tensor<i32>
// CHECK-DAG: %[[K:.*]] = xf.broadcast %[[C]] [1, %[[N]]]
// CHECK-DAG: %[[A:.*]] = xf.broadcast %[[C]] [%[[M]], %[[N]]] : (tensor<i32>, index, index) -> tensor<?x?xi32>
// CHECK: %[[B:.*]] = xf.broadcast %[[K]] [%[[M]], 1]
// CHECK: return %[[A]], %[[B]]
func.func @repeated_twice(%m: index, %n: index) -> (tensor<?x?xi32>, tensor<?x?xi32>) {
  %c = arith.constant dense<7> : tensor<1x1xi32>
  %a1 = xf.broadcast %c [1, %n] : (tensor<1x1xi32>, index) -> tensor<1x?xi32>
  %a = xf.broadcast %a1 [%m, %n] : (tensor<1x?xi32>, index, index) -> tensor<?x?xi32>
  %b = xf.broadcast %a1 [%m, 1] : (tensor<1x?xi32>, index) -> tensor<?x?xi32>
  return %a, %b : tensor<?x?xi32>, tensor<?x?xi32>
}

// CHECK-LABEL: @opposite
// CHECK-DAG: xf.compare ne
// CHECK-DAG: xf.compare eq
// CHECK-DAG: xf.compare lt
// CHECK-DAG: xf.unary not
func.func @opposite(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>) {
  %e = xf.compare eq %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %n = xf.compare ne %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  // What isn't less may be no number.
  %l = xf.compare lt %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %a = xf.unary not %e : (tensor<4xi1>) -> tensor<4xi1>
  %b = xf.unary not %n : (tensor<4xi1>) -> tensor<4xi1>
  %c = xf.unary not %l : (tensor<4xi1>) -> tensor<4xi1>
  return %a, %b, %c : tensor<4xi1>, tensor<4xi1>, tensor<4xi1>
}

// Whole numbers that are floats in between.
// CHECK-LABEL: @whole_numbers
// CHECK-SAME: (%[[X:.*]]: tensor<?xi32>, %[[N:.*]]: index)
// CHECK-DAG: %[[ONE:.*]] = arith.constant dense<1> : tensor<i32>
// CHECK-DAG: %[[R:.*]] = xf.reshape %[[X]] [1, %[[N]]] : (tensor<?xi32>, index) -> tensor<1x?xi32>
// CHECK: %[[Y:.*]] = xf.elementwise sub %[[R]], %[[ONE]] : (tensor<1x?xi32>, tensor<i32>)
// CHECK: return %[[Y]]
func.func @whole_numbers(%x: tensor<?xi32>, %n: index) -> tensor<1x?xi32> {
  %one = arith.constant dense<1.0> : tensor<f32>
  %f = xf.cast %x : (tensor<?xi32>) -> tensor<?xf32>
  %r = xf.reshape %f [1, %n] : (tensor<?xf32>, index) -> tensor<1x?xf32>
  %s = xf.elementwise sub %r, %one : (tensor<1x?xf32>, tensor<f32>) -> tensor<1x?xf32>
  %y = xf.cast %s : (tensor<1x?xf32>) -> tensor<1x?xi32>
  return %y : tensor<1x?xi32>
}

// CHECK-LABEL: @halves
// CHECK: xf.elementwise add %{{.*}} : (tensor<?xf32>, tensor<f32>)
func.func @halves(%x: tensor<?xi32>) -> tensor<?xi32> {
  %half = arith.constant dense<0.5> : tensor<f32>
  %f = xf.cast %x : (tensor<?xi32>) -> tensor<?xf32>
  %s = xf.elementwise add %f, %half : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %y = xf.cast %s : (tensor<?xf32>) -> tensor<?xi32>
  return %y : tensor<?xi32>
}

// Sizes that are multiplied and divided again, and that are not.
// CHECK-LABEL: @whole_quotient
// CHECK-SAME: (%[[N:.*]]: index)
// CHECK: %[[Q:.*]] = arith.floordivsi
// CHECK: return %[[N]], %[[Q]]
func.func @whole_quotient(%n: index) -> (index, index) {
  %four = arith.constant 4 : index
  %two = arith.constant 2 : index
  %m = arith.muli %n, %four : index
  %a = arith.floordivsi %m, %four : index
  %b = arith.floordivsi %m, %two : index
  return %a, %b : index, index
}
