// RUN: ph-opt %s --xf-fuse-residual --remark-policy=all --remarks-filter=xf-fuse-residual 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: FileCheck %s --check-prefix=WHERE --input-file=%t.remarks

// CHECK-LABEL: func.func @right
// CHECK-NEXT: %[[Y:.*]] = xf.linear %arg0, %arg1 residual %arg2
// CHECK-NEXT: return %[[Y]]
func.func @right(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>, %r: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.linear {{.*}}"the other side of the sum is the product's residual"
  %y = xf.add %r, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// The residual is made after the product, and the bias stays.
// CHECK-LABEL: func.func @left
// CHECK-NEXT: %[[R:.*]] = xf.rms_norm
// CHECK-NEXT: %[[Y:.*]] = xf.linear %arg0, %arg1 bias %arg2 residual %[[R]]
// CHECK-NEXT: return %[[Y]]
func.func @left(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>, %b: tensor<64xf32>, %z: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w bias %b : (tensor<?x?x32xf32>, tensor<64x32xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  %r = xf.rms_norm %z, %b eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.linear {{.*}}"the other side of the sum is the product's residual"
  %y = xf.add %p, %r : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Of two products one takes the other's result; the sum of that goes into a third.
// CHECK-LABEL: func.func @chain
// CHECK-NEXT: %[[A:.*]] = xf.linear %arg0, %arg1 :
// CHECK-NEXT: %[[B:.*]] = xf.linear %arg0, %arg1 residual %[[A]]
// CHECK-NEXT: %[[C:.*]] = xf.linear %arg0, %arg1 residual %[[B]]
// CHECK-NEXT: return %[[C]]
func.func @chain(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>) -> tensor<?x?x64xf32> {
  %a = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %b = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %ab = xf.add %a, %b : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %c = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.add %ab, %c : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// The activation is before the residual, so it stays.
// CHECK-LABEL: func.func @activated
// CHECK-NEXT: %[[Y:.*]] = xf.linear %arg0, %arg1 activation = gelu residual %arg2
// CHECK-NEXT: return %[[Y]]
func.func @activated(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>, %r: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w activation = gelu : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.add %r, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @twice
// CHECK: xf.add
// REMARK: the product is used elsewhere too
func.func @twice(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.add %p, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @already
// CHECK: xf.add
// REMARK: the product has a residual already
func.func @already(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>, %r: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w residual %r : (tensor<?x?x32xf32>, tensor<64x32xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %y = xf.add %p, %r : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @no_product
// CHECK-NEXT: xf.add
func.func @no_product(%x: tensor<?x?x32xf32>, %r: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
  %y = xf.add %x, %r : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @outside
// CHECK: xf.linear
// CHECK: xf.repeat
// CHECK-NEXT: xf.add
// REMARK: the product is made outside the loop
func.func @outside(%x: tensor<?x?x32xf32>, %w: tensor<32x32xf32>) -> tensor<?x?x32xf32> {
  %p = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %y = xf.repeat %layer = 4 iter(%h = %x) : tensor<?x?x32xf32> {
    %s = xf.add %h, %p : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    xf.yield %s : tensor<?x?x32xf32>
  }
  return %y : tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @encoded
// CHECK: xf.add
// REMARK: the product is encoded before
func.func @encoded(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>, %r: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32, #xf.format<bf16>>
  %y = xf.add %r, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32, #xf.format<bf16>>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}
