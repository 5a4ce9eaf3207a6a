// RUN: ph-opt %s --xf-fuse-bias --remark-policy=all --remarks-filter=xf-fuse-bias 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
//
// RUN: ph-opt %s --verify-values --xf-fuse-bias -o %t.mlir 2>&1 | FileCheck %s --check-prefix=VALUES
// VALUES: {{[1-9][0-9]*}} comparisons, 0 differences

// CHECK-LABEL: func.func @right
// CHECK-NEXT: %[[Y:.*]] = xf.linear %arg0, %arg1 bias %arg2 :
// CHECK-NEXT: return %[[Y]]
func.func @right(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>, %b: tensor<64xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.elementwise add %p, %b : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// The vector is loaded after the product, and a residual stays.
// CHECK-LABEL: func.func @left
// CHECK-NEXT: %[[B:.*]] = xf.load_weight @bias
// CHECK-NEXT: %[[Y:.*]] = xf.linear %arg0, %arg1 bias %[[B]] residual %arg2
// CHECK-NEXT: return %[[Y]]
xf.weight @bias : tensor<64xf32>
func.func @left(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>, %r: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w residual %r : (tensor<?x?x32xf32>, tensor<64x32xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %b = xf.load_weight @bias : tensor<64xf32>
  %y = xf.elementwise add %b, %p : (tensor<64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @repeated
// CHECK: xf.linear %arg0, %arg1 bias %arg2 :
// CHECK-NOT: xf.add
// CHECK: return
func.func @repeated(%x: tensor<2x3x32xf32>, %w: tensor<64x32xf32>, %b: tensor<64xf32>) -> tensor<2x3x64xf32> {
  %p = xf.linear %x, %w : (tensor<2x3x32xf32>, tensor<64x32xf32>) -> tensor<2x3x64xf32>
  %row = xf.reshape %b [1, 1, 64] : (tensor<64xf32>) -> tensor<1x1x64xf32>
  %rows = xf.broadcast %row [2, 3, 64] : (tensor<1x1x64xf32>) -> tensor<2x3x64xf32>
  %y = xf.add %p, %rows : (tensor<2x3x64xf32>, tensor<2x3x64xf32>) -> tensor<2x3x64xf32>
  return %y : tensor<2x3x64xf32>
}

// CHECK-LABEL: func.func @already
// CHECK: xf.elementwise
// REMARK: the product has a bias already
func.func @already(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>, %b: tensor<64xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w bias %b : (tensor<?x?x32xf32>, tensor<64x32xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  %y = xf.elementwise add %p, %b : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @activated
// CHECK: xf.elementwise
// REMARK: the product has an activation, which comes after its bias
func.func @activated(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>, %b: tensor<64xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w activation = relu : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.elementwise add %p, %b : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @twice
// CHECK: xf.elementwise
// REMARK: the product is used elsewhere too
func.func @twice(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>, %b: tensor<64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %p = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.elementwise add %p, %b : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  return %p, %y : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @wider
// CHECK: xf.elementwise
// REMARK: the sum has another shape than the product
func.func @wider(%x: tensor<?x32xf32>, %w: tensor<64x32xf32>, %b: tensor<64xf32>) -> tensor<1x?x64xf32> {
  %p = xf.linear %x, %w : (tensor<?x32xf32>, tensor<64x32xf32>) -> tensor<?x64xf32>
  %row = xf.reshape %b [1, 1, 64] : (tensor<64xf32>) -> tensor<1x1x64xf32>
  %y = xf.elementwise add %p, %row : (tensor<?x64xf32>, tensor<1x1x64xf32>) -> tensor<1x?x64xf32>
  return %y : tensor<1x?x64xf32>
}

// The product may have one row where the vector has several.
// CHECK-LABEL: func.func @wider_at_run_time
// CHECK: xf.elementwise
// REMARK: the vector may be repeated for more rows than the product has
func.func @wider_at_run_time(%x: tensor<?x32xf32>, %w: tensor<64x32xf32>, %b: tensor<64xf32>, %like: tensor<?x?x64xf32>) -> tensor<?x64xf32> {
  %p = xf.linear %x, %w : (tensor<?x32xf32>, tensor<64x32xf32>) -> tensor<?x64xf32>
  %n = xf.dim %like axis = 1 : (tensor<?x?x64xf32>) -> index
  %rows = xf.broadcast %b [%n, 64] : (tensor<64xf32>, index) -> tensor<?x64xf32>
  %y = xf.elementwise add %p, %rows : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// Neither one number, nor one for each row, nor another function.
// CHECK-LABEL: func.func @other
// CHECK-NEXT: xf.linear
// CHECK-NEXT: xf.elementwise add
// CHECK-NEXT: xf.elementwise add
// CHECK-NEXT: xf.elementwise mul
func.func @other(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>, %b: tensor<64xf32>, %one: tensor<1xf32>, %rows: tensor<?x1xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %1 = xf.elementwise add %p, %one : (tensor<?x?x64xf32>, tensor<1xf32>) -> tensor<?x?x64xf32>
  %2 = xf.elementwise add %1, %rows : (tensor<?x?x64xf32>, tensor<?x1xf32>) -> tensor<?x?x64xf32>
  %3 = xf.elementwise mul %2, %b : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  return %3 : tensor<?x?x64xf32>
}
