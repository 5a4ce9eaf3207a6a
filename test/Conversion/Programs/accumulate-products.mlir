// RUN: ph-opt %s --accumulate-products --remark-policy=all --remarks-filter=accumulate-products 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

#turned = affine_map<(m, n, k) -> (k, m)>
#columns = affine_map<(m, n, k) -> (k, n)>
#result = affine_map<(m, n, k) -> (m, n)>
#id = affine_map<(m, n) -> (m, n)>

// CHECK-LABEL: func.func @gradient
// CHECK-SAME: %[[DY:.*]]: tensor<?x24xf32>, %[[X:.*]]: tensor<?x32xf32>, %[[OLD:.*]]: tensor<24x32xf32>
// CHECK: %[[P:.*]] = linalg.generic
// CHECK-SAME: ins(%[[DY]], %[[X]] : {{.*}}) outs(%[[OLD]] :
// CHECK-NOT: linalg.generic
// CHECK: return %[[P]]
func.func @gradient(%dy: tensor<?x24xf32>, %x: tensor<?x32xf32>, %old: tensor<24x32xf32>) -> tensor<24x32xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<24x32xf32>
  %o = linalg.fill ins(%zero : f32) outs(%empty : tensor<24x32xf32>) -> tensor<24x32xf32>
  %p = linalg.generic {indexing_maps = [#turned, #columns, #result],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%dy, %x : tensor<?x24xf32>, tensor<?x32xf32>) outs(%o : tensor<24x32xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %q = arith.mulf %a, %b : f32
      %s = arith.addf %c, %q : f32
      linalg.yield %s : f32
  } -> tensor<24x32xf32>
  %y = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%old, %p : tensor<24x32xf32>, tensor<24x32xf32>) outs(%empty : tensor<24x32xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %s = arith.addf %a, %b : f32
      linalg.yield %s : f32
  } -> tensor<24x32xf32>
  return %y : tensor<24x32xf32>
}

// A row that is added to each row is no start of all sums.
// CHECK-LABEL: func.func @bias
// CHECK-COUNT-2: linalg.generic
// REMARK: what is added has another shape
func.func @bias(%dy: tensor<?x24xf32>, %x: tensor<?x32xf32>, %row: tensor<32xf32>) -> tensor<24x32xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<24x32xf32>
  %o = linalg.fill ins(%zero : f32) outs(%empty : tensor<24x32xf32>) -> tensor<24x32xf32>
  %p = linalg.generic {indexing_maps = [#turned, #columns, #result],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%dy, %x : tensor<?x24xf32>, tensor<?x32xf32>) outs(%o : tensor<24x32xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %q = arith.mulf %a, %b : f32
      %s = arith.addf %c, %q : f32
      linalg.yield %s : f32
  } -> tensor<24x32xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(m, n) -> (n)>, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%row, %p : tensor<32xf32>, tensor<24x32xf32>) outs(%empty : tensor<24x32xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %s = arith.addf %a, %b : f32
      linalg.yield %s : f32
  } -> tensor<24x32xf32>
  return %y : tensor<24x32xf32>
}

// CHECK-LABEL: func.func @used_twice
// CHECK-COUNT-2: linalg.generic
// CHECK: return
// REMARK: the product is used for more than the sum
func.func @used_twice(%dy: tensor<?x24xf32>, %x: tensor<?x32xf32>, %old: tensor<24x32xf32>)
    -> (tensor<24x32xf32>, tensor<24x32xf32>) {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<24x32xf32>
  %o = linalg.fill ins(%zero : f32) outs(%empty : tensor<24x32xf32>) -> tensor<24x32xf32>
  %p = linalg.generic {indexing_maps = [#turned, #columns, #result],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%dy, %x : tensor<?x24xf32>, tensor<?x32xf32>) outs(%o : tensor<24x32xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %q = arith.mulf %a, %b : f32
      %s = arith.addf %c, %q : f32
      linalg.yield %s : f32
  } -> tensor<24x32xf32>
  %y = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%old, %p : tensor<24x32xf32>, tensor<24x32xf32>) outs(%empty : tensor<24x32xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %s = arith.addf %a, %b : f32
      linalg.yield %s : f32
  } -> tensor<24x32xf32>
  return %y, %p : tensor<24x32xf32>, tensor<24x32xf32>
}

// The layer of a stack that is read after the product is read before it.
// CHECK-LABEL: func.func @slice
// CHECK: %[[OLD:.*]] = tensor.extract_slice
// CHECK: linalg.generic
// CHECK-SAME: outs(%[[OLD]] :
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @slice(%dy: tensor<?x24xf32>, %x: tensor<?x32xf32>, %stack: tensor<4x24x32xf32>, %layer: index)
    -> tensor<24x32xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<24x32xf32>
  %o = linalg.fill ins(%zero : f32) outs(%empty : tensor<24x32xf32>) -> tensor<24x32xf32>
  %p = linalg.generic {indexing_maps = [#turned, #columns, #result],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%dy, %x : tensor<?x24xf32>, tensor<?x32xf32>) outs(%o : tensor<24x32xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %q = arith.mulf %a, %b : f32
      %s = arith.addf %c, %q : f32
      linalg.yield %s : f32
  } -> tensor<24x32xf32>
  %old = tensor.extract_slice %stack[%layer, 0, 0] [1, 24, 32] [1, 1, 1]
    : tensor<4x24x32xf32> to tensor<24x32xf32>
  %y = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%old, %p : tensor<24x32xf32>, tensor<24x32xf32>) outs(%empty : tensor<24x32xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %s = arith.addf %a, %b : f32
      linalg.yield %s : f32
  } -> tensor<24x32xf32>
  return %y : tensor<24x32xf32>
}

// What a kernel multiplies is added as it is, wherever that is.
// CHECK-LABEL: func.func @adapter
// CHECK: xf.linear
// CHECK-COUNT-2: linalg.generic
// REMARK: what is added is a product by a kernel of its own
xf.weight @w : tensor<24x32xf32>
func.func @adapter(%x: tensor<?x32xf32>, %inner: tensor<?x4xf32>, %up: tensor<24x4xf32>, %empty: tensor<?x24xf32>) -> tensor<?x24xf32> {
  %zero = arith.constant 0.0 : f32
  %w = xf.load_weight @w : tensor<24x32xf32>
  %l = xf.linear %x, %w : (tensor<?x32xf32>, tensor<24x32xf32>) -> tensor<?x24xf32>
  %o = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x24xf32>) -> tensor<?x24xf32>
  %p = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, #result],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%inner, %up : tensor<?x4xf32>, tensor<24x4xf32>) outs(%o : tensor<?x24xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %q = arith.mulf %a, %b : f32
      %s = arith.addf %c, %q : f32
      linalg.yield %s : f32
  } -> tensor<?x24xf32>
  %y = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%l, %p : tensor<?x24xf32>, tensor<?x24xf32>) outs(%empty : tensor<?x24xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %s = arith.addf %a, %b : f32
      linalg.yield %s : f32
  } -> tensor<?x24xf32>
  return %y : tensor<?x24xf32>
}
