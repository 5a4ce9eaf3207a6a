// RUN: ph-opt %s --xf-propagate-constants --xf-recognize-activations --verify-values --remark-policy=all --remarks-filter=xf-recognize-activations 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: FileCheck %s --check-prefix=WHERE --input-file=%t.remarks

// CHECK-LABEL: @silu
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>)
// CHECK-DAG: %[[A:.*]] = xf.activation silu %[[X]]
// CHECK-DAG: %[[B:.*]] = xf.activation silu %[[A]]
// CHECK: return %[[B]]
func.func @silu(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %one = arith.constant dense<1.0> : tensor<f32>
  %s = xf.unary sigmoid %x : (tensor<?x64xf32>) -> tensor<?x64xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.activation {{.*}}"silu as primitives spell it out"
  %a = xf.elementwise mul %s, %x : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %n = xf.unary neg %a : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %e = xf.unary exp %n : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %d = xf.elementwise add %one, %e : (tensor<f32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %b = xf.elementwise div %a, %d : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %b : tensor<?x64xf32>
}

// PyTorch's exporter: x · (1 + erf(x / √2)) · ½, and ½ x first.
// CHECK-LABEL: @gelu
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>)
// CHECK-DAG: %[[A:.*]] = xf.activation gelu %[[X]]
// CHECK-DAG: %[[B:.*]] = xf.activation gelu %[[A]]
// CHECK: return %[[B]]
func.func @gelu(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %one = arith.constant dense<1.0> : tensor<f32>
  %half = arith.constant dense<0.5> : tensor<f32>
  %root = arith.constant dense<1.41421354> : tensor<f32>
  %inverse = arith.constant dense<0.707106769> : tensor<f32>
  %a1 = xf.elementwise div %x, %root : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %a2 = xf.unary erf %a1 : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %a3 = xf.elementwise add %a2, %one : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %a4 = xf.elementwise mul %x, %a3 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %a = xf.elementwise mul %a4, %half : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %b1 = xf.elementwise mul %inverse, %a : (tensor<f32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %b2 = xf.unary erf %b1 : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %b3 = xf.elementwise add %one, %b2 : (tensor<f32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %b4 = xf.elementwise mul %half, %a : (tensor<f32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %b = xf.elementwise mul %b4, %b3 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %b : tensor<?x64xf32>
}

// Hugging Face's NewGELU with x³, and the form with x taken out.
// CHECK-LABEL: @gelu_tanh
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>)
// CHECK-DAG: %[[A:.*]] = xf.activation gelu_tanh %[[X]]
// CHECK-DAG: %[[B:.*]] = xf.activation gelu_tanh %[[A]]
// CHECK: return %[[B]]
func.func @gelu_tanh(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %one = arith.constant dense<1.0> : tensor<f32>
  %half = arith.constant dense<0.5> : tensor<f32>
  %three = arith.constant dense<3.0> : tensor<f32>
  %c = arith.constant dense<0.044715> : tensor<f32>
  %r = arith.constant dense<0.797884583> : tensor<f32>
  %a1 = xf.elementwise pow %x, %three : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %a2 = xf.elementwise mul %a1, %c : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %a3 = xf.elementwise add %x, %a2 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %a4 = xf.elementwise mul %a3, %r : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %a5 = xf.unary tanh %a4 : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %a6 = xf.elementwise add %a5, %one : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %a7 = xf.elementwise mul %x, %half : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %a = xf.elementwise mul %a7, %a6 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %b1 = xf.elementwise mul %a, %a : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %b2 = xf.elementwise mul %b1, %c : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %b3 = xf.elementwise add %b2, %one : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %b4 = xf.elementwise mul %a, %r : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %b5 = xf.elementwise mul %b4, %b3 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %b6 = xf.unary tanh %b5 : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %b7 = xf.elementwise add %one, %b6 : (tensor<f32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %b8 = xf.elementwise mul %a, %b7 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.activation {{.*}}"gelu_tanh as primitives spell it out"
  %b = xf.elementwise mul %half, %b8 : (tensor<f32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %b : tensor<?x64xf32>
}

// CHECK-LABEL: @relu_and_quick_gelu
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>)
// CHECK-DAG: %[[A:.*]] = xf.activation relu %[[X]]
// CHECK-DAG: %[[B:.*]] = xf.activation quick_gelu %[[A]]
// CHECK: return %[[B]]
func.func @relu_and_quick_gelu(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %c = arith.constant dense<1.702> : tensor<f32>
  %a = xf.elementwise max %x, %zero : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %b1 = xf.elementwise mul %a, %c : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %b2 = xf.unary sigmoid %b1 : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %b = xf.elementwise mul %a, %b2 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %b : tensor<?x64xf32>
}

// CHECK-LABEL: @gate
// CHECK-SAME: (%[[G:.*]]: tensor<?x64xf32>)
// CHECK-NEXT: %[[U:.*]] = xf.unary exp %[[G]]
// CHECK-NEXT: %[[Y:.*]] = xf.gated_activation silu %[[G]], %[[U]]
// CHECK-NEXT: return %[[Y]]
func.func @gate(%g: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %u = xf.unary exp %g : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %s = xf.unary sigmoid %g : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %a = xf.elementwise mul %g, %s : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.gated_activation {{.*}}"the activation is a gate"
  %y = xf.elementwise mul %u, %a : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// A gate by another's sigmoid, another constant, and an activation that is wanted itself.
// CHECK-LABEL: @other_functions
// CHECK-NOT: xf.activation gelu
// CHECK-NOT: xf.gated_activation
// CHECK: return
// REMARK: the activation is used elsewhere too
func.func @other_functions(%x: tensor<?x64xf32>, %u: tensor<?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>) {
  %one = arith.constant dense<1.0> : tensor<f32>
  %half = arith.constant dense<0.5> : tensor<f32>
  %root = arith.constant dense<1.5> : tensor<f32>
  %s = xf.unary sigmoid %x : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %a = xf.elementwise mul %u, %s : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %b1 = xf.elementwise div %x, %root : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %b2 = xf.unary erf %b1 : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %b3 = xf.elementwise add %b2, %one : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %b4 = xf.elementwise mul %x, %b3 : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %b = xf.elementwise mul %b4, %half : (tensor<?x64xf32>, tensor<f32>) -> tensor<?x64xf32>
  %c = xf.elementwise mul %x, %s : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %d = xf.elementwise mul %c, %u : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %a, %b, %c, %d : tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>, tensor<?x64xf32>
}

// Rows of one are repeated for the other's where it has a single one: then this is no gate.
// CHECK-LABEL: @repeated
// CHECK-NOT: xf.gated_activation
// CHECK: return
// REMARK: one of gate and up may be repeated at run time
func.func @repeated(%g: tensor<?x64xf32>, %u: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %s = xf.unary sigmoid %g : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %a = xf.elementwise mul %g, %s : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %y = xf.elementwise mul %u, %a : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// What is left of tanh is an activation, of numbers in no rows none.
// CHECK-LABEL: @tanh
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[Y:.*]]: tensor<64xf32>)
// CHECK-DAG: %[[A:.*]] = xf.activation tanh %[[X]]
// CHECK-DAG: %[[B:.*]] = xf.unary tanh %[[Y]]
// CHECK: return %[[A]], %[[B]]
func.func @tanh(%x: tensor<?x64xf32>, %y: tensor<64xf32>) -> (tensor<?x64xf32>, tensor<64xf32>) {
  %a = xf.unary tanh %x : (tensor<?x64xf32>) -> tensor<?x64xf32>
  %b = xf.unary tanh %y : (tensor<64xf32>) -> tensor<64xf32>
  return %a, %b : tensor<?x64xf32>, tensor<64xf32>
}
