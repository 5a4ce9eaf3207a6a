// Losses become primitives of the same values; what has a kernel of its own stays.
// RUN: ph-opt %s --train-expand --remark-policy=all --remarks-filter=train-expand -o %t.mlir 2>%t.remarks
// RUN: FileCheck %s --input-file=%t.mlir && FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: ph-opt %s --train-expand --verify-values=4 --verify-reproducer= -o /dev/null 2>&1 | FileCheck %s --check-prefix=VALUES --implicit-check-not="not compared:"
// VALUES: , 0 differences

// CHECK-LABEL: func.func @clm
// CHECK: train.token_logp
// CHECK-NOT: train.
// CHECK: return
// REMARK: remark: [Passed] train.lm_loss {{.*}}spelled out in primitives
func.func @clm(%h: tensor<?x?x8xf32>, %w: tensor<12x8xf32>, %labels: tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>) {
  %logp = train.token_logp %h, %w, %labels ignore_index = 0 : (tensor<?x?x8xf32>, tensor<12x8xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
  %sum, %count = train.lm_loss %logp, %labels ignore_index = 0 : (tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
  return %sum, %count : tensor<f32>, tensor<f32>
}

// CHECK-LABEL: func.func @every_label
// CHECK-NOT: train.
func.func @every_label(%logp: tensor<?x?xf32>, %labels: tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>) {
  %sum, %count = train.lm_loss %logp, %labels : (tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
  return %sum, %count : tensor<f32>, tensor<f32>
}
