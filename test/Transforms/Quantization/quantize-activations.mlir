// RUN: ph-opt %s --xf-quantize-activations --remark-policy=all --remarks-filter=xf-quantize-activations 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=WHERE --input-file=%t.remarks
// RUN: ph-opt %s --xf-quantize-activations="activations=f32" | FileCheck %s --check-prefix=F32
// RUN: not ph-opt %s --xf-quantize-activations="activations=int4" 2>&1 | FileCheck %s --check-prefix=ERROR
// F32-LABEL: func.func @linear
// F32-NOT: xf.encode
// F32-LABEL: func.func @pair
// F32-COUNT-1: xf.encode
// F32-NOT: xf.encode
// ERROR: expects activations=int8 or activations=f32, but got 'int4'

// CHECK-LABEL: func.func @linear
// CHECK: %[[E:.*]] = xf.encode %arg0 : (tensor<?x?x256xf32>) -> tensor<?x?x256xf32, #xf.format<i8x32>>
// CHECK: xf.linear %[[E]], %arg1
// CHECK: %[[E16:.*]] = xf.encode %arg0 : (tensor<?x?x256xf32>) -> tensor<?x?x256xf32, #xf.format<i8x16>>
// CHECK: xf.linear %[[E16]], %arg2
// CHECK-NOT: xf.encode
// CHECK: xf.linear %arg0, %arg3
// CHECK: xf.linear %arg0, %arg4
func.func @linear(%x: tensor<?x?x256xf32>, %w32: tensor<64x256xf32, #xf.format<q4_k>>, %w16: tensor<64x256xf32, #xf.format<q6_k>>,
                  %wh: tensor<64x256xf32, #xf.format<f16>>, %wf: tensor<64x256xf32>)
    -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>) {
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.linear {{.*}}"its input is encoded as i8x32"
  %a = xf.linear %x, %w32 : (tensor<?x?x256xf32>, tensor<64x256xf32, #xf.format<q4_k>>) -> tensor<?x?x64xf32>
  %b = xf.linear %x, %w16 : (tensor<?x?x256xf32>, tensor<64x256xf32, #xf.format<q6_k>>) -> tensor<?x?x64xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Missed] xf.linear {{.*}}"the weight isn't stored as codes of at most 8 bits"
  %c = xf.linear %x, %wh : (tensor<?x?x256xf32>, tensor<64x256xf32, #xf.format<f16>>) -> tensor<?x?x64xf32>
  %d = xf.linear %x, %wf : (tensor<?x?x256xf32>, tensor<64x256xf32>) -> tensor<?x?x64xf32>
  return %a, %b, %c, %d : tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>
}

// One of the pair has groups of 16; the residual is not encoded, and what is encoded already stays.
// CHECK-LABEL: func.func @pair
// CHECK: %[[E:.*]] = xf.encode %arg0 : {{.*}}i8x16
// CHECK: %[[G:.*]] = xf.gated_linear silu %[[E]], %arg1, %arg2
// CHECK: %[[F:.*]] = xf.encode %[[G]] : {{.*}}i8x32
// CHECK-NEXT: xf.linear %[[F]], %arg3 residual %arg0
// CHECK-NEXT: return
func.func @pair(%x: tensor<?x?x256xf32>, %wg: tensor<256x256xf32, #xf.format<q4_k>>, %wu: tensor<256x256xf32, #xf.format<q6_k>>,
                %wd: tensor<256x256xf32, #xf.format<q8_0>>) -> tensor<?x?x256xf32> {
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.gated_linear {{.*}}"its input is encoded as i8x16"
  %g = xf.gated_linear silu %x, %wg, %wu : (tensor<?x?x256xf32>, tensor<256x256xf32, #xf.format<q4_k>>, tensor<256x256xf32, #xf.format<q6_k>>) -> tensor<?x?x256xf32>
  %e = xf.encode %g : (tensor<?x?x256xf32>) -> tensor<?x?x256xf32, #xf.format<i8x32>>
  %y = xf.linear %e, %wd residual %x : (tensor<?x?x256xf32, #xf.format<i8x32>>, tensor<256x256xf32, #xf.format<q8_0>>, tensor<?x?x256xf32>) -> tensor<?x?x256xf32>
  return %y : tensor<?x?x256xf32>
}

// One of the pair is of floats.
// CHECK-LABEL: func.func @half_pair
// CHECK-NOT: xf.encode
// CHECK: return
func.func @half_pair(%x: tensor<?x?x32xf32>, %wg: tensor<64x32xf32, #xf.format<q4_1>>, %wu: tensor<64x32xf32>) -> tensor<?x?x64xf32> {
  %g = xf.gated_linear silu %x, %wg, %wu : (tensor<?x?x32xf32>, tensor<64x32xf32, #xf.format<q4_1>>, tensor<64x32xf32>) -> tensor<?x?x64xf32>
  return %g : tensor<?x?x64xf32>
}

// A look-up has no product.
// CHECK-LABEL: func.func @tied
// CHECK: xf.embedding
// CHECK-NOT: xf.encode
// CHECK: xf.select_rows
// CHECK: %[[E:.*]] = xf.encode {{.*}} -> tensor<?x64xf32, #xf.format<i8x32>>
// CHECK: xf.logits %[[E]]
func.func @tied(%tokens: tensor<?x?xi32>, %rows: tensor<?xi32>, %w: tensor<40x64xf32, #xf.format<q8_0>>) -> tensor<?x40xf32> {
  %x = xf.embedding %tokens, %w : (tensor<?x?xi32>, tensor<40x64xf32, #xf.format<q8_0>>) -> tensor<?x?x64xf32>
  %r = xf.select_rows %x, %rows : (tensor<?x?x64xf32>, tensor<?xi32>) -> tensor<?x64xf32>
  %y = xf.logits %r, %w : (tensor<?x64xf32>, tensor<40x64xf32, #xf.format<q8_0>>) -> tensor<?x40xf32>
  return %y : tensor<?x40xf32>
}
