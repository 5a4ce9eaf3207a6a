// RUN: ph-opt %s --xf-fuse-activation --remark-policy=all --remarks-filter=xf-fuse-activation 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
//
// RUN: ph-opt %s --verify-values --xf-fuse-activation -o %t.mlir 2>&1 | FileCheck %s --check-prefix=VALUES
// VALUES: {{[1-9][0-9]*}} comparisons, 0 differences

// CHECK-LABEL: func.func @gelu
// CHECK-NEXT: %[[Y:.*]] = xf.linear %arg0, %arg1 bias %arg2 activation = gelu :
// CHECK-NEXT: return %[[Y]]
func.func @gelu(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>, %b: tensor<64xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w bias %b : (tensor<?x?x32xf32>, tensor<64x32xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  %y = xf.activation gelu %p : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// A function that a primitive spells, and a result that is encoded.
// CHECK-LABEL: func.func @tanh
// CHECK-NEXT: xf.linear %arg0, %arg1 activation = tanh :
// CHECK-NEXT: xf.linear %arg0, %arg1 activation = silu : {{.*}} -> tensor<?x?x64xf32, #xf.format<i8x32>>
// CHECK-NEXT: return
func.func @tanh(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32, #xf.format<i8x32>>) {
  %p = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.unary tanh %p : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %q = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %z = xf.activation silu %q : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32, #xf.format<i8x32>>
  return %y, %z : tensor<?x?x64xf32>, tensor<?x?x64xf32, #xf.format<i8x32>>
}

// CHECK-LABEL: func.func @residual
// CHECK: xf.activation
// REMARK: the product has a residual, which is added after its activation
func.func @residual(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>, %r: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w residual %r : (tensor<?x?x32xf32>, tensor<64x32xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %y = xf.activation gelu %p : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @already
// CHECK: xf.activation
// REMARK: the product has an activation already
func.func @already(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w activation = tanh : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.activation gelu %p : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @twice
// CHECK: xf.activation
// REMARK: the product is used elsewhere too
func.func @twice(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %p = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %y = xf.activation gelu %p : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %p, %y : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @encoded
// CHECK: xf.activation
// REMARK: the product is encoded before
func.func @encoded(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>) -> tensor<?x?x64xf32> {
  %p = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32, #xf.format<bf16>>
  %y = xf.activation gelu %p : (tensor<?x?x64xf32, #xf.format<bf16>>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @outside
// CHECK: xf.repeat
// CHECK-NEXT: xf.activation
// REMARK: the product is made outside the loop
func.func @outside(%x: tensor<?x?x32xf32>, %w: tensor<32x32xf32>) -> tensor<?x?x32xf32> {
  %p = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<32x32xf32>) -> tensor<?x?x32xf32>
  %y = xf.repeat %layer = 4 iter(%h = %x) : tensor<?x?x32xf32> {
    %a = xf.activation gelu %p : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    xf.yield %a : tensor<?x?x32xf32>
  }
  return %y : tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @no_product
// CHECK-NEXT: xf.activation
func.func @no_product(%x: tensor<?x?x32xf32>) -> tensor<?x?x32xf32> {
  %y = xf.activation gelu %x : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}
