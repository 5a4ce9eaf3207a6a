// RUN: ph-opt %s --xf-recognize-embedding --verify-values --remark-policy=all --remarks-filter=xf-recognize-embedding 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: FileCheck %s --check-prefix=WHERE --input-file=%t.remarks

// CHECK-LABEL: @tokens
// CHECK-SAME: (%[[T:.*]]: tensor<?x?xi32>, %[[W:.*]]: tensor<40x64xf32>)
// CHECK-NEXT: %[[Y:.*]] = xf.embedding %[[T]], %[[W]]
// CHECK-NEXT: return %[[Y]]
func.func @tokens(%t: tensor<?x?xi32>, %w: tensor<40x64xf32>) -> tensor<?x?x64xf32> {
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.embedding {{.*}}"tokens pick rows of a table"
  %y = xf.gather %w, %t axis = 0 : (tensor<40x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// CHECK-LABEL: @one_row
// CHECK: xf.gather
// REMARK: the rows are not picked by [batch, sequence] tokens
func.func @one_row(%t: tensor<i32>, %w: tensor<40x64xf32>) -> tensor<64xf32> {
  %y = xf.gather %w, %t axis = 0 : (tensor<40x64xf32>, tensor<i32>) -> tensor<64xf32>
  return %y : tensor<64xf32>
}

// CHECK-LABEL: @dynamic
// CHECK: xf.gather
// REMARK: the table is no matrix of static shape
func.func @dynamic(%t: tensor<?x?xi32>, %w: tensor<?x64xf32>) -> tensor<?x?x64xf32> {
  %y = xf.gather %w, %t axis = 0 : (tensor<?x64xf32>, tensor<?x?xi32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}
