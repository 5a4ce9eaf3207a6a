// RUN: ph-opt %s -canonicalize -split-input-file | FileCheck %s

// CHECK-LABEL: @transposes
// CHECK-SAME: (%[[X:.*]]: tensor
// CHECK-NEXT: %[[Y:.*]] = xf.transpose %[[X]] [2, 0, 1]
// CHECK-NEXT: return %[[Y]], %[[X]]
func.func @transposes(%x: tensor<2x?x4xf32>) -> (tensor<4x2x?xf32>, tensor<2x?x4xf32>) {
  %a = xf.transpose %x [0, 2, 1] : (tensor<2x?x4xf32>) -> tensor<2x4x?xf32>
  %b = xf.transpose %a [1, 0, 2] : (tensor<2x4x?xf32>) -> tensor<4x2x?xf32>
  %c = xf.transpose %a [0, 2, 1] : (tensor<2x4x?xf32>) -> tensor<2x?x4xf32>
  return %b, %c : tensor<4x2x?xf32>, tensor<2x?x4xf32>
}

// -----

// A reshape of a reshape is one; what the first one computes is said again where it is copied.
// CHECK-LABEL: @reshapes
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>, %[[N:.*]]: index)
// CHECK-NEXT: %[[A:.*]] = xf.reshape %[[X]] [0, 0, 2, -1]
// CHECK-NEXT: %[[B:.*]] = xf.reshape %[[X]] [%[[N]], -1, 8]
// CHECK-NEXT: return %[[X]], %[[A]], %[[B]]
func.func @reshapes(%x: tensor<?x?x64xf32>, %n: index) -> (tensor<?x?x64xf32>, tensor<?x?x2x32xf32>, tensor<?x?x8xf32>) {
  %a = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %same = xf.reshape %a [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  %b = xf.reshape %a [0, 0, 2, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x2x32xf32>
  %c = xf.reshape %x [%n, -1, 16] : (tensor<?x?x64xf32>, index) -> tensor<?x?x16xf32>
  %d = xf.reshape %c [0, -1, 8] : (tensor<?x?x16xf32>) -> tensor<?x?x8xf32>
  return %same, %b, %d : tensor<?x?x64xf32>, tensor<?x?x2x32xf32>, tensor<?x?x8xf32>
}

// -----

// What the first one leaves over can't be said beside another -1.
// CHECK-LABEL: @reshapes_that_stay
// CHECK-NEXT: xf.reshape %{{.*}} [-1, 16]
// CHECK-NEXT: xf.reshape %{{.*}} [0, -1, 8]
func.func @reshapes_that_stay(%x: tensor<?x?x16xf32>) -> tensor<?x2x8xf32> {
  %a = xf.reshape %x [-1, 16] : (tensor<?x?x16xf32>) -> tensor<?x16xf32>
  %b = xf.reshape %a [0, -1, 8] : (tensor<?x16xf32>) -> tensor<?x2x8xf32>
  return %b : tensor<?x2x8xf32>
}

// -----

// Sizes that are those of the input are copies, and known sizes are numbers. A computed 0 or -1 stays: the list means others by them.
// CHECK-LABEL: @sizes
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x4x16xf32>)
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : index
// CHECK-DAG: %[[A:.*]] = xf.reshape %[[X]] [0, 0, 64]
// CHECK-DAG: %[[B:.*]] = xf.reshape %[[X]] [%[[ZERO]], 7]
// CHECK: return %[[A]], %[[B]]
func.func @sizes(%x: tensor<?x?x4x16xf32>) -> (tensor<?x?x64xf32>, tensor<?x7xf32>) {
  %b = xf.dim %x axis = 0 : (tensor<?x?x4x16xf32>) -> index
  %s = xf.dim %x axis = 1 : (tensor<?x?x4x16xf32>) -> index
  %h = xf.dim %x axis = 2 : (tensor<?x?x4x16xf32>) -> index
  %d = xf.dim %x axis = 3 : (tensor<?x?x4x16xf32>) -> index
  %hd = arith.muli %h, %d : index
  %zero = arith.constant 0 : index
  %y = xf.reshape %x [%b, %s, %hd] : (tensor<?x?x4x16xf32>, index, index, index) -> tensor<?x?x64xf32>
  %z = xf.reshape %x [%zero, 7] : (tensor<?x?x4x16xf32>, index) -> tensor<?x7xf32>
  return %y, %z : tensor<?x?x64xf32>, tensor<?x7xf32>
}

// -----

// CHECK-LABEL: @nothing
// CHECK-SAME: (%[[X:.*]]: tensor<?x4xf32>, %[[M:.*]]: tensor<?x4xi1>)
// CHECK-NEXT: return %[[X]], %[[X]], %[[X]], %[[X]], %[[X]], %[[M]]
func.func @nothing(%x: tensor<?x4xf32>, %m: tensor<?x4xi1>)
    -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xi1>) {
  %a = xf.broadcast %x [1, 4] : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %b = xf.concat %x axis = 0 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %end = arith.constant 4 : index
  %c = xf.slice %x axis = 1 [0, %end] : (tensor<?x4xf32>, index) -> tensor<?x4xf32>
  %d = xf.cast %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %e = xf.unary neg %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %f = xf.unary neg %e : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %g = xf.unary not %m : (tensor<?x4xi1>) -> tensor<?x4xi1>
  %h = xf.unary not %g : (tensor<?x4xi1>) -> tensor<?x4xi1>
  return %a, %b, %c, %d, %f, %h : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xi1>
}

// -----

// What may do something stays.
// CHECK-LABEL: @something
// CHECK-SAME: (%[[X:.*]]: tensor<?x4xf32>, %[[N:.*]]: index)
// CHECK: xf.broadcast %[[X]] [%[[N]], 4]
// CHECK: xf.slice %[[X]] axis = 0 [0, 4]
// CHECK: xf.slice %[[X]] axis = 1 [0, 4] step = 2
// CHECK: xf.unary abs
// CHECK: xf.unary abs
func.func @something(%x: tensor<?x4xf32>, %n: index) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x2xf32>, tensor<?x4xf32>) {
  %a = xf.broadcast %x [%n, 4] : (tensor<?x4xf32>, index) -> tensor<?x4xf32>
  %b = xf.slice %x axis = 0 [0, 4] : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %c = xf.slice %x axis = 1 [0, 4] step = 2 : (tensor<?x4xf32>) -> tensor<?x2xf32>
  %d = xf.unary abs %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %e = xf.unary abs %d : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %a, %b, %c, %e : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x2xf32>, tensor<?x4xf32>
}

// -----

// Sizes are those of what a tensor was made of, through whatever keeps them; where they aren't kept they stay.
// CHECK-LABEL: @origins
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>, %[[Y:.*]]: tensor<?x?x64xf32>)
// CHECK-DAG: %[[S:.*]] = xf.dim %[[X]] axis = 1
// CHECK-DAG: %[[T:.*]] = xf.dim %[[Y]] axis = 1
// CHECK-DAG: %[[C:.*]] = xf.concat
// CHECK-DAG: %[[U:.*]] = xf.dim %[[C]] axis = 1
// CHECK: return %[[S]], %[[T]], %[[U]]
func.func @origins(%x: tensor<?x?x64xf32>, %y: tensor<?x?x64xf32>) -> (index, index, index) {
  %q = xf.reshape %x [0, -1, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qt = xf.transpose %q [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k = xf.reshape %y [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kt = xf.transpose %k [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %s = xf.matmul %qt, %kt transpose_b : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %s axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %rows = xf.dim %p axis = 2 : (tensor<?x4x?x?xf32>) -> index
  %keys = xf.dim %p axis = 3 : (tensor<?x4x?x?xf32>) -> index
  %c = xf.concat %x, %y axis = 1 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %both = xf.dim %c axis = 1 : (tensor<?x?x64xf32>) -> index
  return %rows, %keys, %both : index, index, index
}
