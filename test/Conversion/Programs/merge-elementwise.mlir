// RUN: ph-opt %s --merge-elementwise --remark-policy=all --remarks-filter=merge-elementwise 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

#id = affine_map<(i, j) -> (i, j)>
#turned = affine_map<(i, j) -> (j, i)>

// New moments and what they make of the weights: one loop with both results.
// CHECK-LABEL: func.func @states
// CHECK-SAME: %[[M:[a-z0-9]+]]: tensor<8x?xf32>, %[[P:[a-z0-9]+]]: tensor<8x?xf32>
// CHECK: %[[R:.*]]:2 = linalg.generic
// CHECK-SAME: ins(%[[P]], %[[M]] :
// CHECK: %[[S:.*]] = arith.addf
// CHECK: %[[D:.*]] = arith.subf %{{.*}}, %[[S]]
// CHECK: linalg.yield %[[S]], %[[D]]
// CHECK-NOT: linalg.generic
// CHECK: return %[[R]]#1, %[[R]]#0
func.func @states(%m: tensor<8x?xf32>, %p: tensor<8x?xf32>, %o: tensor<8x?xf32>) -> (tensor<8x?xf32>, tensor<8x?xf32>) {
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%m : tensor<8x?xf32>) outs(%o : tensor<8x?xf32>) {
    ^bb0(%x: f32, %y: f32):
      %s = arith.addf %x, %x : f32
      linalg.yield %s : f32
  } -> tensor<8x?xf32>
  %b = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%p, %a : tensor<8x?xf32>, tensor<8x?xf32>) outs(%o : tensor<8x?xf32>) {
    ^bb0(%x: f32, %z: f32, %y: f32):
      %s = arith.subf %x, %z : f32
      linalg.yield %s : f32
  } -> tensor<8x?xf32>
  return %b, %a : tensor<8x?xf32>, tensor<8x?xf32>
}

// Elements of other places are not there yet.
// CHECK-LABEL: func.func @other_places
// CHECK-COUNT-2: linalg.generic
func.func @other_places(%m: tensor<8x8xf32>, %o: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%m : tensor<8x8xf32>) outs(%o : tensor<8x8xf32>) {
    ^bb0(%x: f32, %y: f32):
      %s = arith.addf %x, %x : f32
      linalg.yield %s : f32
  } -> tensor<8x8xf32>
  %b = linalg.generic {indexing_maps = [#turned, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<8x8xf32>) outs(%o : tensor<8x8xf32>) {
    ^bb0(%x: f32, %y: f32):
      %s = arith.mulf %x, %x : f32
      linalg.yield %s : f32
  } -> tensor<8x8xf32>
  return %b, %a : tensor<8x8xf32>, tensor<8x8xf32>
}

// Something reads the first result before the second can be.
// CHECK-LABEL: func.func @read_before
// CHECK-COUNT-3: linalg.generic
// REMARK: what it reads is read before
func.func @read_before(%m: tensor<8x8xf32>, %sum: tensor<f32>, %o: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%m : tensor<8x8xf32>) outs(%o : tensor<8x8xf32>) {
    ^bb0(%x: f32, %y: f32):
      %s = arith.mulf %x, %x : f32
      linalg.yield %s : f32
  } -> tensor<8x8xf32>
  %t = linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> ()>], iterator_types = ["reduction", "reduction"]}
      ins(%a : tensor<8x8xf32>) outs(%sum : tensor<f32>) {
    ^bb0(%x: f32, %y: f32):
      %s = arith.addf %x, %y : f32
      linalg.yield %s : f32
  } -> tensor<f32>
  %b = linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> ()>, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %t : tensor<8x8xf32>, tensor<f32>) outs(%o : tensor<8x8xf32>) {
    ^bb0(%x: f32, %z: f32, %y: f32):
      %s = arith.divf %x, %z : f32
      linalg.yield %s : f32
  } -> tensor<8x8xf32>
  return %b : tensor<8x8xf32>
}

// The second reads its elements of the first, and in its body one more of them.
// CHECK-LABEL: func.func @read_within
// CHECK-COUNT-2: linalg.generic
// CHECK-NOT: linalg.generic
func.func @read_within(%m: tensor<8x8xf32>, %o: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8x8xf32>) {
  %zero = arith.constant 0 : index
  %a = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%m : tensor<8x8xf32>) outs(%o : tensor<8x8xf32>) {
    ^bb0(%x: f32, %y: f32):
      %s = arith.mulf %x, %x : f32
      linalg.yield %s : f32
  } -> tensor<8x8xf32>
  %b = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<8x8xf32>) outs(%o : tensor<8x8xf32>) {
    ^bb0(%x: f32, %y: f32):
      %first = tensor.extract %a[%zero, %zero] : tensor<8x8xf32>
      %s = arith.addf %x, %first : f32
      linalg.yield %s : f32
  } -> tensor<8x8xf32>
  return %b, %a : tensor<8x8xf32>, tensor<8x8xf32>
}
