// RUN: ph-opt %s --make-operands-whole | FileCheck %s

// A slice of wider rows is copied before a kernel reads it, and after one writes it.
// CHECK-LABEL: func.func @slices
// CHECK-SAME: %[[X:.*]]: memref<?x64xf32, strided<[128, 1]>>, %[[Y:.*]]: memref<?x96xf32, strided<[128, 1]>>
// CHECK: %[[IN:.*]] = memref.alloc(%{{.*}}) : memref<?x64xf32>
// CHECK: memref.copy %[[X]], %[[IN]]
// CHECK: %[[OUT:.*]] = memref.alloc(%{{.*}}) : memref<?x96xf32>
// CHECK: step.kernel {{.*}} ins(%[[IN]] : {{.*}}) outs(%[[OUT]]
// CHECK: memref.copy %[[OUT]], %[[Y]]
func.func @slices(%x: memref<?x64xf32, strided<[128, 1]>>, %y: memref<?x96xf32, strided<[128, 1]>>) {
  step.kernel {kind = "linear"} ins(%x : memref<?x64xf32, strided<[128, 1]>>)
    outs(%y : memref<?x96xf32, strided<[128, 1]>>)
  return
}

// CHECK-LABEL: func.func @whole
// CHECK-NOT: memref.copy
// CHECK: return
func.func @whole(%x: memref<?x64xf32>, %y: memref<?x96xf32>) {
  step.kernel {kind = "linear"} ins(%x : memref<?x64xf32>) outs(%y : memref<?x96xf32>)
  return
}
