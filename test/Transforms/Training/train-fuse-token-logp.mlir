// What is derived from a loss that is linear in log-probabilities needs no product of its own for them.
// RUN: ph-opt %s --train-fuse-token-logp --remark-policy=all --remarks-filter=train-fuse-token-logp -o %t.mlir 2>%t.remarks
// RUN: FileCheck %s --input-file=%t.mlir && FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: ph-opt %s --train-fuse-token-logp --verify-values=4 --verify-reproducer= -o /dev/null 2>&1 | FileCheck %s --check-prefix=VALUES --implicit-check-not="not compared:"
// VALUES: , 0 differences
// As autodiff makes them, too.
// RUN: ph-opt %s --train-expand --xf-autodiff="function=clm of=sum wrt=h,w" --train-fuse-token-logp | FileCheck %s --check-prefix=DERIVED
// DERIVED-LABEL: func.func @clm_gradient
// DERIVED-NOT: train.token_logp %
// DERIVED: train.token_logp_backward {{.*}} weight_gradient logp
// DERIVED-NOT: train.token_logp %
// DERIVED: return
func.func @clm(%h: tensor<?x?x8xf32> {xf.name = "h"}, %w: tensor<12x8xf32> {xf.name = "w"}, %labels: tensor<?x?xi32>)
    -> (tensor<f32> {xf.name = "sum"}, tensor<f32> {xf.name = "count"}) {
  %logp = train.token_logp %h, %w, %labels ignore_index = 0 : (tensor<?x?x8xf32>, tensor<12x8xf32>, tensor<?x?xi32>) -> tensor<?x?xf32>
  %sum, %count = train.lm_loss %logp, %labels ignore_index = 0 : (tensor<?x?xf32>, tensor<?x?xi32>) -> (tensor<f32>, tensor<f32>)
  return %sum, %count : tensor<f32>, tensor<f32>
}

// CHECK-LABEL: func.func @fires
// CHECK: %[[G:.*]] = xf.unary neg %arg3
// CHECK: %[[H:.*]], %[[B:.*]]:2 = train.token_logp_backward %arg0, %arg1, %arg2, %[[G]] ignore_index = 0 weight_gradient logp
// CHECK-NOT: train.token_logp
// CHECK: %[[Y:.*]] = xf.unary abs %[[B]]#1
// CHECK: return %[[Y]], %[[H]], %[[B]]#0
// REMARK: remark: [Passed] train.token_logp {{.*}}its derivatives give it too
func.func @fires(%h: tensor<?x8xf32>, %w: tensor<12x8xf32>, %l: tensor<?xi32>, %x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?x8xf32>, tensor<12x8xf32>) {
  %y = train.token_logp %h, %w, %l ignore_index = 0 : (tensor<?x8xf32>, tensor<12x8xf32>, tensor<?xi32>) -> tensor<?xf32>
  %z = xf.unary abs %y : (tensor<?xf32>) -> tensor<?xf32>
  %g = xf.unary neg %x : (tensor<?xf32>) -> tensor<?xf32>
  %dh, %dw = train.token_logp_backward %h, %w, %l, %g ignore_index = 0 weight_gradient
    : (tensor<?x8xf32>, tensor<12x8xf32>, tensor<?xi32>, tensor<?xf32>) -> (tensor<?x8xf32>, tensor<12x8xf32>)
  return %z, %dh, %dw : tensor<?xf32>, tensor<?x8xf32>, tensor<12x8xf32>
}

// CHECK-LABEL: func.func @depends
// CHECK: train.token_logp %
// CHECK: train.token_logp_backward
// REMARK: remark: [Missed] train.token_logp {{.*}}the gradient depends on the log-probabilities
func.func @depends(%h: tensor<?x8xf32>, %w: tensor<12x8xf32>, %l: tensor<?xi32>) -> tensor<?x8xf32> {
  %y = train.token_logp %h, %w, %l : (tensor<?x8xf32>, tensor<12x8xf32>, tensor<?xi32>) -> tensor<?xf32>
  %g = xf.unary exp %y : (tensor<?xf32>) -> tensor<?xf32>
  %dh = train.token_logp_backward %h, %w, %l, %g : (tensor<?x8xf32>, tensor<12x8xf32>, tensor<?xi32>, tensor<?xf32>) -> tensor<?x8xf32>
  return %dh : tensor<?x8xf32>
}

// Other logits.
// CHECK-LABEL: func.func @capped
// CHECK: train.token_logp %
// CHECK: train.token_logp_backward
func.func @capped(%h: tensor<?x8xf32>, %w: tensor<12x8xf32>, %l: tensor<?xi32>, %g: tensor<?xf32>) -> (tensor<?xf32>, tensor<?x8xf32>) {
  %y = train.token_logp %h, %w, %l : (tensor<?x8xf32>, tensor<12x8xf32>, tensor<?xi32>) -> tensor<?xf32>
  %dh = train.token_logp_backward %h, %w, %l, %g soft_cap = 5.0 : (tensor<?x8xf32>, tensor<12x8xf32>, tensor<?xi32>, tensor<?xf32>) -> tensor<?x8xf32>
  return %y, %dh : tensor<?xf32>, tensor<?x8xf32>
}

// CHECK-LABEL: func.func @loop
// CHECK: train.token_logp %
// CHECK: train.token_logp_backward
// REMARK: remark: [Missed] train.token_logp {{.*}}the gradient is made by 'xf.repeat', which stays where it is
func.func @loop(%h: tensor<?x8xf32>, %w: tensor<12x8xf32>, %l: tensor<?xi32>, %x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?x8xf32>) {
  %y = train.token_logp %h, %w, %l : (tensor<?x8xf32>, tensor<12x8xf32>, tensor<?xi32>) -> tensor<?xf32>
  %g = xf.repeat %i = 2 iter(%c = %x) : tensor<?xf32> {
    %n = xf.unary neg %c : (tensor<?xf32>) -> tensor<?xf32>
    xf.yield %n : tensor<?xf32>
  }
  %dh = train.token_logp_backward %h, %w, %l, %g : (tensor<?x8xf32>, tensor<12x8xf32>, tensor<?xi32>, tensor<?xf32>) -> tensor<?x8xf32>
  return %y, %dh : tensor<?xf32>, tensor<?x8xf32>
}
