// RUN: ph-opt %s --xf-fuse-residual-norm --remark-policy=all --remarks-filter=xf-fuse-residual-norm 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
//
// RUN: ph-opt %s --verify-values --xf-fuse-residual-norm -o %t.mlir 2>&1 | FileCheck %s --check-prefix=VALUES
// VALUES: {{[1-9][0-9]*}} comparisons, 0 differences

// The sum is read before and after the norm, and its weight is loaded between.
// CHECK-LABEL: func.func @rms
// CHECK-NEXT: %[[W:.*]] = xf.load_weight @norm
// CHECK-NEXT: %[[S:.*]], %[[N:.*]] = xf.add_rms_norm %arg0, %arg1, %[[W]] eps = {{.*}} offset = 1.0{{.*}} heads = 2
// CHECK-NEXT: %[[A:.*]] = xf.activation silu %[[S]]
// CHECK-NEXT: %[[B:.*]] = xf.mul %[[N]], %[[S]]
// CHECK-NEXT: return %[[A]], %[[B]]
xf.weight @norm : tensor<32xf32>
func.func @rms(%x: tensor<?x?x64xf32>, %r: tensor<?x?x64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %s = xf.add %x, %r : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %a = xf.activation silu %s : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %w = xf.load_weight @norm : tensor<32xf32>
  %n = xf.rms_norm %s, %w eps = 1.0e-5 offset = 1.0 heads = 2 : (tensor<?x?x64xf32>, tensor<32xf32>) -> tensor<?x?x64xf32>
  %b = xf.mul %n, %s : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %a, %b : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @layer
// CHECK-NEXT: %[[S:.*]], %[[N:.*]] = xf.add_layer_norm %arg0, %arg1, %arg2 bias %arg3 eps = {{.*}} -> (tensor<?x?x64xf32>, tensor<?x?x64xf32, #xf.format<i8x32>>)
// CHECK-NEXT: return %[[N]]
func.func @layer(%x: tensor<?x?x64xf32>, %r: tensor<?x?x64xf32>, %w: tensor<64xf32>, %b: tensor<64xf32>) -> tensor<?x?x64xf32, #xf.format<i8x32>> {
  %s = xf.add %x, %r : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %n = xf.layer_norm %s, %w bias %b eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32, #xf.format<i8x32>>
  return %n : tensor<?x?x64xf32, #xf.format<i8x32>>
}

// CHECK-LABEL: func.func @two_norms
// CHECK: xf.add_rms_norm
// CHECK: xf.layer_norm
// REMARK: another norm has taken the sum
func.func @two_norms(%x: tensor<?x?x64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %s = xf.add %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %n = xf.rms_norm %s eps = 1.0e-5 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %m = xf.layer_norm %s eps = 1.0e-5 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %n, %m : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @outside
// CHECK: xf.add
// CHECK: xf.repeat
// CHECK: xf.rms_norm
// REMARK: the sum is made outside the loop
func.func @outside(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %s = xf.add %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %y = xf.repeat %layer = 4 iter(%h = %x) : tensor<?x?x64xf32> {
    %n = xf.rms_norm %s eps = 1.0e-5 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    xf.yield %n : tensor<?x?x64xf32>
  }
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @late
// CHECK: xf.rms_norm
// REMARK: a vector of the norm is made after the sum
func.func private @vector() -> tensor<64xf32>
func.func @late(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %s = xf.add %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %w = call @vector() : () -> tensor<64xf32>
  %n = xf.rms_norm %s, %w eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  return %n : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @no_sum
// CHECK-NEXT: xf.rms_norm
func.func @no_sum(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %n = xf.rms_norm %x eps = 1.0e-5 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %n : tensor<?x?x64xf32>
}
