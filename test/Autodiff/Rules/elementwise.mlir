// Functions of elements, each operand broadcast in all the ways that there are.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @unary(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %neg = xf.unary neg %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %abs = xf.unary abs %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %exp = xf.unary exp %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %tanh = xf.unary tanh %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %erf = xf.unary erf %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %sigmoid = xf.unary sigmoid %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %sin = xf.unary sin %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %cos = xf.unary cos %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %neg, %abs, %exp, %tanh, %erf, %sigmoid, %sin, %cos : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// Of what is positive.
func.func @roots(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %p = xf.unary exp %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %log = xf.unary log %p : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %sqrt = xf.unary sqrt %p : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %rsqrt = xf.unary rsqrt %p : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %reciprocal = xf.unary reciprocal %p : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %pow = xf.elementwise pow %p, %y : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %div = xf.elementwise div %y, %p : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %log, %sqrt, %rsqrt, %reciprocal, %pow, %div : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}

// A step has no derivative but 0: what else there is must be right beside it.
func.func @steps(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %ten = arith.constant dense<10.0> : tensor<f32>
  %far = xf.elementwise mul %x, %ten : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %floor = xf.unary floor %far : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %y = xf.elementwise mul %floor, %x : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// Dimensions of 1 and missing ones, on either side; rank 0; a dynamic dimension in both.
func.func @broadcasts(%x: tensor<?x?x4xf32>, %row: tensor<4xf32>, %column: tensor<?x?x1xf32>, %one: tensor<f32>, %wide: tensor<1x1x4xf32>)
    -> (tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<4x4xf32>) {
  %a = xf.elementwise sub %row, %x : (tensor<4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %b = xf.elementwise mul %a, %column : (tensor<?x?x4xf32>, tensor<?x?x1xf32>) -> tensor<?x?x4xf32>
  %c = xf.elementwise add %one, %b : (tensor<f32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %d = xf.elementwise mul %wide, %column : (tensor<1x1x4xf32>, tensor<?x?x1xf32>) -> tensor<?x?x4xf32>
  %e = xf.elementwise sub %x, %d : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %turned = xf.reshape %row [4, 1] : (tensor<4xf32>) -> tensor<4x1xf32>
  %f = xf.elementwise mul %turned, %row : (tensor<4x1xf32>, tensor<4xf32>) -> tensor<4x4xf32>
  return %a, %b, %c, %d, %e, %f : tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<4x4xf32>
}

func.func @larger(%x: tensor<2x3xf32>, %y: tensor<3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  %a = xf.elementwise max %x, %y : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %b = xf.elementwise min %y, %x : (tensor<3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %a, %b : tensor<2x3xf32>, tensor<2x3xf32>
}

func.func @same_twice(%x: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  %p = xf.unary exp %x : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %a = xf.elementwise pow %p, %p : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %b = xf.elementwise div %x, %x : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return %a, %b : tensor<2x3xf32>, tensor<2x3xf32>
}

// The condition is of a value that is differentiated by, which counts for nothing; each choice is repeated.
func.func @choices(%x: tensor<2x3xf32>, %y: tensor<3xf32>, %z: tensor<f32>) -> (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %c = xf.compare gt %x, %y : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xi1>
  %a = xf.select %c, %x, %y : (tensor<2x3xi1>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %b = xf.select %c, %z, %x : (tensor<2x3xi1>, tensor<f32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %d = xf.select %c, %y, %z : (tensor<2x3xi1>, tensor<3xf32>, tensor<f32>) -> tensor<2x3xf32>
  return %a, %b, %d : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}

// A small condition of large choices.
func.func @rows(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>, %m: tensor<2x1xi32>) -> tensor<2x3xf32> {
  %c = xf.cast %m : (tensor<2x1xi32>) -> tensor<2x1xi1>
  %f = xf.cast %m : (tensor<2x1xi32>) -> tensor<2x1xf32>
  %a = xf.select %c, %x, %y : (tensor<2x1xi1>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %b = xf.elementwise mul %a, %f : (tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x3xf32>
  %d = xf.cast %b : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %d : tensor<2x3xf32>
}
