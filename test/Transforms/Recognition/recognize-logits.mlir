// RUN: ph-opt %s --xf-recognize-logits --verify-values --remark-policy=all --remarks-filter=xf-recognize-logits 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// CHECK-LABEL: func.func @scaled
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>, %[[W:.*]]: tensor<96x64xf32>)
// CHECK-NEXT: %[[Y:.*]] = xf.logits %[[X]], %[[W]] scale = 5.000000e-01 :
// CHECK-NEXT: return %[[Y]]
// REMARK: remark: [Passed] xf.logits {{.*}}"scores that are scaled"
func.func @scaled(%x: tensor<?x?x64xf32>, %w: tensor<96x64xf32>) -> tensor<?x?x96xf32> {
  %z = xf.linear %x, %w : (tensor<?x?x64xf32>, tensor<96x64xf32>) -> tensor<?x?x96xf32>
  %y = xf.scale %z by 0.5 : (tensor<?x?x96xf32>) -> tensor<?x?x96xf32>
  return %y : tensor<?x?x96xf32>
}

// Gemma 2.
// CHECK-LABEL: func.func @capped
// CHECK: xf.logits %{{.*}}, %{{.*}} soft_cap = 3.000000e+01 :
// CHECK-NEXT: return
// REMARK: remark: [Passed] xf.logits {{.*}}"scores that are capped"
func.func @capped(%x: tensor<?x?x64xf32>, %w: tensor<96x64xf32>) -> tensor<?x?x96xf32> {
  %z = xf.linear %x, %w : (tensor<?x?x64xf32>, tensor<96x64xf32>) -> tensor<?x?x96xf32>
  %d = xf.scale %z by 0.033333333333333333 : (tensor<?x?x96xf32>) -> tensor<?x?x96xf32>
  %t = xf.activation tanh %d : (tensor<?x?x96xf32>) -> tensor<?x?x96xf32>
  %y = xf.scale %t by 30.0 : (tensor<?x?x96xf32>) -> tensor<?x?x96xf32>
  return %y : tensor<?x?x96xf32>
}

// A scale before the cap, as primitives.
// CHECK-LABEL: func.func @both
// CHECK: xf.logits %{{.*}}, %{{.*}} scale = 2.000000e+00 soft_cap = 8.000000e+00 :
func.func @both(%x: tensor<?x?x64xf32>, %w: tensor<96x64xf32>) -> tensor<?x?x96xf32> {
  %quarter = arith.constant dense<0.25> : tensor<f32>
  %eight = arith.constant dense<8.0> : tensor<f32>
  %z = xf.linear %x, %w : (tensor<?x?x64xf32>, tensor<96x64xf32>) -> tensor<?x?x96xf32>
  %d = xf.elementwise mul %z, %quarter : (tensor<?x?x96xf32>, tensor<f32>) -> tensor<?x?x96xf32>
  %t = xf.unary tanh %d : (tensor<?x?x96xf32>) -> tensor<?x?x96xf32>
  %y = xf.elementwise mul %t, %eight : (tensor<?x?x96xf32>, tensor<f32>) -> tensor<?x?x96xf32>
  return %y : tensor<?x?x96xf32>
}

// CHECK-LABEL: func.func @bias
// CHECK-NOT: xf.logits
// REMARK: remark: [Missed] func.return {{.*}}the scores have a bias, a residual or an activation
func.func @bias(%x: tensor<?x?x64xf32>, %w: tensor<96x64xf32>, %b: tensor<96xf32>) -> tensor<?x?x96xf32> {
  %z = xf.linear %x, %w bias %b : (tensor<?x?x64xf32>, tensor<96x64xf32>, tensor<96xf32>) -> tensor<?x?x96xf32>
  %y = xf.scale %z by 0.5 : (tensor<?x?x96xf32>) -> tensor<?x?x96xf32>
  return %y : tensor<?x?x96xf32>
}

// CHECK-LABEL: func.func @negative
// CHECK-NOT: xf.logits
// REMARK: remark: [Missed] func.return {{.*}}the scores are capped by a number below 0
func.func @negative(%x: tensor<?x?x64xf32>, %w: tensor<96x64xf32>) -> tensor<?x?x96xf32> {
  %z = xf.linear %x, %w : (tensor<?x?x64xf32>, tensor<96x64xf32>) -> tensor<?x?x96xf32>
  %t = xf.activation tanh %z : (tensor<?x?x96xf32>) -> tensor<?x?x96xf32>
  %y = xf.scale %t by -2.0 : (tensor<?x?x96xf32>) -> tensor<?x?x96xf32>
  return %y : tensor<?x?x96xf32>
}

// Nothing to say, and what isn't returned: a part of a layer.
// CHECK-LABEL: func.func @plain
// CHECK-NOT: xf.logits
func.func @plain(%x: tensor<?x?x64xf32>, %w: tensor<96x64xf32>) -> (tensor<?x?x96xf32>, tensor<?x?x96xf32>) {
  %z = xf.linear %x, %w : (tensor<?x?x64xf32>, tensor<96x64xf32>) -> tensor<?x?x96xf32>
  %y = xf.scale %z by 0.5 : (tensor<?x?x96xf32>) -> tensor<?x?x96xf32>
  %s = xf.add %y, %z : (tensor<?x?x96xf32>, tensor<?x?x96xf32>) -> tensor<?x?x96xf32>
  return %z, %s : tensor<?x?x96xf32>, tensor<?x?x96xf32>
}
