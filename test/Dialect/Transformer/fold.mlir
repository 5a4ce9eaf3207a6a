// RUN: ph-opt %s -canonicalize -cse -symbol-dce -split-input-file | FileCheck %s

// CHECK-LABEL: @encode_of_encode
// CHECK-NEXT: %[[Y:.*]] = xf.encode
// CHECK-NEXT: return %[[Y]]
func.func @encode_of_encode(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32, #xf.format<i8x32>> {
  %y = xf.encode %x : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32, #xf.format<i8x32>>
  %z = xf.encode %y : (tensor<?x?x64xf32, #xf.format<i8x32>>) -> tensor<?x?x64xf32, #xf.format<i8x32>>
  return %z : tensor<?x?x64xf32, #xf.format<i8x32>>
}

// -----

// CHECK-LABEL: @split_into_one
// CHECK-SAME: (%[[X:.*]]: tensor
// CHECK-NEXT: return %[[X]]
func.func @split_into_one(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %y = xf.split %x : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// -----

// A split whose part says more about the shape stays.
// CHECK-LABEL: @split_that_knows_more
// CHECK-NEXT: xf.split
func.func @split_that_knows_more(%x: tensor<?x?x64xf32>) -> tensor<?x4x64xf32> {
  %y = xf.split %x : (tensor<?x?x64xf32>) -> tensor<?x4x64xf32>
  return %y : tensor<?x4x64xf32>
}

// -----

// Ops have no effects: equal ones become one, in whatever order the addends stand; unused ones and weights that nothing loads go.
// CHECK-NOT: xf.weight @unused
// CHECK: xf.weight @norms
// CHECK-NOT: xf.weight @unused
// CHECK-LABEL: @common
// CHECK: xf.load_weight
// CHECK-NOT: xf.load_weight
// CHECK: xf.rms_norm
// CHECK-NOT: xf.rms_norm
// CHECK: %[[SUM:.*]] = xf.add
// CHECK-NEXT: return %[[SUM]], %[[SUM]]
xf.weight @norms : tensor<4x64xf32> stacked
xf.weight @unused : tensor<4x64xf32> stacked
func.func @common(%x: tensor<?x?x64xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  %layer = arith.constant 2 : index
  %w1 = xf.load_weight @norms[%layer] : tensor<64xf32>
  %w2 = xf.load_weight @norms[%layer] : tensor<64xf32>
  %dead = xf.load_weight @unused[%layer] : tensor<64xf32>
  %n1 = xf.rms_norm %x, %w1 eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  %n2 = xf.rms_norm %x, %w2 eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  %s1 = xf.add %x, %n1 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %s2 = xf.add %x, %n2 : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %s1, %s2 : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}
