// RUN: ph-opt %s --xf-recognize-patches --verify-values --remark-policy=all --remarks-filter=xf-recognize-patches 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// CHECK-LABEL: func.func @patches
// CHECK-SAME: (%[[X:.*]]: tensor<?x3x8x8xf32>, %[[W:.*]]: tensor<16x3x4x4xf32>, %[[B:.*]]: tensor<16xf32>)
// CHECK: %[[Y:.*]] = xf.patch_embedding %[[X]], %[[W]] bias %[[B]]
// CHECK-NEXT: return %[[Y]]
// REMARK: remark: [Passed] xf.patch_embedding {{.*}}"a convolution of patches as rows"
func.func @patches(%x: tensor<?x3x8x8xf32>, %w: tensor<16x3x4x4xf32>, %b: tensor<16xf32>) -> tensor<?x4x16xf32> {
  %c = xf.convolution %x, %w bias %b stride = [4, 4] : (tensor<?x3x8x8xf32>, tensor<16x3x4x4xf32>, tensor<16xf32>) -> tensor<?x16x2x2xf32>
  %r = xf.reshape %c [0, 0, -1] : (tensor<?x16x2x2xf32>) -> tensor<?x16x4xf32>
  %y = xf.transpose %r [0, 2, 1] : (tensor<?x16x4xf32>) -> tensor<?x4x16xf32>
  return %y : tensor<?x4x16xf32>
}

// CHECK-LABEL: func.func @overlap
// CHECK: xf.convolution
// REMARK: remark: [Missed] xf.transpose {{.*}}the convolution does not cut the image into patches
func.func @overlap(%x: tensor<?x3x8x8xf32>, %w: tensor<16x3x4x4xf32>) -> tensor<?x9x16xf32> {
  %c = xf.convolution %x, %w stride = [2, 2] : (tensor<?x3x8x8xf32>, tensor<16x3x4x4xf32>) -> tensor<?x16x3x3xf32>
  %r = xf.reshape %c [0, 0, -1] : (tensor<?x16x3x3xf32>) -> tensor<?x16x9xf32>
  %y = xf.transpose %r [0, 2, 1] : (tensor<?x16x9xf32>) -> tensor<?x9x16xf32>
  return %y : tensor<?x9x16xf32>
}

// CHECK-LABEL: func.func @beyond_the_edge
// CHECK: xf.convolution
// REMARK: remark: [Missed] xf.transpose {{.*}}the convolution does not cut the image into patches
func.func @beyond_the_edge(%x: tensor<?x3x8x8xf32>, %w: tensor<16x3x4x4xf32>) -> tensor<?x9x16xf32> {
  %c = xf.convolution %x, %w stride = [4, 4] padding = [2, 2, 2, 2] : (tensor<?x3x8x8xf32>, tensor<16x3x4x4xf32>) -> tensor<?x16x3x3xf32>
  %r = xf.reshape %c [0, 0, -1] : (tensor<?x16x3x3xf32>) -> tensor<?x16x9xf32>
  %y = xf.transpose %r [0, 2, 1] : (tensor<?x16x9xf32>) -> tensor<?x9x16xf32>
  return %y : tensor<?x9x16xf32>
}

// CHECK-LABEL: func.func @groups
// CHECK: xf.convolution
// REMARK: remark: [Missed] xf.transpose {{.*}}the convolution does not cut the image into patches
func.func @groups(%x: tensor<?x4x8x8xf32>, %w: tensor<16x2x4x4xf32>) -> tensor<?x4x16xf32> {
  %c = xf.convolution %x, %w stride = [4, 4] groups = 2 : (tensor<?x4x8x8xf32>, tensor<16x2x4x4xf32>) -> tensor<?x16x2x2xf32>
  %r = xf.reshape %c [0, 0, -1] : (tensor<?x16x2x2xf32>) -> tensor<?x16x4xf32>
  %y = xf.transpose %r [0, 2, 1] : (tensor<?x16x4xf32>) -> tensor<?x4x16xf32>
  return %y : tensor<?x4x16xf32>
}

// CHECK-LABEL: func.func @other_rows
// CHECK: xf.convolution
// REMARK: remark: [Missed] xf.transpose {{.*}}the rows are not known to be places of the image
func.func @other_rows(%x: tensor<?x3x8x8xf32>, %w: tensor<16x3x4x4xf32>) -> tensor<?x8x8xf32> {
  %c = xf.convolution %x, %w stride = [4, 4] : (tensor<?x3x8x8xf32>, tensor<16x3x4x4xf32>) -> tensor<?x16x2x2xf32>
  %r = xf.reshape %c [0, 8, 8] : (tensor<?x16x2x2xf32>) -> tensor<?x8x8xf32>
  %y = xf.transpose %r [0, 2, 1] : (tensor<?x8x8xf32>) -> tensor<?x8x8xf32>
  return %y : tensor<?x8x8xf32>
}
