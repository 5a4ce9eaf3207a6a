// RUN: ph-opt %s --share-products --remark-policy=all --remarks-filter=share-products 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

#x = affine_map<(b, m, n, k) -> (b, m, k)>
#w = affine_map<(b, m, n, k) -> (n, k)>
#y = affine_map<(b, m, n, k) -> (b, m, n)>

// Threads share tiles of 256 rows and at most 96 columns, of one sequence each; all of k stays within.
// CHECK-LABEL: func.func @shared
// CHECK: scf.forall (%{{.*}}, %{{.*}}) = (0, 0) to (%{{.*}}, %{{.*}}) step (1, 256)
// CHECK: linalg.generic
// CHECK-SAME: tensor<1x?x96xf32>, tensor<80x96xf32>
// CHECK: tensor.parallel_insert_slice
func.func @shared(%x: tensor<?x?x96xf32>, %w: tensor<80x96xf32>, %o: tensor<?x?x80xf32>) -> tensor<?x?x80xf32> {
  %y = linalg.generic {indexing_maps = [#x, #w, #y],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<?x?x96xf32>, tensor<80x96xf32>) outs(%o : tensor<?x?x80xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %p = arith.mulf %a, %b : f32
      %s = arith.addf %c, %p : f32
      linalg.yield %s : f32
  } -> tensor<?x?x80xf32>
  return %y : tensor<?x?x80xf32>
}

#rows = affine_map<(m, n, k) -> (m, k)>
#columns = affine_map<(m, n, k) -> (k, n)>
#turned = affine_map<(m, n, k) -> (k, m)>
#result = affine_map<(m, n, k) -> (m, n)>

// Columns are in tiles of one size.
// CHECK-LABEL: func.func @columns
// CHECK: scf.forall (%{{.*}}, %{{.*}}) = (0, 0) to (%{{.*}}, 192) step (256, 96)
func.func @columns(%x: tensor<?x96xf32>, %w: tensor<96x192xf32>, %o: tensor<?x192xf32>) -> tensor<?x192xf32> {
  %y = linalg.generic {indexing_maps = [#rows, #columns, #result],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<?x96xf32>, tensor<96x192xf32>) outs(%o : tensor<?x192xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %p = arith.mulf %a, %b : f32
      %s = arith.addf %c, %p : f32
      linalg.yield %s : f32
  } -> tensor<?x192xf32>
  return %y : tensor<?x192xf32>
}

// Few columns: of fewer rows, so that there is work for more threads.
// CHECK-LABEL: func.func @few_columns
// CHECK: scf.forall (%{{.*}}) = (0) to (%{{.*}}) step (64)
func.func @few_columns(%x: tensor<?x96xf32>, %w: tensor<96x8xf32>, %o: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = linalg.generic {indexing_maps = [#rows, #columns, #result],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<?x96xf32>, tensor<96x8xf32>) outs(%o : tensor<?x8xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %p = arith.mulf %a, %b : f32
      %s = arith.addf %c, %p : f32
      linalg.yield %s : f32
  } -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// A gradient of weights: what it is of is moved for each tile, so tiles are wide, as long as there are six of them.
// CHECK-LABEL: func.func @left_columns
// CHECK: scf.forall (%{{.*}}) = (0) to (576) step (96)
// CHECK: scf.forall (%{{.*}}) = (0) to (49152) step (256)
// CHECK: scf.forall (%{{.*}}, %{{.*}}) = (0, 0) to (192, 576) step (96, 192)
func.func @left_columns(%x: tensor<?x576xf32>, %dy: tensor<?x576xf32>, %scores: tensor<?x49152xf32>,
                        %o: tensor<576x576xf32>, %v: tensor<49152x576xf32>, %dk: tensor<?x192xf32>,
                        %k: tensor<192x576xf32>) -> (tensor<576x576xf32>, tensor<49152x576xf32>, tensor<192x576xf32>) {
  %y = linalg.generic {indexing_maps = [#turned, #columns, #result],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%dy, %x : tensor<?x576xf32>, tensor<?x576xf32>) outs(%o : tensor<576x576xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %p = arith.mulf %a, %b : f32
      %s = arith.addf %c, %p : f32
      linalg.yield %s : f32
  } -> tensor<576x576xf32>
  %z = linalg.generic {indexing_maps = [#turned, #columns, #result],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%scores, %x : tensor<?x49152xf32>, tensor<?x576xf32>) outs(%v : tensor<49152x576xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %p = arith.mulf %a, %b : f32
      %s = arith.addf %c, %p : f32
      linalg.yield %s : f32
  } -> tensor<49152x576xf32>
  %u = linalg.generic {indexing_maps = [#turned, #columns, #result],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%dk, %x : tensor<?x192xf32>, tensor<?x576xf32>) outs(%k : tensor<192x576xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %p = arith.mulf %a, %b : f32
      %s = arith.addf %c, %p : f32
      linalg.yield %s : f32
  } -> tensor<192x576xf32>
  return %y, %z, %u : tensor<576x576xf32>, tensor<49152x576xf32>, tensor<192x576xf32>
}

// CHECK-LABEL: func.func @one_row
// CHECK-NOT: scf.forall
// CHECK: return
// REMARK: the result is no matrix
func.func @one_row(%x: tensor<96xf32>, %w: tensor<80x96xf32>, %o: tensor<80xf32>) -> tensor<80xf32> {
  %y = linalg.generic {indexing_maps = [affine_map<(n, k) -> (k)>, affine_map<(n, k) -> (n, k)>,
                                        affine_map<(n, k) -> (n)>],
                       iterator_types = ["parallel", "reduction"]}
      ins(%x, %w : tensor<96xf32>, tensor<80x96xf32>) outs(%o : tensor<80xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %p = arith.mulf %a, %b : f32
      %s = arith.addf %c, %p : f32
      linalg.yield %s : f32
  } -> tensor<80xf32>
  return %y : tensor<80xf32>
}

// A sum of differences is no product.
// CHECK-LABEL: func.func @differences
// CHECK-NOT: scf.forall
// CHECK: return
func.func @differences(%x: tensor<8x96xf32>, %w: tensor<80x96xf32>, %o: tensor<8x80xf32>) -> tensor<8x80xf32> {
  %y = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
                                        affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<8x96xf32>, tensor<80x96xf32>) outs(%o : tensor<8x80xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %p = arith.subf %a, %b : f32
      %s = arith.addf %c, %p : f32
      linalg.yield %s : f32
  } -> tensor<8x80xf32>
  return %y : tensor<8x80xf32>
}

// The same row of weights for all columns.
// CHECK-LABEL: func.func @own_columns
// CHECK-NOT: scf.forall
// CHECK: return
// REMARK: no operand has the columns for its own
func.func @own_columns(%x: tensor<8x80x96xf32>, %w: tensor<80x96xf32>, %o: tensor<8x80xf32>) -> tensor<8x80xf32> {
  %y = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, n, k)>, affine_map<(m, n, k) -> (n, k)>,
                                        affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<8x80x96xf32>, tensor<80x96xf32>) outs(%o : tensor<8x80xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %p = arith.mulf %a, %b : f32
      %s = arith.addf %c, %p : f32
      linalg.yield %s : f32
  } -> tensor<8x80xf32>
  return %y : tensor<8x80xf32>
}

// CHECK-LABEL: func.func @windows
// CHECK-NOT: scf.forall
// CHECK: return
// REMARK: an operand is indexed by more than a loop
func.func @windows(%x: tensor<64xf32>, %w: tensor<80x16xf32>, %o: tensor<4x80xf32>) -> tensor<4x80xf32> {
  %y = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m * 16 + k)>, affine_map<(m, n, k) -> (n, k)>,
                                        affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<64xf32>, tensor<80x16xf32>) outs(%o : tensor<4x80xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %p = arith.mulf %a, %b : f32
      %s = arith.addf %c, %p : f32
      linalg.yield %s : f32
  } -> tensor<4x80xf32>
  return %y : tensor<4x80xf32>
}

// CHECK-LABEL: func.func @small
// CHECK-NOT: scf.forall
// CHECK: return
// REMARK: it is no more than a tile
func.func @small(%x: tensor<8x96xf32>, %w: tensor<80x96xf32>, %o: tensor<8x80xf32>) -> tensor<8x80xf32> {
  %y = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>,
                                        affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<8x96xf32>, tensor<80x96xf32>) outs(%o : tensor<8x80xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %p = arith.mulf %a, %b : f32
      %s = arith.addf %c, %p : f32
      linalg.yield %s : f32
  } -> tensor<8x80xf32>
  return %y : tensor<8x80xf32>
}
