// RUN: ph-opt %s --xf-propagate-constants --xf-recognize-norms --verify-values --remark-policy=all --remarks-filter=xf-recognize-norms 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: FileCheck %s --check-prefix=WHERE --input-file=%t.remarks

// Hugging Face's: x · rsqrt(mean(x²) + eps), times the weight.
// CHECK-LABEL: @rms
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>, %[[W:.*]]: tensor<64xf32>)
// CHECK-NEXT: %[[Y:.*]] = xf.rms_norm %[[X]], %[[W]] eps = 1.000000e-05 :
// CHECK-NEXT: return %[[Y]]
func.func @rms(%x: tensor<?x?x64xf32>, %w: tensor<64xf32>) -> tensor<?x?x64xf32> {
  %two = arith.constant dense<2.0> : tensor<f32>
  %eps = arith.constant dense<1.0e-5> : tensor<f32>
  %s = xf.elementwise pow %x, %two : (tensor<?x?x64xf32>, tensor<f32>) -> tensor<?x?x64xf32>
  %m = xf.reduce mean %s axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
  %e = xf.elementwise add %m, %eps : (tensor<?x?x1xf32>, tensor<f32>) -> tensor<?x?x1xf32>
  %r = xf.unary rsqrt %e : (tensor<?x?x1xf32>) -> tensor<?x?x1xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.rms_norm {{.*}}"a vector is its weight"
  %n = xf.elementwise mul %x, %r : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
  %y = xf.elementwise mul %w, %n : (tensor<64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// As ONNX has it: 1 / √. Gemma's weights are stored less 1.
// CHECK-LABEL: @rms_offset
// CHECK-SAME: (%[[X:.*]]: tensor<?x64xf32>, %[[W:.*]]: tensor<64xf32>)
// CHECK-NEXT: %[[Y:.*]] = xf.rms_norm %[[X]], %[[W]] eps = {{.*}} offset = 1.000000e+00 :
// CHECK-NEXT: return %[[Y]]
func.func @rms_offset(%x: tensor<?x64xf32>, %w: tensor<64xf32>) -> tensor<?x64xf32> {
  %one = arith.constant dense<1.0> : tensor<f32>
  %eps = arith.constant dense<1.0e-6> : tensor<1x1xf32>
  %s = xf.elementwise mul %x, %x : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %m = xf.reduce mean %s axes = [1] keepdims : (tensor<?x64xf32>) -> tensor<?x1xf32>
  %e = xf.elementwise add %eps, %m : (tensor<1x1xf32>, tensor<?x1xf32>) -> tensor<?x1xf32>
  %q = xf.unary sqrt %e : (tensor<?x1xf32>) -> tensor<?x1xf32>
  %r = xf.elementwise div %one, %q : (tensor<f32>, tensor<?x1xf32>) -> tensor<?x1xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.rms_norm {{.*}}"a vector of 1 + w is its weight"
  %n = xf.elementwise mul %r, %x : (tensor<?x1xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %o = xf.elementwise add %w, %one : (tensor<64xf32>, tensor<f32>) -> tensor<64xf32>
  %y = xf.elementwise mul %n, %o : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}

// CHECK-LABEL: @layer
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>, %[[W:.*]]: tensor<64xf32>, %[[B:.*]]: tensor<64xf32>)
// CHECK-NEXT: %[[Y:.*]] = xf.layer_norm %[[X]], %[[W]] bias %[[B]] eps = {{.*}} :
// CHECK-NEXT: return %[[Y]]
func.func @layer(%x: tensor<?x?x64xf32>, %w: tensor<64xf32>, %b: tensor<64xf32>) -> tensor<?x?x64xf32> {
  %eps = arith.constant dense<1.0e-5> : tensor<f32>
  %mean = xf.reduce mean %x axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
  %d = xf.elementwise sub %x, %mean : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
  %s = xf.elementwise mul %d, %d : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %m = xf.reduce mean %s axes = [2] keepdims : (tensor<?x?x64xf32>) -> tensor<?x?x1xf32>
  %e = xf.elementwise add %m, %eps : (tensor<?x?x1xf32>, tensor<f32>) -> tensor<?x?x1xf32>
  %q = xf.unary sqrt %e : (tensor<?x?x1xf32>) -> tensor<?x?x1xf32>
  // WHERE-DAG: :[[#@LINE+2]]:8: remark: [Passed] xf.layer_norm {{.*}}"what primitives spell out"
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.layer_norm {{.*}}"a vector is its bias"
  %n = xf.elementwise div %d, %q : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
  %p = xf.elementwise mul %n, %w : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  %y = xf.elementwise add %p, %b : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Along other dimensions it is another norm.
// CHECK-LABEL: @other_axis
// CHECK-NOT: xf.rms_norm
// CHECK: return
func.func @other_axis(%x: tensor<?x8x64xf32>) -> tensor<?x8x64xf32> {
  %eps = arith.constant dense<1.0e-5> : tensor<f32>
  %s = xf.elementwise mul %x, %x : (tensor<?x8x64xf32>, tensor<?x8x64xf32>) -> tensor<?x8x64xf32>
  %m = xf.reduce mean %s axes = [1] keepdims : (tensor<?x8x64xf32>) -> tensor<?x1x64xf32>
  %e = xf.elementwise add %m, %eps : (tensor<?x1x64xf32>, tensor<f32>) -> tensor<?x1x64xf32>
  %r = xf.unary rsqrt %e : (tensor<?x1x64xf32>) -> tensor<?x1x64xf32>
  %n = xf.elementwise mul %x, %r : (tensor<?x8x64xf32>, tensor<?x1x64xf32>) -> tensor<?x8x64xf32>
  return %n : tensor<?x8x64xf32>
}

// CHECK-LABEL: @of_another
// CHECK-NOT: xf.rms_norm
// CHECK: return
// REMARK-DAG: it is not multiplied with the root of its own mean square
func.func @of_another(%x: tensor<?x64xf32>, %z: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %eps = arith.constant dense<1.0e-5> : tensor<f32>
  %s = xf.elementwise mul %z, %z : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %m = xf.reduce mean %s axes = [1] keepdims : (tensor<?x64xf32>) -> tensor<?x1xf32>
  %e = xf.elementwise add %m, %eps : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %r = xf.unary rsqrt %e : (tensor<?x1xf32>) -> tensor<?x1xf32>
  %n = xf.elementwise mul %x, %r : (tensor<?x64xf32>, tensor<?x1xf32>) -> tensor<?x64xf32>
  return %n : tensor<?x64xf32>
}

// CHECK-LABEL: func.func @divided_by_that_of_another
// CHECK-NOT: xf.rms_norm
// CHECK: return
func.func @divided_by_that_of_another(%x: tensor<?x64xf32>, %z: tensor<?x64xf32>) -> tensor<?x64xf32> {
  %eps = arith.constant dense<1.0e-5> : tensor<f32>
  %s = xf.elementwise mul %z, %z : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %m = xf.reduce mean %s axes = [1] keepdims : (tensor<?x64xf32>) -> tensor<?x1xf32>
  %e = xf.elementwise add %m, %eps : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %r = xf.unary sqrt %e : (tensor<?x1xf32>) -> tensor<?x1xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Missed] xf.elementwise {{.*}}"it is not divided by the root of its own mean square"
  %n = xf.elementwise div %x, %r : (tensor<?x64xf32>, tensor<?x1xf32>) -> tensor<?x64xf32>
  return %n : tensor<?x64xf32>
}

// The norm is there, but its weight stays apart: it is used without it too.
// CHECK-LABEL: @without_weight_too
// CHECK: %[[N:.*]] = xf.rms_norm %{{[^,]*}} eps
// CHECK-NEXT: %[[Y:.*]] = xf.elementwise mul %[[N]]
// CHECK-NEXT: return %[[N]], %[[Y]]
// REMARK-DAG: the norm is used without its weight too
func.func @without_weight_too(%x: tensor<?x64xf32>, %w: tensor<64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
  %eps = arith.constant dense<1.0e-5> : tensor<f32>
  %s = xf.elementwise mul %x, %x : (tensor<?x64xf32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  %m = xf.reduce mean %s axes = [1] keepdims : (tensor<?x64xf32>) -> tensor<?x1xf32>
  %e = xf.elementwise add %m, %eps : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %r = xf.unary rsqrt %e : (tensor<?x1xf32>) -> tensor<?x1xf32>
  %n = xf.elementwise mul %x, %r : (tensor<?x64xf32>, tensor<?x1xf32>) -> tensor<?x64xf32>
  %y = xf.elementwise mul %n, %w : (tensor<?x64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  return %n, %y : tensor<?x64xf32>, tensor<?x64xf32>
}

// Two norms of one tensor, which an exporter computes once before their weights, and one of heads.
// CHECK-LABEL: @two_weights
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>, %[[V:.*]]: tensor<64xf32>, %[[W:.*]]: tensor<64xf32>)
// CHECK-DAG: %[[A:.*]] = xf.rms_norm %[[X]], %[[V]] eps = 1.000000e-05 :
// CHECK-DAG: %[[B:.*]] = xf.rms_norm %[[X]], %[[W]] eps = 1.000000e-05 :
// CHECK: return %[[A]], %[[B]]
func.func @two_weights(%x: tensor<?x?x64xf32>, %v: tensor<64xf32>, %w: tensor<64xf32>)
    -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %n = xf.rms_norm %x eps = 1.0e-5 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %a = xf.elementwise mul %n, %v : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  %b = xf.elementwise mul %w, %n : (tensor<64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %a, %b : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// CHECK-LABEL: @heads
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>, %[[W:.*]]: tensor<16xf32>)
// CHECK: %[[Y:.*]] = xf.rms_norm %[[X]], %[[W]] eps = 1.000000e-05 heads = 4
// CHECK: return %[[Y]]
func.func @heads(%x: tensor<?x?x64xf32>, %w: tensor<16xf32>) -> tensor<?x?x64xf32> {
  %eps = arith.constant dense<1.0e-5> : tensor<f32>
  %h = xf.reshape %x [0, 0, -1, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %s = xf.elementwise mul %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %sh = xf.reshape %s [0, 0, -1, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %m = xf.reduce mean %sh axes = [3] keepdims : (tensor<?x?x4x16xf32>) -> tensor<?x?x4x1xf32>
  %e = xf.elementwise add %m, %eps : (tensor<?x?x4x1xf32>, tensor<f32>) -> tensor<?x?x4x1xf32>
  %r = xf.unary rsqrt %e : (tensor<?x?x4x1xf32>) -> tensor<?x?x4x1xf32>
  %n = xf.elementwise mul %h, %r : (tensor<?x?x4x16xf32>, tensor<?x?x4x1xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.elementwise mul %n, %w : (tensor<?x?x4x16xf32>, tensor<16xf32>) -> tensor<?x?x4x16xf32>
  %f = xf.reshape %y [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %f : tensor<?x?x64xf32>
}

// Heads that were moved before their tokens, as Gemma 3 norms them.
// CHECK-LABEL: @moved_heads
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>, %[[W:.*]]: tensor<16xf32>)
// CHECK: %[[Y:.*]] = xf.rms_norm %[[X]], %[[W]] eps = 1.000000e-05 heads = 4
// CHECK: return %[[Y]]
func.func @moved_heads(%x: tensor<?x?x64xf32>, %w: tensor<16xf32>) -> tensor<?x?x64xf32> {
  %eps = arith.constant dense<1.0e-5> : tensor<f32>
  %h = xf.reshape %x [0, 0, -1, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %ht = xf.transpose %h [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %s = xf.elementwise mul %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %sh = xf.reshape %s [0, 0, -1, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %st = xf.transpose %sh [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %m = xf.reduce mean %st axes = [3] keepdims : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x1xf32>
  %e = xf.elementwise add %m, %eps : (tensor<?x4x?x1xf32>, tensor<f32>) -> tensor<?x4x?x1xf32>
  %r = xf.unary rsqrt %e : (tensor<?x4x?x1xf32>) -> tensor<?x4x?x1xf32>
  %n = xf.elementwise mul %ht, %r : (tensor<?x4x?x16xf32>, tensor<?x4x?x1xf32>) -> tensor<?x4x?x16xf32>
  %y = xf.elementwise mul %n, %w : (tensor<?x4x?x16xf32>, tensor<16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %f = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %f : tensor<?x?x64xf32>
}

// REMARK-DAG: the norm is along a dimension that is moved
// CHECK-LABEL: @moved_features
// CHECK: xf.transpose
// CHECK: xf.layer_norm
func.func @moved_features(%x: tensor<?x8x16xf32>) -> tensor<?x8x16xf32> {
  %t = xf.transpose %x [0, 2, 1] : (tensor<?x8x16xf32>) -> tensor<?x16x8xf32>
  %n = xf.layer_norm %t eps = 1.0e-5 : (tensor<?x16x8xf32>) -> tensor<?x16x8xf32>
  %y = xf.transpose %n [0, 2, 1] : (tensor<?x16x8xf32>) -> tensor<?x8x16xf32>
  return %y : tensor<?x8x16xf32>
}

// CHECK-LABEL: @zero_bias
// CHECK-NOT: bias %
// CHECK: return
func.func @zero_bias(%x: tensor<?x64xf32>, %w: tensor<64xf32>) -> tensor<?x64xf32> {
  %zero = arith.constant dense<0.0> : tensor<64xf32>
  %y = xf.layer_norm %x, %w bias %zero eps = 1.0e-5 : (tensor<?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x64xf32>
  return %y : tensor<?x64xf32>
}
