// RUN: ph-opt %s --xf-recognize-positions --verify-values --remark-policy=all --remarks-filter=xf-recognize-positions 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// CHECK-LABEL: func.func @learned
// CHECK-SAME: (%[[T:.*]]: tensor<?x?xi32>, %[[X:.*]]: tensor<40x64xf32>, %[[P:.*]]: tensor<16x64xf32>)
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0> : tensor<1xi32>
// CHECK-DAG: %[[B:.*]] = xf.dim %[[T]] axis = 0
// CHECK: %[[PAST:.*]] = xf.broadcast %[[ZERO]] [%[[B]]]
// CHECK: %[[N:.*]] = xf.positions %[[T]], %[[PAST]]
// CHECK: xf.gather %[[P]], %[[N]] axis = 0 : (tensor<16x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
// REMARK: remark: [Passed] xf.gather {{.*}}"rows are picked by the positions of tokens"
func.func @learned(%t: tensor<?x?xi32>, %x: tensor<40x64xf32>, %p: tensor<16x64xf32>) -> tensor<?x?x64xf32> {
  %s = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %s : (index) -> tensor<?xi32>
  %i2 = xf.reshape %i [1, %s] : (tensor<?xi32>, index) -> tensor<1x?xi32>
  %e = xf.gather %x, %t axis = 0 : (tensor<40x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  %l = xf.gather %p, %i2 axis = 0 : (tensor<16x64xf32>, tensor<1x?xi32>) -> tensor<1x?x64xf32>
  %y = xf.elementwise add %e, %l : (tensor<?x?x64xf32>, tensor<1x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// A table of numbers that is cut to the sequence.
// CHECK-LABEL: func.func @cut
// CHECK: %[[N:.*]] = xf.positions
// CHECK: xf.gather %{{.*}}, %[[N]]
func.func @cut(%t: tensor<?x?xi32>, %x: tensor<40x64xf32>, %p: tensor<16x64xf32>) -> tensor<?x?x64xf32> {
  %all = arith.constant dense<[[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]]> : tensor<1x16xi32>
  %s = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.slice %all axis = 1 [0, %s] : (tensor<1x16xi32>, index) -> tensor<1x?xi32>
  %e = xf.gather %x, %t axis = 0 : (tensor<40x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  %l = xf.gather %p, %i axis = 0 : (tensor<16x64xf32>, tensor<1x?xi32>) -> tensor<1x?x64xf32>
  %y = xf.elementwise add %e, %l : (tensor<?x?x64xf32>, tensor<1x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @rope
// CHECK: %[[N:.*]] = xf.positions
// CHECK: xf.rope %{{.*}}, %[[N]] rope
func.func @rope(%t: tensor<?x?xi32>, %w: tensor<40x64xf32>) -> tensor<?x?x64xf32> {
  %b = xf.dim %t axis = 0 : (tensor<?x?xi32>) -> index
  %s = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %s : (index) -> tensor<?xi32>
  %p = xf.broadcast %i [%b, 1] : (tensor<?xi32>, index) -> tensor<?x?xi32>
  %x = xf.gather %w, %t axis = 0 : (tensor<40x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  %y = xf.rope %x, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 4 : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Positions begin with the tokens, not after others.
// CHECK-LABEL: func.func @later
// CHECK-NOT: xf.positions
func.func @later(%t: tensor<?x?xi32>, %x: tensor<40x64xf32>, %p: tensor<16x64xf32>) -> tensor<?x?x64xf32> {
  %two = arith.constant dense<2> : tensor<i32>
  %s = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %s : (index) -> tensor<?xi32>
  %i2 = xf.reshape %i [1, %s] : (tensor<?xi32>, index) -> tensor<1x?xi32>
  %j = xf.elementwise add %i2, %two : (tensor<1x?xi32>, tensor<i32>) -> tensor<1x?xi32>
  %e = xf.gather %x, %t axis = 0 : (tensor<40x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  %l = xf.gather %p, %j axis = 0 : (tensor<16x64xf32>, tensor<1x?xi32>) -> tensor<1x?x64xf32>
  %y = xf.elementwise add %e, %l : (tensor<?x?x64xf32>, tensor<1x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @alone
// CHECK-NOT: xf.positions
// REMARK: remark: [Missed] xf.gather {{.*}}rows that all sequences have are used for more than a sum with tokens' rows
func.func @alone(%t: tensor<?x?xi32>, %p: tensor<16x64xf32>) -> tensor<1x?x64xf32> {
  %s = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %s : (index) -> tensor<?xi32>
  %i2 = xf.reshape %i [1, %s] : (tensor<?xi32>, index) -> tensor<1x?xi32>
  %l = xf.gather %p, %i2 axis = 0 : (tensor<16x64xf32>, tensor<1x?xi32>) -> tensor<1x?x64xf32>
  return %l : tensor<1x?x64xf32>
}

// CHECK-LABEL: func.func @others
// CHECK-NOT: xf.positions
// REMARK: remark: [Missed] xf.rope {{.*}}what is rotated is not known to be of the tokens that are counted
func.func @others(%t: tensor<?x?xi32>, %x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %b = xf.dim %x axis = 0 : (tensor<?x?x64xf32>) -> index
  %s = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %s : (index) -> tensor<?xi32>
  %p = xf.broadcast %i [%b, 1] : (tensor<?xi32>, index) -> tensor<?x?xi32>
  %y = xf.rope %x, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 4 : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}
