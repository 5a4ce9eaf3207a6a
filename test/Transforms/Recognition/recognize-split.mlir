// RUN: ph-opt %s --xf-recognize-split --verify-values --remark-policy=all --remarks-filter=xf-recognize-split 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// Queries, keys and values, in whatever order they are cut.
// CHECK-LABEL: @qkv
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x96xf32>)
// CHECK-NEXT: %[[P:.*]]:3 = xf.split %[[X]] : (tensor<?x?x96xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>)
// CHECK-NEXT: return %[[P]]#0, %[[P]]#1, %[[P]]#2
// REMARK: one split for 3 slices
func.func @qkv(%x: tensor<?x?x96xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>) {
  %v = xf.slice %x axis = 2 [-16, 9223372036854775807] : (tensor<?x?x96xf32>) -> tensor<?x?x16xf32>
  %q = xf.slice %x axis = 2 [0, 64] : (tensor<?x?x96xf32>) -> tensor<?x?x64xf32>
  %k = xf.slice %x axis = 2 [64, 80] : (tensor<?x?x96xf32>) -> tensor<?x?x16xf32>
  return %q, %k, %v : tensor<?x?x64xf32>, tensor<?x?x16xf32>, tensor<?x?x16xf32>
}

// CHECK-LABEL: @gap
// CHECK-NOT: xf.split
// CHECK: return
// REMARK: there is a gap between slices
func.func @gap(%x: tensor<?x96xf32>) -> (tensor<?x32xf32>, tensor<?x32xf32>) {
  %a = xf.slice %x axis = 1 [0, 32] : (tensor<?x96xf32>) -> tensor<?x32xf32>
  %b = xf.slice %x axis = 1 [64, 96] : (tensor<?x96xf32>) -> tensor<?x32xf32>
  return %a, %b : tensor<?x32xf32>, tensor<?x32xf32>
}

// CHECK-LABEL: @overlap
// CHECK-NOT: xf.split
// CHECK: return
// REMARK: slices overlap
func.func @overlap(%x: tensor<?x96xf32>) -> (tensor<?x64xf32>, tensor<?x64xf32>) {
  %a = xf.slice %x axis = 1 [0, 64] : (tensor<?x96xf32>) -> tensor<?x64xf32>
  %b = xf.slice %x axis = 1 [32, 96] : (tensor<?x96xf32>) -> tensor<?x64xf32>
  return %a, %b : tensor<?x64xf32>, tensor<?x64xf32>
}

// CHECK-LABEL: @tail
// CHECK-NOT: xf.split
// CHECK: return
// REMARK: the last features are in no slice
func.func @tail(%x: tensor<?x96xf32>) -> (tensor<?x32xf32>, tensor<?x32xf32>) {
  %a = xf.slice %x axis = 1 [0, 32] : (tensor<?x96xf32>) -> tensor<?x32xf32>
  %b = xf.slice %x axis = 1 [32, 64] : (tensor<?x96xf32>) -> tensor<?x32xf32>
  return %a, %b : tensor<?x32xf32>, tensor<?x32xf32>
}

// Parts that are cut again.
// CHECK-LABEL: func.func @nested
// CHECK: %[[A:.*]]:2 = xf.split %{{.*}} : (tensor<?x?x64xf32>)
// CHECK-NEXT: %[[B:.*]]:2 = xf.split %[[A]]#0 : (tensor<?x?x32xf32>)
// CHECK-NEXT: return %[[B]]#0, %[[B]]#1, %[[A]]#1
func.func @nested(%x: tensor<?x?x64xf32>) -> (tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x32xf32>) {
  %a = xf.slice %x axis = 2 [0, 32] : (tensor<?x?x64xf32>) -> tensor<?x?x32xf32>
  %b = xf.slice %x axis = 2 [32, 64] : (tensor<?x?x64xf32>) -> tensor<?x?x32xf32>
  %c = xf.slice %a axis = 2 [0, 16] : (tensor<?x?x32xf32>) -> tensor<?x?x16xf32>
  %d = xf.slice %a axis = 2 [16, 32] : (tensor<?x?x32xf32>) -> tensor<?x?x16xf32>
  return %c, %d, %b : tensor<?x?x16xf32>, tensor<?x?x16xf32>, tensor<?x?x32xf32>
}

// CHECK-LABEL: func.func @nested_deeper
// CHECK: %[[A:.*]]:2 = xf.split %{{.*}} : (tensor<?x?x64xf32>)
// CHECK-NEXT: %[[B:.*]]:2 = xf.split %[[A]]#0 : (tensor<?x?x32xf32>)
// CHECK-NEXT: %[[C:.*]]:2 = xf.split %[[B]]#0 : (tensor<?x?x16xf32>)
// CHECK-NEXT: return %[[C]]#0, %[[C]]#1, %[[B]]#1, %[[A]]#1
func.func @nested_deeper(%x: tensor<?x?x64xf32>)
    -> (tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<?x?x16xf32>, tensor<?x?x32xf32>) {
  %a = xf.slice %x axis = 2 [0, 32] : (tensor<?x?x64xf32>) -> tensor<?x?x32xf32>
  %b = xf.slice %x axis = 2 [32, 64] : (tensor<?x?x64xf32>) -> tensor<?x?x32xf32>
  %c = xf.slice %a axis = 2 [0, 16] : (tensor<?x?x32xf32>) -> tensor<?x?x16xf32>
  %d = xf.slice %a axis = 2 [16, 32] : (tensor<?x?x32xf32>) -> tensor<?x?x16xf32>
  %e = xf.slice %c axis = 2 [0, 8] : (tensor<?x?x16xf32>) -> tensor<?x?x8xf32>
  %f = xf.slice %c axis = 2 [8, 16] : (tensor<?x?x16xf32>) -> tensor<?x?x8xf32>
  return %e, %f, %d, %b : tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<?x?x16xf32>, tensor<?x?x32xf32>
}

// Queries, keys and values of each head beside one another, as GPT-NeoX has them.
// CHECK-LABEL: func.func @heads
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x96xf32>)
// CHECK: %[[P:.*]]:3 = xf.split_heads %[[X]] heads = 4 : (tensor<?x?x96xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>)
// CHECK: %[[Q:.*]] = xf.reshape %[[P]]#0 [0, 0, 4, -1]
// CHECK: xf.transpose %[[Q]] [0, 2, 1, 3]
func.func @heads(%x: tensor<?x?x96xf32>) -> (tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>) {
  %r = xf.reshape %x [0, 0, -1, 24] : (tensor<?x?x96xf32>) -> tensor<?x?x4x24xf32>
  %h = xf.transpose %r [0, 2, 1, 3] : (tensor<?x?x4x24xf32>) -> tensor<?x4x?x24xf32>
  %q = xf.slice %h axis = 3 [0, 8] : (tensor<?x4x?x24xf32>) -> tensor<?x4x?x8xf32>
  %k = xf.slice %h axis = 3 [8, 16] : (tensor<?x4x?x24xf32>) -> tensor<?x4x?x8xf32>
  %v = xf.slice %h axis = 3 [16, 24] : (tensor<?x4x?x24xf32>) -> tensor<?x4x?x8xf32>
  return %q, %k, %v : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
}

// Heads that are used whole too are split where they are.
// CHECK-LABEL: func.func @whole_heads_too
// CHECK-NOT: xf.split_heads
// CHECK: xf.split %{{.*}} : (tensor<?x4x?x24xf32>)
func.func @whole_heads_too(%x: tensor<?x?x96xf32>) -> (tensor<?x4x?x8xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x24xf32>) {
  %r = xf.reshape %x [0, 0, -1, 24] : (tensor<?x?x96xf32>) -> tensor<?x?x4x24xf32>
  %h = xf.transpose %r [0, 2, 1, 3] : (tensor<?x?x4x24xf32>) -> tensor<?x4x?x24xf32>
  %a = xf.slice %h axis = 3 [0, 8] : (tensor<?x4x?x24xf32>) -> tensor<?x4x?x8xf32>
  %b = xf.slice %h axis = 3 [8, 24] : (tensor<?x4x?x24xf32>) -> tensor<?x4x?x16xf32>
  return %a, %b, %h : tensor<?x4x?x8xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x24xf32>
}

// Heads that stay behind their tokens.
// CHECK-LABEL: func.func @heads_of_tokens
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x96xf32>)
// CHECK: %[[P:.*]]:2 = xf.split_heads %[[X]] heads = 4 : (tensor<?x?x96xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x64xf32>)
// CHECK: xf.reshape %[[P]]#0 [0, 0, 4, 8]
// CHECK: xf.reshape %[[P]]#1 [0, 0, 4, 16]
func.func @heads_of_tokens(%x: tensor<?x?x96xf32>) -> (tensor<?x?x4x8xf32>, tensor<?x?x4x16xf32>) {
  %r = xf.reshape %x [0, 0, 4, 24] : (tensor<?x?x96xf32>) -> tensor<?x?x4x24xf32>
  %a = xf.slice %r axis = 3 [0, 8] : (tensor<?x?x4x24xf32>) -> tensor<?x?x4x8xf32>
  %b = xf.slice %r axis = 3 [8, 24] : (tensor<?x?x4x24xf32>) -> tensor<?x?x4x16xf32>
  return %a, %b : tensor<?x?x4x8xf32>, tensor<?x?x4x16xf32>
}
