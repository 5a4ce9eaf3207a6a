// RUN: ph-opt %s --xf-share-across-blocks --remark-policy=all --remarks-filter=xf-share-across-blocks 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
//
// RUN: ph-opt %s --verify-values --xf-share-across-blocks -o %t.mlir 2>&1 | FileCheck %s --check-prefix=VALUES
// VALUES: {{[1-9][0-9]*}} comparisons, 0 differences

xf.weight @norm : tensor<64xf32>
xf.weight @stack : tensor<2x64xf32> stacked

// What the loops and what stands before them have in common is made once; what depends on the layer stays.
// CHECK-LABEL: func.func @two_loops
// CHECK-NEXT: %[[W:.*]] = xf.load_weight @norm
// CHECK-NEXT: %[[N:.*]] = xf.rms_norm %arg0, %[[W]]
// CHECK-NEXT: %[[E:.*]] = xf.encode %[[N]]
// CHECK-NEXT: %[[P:.*]] = xf.linear %[[E]], %arg1
// CHECK-NEXT: xf.repeat %[[L:.*]] = 2 iter(%[[H:.*]] = %arg0)
// CHECK-NEXT:   xf.load_weight @stack[%[[L]]]
// CHECK-NEXT:   xf.rms_norm %[[H]]
// CHECK-NEXT:   xf.add %{{.*}}, %[[P]]
// CHECK-NEXT:   xf.yield
// CHECK-NEXT: }
// CHECK-NEXT: %[[Q:.*]] = xf.linear %[[E]], %arg2
// CHECK-NEXT: xf.repeat
// CHECK-NEXT:   xf.repeat
// CHECK-NEXT:     xf.add %{{.*}}, %[[Q]]
// CHECK-NEXT:     xf.yield
// CHECK-NEXT:   }
// CHECK-NEXT:   xf.yield
// CHECK-NEXT: }
// CHECK-NEXT: return
//
// REMARK-DAG: 4 ops left the loop
// REMARK-DAG: 3 ops left the loop
func.func @two_loops(%x: tensor<?x?x64xf32>, %w: tensor<64x64xf32>, %v: tensor<64x64xf32>) -> tensor<?x?x64xf32> {
  %wn = xf.load_weight @norm : tensor<64xf32>
  %n = xf.rms_norm %x, %wn eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
  %y = xf.repeat %layer = 2 iter(%h = %x) : tensor<?x?x64xf32> {
    %w1 = xf.load_weight @norm : tensor<64xf32>
    %n1 = xf.rms_norm %x, %w1 eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %e = xf.encode %n1 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32, #xf.format<i8x32>>
    %p = xf.linear %e, %w : (tensor<?x?x64xf32, #xf.format<i8x32>>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %ws = xf.load_weight @stack[%layer] : tensor<64xf32>
    %hn = xf.rms_norm %h, %ws eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
    %s = xf.add %hn, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    xf.yield %s : tensor<?x?x64xf32>
  }
  %z = xf.repeat %layer = 2 iter(%h = %y) : tensor<?x?x64xf32> {
    %inner = xf.repeat %i = 3 iter(%g = %h) : tensor<?x?x64xf32> {
      %n2 = xf.rms_norm %x, %wn eps = 1.0e-5 : (tensor<?x?x64xf32>, tensor<64xf32>) -> tensor<?x?x64xf32>
      %e = xf.encode %n2 : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32, #xf.format<i8x32>>
      %p = xf.linear %e, %v : (tensor<?x?x64xf32, #xf.format<i8x32>>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
      %s = xf.add %g, %p : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      xf.yield %s : tensor<?x?x64xf32>
    }
    xf.yield %inner : tensor<?x?x64xf32>
  }
  return %z : tensor<?x?x64xf32>
}

// A call may have effects, so it is made as often as before.
// CHECK-LABEL: func.func @effects
// CHECK: call @elsewhere
// CHECK: xf.repeat
// CHECK-NEXT: call @elsewhere
// REMARK-DAG: it doesn't depend on the iteration, but may have effects
func.func private @elsewhere(tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
func.func @effects(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %c = call @elsewhere(%x) : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %y = xf.repeat %layer = 2 iter(%h = %c) : tensor<?x?x64xf32> {
    %d = func.call @elsewhere(%x) : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %s = xf.add %h, %d : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    xf.yield %s : tensor<?x?x64xf32>
  }
  return %y : tensor<?x?x64xf32>
}
