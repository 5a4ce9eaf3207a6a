// The values of primitives that move elements, against what is written by hand.
// RUN: ph-opt %s --run=moved | FileCheck %s --check-prefix=MOVED
// RUN: ph-opt %s --run=cut | FileCheck %s --check-prefix=CUT
// RUN: ph-opt %s --run=computed --dims=x=2x3 | FileCheck %s --check-prefix=COMPUTED
// RUN: not ph-opt %s --run=reshape_of_others --dims=arg0=2x3 2>&1 | FileCheck %s --check-prefix=RESHAPE
// RUN: not ph-opt %s --run=broadcast_of_others --dims=arg0=2x3 2>&1 | FileCheck %s --check-prefix=BROADCAST
// RUN: not ph-opt %s --run=concat_of_others --dims=arg0=2x3,arg1=2x2 2>&1 | FileCheck %s --check-prefix=CONCAT
// RUN: not ph-opt %s --run=gather_beyond 2>&1 | FileCheck %s --check-prefix=GATHER

// MOVED: broadcast: [2, 2, 3] = 1 1 1 2 2 2 1 1 1 2 2 2
// MOVED: concat: [2, 5] = 1 2 3 1 1 4 5 6 2 2
// MOVED: first: [3, 3] = 1 2 3 4 5 6 1 2 3
// MOVED: reshape: [3, 2] = 1 2 3 4 5 6
// MOVED: transpose: [3, 1, 2] = 1 4 2 5 3 6
func.func @moved() -> (tensor<3x1x2xf32> {xf.name = "transpose"}, tensor<3x2xf32> {xf.name = "reshape"}, tensor<2x2x3xf32> {xf.name = "broadcast"},
    tensor<2x5xf32> {xf.name = "concat"}, tensor<3x3xf32> {xf.name = "first"}) {
  %x = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %row = arith.constant dense<[[1.0, 2.0, 3.0]]> : tensor<1x3xf32>
  %column = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %wide = arith.constant dense<[[1.0, 1.0], [2.0, 2.0]]> : tensor<2x2xf32>
  %cube = xf.reshape %x [1, 2, 3] : (tensor<2x3xf32>) -> tensor<1x2x3xf32>
  %transpose = xf.transpose %cube [2, 0, 1] : (tensor<1x2x3xf32>) -> tensor<3x1x2xf32>
  %reshape = xf.reshape %x [3, -1] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %broadcast = xf.broadcast %column [2, 1, 3] : (tensor<2x1xf32>) -> tensor<2x2x3xf32>
  %concat = xf.concat %x, %wide axis = 1 : (tensor<2x3xf32>, tensor<2x2xf32>) -> tensor<2x5xf32>
  %first = xf.concat %x, %row axis = 0 : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<3x3xf32>
  return %transpose, %reshape, %broadcast, %concat, %first : tensor<3x1x2xf32>, tensor<3x2xf32>, tensor<2x2x3xf32>, tensor<2x5xf32>, tensor<3x3xf32>
}

// CUT: columns: [2, 2] = 1 3 5 7
// CUT: far: [1, 4] = 5 6 7 8
// CUT: flat: [2] = 4 1
// CUT: gather: [2, 2, 2] = 4 1 2 2 8 5 6 6
// CUT: last: [2, 1] = 4 8
// CUT: none: [2, 0] =
// CUT: numbers: [3] = 0 1 2
func.func @cut() -> (tensor<2x2xf32> {xf.name = "columns"}, tensor<2x1xf32> {xf.name = "last"}, tensor<1x4xf32> {xf.name = "far"},
    tensor<2x0xf32> {xf.name = "none"}, tensor<2x2x2xf32> {xf.name = "gather"}, tensor<3xi32> {xf.name = "numbers"}, tensor<2xf32> {xf.name = "flat"}) {
  %x = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32>
  %indices = arith.constant dense<[[-1, 0], [1, 1]]> : tensor<2x2xi32>
  %columns = xf.slice %x axis = 1 [0, -1] step = 2 : (tensor<2x4xf32>) -> tensor<2x2xf32>
  %last = xf.slice %x axis = 1 [-1, 9223372036854775807] : (tensor<2x4xf32>) -> tensor<2x1xf32>
  %far = xf.slice %x axis = 0 [1, 1000] : (tensor<2x4xf32>) -> tensor<1x4xf32>
  %none = xf.slice %x axis = 1 [3, 2] : (tensor<2x4xf32>) -> tensor<2x0xf32>
  %gather = xf.gather %x, %indices axis = 1 : (tensor<2x4xf32>, tensor<2x2xi32>) -> tensor<2x2x2xf32>
  %numbers = xf.iota : () -> tensor<3xi32>
  %one = arith.constant dense<[-1, 0]> : tensor<2xi32>
  %row = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %flat = xf.gather %row, %one axis = 0 : (tensor<4xf32>, tensor<2xi32>) -> tensor<2xf32>
  return %columns, %last, %far, %none, %gather, %numbers, %flat : tensor<2x2xf32>, tensor<2x1xf32>, tensor<1x4xf32>, tensor<2x0xf32>, tensor<2x2x2xf32>, tensor<3xi32>, tensor<2xf32>
}

// COMPUTED: columns: [] = 3
// COMPUTED: expanded: [2, 3] = 3 3 3 3 3 3
// COMPUTED: folded: [3, 2] = 0 0 0 0 0 0
// COMPUTED: numbers: [3] = 0 1 2
// COMPUTED: part: [2] = 1 2
func.func @computed(%x: tensor<?x?xf32> {xf.name = "x"}) -> (tensor<i32> {xf.name = "columns"}, tensor<?xi32> {xf.name = "numbers"},
    tensor<?x?xf32> {xf.name = "folded"}, tensor<?xi32> {xf.name = "part"}, tensor<?x?xi32> {xf.name = "expanded"}) {
  %rows = xf.dim %x axis = 0 : (tensor<?x?xf32>) -> index
  %columns = xf.dim %x axis = 1 : (tensor<?x?xf32>) -> index
  %scalar = xf.scalar %columns : (index) -> tensor<i32>
  %numbers = xf.iota %columns : (index) -> tensor<?xi32>
  %zero = xf.elementwise sub %x, %x : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %folded = xf.reshape %zero [%columns, -1] : (tensor<?x?xf32>, index) -> tensor<?x?xf32>
  %one = arith.constant 1 : index
  %part = xf.slice %numbers axis = 0 [%one, %columns] : (tensor<?xi32>, index, index) -> tensor<?xi32>
  %expanded = xf.broadcast %scalar [%rows, %columns] : (tensor<i32>, index, index) -> tensor<?x?xi32>
  return %scalar, %numbers, %folded, %part, %expanded : tensor<i32>, tensor<?xi32>, tensor<?x?xf32>, tensor<?xi32>, tensor<?x?xi32>
}

// RESHAPE: expects a shape of 6 elements at run time, but got [2, 4]
func.func @reshape_of_others(%x: tensor<?x?xf32>) -> tensor<?x4xf32> {
  %y = xf.reshape %x [0, 4] : (tensor<?x?xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// BROADCAST: expects shapes that can be broadcast to [1, 4] at run time, but got [2, 3]
func.func @broadcast_of_others(%x: tensor<?x?xf32>) -> tensor<?x4xf32> {
  %y = xf.broadcast %x [1, 4] : (tensor<?x?xf32>) -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// CONCAT: expects inputs of one shape but for dimension 0 at run time, but got [2, 2]
func.func @concat_of_others(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %z = xf.concat %x, %y axis = 0 : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  return %z : tensor<?x?xf32>
}

// GATHER: expects indices from -2 to 1 at run time, but got [2]
func.func @gather_beyond() -> tensor<1xf32> {
  %x = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = arith.constant dense<[2]> : tensor<1xi32>
  %y = xf.gather %x, %i axis = 0 : (tensor<2xf32>, tensor<1xi32>) -> tensor<1xf32>
  return %y : tensor<1xf32>
}
