// The values of primitives that work element by element, against what is computed by hand.
// RUN: ph-opt %s --run=broadcasting | FileCheck %s --check-prefix=BROADCAST
// RUN: ph-opt %s --run=functions --f64 | FileCheck %s --check-prefix=FUNCTION
// RUN: ph-opt %s --run=integers | FileCheck %s --check-prefix=INTEGER
// RUN: ph-opt %s --run=truth | FileCheck %s --check-prefix=TRUTH
// RUN: not ph-opt %s --run=by_zero 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not ph-opt %s --run=unequal --dims=arg0=2x3,arg1=2x2 2>&1 | FileCheck %s --check-prefix=UNEQUAL

// BROADCAST: divided: [3, 2] = 5 10 2.5 5 1.25 2.5
// BROADCAST: scalar: [2] = 11 21
// BROADCAST: sum: [3, 2] = 12 22 14 24 18 28
func.func @broadcasting() -> (tensor<3x2xf32> {xf.name = "sum"}, tensor<3x2xf32> {xf.name = "divided"}, tensor<2xf32> {xf.name = "scalar"}) {
  %row = arith.constant dense<[10.0, 20.0]> : tensor<2xf32>
  %column = arith.constant dense<[[2.0], [4.0], [8.0]]> : tensor<3x1xf32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %sum = xf.elementwise add %row, %column : (tensor<2xf32>, tensor<3x1xf32>) -> tensor<3x2xf32>
  %divided = xf.elementwise div %row, %column : (tensor<2xf32>, tensor<3x1xf32>) -> tensor<3x2xf32>
  %scalar = xf.elementwise add %one, %row : (tensor<f32>, tensor<2xf32>) -> tensor<2xf32>
  return %sum, %divided, %scalar : tensor<3x2xf32>, tensor<3x2xf32>, tensor<2xf32>
}

// At 4 and 0.25: e^4, ln 4, 2, 1/2, 1/4, tanh, erf, sigmoid, sin, cos, 4^0.25.
// FUNCTION: cos: [2] = -0.653644 0.968912
// FUNCTION: erf: [2] = 1 0.276326
// FUNCTION: exp: [2] = 54.5982 1.28403
// FUNCTION: floor: [2] = 4 0
// FUNCTION: log: [2] = 1.38629 -1.38629
// FUNCTION: neg: [2] = -4 -0.25
// FUNCTION: pow: [2] = 256 0.707107
// FUNCTION: reciprocal: [2] = 0.25 4
// FUNCTION: rsqrt: [2] = 0.5 2
// FUNCTION: sigmoid: [2] = 0.982014 0.562177
// FUNCTION: sin: [2] = -0.756802 0.247404
// FUNCTION: sqrt: [2] = 2 0.5
// FUNCTION: tanh: [2] = 0.999329 0.244919
func.func @functions() -> (tensor<2xf32> {xf.name = "exp"}, tensor<2xf32> {xf.name = "log"}, tensor<2xf32> {xf.name = "sqrt"},
    tensor<2xf32> {xf.name = "rsqrt"}, tensor<2xf32> {xf.name = "reciprocal"}, tensor<2xf32> {xf.name = "tanh"},
    tensor<2xf32> {xf.name = "erf"}, tensor<2xf32> {xf.name = "sigmoid"}, tensor<2xf32> {xf.name = "sin"},
    tensor<2xf32> {xf.name = "cos"}, tensor<2xf32> {xf.name = "neg"}, tensor<2xf32> {xf.name = "pow"}, tensor<2xf32> {xf.name = "floor"}) {
  %x = arith.constant dense<[4.0, 0.25]> : tensor<2xf32>
  %exp = xf.unary exp %x : (tensor<2xf32>) -> tensor<2xf32>
  %log = xf.unary log %x : (tensor<2xf32>) -> tensor<2xf32>
  %sqrt = xf.unary sqrt %x : (tensor<2xf32>) -> tensor<2xf32>
  %rsqrt = xf.unary rsqrt %x : (tensor<2xf32>) -> tensor<2xf32>
  %reciprocal = xf.unary reciprocal %x : (tensor<2xf32>) -> tensor<2xf32>
  %tanh = xf.unary tanh %x : (tensor<2xf32>) -> tensor<2xf32>
  %erf = xf.unary erf %x : (tensor<2xf32>) -> tensor<2xf32>
  %sigmoid = xf.unary sigmoid %x : (tensor<2xf32>) -> tensor<2xf32>
  %sin = xf.unary sin %x : (tensor<2xf32>) -> tensor<2xf32>
  %cos = xf.unary cos %x : (tensor<2xf32>) -> tensor<2xf32>
  %neg = xf.unary neg %x : (tensor<2xf32>) -> tensor<2xf32>
  %pow = xf.elementwise pow %x, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %floor = xf.unary floor %x : (tensor<2xf32>) -> tensor<2xf32>
  return %exp, %log, %sqrt, %rsqrt, %reciprocal, %tanh, %erf, %sigmoid, %sin, %cos, %neg, %pow, %floor : tensor<2xf32>, tensor<2xf32>,
    tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
    tensor<2xf32>, tensor<2xf32>
}

// INTEGER: abs: [3] = 7 7 2
// INTEGER: from_float: [3] = -1 1 2
// INTEGER: max: [3] = 2 7 2
// INTEGER: min: [3] = -7 2 -2
// INTEGER: mul: [3] = -14 14 -4
// INTEGER: quotient: [3] = -3 3 -1
// INTEGER: sub: [3] = -9 5 -4
func.func @integers() -> (tensor<3xi32> {xf.name = "quotient"}, tensor<3xi32> {xf.name = "max"}, tensor<3xi32> {xf.name = "min"},
    tensor<3xi32> {xf.name = "sub"}, tensor<3xi32> {xf.name = "mul"}, tensor<3xi32> {xf.name = "abs"}, tensor<3xi32> {xf.name = "from_float"}) {
  %a = arith.constant dense<[-7, 7, -2]> : tensor<3xi32>
  %b = arith.constant dense<2> : tensor<i32>
  %f = arith.constant dense<[-1.75, 1.75, 2.0]> : tensor<3xf32>
  %quotient = xf.elementwise div %a, %b : (tensor<3xi32>, tensor<i32>) -> tensor<3xi32>
  %max = xf.elementwise max %a, %b : (tensor<3xi32>, tensor<i32>) -> tensor<3xi32>
  %min = xf.elementwise min %a, %b : (tensor<3xi32>, tensor<i32>) -> tensor<3xi32>
  %sub = xf.elementwise sub %a, %b : (tensor<3xi32>, tensor<i32>) -> tensor<3xi32>
  %mul = xf.elementwise mul %a, %b : (tensor<3xi32>, tensor<i32>) -> tensor<3xi32>
  %abs = xf.unary abs %a : (tensor<3xi32>) -> tensor<3xi32>
  %from = xf.cast %f : (tensor<3xf32>) -> tensor<3xi32>
  return %quotient, %max, %min, %sub, %mul, %abs, %from : tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>
}

// TRUTH: and: [2, 3] = 1 0 0 1 0 1
// TRUTH: eq: [2, 3] = 0 1 0 0 1 0
// TRUTH: ge: [2, 3] = 1 1 0 1 1 0
// TRUTH: gt: [2, 3] = 1 0 0 1 0 0
// TRUTH: le: [2, 3] = 0 1 1 0 1 1
// TRUTH: lt: [2, 3] = 0 0 1 0 0 1
// TRUTH: ne: [2, 3] = 1 0 1 1 0 1
// TRUTH: nonzero: [3] = 1 0 1
// TRUTH: not: [2, 3] = 0 1 1 0 1 0
// TRUTH: number: [2, 3] = 1 0 0 1 0 1
// TRUTH: or: [2, 3] = 1 1 1 1 0 1
// TRUTH: select: [2, 3] = 5 -1 -1 5 -1 5
func.func @truth() -> (tensor<2x3xi1> {xf.name = "eq"}, tensor<2x3xi1> {xf.name = "ne"}, tensor<2x3xi1> {xf.name = "lt"}, tensor<2x3xi1> {xf.name = "le"},
    tensor<2x3xi1> {xf.name = "gt"}, tensor<2x3xi1> {xf.name = "ge"}, tensor<2x3xf32> {xf.name = "number"}, tensor<2x3xi1> {xf.name = "not"},
    tensor<2x3xi1> {xf.name = "and"}, tensor<2x3xi1> {xf.name = "or"}, tensor<2x3xi32> {xf.name = "select"}, tensor<3xi1> {xf.name = "nonzero"}) {
  %m = arith.constant dense<[[true, false, false], [true, false, true]]> : tensor<2x3xi1>
  %row = arith.constant dense<[[true, true, true], [true, false, true]]> : tensor<2x3xi1>
  %x = arith.constant dense<[2.0, 1.0, -1.0]> : tensor<3xf32>
  %y = arith.constant dense<[[1.0], [1.0]]> : tensor<2x1xf32>
  %five = arith.constant dense<5> : tensor<i32>
  %minus = arith.constant dense<-1> : tensor<1x1xi32>
  %numbers = arith.constant dense<[2, 0, -1]> : tensor<3xi32>
  %eq = xf.compare eq %x, %y : (tensor<3xf32>, tensor<2x1xf32>) -> tensor<2x3xi1>
  %ne = xf.compare ne %x, %y : (tensor<3xf32>, tensor<2x1xf32>) -> tensor<2x3xi1>
  %lt = xf.compare lt %x, %y : (tensor<3xf32>, tensor<2x1xf32>) -> tensor<2x3xi1>
  %le = xf.compare le %x, %y : (tensor<3xf32>, tensor<2x1xf32>) -> tensor<2x3xi1>
  %gt = xf.compare gt %x, %y : (tensor<3xf32>, tensor<2x1xf32>) -> tensor<2x3xi1>
  %ge = xf.compare ge %x, %y : (tensor<3xf32>, tensor<2x1xf32>) -> tensor<2x3xi1>
  %number = xf.cast %m : (tensor<2x3xi1>) -> tensor<2x3xf32>
  %not = xf.unary not %m : (tensor<2x3xi1>) -> tensor<2x3xi1>
  %and = xf.elementwise and %m, %row : (tensor<2x3xi1>, tensor<2x3xi1>) -> tensor<2x3xi1>
  %or = xf.elementwise or %m, %row : (tensor<2x3xi1>, tensor<2x3xi1>) -> tensor<2x3xi1>
  %select = xf.select %m, %five, %minus : (tensor<2x3xi1>, tensor<i32>, tensor<1x1xi32>) -> tensor<2x3xi32>
  %nonzero = xf.cast %numbers : (tensor<3xi32>) -> tensor<3xi1>
  return %eq, %ne, %lt, %le, %gt, %ge, %number, %not, %and, %or, %select, %nonzero : tensor<2x3xi1>, tensor<2x3xi1>, tensor<2x3xi1>, tensor<2x3xi1>,
    tensor<2x3xi1>, tensor<2x3xi1>, tensor<2x3xf32>, tensor<2x3xi1>, tensor<2x3xi1>, tensor<2x3xi1>, tensor<2x3xi32>, tensor<3xi1>
}

// ZERO: expects integers to be divided by others than 0 at run time
func.func @by_zero() -> tensor<i32> {
  %a = arith.constant dense<1> : tensor<i32>
  %b = arith.constant dense<0> : tensor<i32>
  %y = xf.elementwise div %a, %b : (tensor<i32>, tensor<i32>) -> tensor<i32>
  return %y : tensor<i32>
}

// UNEQUAL: expects shapes that can be broadcast to [2, 3] at run time, but got [2, 2]
func.func @unequal(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = xf.elementwise add %a, %b : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
