// RUN: ph-opt %s --xf-fold-encode --remark-policy=all --remarks-filter=xf-fold-encode 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: FileCheck %s --check-prefix=WHERE --input-file=%t.remarks

// CHECK-LABEL: func.func @norm
// CHECK-NEXT: %[[N:.*]] = xf.rms_norm {{.*}} -> tensor<?x?x32xf32, #xf.format<i8x32>>
// CHECK-NEXT: xf.linear %[[N]]
// CHECK-NEXT: xf.linear %[[N]]
func.func @norm(%x: tensor<?x?x32xf32>, %n: tensor<32xf32>, %w: tensor<64x32xf32, #xf.format<q4_1>>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.rms_norm {{.*}}"its result is made encoded"
  %h = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x?x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.encode {{.*}}"one encode for two of the same value"
  %e = xf.encode %h : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32, #xf.format<i8x32>>
  %a = xf.linear %e, %w : (tensor<?x?x32xf32, #xf.format<i8x32>>, tensor<64x32xf32, #xf.format<q4_1>>) -> tensor<?x?x64xf32>
  %f = xf.encode %h : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32, #xf.format<i8x32>>
  %b = xf.linear %f, %w : (tensor<?x?x32xf32, #xf.format<i8x32>>, tensor<64x32xf32, #xf.format<q4_1>>) -> tensor<?x?x64xf32>
  return %a, %b : tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// CHECK-LABEL: func.func @attention
// CHECK-NEXT: xf.attention {{.*}} -> tensor<?x?x32xf32, #xf.format<i8x16>>
// CHECK-NEXT: return
func.func @attention(%q: tensor<?x?x32xf32>) -> tensor<?x?x32xf32, #xf.format<i8x16>> {
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.attention {{.*}}"its result is made encoded"
  %a = xf.attention %q keys(%q) values(%q) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  %e = xf.encode %a : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32, #xf.format<i8x16>>
  return %e : tensor<?x?x32xf32, #xf.format<i8x16>>
}

// A block would span two heads, which attention makes one after the other.
// CHECK-LABEL: func.func @narrow_heads
// CHECK-NEXT: xf.attention {{.*}} -> tensor<?x?x32xf32>
// CHECK-NEXT: xf.encode
// REMARK: its heads don't divide into blocks of the encoding
func.func @narrow_heads(%q: tensor<?x?x32xf32>) -> tensor<?x?x32xf32, #xf.format<i8x32>> {
  %a = xf.attention %q keys(%q) values(%q) heads = 2 scale = 0.25 mask = causal : (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) -> tensor<?x?x32xf32>
  %e = xf.encode %a : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32, #xf.format<i8x32>>
  return %e : tensor<?x?x32xf32, #xf.format<i8x32>>
}

// CHECK-LABEL: func.func @also_plain
// CHECK-NEXT: xf.rms_norm {{.*}} -> tensor<?x?x32xf32>
// CHECK-NEXT: xf.encode
// CHECK-NEXT: return
// REMARK: the result is also used without this encoding
func.func @also_plain(%x: tensor<?x?x32xf32>, %n: tensor<32xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32, #xf.format<i8x32>>) {
  %h = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x?x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
  %e = xf.encode %h : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32, #xf.format<i8x32>>
  return %h, %e : tensor<?x?x32xf32>, tensor<?x?x32xf32, #xf.format<i8x32>>
}

// Two encodings of one result are different things.
// CHECK-LABEL: func.func @two_encodings
// CHECK-NEXT: xf.rms_norm {{.*}} -> tensor<?x?x32xf32>
// CHECK-NEXT: xf.encode {{.*}}i8x32
// CHECK-NEXT: xf.encode {{.*}}i8x16
// REMARK: the result is also used without this encoding
func.func @two_encodings(%x: tensor<?x?x32xf32>, %n: tensor<32xf32>) -> (tensor<?x?x32xf32, #xf.format<i8x32>>, tensor<?x?x32xf32, #xf.format<i8x16>>) {
  %h = xf.rms_norm %x, %n eps = 1.0e-5 : (tensor<?x?x32xf32>, tensor<32xf32>) -> tensor<?x?x32xf32>
  %e = xf.encode %h : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32, #xf.format<i8x32>>
  %f = xf.encode %h : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32, #xf.format<i8x16>>
  return %e, %f : tensor<?x?x32xf32, #xf.format<i8x32>>, tensor<?x?x32xf32, #xf.format<i8x16>>
}

// A product's rows are spread over threads: it keeps its encode.
// CHECK-LABEL: func.func @product
// CHECK-NEXT: xf.linear {{.*}} -> tensor<?x?x64xf32>
// CHECK-NEXT: xf.encode
func.func @product(%x: tensor<?x?x32xf32>, %w: tensor<64x32xf32>) -> tensor<?x?x64xf32, #xf.format<i8x32>> {
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Missed] xf.linear {{.*}}"only xf.rms_norm and xf.attention make their result encoded"
  %p = xf.linear %x, %w : (tensor<?x?x32xf32>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  %e = xf.encode %p : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32, #xf.format<i8x32>>
  return %e : tensor<?x?x64xf32, #xf.format<i8x32>>
}

// CHECK-LABEL: func.func @from_outside
// CHECK: xf.encode %arg0
// CHECK-NOT: xf.encode
// CHECK: return
func.func @from_outside(%x: tensor<?x?x32xf32>) -> (tensor<?x?x32xf32, #xf.format<i8x32>>, tensor<?x?x32xf32, #xf.format<i8x32>>) {
  %e = xf.encode %x : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32, #xf.format<i8x32>>
  %f = xf.encode %x : (tensor<?x?x32xf32>) -> tensor<?x?x32xf32, #xf.format<i8x32>>
  return %e, %f : tensor<?x?x32xf32, #xf.format<i8x32>>, tensor<?x?x32xf32, #xf.format<i8x32>>
}
