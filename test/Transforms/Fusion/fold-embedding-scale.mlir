// RUN: ph-opt %s --xf-fold-embedding-scale --remark-policy=all --remarks-filter=xf-fold-embedding-scale 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
//
// RUN: ph-opt %s --verify-values --xf-fold-embedding-scale -o %t.mlir 2>&1 | FileCheck %s --check-prefix=VALUES
// VALUES: {{[1-9][0-9]*}} comparisons, 0 differences

// CHECK-LABEL: func.func @embedding
// CHECK-NEXT: %[[X:.*]] = xf.embedding %arg0, %arg1 scale = 1.600000e+01 offset = 1
// CHECK-NEXT: return %[[X]]
func.func @embedding(%t: tensor<?x?xi32>, %table: tensor<80x32xf32>) -> tensor<?x?x32xf32> {
  %x = xf.embedding %t, %table scale = 2.0 offset = 1 : (tensor<?x?xi32>, tensor<80x32xf32>) -> tensor<?x?x32xf32>
  %y = xf.scale %x by 8.0 : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @logits
// CHECK-NEXT: %[[Z:.*]] = xf.logits %arg0, %arg1 scale = 1.000000e+00 :
// CHECK-NEXT: return %[[Z]]
func.func @logits(%x: tensor<?x32xf32>, %w: tensor<80x32xf32>) -> tensor<?x80xf32> {
  %y = xf.scale %x by 8.0 : (tensor<?x32xf32>) -> tensor<?x32xf32>
  %z = xf.logits %y, %w scale = 0.5 : (tensor<?x32xf32>, tensor<80x32xf32>) -> tensor<?x80xf32>
  %s = xf.scale %z by 0.25 : (tensor<?x80xf32>) -> tensor<?x80xf32>
  return %s : tensor<?x80xf32>
}

// CHECK-LABEL: func.func @best
// CHECK-NEXT: xf.logits_argmax %arg0, %arg1 scale = -8.000000e+00 :
func.func @best(%x: tensor<?x32xf32>, %w: tensor<80x32xf32>) -> tensor<?xi32> {
  %y = xf.scale %x by -8.0 : (tensor<?x32xf32>) -> tensor<?x32xf32>
  %t = xf.logits_argmax %y, %w : (tensor<?x32xf32>, tensor<80x32xf32>) -> tensor<?xi32>
  return %t : tensor<?xi32>
}

// CHECK-LABEL: func.func @capped
// CHECK: xf.scale
// REMARK: the scores are capped before they are scaled
func.func @capped(%x: tensor<?x32xf32>, %w: tensor<80x32xf32>) -> tensor<?x80xf32> {
  %z = xf.logits %x, %w soft_cap = 30.0 : (tensor<?x32xf32>, tensor<80x32xf32>) -> tensor<?x80xf32>
  %s = xf.scale %z by 0.25 : (tensor<?x80xf32>) -> tensor<?x80xf32>
  return %s : tensor<?x80xf32>
}

// CHECK-LABEL: func.func @both
// CHECK: xf.scale
// REMARK: what is scaled is used elsewhere too
func.func @both(%t: tensor<?x?xi32>, %table: tensor<80x32xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>) {
  %x = xf.embedding %t, %table : (tensor<?x?xi32>, tensor<80x32xf32>) -> tensor<?x?x32xf32>
  %y = xf.scale %x by 8.0 : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  return %x, %y : tensor<?x?x32xf32>, tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @input
// CHECK: xf.scale
// REMARK: what was scaled is used elsewhere too
func.func @input(%x: tensor<?x32xf32>, %w: tensor<80x32xf32>) -> (tensor<?x32xf32>, tensor<?x80xf32>) {
  %y = xf.scale %x by 8.0 : (tensor<?x32xf32>) -> tensor<?x32xf32>
  %z = xf.logits %y, %w : (tensor<?x32xf32>, tensor<80x32xf32>) -> tensor<?x80xf32>
  return %y, %z : tensor<?x32xf32>, tensor<?x80xf32>
}

// CHECK-LABEL: func.func @encoded
// CHECK: xf.scale
// REMARK: what is scaled is encoded before
func.func @encoded(%t: tensor<?x?xi32>, %table: tensor<80x32xf32>) -> tensor<?x?x32xf32> {
  %x = xf.embedding %t, %table : (tensor<?x?xi32>, tensor<80x32xf32>) -> tensor<?x?x32xf32, #xf.format<f16>>
  %y = xf.scale %x by 8.0 : (tensor<?x?x32xf32, #xf.format<f16>>) -> tensor<?x?x32xf32>
  return %y : tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @outside
// CHECK: xf.repeat
// CHECK-NEXT: xf.scale
// REMARK: what is scaled is made outside the loop
func.func @outside(%t: tensor<?x?xi32>, %table: tensor<80x32xf32>) -> tensor<?x?x32xf32> {
  %x = xf.embedding %t, %table : (tensor<?x?xi32>, tensor<80x32xf32>) -> tensor<?x?x32xf32>
  %start = xf.embedding %t, %table : (tensor<?x?xi32>, tensor<80x32xf32>) -> tensor<?x?x32xf32>
  %y = xf.repeat %layer = 4 iter(%h = %start) : tensor<?x?x32xf32> {
    %s = xf.scale %x by 8.0 : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    xf.yield %s : tensor<?x?x32xf32>
  }
  return %y : tensor<?x?x32xf32>
}
