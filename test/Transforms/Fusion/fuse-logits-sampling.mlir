// RUN: ph-opt %s --xf-fuse-logits-sampling --remark-policy=all --remarks-filter=xf-fuse-logits-sampling 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
//
// RUN: ph-opt %s --verify-values --xf-fuse-logits-sampling -o %t.mlir 2>&1 | FileCheck %s --check-prefix=VALUES
// VALUES: {{[1-9][0-9]*}} comparisons, 0 differences

// CHECK-LABEL: func.func @argmax
// CHECK-NEXT: %[[T:.*]] = xf.logits_argmax %arg0, %arg1 scale = 5.{{.*}} soft_cap = 3.{{.*}} : (tensor<?x32xf32>, tensor<80x32xf32>) -> tensor<?xi32>
// CHECK-NEXT: return %[[T]]
func.func @argmax(%x: tensor<?x32xf32>, %w: tensor<80x32xf32>) -> tensor<?xi32> {
  %z = xf.logits %x, %w scale = 0.5 soft_cap = 30.0 : (tensor<?x32xf32>, tensor<80x32xf32>) -> tensor<?x80xf32>
  %t = xf.argmax %z : (tensor<?x80xf32>) -> tensor<?xi32>
  return %t : tensor<?xi32>
}

// CHECK-LABEL: func.func @greedy
// CHECK-NOT: xf.logits %
// CHECK: xf.logits_argmax
// CHECK-NEXT: return
func.func @greedy(%x: tensor<5x32xf32>, %w: tensor<80x32xf32>) -> tensor<5xi32> {
  %u = arith.constant dense<0.5> : tensor<5xf32>
  %z = xf.logits %x, %w : (tensor<5x32xf32>, tensor<80x32xf32>) -> tensor<5x80xf32>
  %t = xf.sample %z, %u temperature = 0.0 top_k = 40 : (tensor<5x80xf32>, tensor<5xf32>) -> tensor<5xi32>
  return %t : tensor<5xi32>
}

// CHECK-LABEL: func.func @drawn
// CHECK-NEXT: xf.logits_sample %arg0, %arg1, %arg2 scale = 5.{{.*}} soft_cap = 3.{{.*}} temperature = 0.69{{9+.*}} top_k = 40 top_p = 9.{{0+}}e-01 min_p = 5.{{0+}}e-02 :
// CHECK-NEXT: xf.logits_sample %arg0, %arg1, %arg2 : (tensor<?x32xf32>, tensor<80x32xf32>, tensor<?xf32>) -> tensor<?xi32>
// CHECK-NEXT: return
// REMARK: [Passed] xf.logits_sample {{.*}}"scores needn't be kept"
func.func @drawn(%x: tensor<?x32xf32>, %w: tensor<80x32xf32>, %u: tensor<?xf32>) -> (tensor<?xi32>, tensor<?xi32>) {
  %z = xf.logits %x, %w scale = 0.5 soft_cap = 30.0 : (tensor<?x32xf32>, tensor<80x32xf32>) -> tensor<?x80xf32>
  %t = xf.sample %z, %u temperature = 0.7 top_k = 40 top_p = 0.9 min_p = 0.05 : (tensor<?x80xf32>, tensor<?xf32>) -> tensor<?xi32>
  %y = xf.logits %x, %w : (tensor<?x32xf32>, tensor<80x32xf32>) -> tensor<?x80xf32>
  %v = xf.sample %y, %u : (tensor<?x80xf32>, tensor<?xf32>) -> tensor<?xi32>
  return %t, %v : tensor<?xi32>, tensor<?xi32>
}

// The best after a penalty is not the best.
// CHECK-LABEL: func.func @penalty
// CHECK-NEXT: xf.logits_sample %arg0, %arg1, %arg2 recent(%arg3) temperature = 0.{{.*}} repeat_penalty = 1.1{{.*}} :
// CHECK-NEXT: return
func.func @penalty(%x: tensor<?x32xf32>, %w: tensor<80x32xf32>, %u: tensor<?xf32>, %recent: tensor<?x?xi32>) -> tensor<?xi32> {
  %z = xf.logits %x, %w : (tensor<?x32xf32>, tensor<80x32xf32>) -> tensor<?x80xf32>
  %t = xf.sample %z, %u recent(%recent) temperature = 0.0 repeat_penalty = 1.1 : (tensor<?x80xf32>, tensor<?xf32>, tensor<?x?xi32>) -> tensor<?xi32>
  return %t : tensor<?xi32>
}

// CHECK-LABEL: func.func @twice
// CHECK: xf.argmax
// REMARK: the scores are used elsewhere too
func.func @twice(%x: tensor<?x32xf32>, %w: tensor<80x32xf32>) -> (tensor<?xi32>, tensor<?x80xf32>) {
  %z = xf.logits %x, %w : (tensor<?x32xf32>, tensor<80x32xf32>) -> tensor<?x80xf32>
  %t = xf.argmax %z : (tensor<?x80xf32>) -> tensor<?xi32>
  return %t, %z : tensor<?xi32>, tensor<?x80xf32>
}

// CHECK-LABEL: func.func @outside
// CHECK: xf.repeat
// CHECK-NEXT: xf.argmax
// REMARK: the scores are made outside the loop
func.func @outside(%x: tensor<?x32xf32>, %w: tensor<80x32xf32>, %start: tensor<?xi32>) -> tensor<?xi32> {
  %z = xf.logits %x, %w : (tensor<?x32xf32>, tensor<80x32xf32>) -> tensor<?x80xf32>
  %y = xf.repeat %layer = 4 iter(%h = %start) : tensor<?xi32> {
    %t = xf.argmax %z : (tensor<?x80xf32>) -> tensor<?xi32>
    xf.yield %t : tensor<?xi32>
  }
  return %y : tensor<?xi32>
}
