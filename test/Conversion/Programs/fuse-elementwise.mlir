// RUN: ph-opt %s --fuse-elementwise | FileCheck %s

#rows = affine_map<(m, n) -> (m)>
#all = affine_map<(m, n) -> (m, n)>
#row = affine_map<(m) -> (m)>

// CHECK-LABEL: func.func @one_use
// CHECK: linalg.generic
// CHECK: arith.mulf
// CHECK: arith.divf
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @one_use(%x: tensor<4x8xf32>, %s: tensor<4xf32>) -> tensor<4x8xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %p = linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel"]}
      ins(%s : tensor<4xf32>) outs(%e : tensor<4xf32>) {
    ^bb0(%a: f32, %o: f32):
      %t = arith.mulf %a, %a : f32
      linalg.yield %t : f32
  } -> tensor<4xf32>
  %f = tensor.empty() : tensor<4x8xf32>
  %q = linalg.generic {indexing_maps = [#all, #rows, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x, %p : tensor<4x8xf32>, tensor<4xf32>) outs(%f : tensor<4x8xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %t = arith.divf %a, %b : f32
      linalg.yield %t : f32
  } -> tensor<4x8xf32>
  return %q : tensor<4x8xf32>
}

// Each of the 8 columns would multiply the row's sum once more.
// CHECK-LABEL: func.func @updated_in_place
// CHECK: linalg.generic
// CHECK: arith.mulf
// CHECK: linalg.generic
// CHECK: arith.divf
// CHECK: return
func.func @updated_in_place(%x: tensor<4x8xf32>, %s: tensor<4xf32>, %sum: tensor<4xf32>) -> tensor<4x8xf32> {
  %p = linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel"]}
      ins(%s : tensor<4xf32>) outs(%sum : tensor<4xf32>) {
    ^bb0(%a: f32, %o: f32):
      %t = arith.mulf %o, %a : f32
      linalg.yield %t : f32
  } -> tensor<4xf32>
  %f = tensor.empty() : tensor<4x8xf32>
  %q = linalg.generic {indexing_maps = [#all, #rows, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x, %p : tensor<4x8xf32>, tensor<4xf32>) outs(%f : tensor<4x8xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %t = arith.divf %a, %b : f32
      linalg.yield %t : f32
  } -> tensor<4x8xf32>
  return %q : tensor<4x8xf32>
}

// A product would compute each element as often as it reads it; what only copies becomes another index.
// CHECK-LABEL: func.func @product
// CHECK: linalg.generic
// CHECK: math.exp
// CHECK: linalg.generic {indexing_maps = [#{{.*}}, #{{.*}}, #{{.*}}], iterator_types = ["parallel", "parallel", "reduction"]}
// CHECK: arith.mulf
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @product(%x: tensor<4x8xf32>, %w: tensor<8x16xf32>, %o: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %e = tensor.empty() : tensor<4x8xf32>
  %p = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) {
    ^bb0(%a: f32, %b: f32):
      %t = math.exp %a : f32
      linalg.yield %t : f32
  } -> tensor<4x8xf32>
  %f = tensor.empty() : tensor<16x8xf32>
  %t = linalg.generic {indexing_maps = [affine_map<(m, n) -> (n, m)>, #all], iterator_types = ["parallel", "parallel"]}
      ins(%w : tensor<8x16xf32>) outs(%f : tensor<16x8xf32>) {
    ^bb0(%a: f32, %b: f32):
      linalg.yield %a : f32
  } -> tensor<16x8xf32>
  %q = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
                                        affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%p, %t : tensor<4x8xf32>, tensor<16x8xf32>) outs(%o : tensor<4x16xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %m = arith.mulf %a, %b : f32
      %s = arith.addf %c, %m : f32
      linalg.yield %s : f32
  } -> tensor<4x16xf32>
  return %q : tensor<4x16xf32>
}

// The product keeps one loop to sum over.
// CHECK-LABEL: func.func @collapsed
// CHECK: tensor.collapse_shape
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]
// CHECK: return
func.func @collapsed(%x: tensor<4x2x4xf32>, %w: tensor<8x16xf32>, %o: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %c = tensor.collapse_shape %x [[0], [1, 2]] : tensor<4x2x4xf32> into tensor<4x8xf32>
  %q = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
                                        affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%c, %w : tensor<4x8xf32>, tensor<8x16xf32>) outs(%o : tensor<4x16xf32>) {
    ^bb0(%a: f32, %b: f32, %c0: f32):
      %m = arith.mulf %a, %b : f32
      %s = arith.addf %c0, %m : f32
      linalg.yield %s : f32
  } -> tensor<4x16xf32>
  return %q : tensor<4x16xf32>
}
