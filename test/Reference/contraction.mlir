// The values of primitives that sum along dimensions, against what is computed by hand.
// RUN: ph-opt %s --run=products | FileCheck %s --check-prefix=PRODUCT
// RUN: ph-opt %s --run=reductions | FileCheck %s --check-prefix=REDUCE
// RUN: ph-opt %s --run=exponentials | FileCheck %s --check-prefix=SOFTMAX
// RUN: not ph-opt %s --run=unequal --dims=arg0=2x3,arg1=2x3 2>&1 | FileCheck %s --check-prefix=UNEQUAL

// The transposed product of the same numbers is the same; two batches of left sides share one right side, and the other way round.
// PRODUCT: batched: [2, 1, 2] = 1 2 13 18
// PRODUCT: plain: [2, 2] = 7 10 15 22
// PRODUCT: shared: [2, 1, 1] = 3 7
// PRODUCT: transposed: [2, 2] = 5 11 11 25
func.func @products() -> (tensor<2x2xf32> {xf.name = "plain"}, tensor<2x2xf32> {xf.name = "transposed"}, tensor<2x1x2xf32> {xf.name = "batched"},
    tensor<2x1x1xf32> {xf.name = "shared"}) {
  %a = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %rows = arith.constant dense<[[[1.0, 0.0]], [[1.0, 4.0]]]> : tensor<2x1x2xf32>
  %ones = arith.constant dense<[[1.0], [1.0]]> : tensor<2x1xf32>
  %plain = xf.matmul %a, %a : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %transposed = xf.matmul %a, %a transpose_b : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %batched = xf.matmul %rows, %a : (tensor<2x1x2xf32>, tensor<2x2xf32>) -> tensor<2x1x2xf32>
  %lines = xf.reshape %a [2, 1, 2] : (tensor<2x2xf32>) -> tensor<2x1x2xf32>
  %shared = xf.matmul %lines, %ones : (tensor<2x1x2xf32>, tensor<2x1xf32>) -> tensor<2x1x1xf32>
  return %plain, %transposed, %batched, %shared : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x1x2xf32>, tensor<2x1x1xf32>
}

// REDUCE: all: [] = 21
// REDUCE: columns: [1, 3] = 2.5 3.5 4.5
// REDUCE: largest: [2] = 3 6
// REDUCE: outer: [2] = 9 12
// REDUCE: smallest: [3] = 1 2 3
func.func @reductions() -> (tensor<f32> {xf.name = "all"}, tensor<1x3xf32> {xf.name = "columns"}, tensor<2xf32> {xf.name = "largest"},
    tensor<3xf32> {xf.name = "smallest"}, tensor<2xf32> {xf.name = "outer"}) {
  %x = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %cube = xf.reshape %x [3, 2, 1] : (tensor<2x3xf32>) -> tensor<3x2x1xf32>
  %all = xf.reduce sum %x axes = [0, 1] : (tensor<2x3xf32>) -> tensor<f32>
  %columns = xf.reduce mean %x axes = [0] keepdims : (tensor<2x3xf32>) -> tensor<1x3xf32>
  %largest = xf.reduce max %x axes = [1] : (tensor<2x3xf32>) -> tensor<2xf32>
  %smallest = xf.reduce min %x axes = [0] : (tensor<2x3xf32>) -> tensor<3xf32>
  %outer = xf.reduce sum %cube axes = [0, 2] : (tensor<3x2x1xf32>) -> tensor<2xf32>
  return %all, %columns, %largest, %smallest, %outer : tensor<f32>, tensor<1x3xf32>, tensor<2xf32>, tensor<3xf32>, tensor<2xf32>
}

// e^ln2 : e^0 = 2 : 1; a row of -inf is not a number; large values don't overflow.
// SOFTMAX: columns: [2, 2] = 0.666667 0.5 0.333333 0.5
// SOFTMAX: large: [2] = 0.5 0.5
// SOFTMAX: masked: [2, 2] = 1 0 {{-?nan -?nan}}
// SOFTMAX: rows: [2, 2] = 0.666667 0.333333 0.5 0.5
func.func @exponentials() -> (tensor<2x2xf32> {xf.name = "rows"}, tensor<2x2xf32> {xf.name = "columns"}, tensor<2xf32> {xf.name = "large"},
    tensor<2x2xf32> {xf.name = "masked"}) {
  %x = arith.constant dense<[[0.69314718, 0.0], [0.0, 0.0]]> : tensor<2x2xf32>
  %big = arith.constant dense<1.0e30> : tensor<2xf32>
  %low = arith.constant dense<[[0.0, 0xFF800000], [0xFF800000, 0xFF800000]]> : tensor<2x2xf32>
  %rows = xf.softmax %x axis = 1 : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %columns = xf.softmax %x axis = 0 : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %large = xf.softmax %big axis = 0 : (tensor<2xf32>) -> tensor<2xf32>
  %masked = xf.softmax %low axis = 1 : (tensor<2x2xf32>) -> tensor<2x2xf32>
  return %rows, %columns, %large, %masked : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xf32>, tensor<2x2xf32>
}

// UNEQUAL: expects a rhs of K = 3 at run time, but got [2, 3]
func.func @unequal(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = xf.matmul %a, %b : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
