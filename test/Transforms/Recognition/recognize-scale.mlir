// RUN: ph-opt %s --xf-recognize-scale --verify-values --remark-policy=all --remarks-filter=xf-recognize-scale 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// CHECK-LABEL: func.func @product
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>)
// CHECK: %[[A:.*]] = xf.scale %[[X]] by 3.000000e+00
// CHECK: %[[B:.*]] = xf.scale %[[A]] by 5.000000e-01
// CHECK: return %[[B]]
// REMARK: remark: [Passed] xf.scale {{.*}}"one number times an activation"
func.func @product(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %c = arith.constant dense<3.0> : tensor<f32>
  %d = arith.constant dense<2.0> : tensor<1x1x1xf32>
  %a = xf.elementwise mul %c, %x : (tensor<f32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %b = xf.elementwise div %a, %d : (tensor<?x?x64xf32>, tensor<1x1x1xf32>) -> tensor<?x?x64xf32>
  return %b : tensor<?x?x64xf32>
}

// What an f32 was written as: the root of 96, a decimal, one over a decimal, and a number that is none of these.
// CHECK-LABEL: func.func @usual
// CHECK: xf.scale %{{.*}} by 9.79795897113271{{[0-9]*}} :
// CHECK: xf.scale %{{.*}} by 2.200000e-01 :
// CHECK: xf.scale %{{.*}} by 0.27027027027027{{[0-9]*}} :
// CHECK: xf.scale %{{.*}} by 1.2345678
func.func @usual(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %root = arith.constant dense<9.79795933> : tensor<f32>
  %decimal = arith.constant dense<0.219999999> : tensor<f32>
  %divisor = arith.constant dense<3.7000000> : tensor<f32>
  %none = arith.constant dense<1.2345678> : tensor<f32>
  %a = xf.elementwise mul %x, %root : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %b = xf.elementwise mul %a, %decimal : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %c = xf.elementwise div %b, %divisor : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %d = xf.elementwise mul %c, %none : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  return %d : tensor<?x64xf32>
}

// A vector is no number, a quotient the other way round no multiple.
// CHECK-LABEL: func.func @no_multiples
// CHECK-NOT: xf.scale
func.func @no_multiples(%x: tensor<?x64xf32>, %v: tensor<64xf32>) -> tensor<?x64xf32> {
  %c = arith.constant dense<2.0> : tensor<f32>
  %a = xf.elementwise mul %x, %v : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  %b = xf.elementwise div %c, %a : (tensor<f32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %b : tensor<?x64xf32>
}

// CHECK-LABEL: func.func @scores
// CHECK-NOT: xf.scale
// REMARK: remark: [Missed] xf.elementwise {{.*}}what is scaled has no static last dimension
func.func @scores(%x: tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32> {
  %c = arith.constant dense<2.0> : tensor<f32>
  %a = xf.elementwise mul %x, %c : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  return %a : tensor<?x4x?x?xf32>
}
