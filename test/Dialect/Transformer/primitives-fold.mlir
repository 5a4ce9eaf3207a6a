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

// -----

// Where a size comes from is found at once, though many ways lead there.
// CHECK-LABEL: @ways
// CHECK-SAME: (%[[X:.*]]: tensor
// CHECK: %[[D:.*]] = xf.dim %[[X]] axis = 0
// CHECK: return %{{.*}}, %[[D]]
func.func @ways(%x0: tensor<?x64xf32>) -> (tensor<?x64xf32>, index) {
  %x1 = xf.elementwise add %x0, %x0 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x2 = xf.elementwise add %x1, %x1 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x3 = xf.elementwise add %x2, %x2 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x4 = xf.elementwise add %x3, %x3 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x5 = xf.elementwise add %x4, %x4 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x6 = xf.elementwise add %x5, %x5 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x7 = xf.elementwise add %x6, %x6 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x8 = xf.elementwise add %x7, %x7 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x9 = xf.elementwise add %x8, %x8 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x10 = xf.elementwise add %x9, %x9 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x11 = xf.elementwise add %x10, %x10 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x12 = xf.elementwise add %x11, %x11 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x13 = xf.elementwise add %x12, %x12 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x14 = xf.elementwise add %x13, %x13 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x15 = xf.elementwise add %x14, %x14 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x16 = xf.elementwise add %x15, %x15 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x17 = xf.elementwise add %x16, %x16 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x18 = xf.elementwise add %x17, %x17 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x19 = xf.elementwise add %x18, %x18 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x20 = xf.elementwise add %x19, %x19 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x21 = xf.elementwise add %x20, %x20 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x22 = xf.elementwise add %x21, %x21 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x23 = xf.elementwise add %x22, %x22 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x24 = xf.elementwise add %x23, %x23 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x25 = xf.elementwise add %x24, %x24 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x26 = xf.elementwise add %x25, %x25 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x27 = xf.elementwise add %x26, %x26 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x28 = xf.elementwise add %x27, %x27 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x29 = xf.elementwise add %x28, %x28 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x30 = xf.elementwise add %x29, %x29 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x31 = xf.elementwise add %x30, %x30 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x32 = xf.elementwise add %x31, %x31 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x33 = xf.elementwise add %x32, %x32 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x34 = xf.elementwise add %x33, %x33 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x35 = xf.elementwise add %x34, %x34 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x36 = xf.elementwise add %x35, %x35 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x37 = xf.elementwise add %x36, %x36 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x38 = xf.elementwise add %x37, %x37 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x39 = xf.elementwise add %x38, %x38 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %x40 = xf.elementwise add %x39, %x39 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %d = xf.dim %x40 axis = 0 : (tensor<?x64xf32>) -> index
  return %x40, %d : tensor<?x64xf32>, index
}
