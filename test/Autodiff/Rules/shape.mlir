// What only moves elements.
// RUN: ph-opt %s --check-derivatives | FileCheck %s
// CHECK: functions: {{[1-9][0-9]*}} comparisons

func.func @moves(%x: tensor<?x?x4xf32>) -> (tensor<4x?x?xf32>, tensor<?x?x2x2xf32>, tensor<?x4xf32>) {
  %0 = xf.transpose %x [2, 0, 1] : (tensor<?x?x4xf32>) -> tensor<4x?x?xf32>
  %1 = xf.reshape %x [0, 0, 2, -1] : (tensor<?x?x4xf32>) -> tensor<?x?x2x2xf32>
  %2 = xf.reshape %x [-1, 4] : (tensor<?x?x4xf32>) -> tensor<?x4xf32>
  return %0, %1, %2 : tensor<4x?x?xf32>, tensor<?x?x2x2xf32>, tensor<?x4xf32>
}

func.func @repeats(%x: tensor<?x1x4xf32>, %y: tensor<3xf32>, %z: tensor<f32>, %like: tensor<?x?xi32>) -> (tensor<?x5x4xf32>, tensor<2x3xf32>, tensor<2x2xf32>, tensor<?x?xf32>) {
  %0 = xf.broadcast %x [1, 5, 1] : (tensor<?x1x4xf32>) -> tensor<?x5x4xf32>
  %1 = xf.broadcast %y [2, 1] : (tensor<3xf32>) -> tensor<2x3xf32>
  %2 = xf.broadcast %z [2, 2] : (tensor<f32>) -> tensor<2x2xf32>
  %b = xf.dim %like axis = 0 : (tensor<?x?xi32>) -> index
  %s = xf.dim %like axis = 1 : (tensor<?x?xi32>) -> index
  %3 = xf.broadcast %z [%b, %s] : (tensor<f32>, index, index) -> tensor<?x?xf32>
  return %0, %1, %2, %3 : tensor<?x5x4xf32>, tensor<2x3xf32>, tensor<2x2xf32>, tensor<?x?xf32>
}

// One input twice, one that is no number to differentiate by, dynamic sizes along the axis.
func.func @joins(%x: tensor<?x?x4xf32>, %y: tensor<?x?x4xf32>, %m: tensor<2x2xi32>, %z: tensor<2x3xf32>) -> (tensor<?x?x4xf32>, tensor<?x?x8xf32>, tensor<2x5xf32>) {
  %0 = xf.concat %x, %y, %x axis = 1 : (tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %1 = xf.concat %y, %x axis = 2 : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x8xf32>
  %f = xf.cast %m : (tensor<2x2xi32>) -> tensor<2x2xf32>
  %2 = xf.concat %f, %z axis = 1 : (tensor<2x2xf32>, tensor<2x3xf32>) -> tensor<2x5xf32>
  return %0, %1, %2 : tensor<?x?x4xf32>, tensor<?x?x8xf32>, tensor<2x5xf32>
}

// From the front, from the middle, from the end, beyond it; of a dynamic dimension.
func.func @parts(%x: tensor<?x?x6xf32>, %y: tensor<5xf32>) -> (tensor<?x?x2xf32>, tensor<?x?x3xf32>, tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<2xf32>, tensor<4xf32>) {
  %0 = xf.slice %x axis = 2 [0, 2] : (tensor<?x?x6xf32>) -> tensor<?x?x2xf32>
  %1 = xf.slice %x axis = 2 [2, 5] : (tensor<?x?x6xf32>) -> tensor<?x?x3xf32>
  %2 = xf.slice %x axis = 1 [1, 9] : (tensor<?x?x6xf32>) -> tensor<?x?x6xf32>
  %3 = xf.slice %x axis = 1 [0, -1] : (tensor<?x?x6xf32>) -> tensor<?x?x6xf32>
  %4 = xf.slice %y axis = 0 [-2, 99] : (tensor<5xf32>) -> tensor<2xf32>
  %5 = xf.slice %y axis = 0 [-9, 4] : (tensor<5xf32>) -> tensor<4xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<?x?x2xf32>, tensor<?x?x3xf32>, tensor<?x?x6xf32>, tensor<?x?x6xf32>, tensor<2xf32>, tensor<4xf32>
}

// One part is not used.
func.func @split(%x: tensor<?x?x6xf32>) -> (tensor<?x?x1xf32>, tensor<?x?x3xf32>) {
  %0, %1, %2 = xf.split %x : (tensor<?x?x6xf32>) -> (tensor<?x?x1xf32>, tensor<?x?x2xf32>, tensor<?x?x3xf32>)
  return %0, %2 : tensor<?x?x1xf32>, tensor<?x?x3xf32>
}

func.func @heads(%x: tensor<?x?x6xf32>, %y: tensor<?x?x2xf32>, %z: tensor<?x?x2xf32>) -> (tensor<?x?x4xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>) {
  %0, %1 = xf.split_heads %x heads = 2 : (tensor<?x?x6xf32>) -> (tensor<?x?x4xf32>, tensor<?x?x2xf32>)
  %2 = xf.join_heads %y, %0, %1 heads = 2 : (tensor<?x?x2xf32>, tensor<?x?x4xf32>, tensor<?x?x2xf32>) -> tensor<?x?x8xf32>
  // One part is the same for all heads.
  %3 = xf.join_heads %0, %z heads = 2 shared = [1] : (tensor<?x?x4xf32>, tensor<?x?x2xf32>) -> tensor<?x?x8xf32>
  return %0, %2, %3 : tensor<?x?x4xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>
}
