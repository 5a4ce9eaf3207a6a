// RUN: ph-opt %s --xf-recognize-positions --verify-values --remark-policy=all --remarks-filter=xf-recognize-positions 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// CHECK-LABEL: func.func @learned
// CHECK-SAME: (%[[T:.*]]: tensor<?x?xi32>, %[[X:.*]]: tensor<40x64xf32>, %[[P:.*]]: tensor<16x64xf32>)
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0> : tensor<1xi32>
// CHECK-DAG: %[[B:.*]] = xf.dim %[[T]] axis = 0
// CHECK: %[[PAST:.*]] = xf.broadcast %[[ZERO]] [%[[B]]]
// CHECK: %[[N:.*]] = xf.positions %[[T]], %[[PAST]]
// CHECK: xf.gather %[[P]], %[[N]] axis = 0 : (tensor<16x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
// REMARK: remark: [Passed] xf.gather {{.*}}"rows are picked by the positions of tokens"
func.func @learned(%t: tensor<?x?xi32>, %x: tensor<40x64xf32>, %p: tensor<16x64xf32>) -> tensor<?x?x64xf32> {
  %s = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %s : (index) -> tensor<?xi32>
  %i2 = xf.reshape %i [1, %s] : (tensor<?xi32>, index) -> tensor<1x?xi32>
  %e = xf.gather %x, %t axis = 0 : (tensor<40x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  %l = xf.gather %p, %i2 axis = 0 : (tensor<16x64xf32>, tensor<1x?xi32>) -> tensor<1x?x64xf32>
  %y = xf.elementwise add %e, %l : (tensor<?x?x64xf32>, tensor<1x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// A table of numbers that is cut to the sequence.
// CHECK-LABEL: func.func @cut
// CHECK: %[[N:.*]] = xf.positions
// CHECK: xf.gather %{{.*}}, %[[N]]
func.func @cut(%t: tensor<?x?xi32>, %x: tensor<40x64xf32>, %p: tensor<16x64xf32>) -> tensor<?x?x64xf32> {
  %all = arith.constant dense<[[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]]> : tensor<1x16xi32>
  %s = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.slice %all axis = 1 [0, %s] : (tensor<1x16xi32>, index) -> tensor<1x?xi32>
  %e = xf.gather %x, %t axis = 0 : (tensor<40x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  %l = xf.gather %p, %i axis = 0 : (tensor<16x64xf32>, tensor<1x?xi32>) -> tensor<1x?x64xf32>
  %y = xf.elementwise add %e, %l : (tensor<?x?x64xf32>, tensor<1x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @rope
// CHECK: %[[N:.*]] = xf.positions
// CHECK: xf.rope %{{.*}}, %[[N]] rope
func.func @rope(%t: tensor<?x?xi32>, %w: tensor<40x64xf32>) -> tensor<?x?x64xf32> {
  %b = xf.dim %t axis = 0 : (tensor<?x?xi32>) -> index
  %s = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %s : (index) -> tensor<?xi32>
  %p = xf.broadcast %i [%b, 1] : (tensor<?xi32>, index) -> tensor<?x?xi32>
  %x = xf.gather %w, %t axis = 0 : (tensor<40x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  %y = xf.rope %x, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 4 : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Rows after the first two, as BART and OPT have them.
// CHECK-LABEL: func.func @later
// CHECK-SAME: (%[[T:.*]]: tensor<?x?xi32>, %[[X:.*]]: tensor<40x64xf32>, %[[P:.*]]: tensor<16x64xf32>)
// CHECK: %[[N:.*]] = xf.positions %[[T]], %{{.*}}
// CHECK: xf.embedding %[[N]], %[[P]] offset = 2
func.func @later(%t: tensor<?x?xi32>, %x: tensor<40x64xf32>, %p: tensor<16x64xf32>) -> tensor<?x?x64xf32> {
  %two = arith.constant dense<2> : tensor<i32>
  %s = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %s : (index) -> tensor<?xi32>
  %i2 = xf.reshape %i [1, %s] : (tensor<?xi32>, index) -> tensor<1x?xi32>
  %j = xf.elementwise add %i2, %two : (tensor<1x?xi32>, tensor<i32>) -> tensor<1x?xi32>
  %e = xf.gather %x, %t axis = 0 : (tensor<40x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  %l = xf.gather %p, %j axis = 0 : (tensor<16x64xf32>, tensor<1x?xi32>) -> tensor<1x?x64xf32>
  %y = xf.elementwise add %e, %l : (tensor<?x?x64xf32>, tensor<1x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// What is before the tokens is no row of a table.
// CHECK-LABEL: func.func @earlier
// CHECK-NOT: xf.positions
func.func @earlier(%t: tensor<?x?xi32>, %x: tensor<40x64xf32>, %p: tensor<16x64xf32>) -> tensor<?x?x64xf32> {
  %two = arith.constant dense<2> : tensor<i32>
  %s = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %s : (index) -> tensor<?xi32>
  %i2 = xf.reshape %i [1, %s] : (tensor<?xi32>, index) -> tensor<1x?xi32>
  %j = xf.elementwise sub %i2, %two : (tensor<1x?xi32>, tensor<i32>) -> tensor<1x?xi32>
  %e = xf.gather %x, %t axis = 0 : (tensor<40x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  %l = xf.gather %p, %j axis = 0 : (tensor<16x64xf32>, tensor<1x?xi32>) -> tensor<1x?x64xf32>
  %y = xf.elementwise add %e, %l : (tensor<?x?x64xf32>, tensor<1x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @alone
// CHECK-NOT: xf.positions
// REMARK: remark: [Missed] xf.gather {{.*}}rows that all sequences have are used for more than a sum with tokens' rows
func.func @alone(%t: tensor<?x?xi32>, %p: tensor<16x64xf32>) -> tensor<1x?x64xf32> {
  %s = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %s : (index) -> tensor<?xi32>
  %i2 = xf.reshape %i [1, %s] : (tensor<?xi32>, index) -> tensor<1x?xi32>
  %l = xf.gather %p, %i2 axis = 0 : (tensor<16x64xf32>, tensor<1x?xi32>) -> tensor<1x?x64xf32>
  return %l : tensor<1x?x64xf32>
}

// CHECK-LABEL: func.func @others
// CHECK-NOT: xf.positions
// REMARK: remark: [Missed] xf.rope {{.*}}what is rotated is not known to be of the tokens that are counted
func.func @others(%t: tensor<?x?xi32>, %x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %b = xf.dim %x axis = 0 : (tensor<?x?x64xf32>) -> index
  %s = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %i = xf.iota %s : (index) -> tensor<?xi32>
  %p = xf.broadcast %i [%b, 1] : (tensor<?xi32>, index) -> tensor<?x?xi32>
  %y = xf.rope %x, %p rope = #xf.rope<dim = 16, base = 1.0e4, style = half> heads = 4 : (tensor<?x?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// RoBERTa: a running sum of what is no padding, where it is none.
// CHECK-LABEL: func.func @masked
// CHECK: %[[M:.*]] = xf.cast
// CHECK: %[[N:.*]] = xf.masked_positions %[[M]] offset = 1
// CHECK: return %[[N]]
// REMARK: remark: [Passed] xf.masked_positions {{.*}}"a running sum of a mask, where the mask is"
func.func @masked(%t: tensor<?x?xi32>) -> tensor<?x?xi32> {
  %pad = arith.constant dense<1> : tensor<i32>
  %real = xf.compare ne %t, %pad : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi1>
  %mask = xf.cast %real : (tensor<?x?xi1>) -> tensor<?x?xi32>
  %b = xf.dim %t axis = 0 : (tensor<?x?xi32>) -> index
  %s = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %zero = arith.constant 0 : i32
  %none = tensor.empty(%b, %s) : tensor<?x?xi32>
  %start = linalg.fill ins(%zero : i32) outs(%none : tensor<?x?xi32>) -> tensor<?x?xi32>
  %size = tensor.empty(%s) : tensor<?xi32>
  %sum = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (k)>, affine_map<(i, j, k) -> (i, j)>],
                         iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%size : tensor<?xi32>) outs(%start : tensor<?x?xi32>) {
  ^bb0(%in: i32, %out: i32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %k = linalg.index 2 : index
    %counts = arith.cmpi sle, %k, %j : index
    %each = tensor.extract %mask[%i, %k] : tensor<?x?xi32>
    %more = arith.addi %out, %each : i32
    %new = arith.select %counts, %more, %out : i32
    linalg.yield %new : i32
  } -> tensor<?x?xi32>
  %numbers = xf.elementwise mul %sum, %mask : (tensor<?x?xi32>, tensor<?x?xi32>) -> tensor<?x?xi32>
  %y = xf.elementwise add %numbers, %pad : (tensor<?x?xi32>, tensor<i32>) -> tensor<?x?xi32>
  return %y : tensor<?x?xi32>
}

// What is summed up may be more than 1.
// CHECK-LABEL: func.func @any_numbers
// CHECK-NOT: xf.masked_positions
// REMARK: remark: [Missed] xf.elementwise {{.*}}what is summed up is not the mask of 0 and 1 that is multiplied with
func.func @any_numbers(%t: tensor<?x?xi32>) -> tensor<?x?xi32> {
  %b = xf.dim %t axis = 0 : (tensor<?x?xi32>) -> index
  %s = xf.dim %t axis = 1 : (tensor<?x?xi32>) -> index
  %zero = arith.constant 0 : i32
  %none = tensor.empty(%b, %s) : tensor<?x?xi32>
  %start = linalg.fill ins(%zero : i32) outs(%none : tensor<?x?xi32>) -> tensor<?x?xi32>
  %size = tensor.empty(%s) : tensor<?xi32>
  %sum = linalg.generic {indexing_maps = [affine_map<(i, j, k) -> (k)>, affine_map<(i, j, k) -> (i, j)>],
                         iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%size : tensor<?xi32>) outs(%start : tensor<?x?xi32>) {
  ^bb0(%in: i32, %out: i32):
    %i = linalg.index 0 : index
    %j = linalg.index 1 : index
    %k = linalg.index 2 : index
    %counts = arith.cmpi sle, %k, %j : index
    %each = tensor.extract %t[%i, %k] : tensor<?x?xi32>
    %more = arith.addi %out, %each : i32
    %new = arith.select %counts, %more, %out : i32
    linalg.yield %new : i32
  } -> tensor<?x?xi32>
  %y = xf.elementwise mul %sum, %t : (tensor<?x?xi32>, tensor<?x?xi32>) -> tensor<?x?xi32>
  return %y : tensor<?x?xi32>
}
