// RUN: ph-opt %s --xf-recognize-pooling --verify-values --remark-policy=all --remarks-filter=xf-recognize-pooling 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// CHECK-LABEL: func.func @picked
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>)
// CHECK-DAG: %[[A:.*]] = xf.pool cls %[[X]] : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
// CHECK-DAG: %[[B:.*]] = xf.pool last %[[X]]
// CHECK: return %[[A]], %[[B]]
// REMARK: remark: [Passed] xf.pool {{.*}}"one row for each sequence: cls"
func.func @picked(%x: tensor<?x?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
  %first = arith.constant dense<0> : tensor<i32>
  %last = arith.constant dense<-1> : tensor<i32>
  %a = xf.gather %x, %first axis = 1 : (tensor<?x?x64xf32>, tensor<i32>) -> tensor<?x64xf32>
  %b = xf.gather %x, %last axis = 1 : (tensor<?x?x64xf32>, tensor<i32>) -> tensor<?x64xf32>
  return %a, %b : tensor<?x64xf32>, tensor<?x64xf32>
}

// CHECK-LABEL: func.func @reduced
// CHECK-DAG: xf.pool mean
// CHECK-DAG: xf.pool max
func.func @reduced(%x: tensor<?x?x64xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
  %a = xf.reduce mean %x axes = [1] : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
  %b = xf.reduce max %x axes = [1] : (tensor<?x?x64xf32>) -> tensor<?x64xf32>
  return %a, %b : tensor<?x64xf32>, tensor<?x64xf32>
}

// CHECK-LABEL: func.func @second
// CHECK-NOT: xf.pool
// REMARK: remark: [Missed] xf.gather {{.*}}the row is neither the first nor the last
func.func @second(%x: tensor<?x?x64xf32>) -> tensor<?x64xf32> {
  %one = arith.constant dense<1> : tensor<i32>
  %a = xf.gather %x, %one axis = 1 : (tensor<?x?x64xf32>, tensor<i32>) -> tensor<?x64xf32>
  return %a : tensor<?x64xf32>
}

// CHECK-LABEL: func.func @no_activation
// CHECK-NOT: xf.pool
// REMARK: remark: [Missed] xf.reduce {{.*}}the rows are not those of sequences of static width
func.func @no_activation(%x: tensor<?x?x?xf32>) -> tensor<?x?xf32> {
  %a = xf.reduce mean %x axes = [1] : (tensor<?x?x?xf32>) -> tensor<?x?xf32>
  return %a : tensor<?x?xf32>
}

// Along other dimensions, kept as one, and one sequence.
// CHECK-LABEL: func.func @others
// CHECK-NOT: xf.pool
func.func @others(%x: tensor<?x?x64xf32>) -> (tensor<?x?xf32>, tensor<?x1x64xf32>, tensor<?x64xf32>) {
  %first = arith.constant dense<0> : tensor<i32>
  %a = xf.reduce mean %x axes = [2] : (tensor<?x?x64xf32>) -> tensor<?x?xf32>
  %b = xf.reduce max %x axes = [1] keepdims : (tensor<?x?x64xf32>) -> tensor<?x1x64xf32>
  %c = xf.gather %x, %first axis = 0 : (tensor<?x?x64xf32>, tensor<i32>) -> tensor<?x64xf32>
  return %a, %b, %c : tensor<?x?xf32>, tensor<?x1x64xf32>, tensor<?x64xf32>
}
