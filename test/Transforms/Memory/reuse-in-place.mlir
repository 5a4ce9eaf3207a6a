// RUN: ph-opt %s --split-input-file --xf-reuse-in-place --remark-policy=all --remarks-filter=xf-reuse-in-place 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

xf.weight @w : tensor<64x64xf32>
xf.weight @n : tensor<64xf32>

// CHECK-LABEL: func.func @chain
func.func @chain(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %n = xf.load_weight @n : tensor<64xf32>
  %w = xf.load_weight @w : tensor<64x64xf32>
  // The caller's memory is not overwritten.
  // CHECK: %[[A:.*]] = xf.rms_norm %{{[^{]*}} eps = {{[^{]*}} : (
  // REMARK: Remark="operand 0: it belongs to the caller"
  %a = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  // CHECK: %[[B:.*]] = xf.rms_norm %[[A]], {{.*}} {xf.in_place = 0 : i64}
  // REMARK: the result takes the place of operand 0
  %b = xf.rms_norm %a, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  // A product's residual, but not what it reads.
  // CHECK: %[[C:.*]] = xf.linear %{{.*}}, %{{.*}} residual %[[B]] {xf.in_place = 2 : i64}
  // REMARK: the result takes the place of operand 2
  %c = xf.linear %x, %w residual %b : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  // CHECK: %[[D:.*]] = xf.linear %[[C]], %{{.*}} residual %[[C]] : (
  // REMARK: Remark="operand 2: it is what the product reads"
  %d = xf.linear %c, %w residual %c : (tensor<?x?x64xf32>, tensor<64x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  // The second operand, where the first one is read later.
  // CHECK: %[[E:.*]] = xf.gated_activation silu %[[D]], %[[D]] : (
  // REMARK: Remark="operand 0: it is used later, or shares its memory; operand 1: it is used later, or shares its memory"
  %e = xf.gated_activation silu %d, %d : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  // CHECK: %[[F:.*]] = xf.add %[[D]], %[[E]] {xf.in_place = 1 : i64}
  // REMARK: the result takes the place of operand 1
  %f = xf.add %d, %e : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  // CHECK: xf.add %[[D]], %[[F]] {xf.in_place = 0 : i64}
  %g = xf.add %d, %f : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %g : tensor<?x?x64xf32>
}

// -----

// Parts of a split are in the memory of one another; an encoded result is smaller.
// CHECK-LABEL: func.func @parts
// CHECK-NOT: xf.in_place
// CHECK: return
// REMARK: Remark="operand 0: it is used later, or shares its memory; operand 1: it is used later, or shares its memory"
// REMARK: Remark="operand 0: it is of another type than the result"
func.func @parts(%x: tensor<?x?x64xf32>, %n: tensor<32xf32>) -> tensor<?x?x32xf32, #xf.format<i8x32>> {
  %a = xf.add %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %p:2 = xf.split %a : (tensor<?x?x64xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>)
  %b = xf.add %p#0, %p#1 : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  %c = xf.rms_norm %b, %n eps = 1.0e-5 : (tensor<?x?x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32, #xf.format<i8x32>>
  return %c : tensor<?x?x32xf32, #xf.format<i8x32>>
}

// -----

// What a loop carries is overwritten where the body reads it last; what comes from outside is read in each iteration.
// CHECK-LABEL: func.func @loop
// CHECK: xf.repeat
// CHECK: %[[S:.*]] = xf.add %[[H:.*]], %{{.*}} {xf.in_place = 0 : i64}
// CHECK: xf.add %[[S]], %{{.*}} {xf.in_place = 0 : i64}
// CHECK: xf.cache_append {{.*}} {xf.in_place = 0 : i64}
func.func @loop(%x: tensor<?x?x32xf32>, %cache: !xf.cache<2 x 2 x 16, f32>, %past: tensor<?xi32>) -> (tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32>) {
  %k = xf.add %x, %x : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  %y:2 = xf.repeat %layer = 2 iter(%h = %x, %c = %cache) : tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32> {
    %s = xf.add %h, %k : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    %t = xf.add %s, %k : (tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
    %d = xf.cache_append %c[%layer], %t, %t, %past
      : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 16, f32>
    xf.yield %t, %d : tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32>
  }
  return %y#0, %y#1 : tensor<?x?x32xf32>, !xf.cache<2 x 2 x 16, f32>
}

// -----

// A cache that is read once more as it was is not overwritten.
// CHECK-LABEL: func.func @before_and_after
// CHECK-NOT: xf.in_place
// REMARK: Remark="operand 0: it is used later, or shares its memory"
func.func @before_and_after(%k: tensor<?x?x32xf32>, %cache: !xf.cache<2 x 2 x 16, f32>, %past: tensor<?xi32>) -> (!xf.cache<2 x 2 x 16, f32>, !xf.cache<2 x 2 x 16, f32>) {
  %layer = arith.constant 0 : index
  %d = xf.cache_append %cache[%layer], %k, %k, %past
    : (!xf.cache<2 x 2 x 16, f32>, index, tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?xi32>) -> !xf.cache<2 x 2 x 16, f32>
  return %d, %cache : !xf.cache<2 x 2 x 16, f32>, !xf.cache<2 x 2 x 16, f32>
}

// -----

// Element by element, by rows, and the sum of an addition that norms it.
// CHECK-LABEL: func.func @kinds
func.func @kinds(%x: tensor<?x?x64xf32>, %n: tensor<64xf32>, %one: tensor<?x?x1xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %a = xf.add %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  // CHECK: xf.scale {{.*}} {xf.in_place = 0 : i64}
  %b = xf.scale %a by 2.0 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  // CHECK: xf.activation {{.*}} {xf.in_place = 0 : i64}
  %c = xf.activation silu %b : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  // CHECK: xf.layer_norm {{.*}} {xf.in_place = 0 : i64}
  %d = xf.layer_norm %c, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  // CHECK: xf.mul %{{.*}}, %{{.*}} {xf.in_place = 1 : i64}
  %e = xf.mul %x, %d : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  // CHECK: xf.add_rms_norm {{.*}} {xf.in_place = 1 : i64}
  %s:2 = xf.add_rms_norm %x, %e, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  // A factor for each row is of another type.
  // CHECK: xf.mul %{{.*}}, %arg2 : (
  // REMARK: Remark="operand 0: it belongs to the caller; operand 1: it is of another type than the result"
  %f = xf.mul %x, %one : (tensor<?x?x64xf32>, tensor<?x?x1xf32>) -> tensor<?x?x64xf32>
  // CHECK: xf.add_layer_norm {{.*}} {xf.in_place = 0 : i64}
  %t:2 = xf.add_layer_norm %f, %s#1, %n eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  return %t#0, %s#0 : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// -----

// A sum that is used later.
// CHECK-LABEL: func.func @kept
// CHECK-NOT: xf.in_place
// REMARK: Remark="operand 0: it is used later, or shares its memory"
func.func @kept(%x: tensor<?x?x64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %a = xf.add %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %b = xf.activation relu %a : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %a, %b : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}
