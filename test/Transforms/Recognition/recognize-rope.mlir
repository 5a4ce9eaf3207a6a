// RUN: ph-opt %s --xf-recognize-rope --verify-values --remark-policy=all --remarks-filter=xf-recognize-rope 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks
// RUN: FileCheck %s --check-prefix=WHERE --input-file=%t.remarks

// Hugging Face's Llama.
// CHECK-LABEL: @llama
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>, %[[P:.*]]: tensor<?x?xi32>)
// CHECK: %[[B:.*]] = xf.broadcast %[[P]] [%{{.*}}, 1]
// CHECK-NEXT: %[[Y:.*]] = xf.rope %[[X]], %[[B]] rope = #xf.rope<dim = 16, base = 1.000000e+04, style = half> heads = 4
// CHECK-NEXT: return %[[Y]]
func.func @llama(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %x4 = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %x4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %inv = arith.constant dense<[[[1.0], [0.316227766], [0.1], [0.0316227766], [0.01], [0.00316227766], [0.001], [0.000316227766]]]> : tensor<1x8x1xf32>
  %p3 = xf.reshape %p [0, 1, -1] : (tensor<?x?xi32>) -> tensor<?x1x?xi32>
  %pf = xf.cast %p3 : (tensor<?x1x?xi32>) -> tensor<?x1x?xf32>
  %f = xf.matmul %inv, %pf : (tensor<1x8x1xf32>, tensor<?x1x?xf32>) -> tensor<?x8x?xf32>
  %ft = xf.transpose %f [0, 2, 1] : (tensor<?x8x?xf32>) -> tensor<?x?x8xf32>
  %a = xf.concat %ft, %ft axis = 2 : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x16xf32>
  %cos = xf.unary cos %a : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %sin = xf.unary sin %a : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %c = xf.reshape %cos [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %s = xf.reshape %sin [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %y1 = xf.slice %h axis = 3 [0, 8] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %y2 = xf.slice %h axis = 3 [8, 9223372036854775807] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %yn = xf.unary neg %y2 : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  %yh = xf.concat %yn, %y1 axis = 3 : (tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x16xf32>
  %yc = xf.elementwise mul %h, %c : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ys = xf.elementwise mul %yh, %s : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Passed] xf.rope {{.*}}"pairs times cosine and sine of positions times constants"
  %y = xf.elementwise add %yc, %ys : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %r = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %r : tensor<?x?x64xf32>
}

// Positions count slower.
// CHECK-LABEL: @linear
// CHECK: xf.rope {{.*}} rope = #xf.rope<dim = 16, base = 1.000000e+04, style = half, scaling = linear, factor = 4.000000e+00> heads = 4
func.func @linear(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %x4 = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %x4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %inv = arith.constant dense<[[[0.25], [0.0790569415], [0.025], [0.00790569415], [0.0025], [0.000790569415], [0.00025], [7.90569415e-05]]]> : tensor<1x8x1xf32>
  %p3 = xf.reshape %p [0, 1, -1] : (tensor<?x?xi32>) -> tensor<?x1x?xi32>
  %pf = xf.cast %p3 : (tensor<?x1x?xi32>) -> tensor<?x1x?xf32>
  %f = xf.matmul %inv, %pf : (tensor<1x8x1xf32>, tensor<?x1x?xf32>) -> tensor<?x8x?xf32>
  %ft = xf.transpose %f [0, 2, 1] : (tensor<?x8x?xf32>) -> tensor<?x?x8xf32>
  %a = xf.concat %ft, %ft axis = 2 : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x16xf32>
  %cos = xf.unary cos %a : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %sin = xf.unary sin %a : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %c = xf.reshape %cos [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %s = xf.reshape %sin [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %y1 = xf.slice %h axis = 3 [0, 8] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %y2 = xf.slice %h axis = 3 [8, 9223372036854775807] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %yn = xf.unary neg %y2 : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  %yh = xf.concat %yn, %y1 axis = 3 : (tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x16xf32>
  %yc = xf.elementwise mul %h, %c : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ys = xf.elementwise mul %yh, %s : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %y = xf.elementwise add %yc, %ys : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %r = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %r : tensor<?x?x64xf32>
}

// CHECK-LABEL: @no_powers
// CHECK-NOT: xf.rope
// CHECK: return
// REMARK: the angles are no powers of one base
func.func @no_powers(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %x4 = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %x4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %inv = arith.constant dense<[[[1.0], [0.316227766], [0.1], [0.0316227766], [0.02], [0.00316227766], [0.001], [0.000316227766]]]> : tensor<1x8x1xf32>
  %p3 = xf.reshape %p [0, 1, -1] : (tensor<?x?xi32>) -> tensor<?x1x?xi32>
  %pf = xf.cast %p3 : (tensor<?x1x?xi32>) -> tensor<?x1x?xf32>
  %f = xf.matmul %inv, %pf : (tensor<1x8x1xf32>, tensor<?x1x?xf32>) -> tensor<?x8x?xf32>
  %ft = xf.transpose %f [0, 2, 1] : (tensor<?x8x?xf32>) -> tensor<?x?x8xf32>
  %a = xf.concat %ft, %ft axis = 2 : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x16xf32>
  %cos = xf.unary cos %a : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %sin = xf.unary sin %a : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %c = xf.reshape %cos [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %s = xf.reshape %sin [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %y1 = xf.slice %h axis = 3 [0, 8] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %y2 = xf.slice %h axis = 3 [8, 9223372036854775807] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %yn = xf.unary neg %y2 : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  %yh = xf.concat %yn, %y1 axis = 3 : (tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x16xf32>
  %yc = xf.elementwise mul %h, %c : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ys = xf.elementwise mul %yh, %s : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %y = xf.elementwise add %yc, %ys : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %r = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %r : tensor<?x?x64xf32>
}

// CHECK-LABEL: @not_halves
// CHECK-NOT: xf.rope
// CHECK: return
func.func @not_halves(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %x4 = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %x4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %inv = arith.constant dense<[[[1.0], [0.316227766], [0.1], [0.0316227766], [0.01], [0.00316227766], [0.001], [0.000316227766]]]> : tensor<1x8x1xf32>
  %p3 = xf.reshape %p [0, 1, -1] : (tensor<?x?xi32>) -> tensor<?x1x?xi32>
  %pf = xf.cast %p3 : (tensor<?x1x?xi32>) -> tensor<?x1x?xf32>
  %f = xf.matmul %inv, %pf : (tensor<1x8x1xf32>, tensor<?x1x?xf32>) -> tensor<?x8x?xf32>
  %ft = xf.transpose %f [0, 2, 1] : (tensor<?x8x?xf32>) -> tensor<?x?x8xf32>
  %a = xf.concat %ft, %ft axis = 2 : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x16xf32>
  %cos = xf.unary cos %a : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %sin = xf.unary sin %a : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %c = xf.reshape %cos [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %s = xf.reshape %sin [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %y1 = xf.slice %h axis = 3 [0, 4] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x4xf32>
  %y2 = xf.slice %h axis = 3 [4, 9223372036854775807] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x12xf32>
  %yn = xf.unary neg %y2 : (tensor<?x4x?x12xf32>) -> tensor<?x4x?x12xf32>
  %yh = xf.concat %yn, %y1 axis = 3 : (tensor<?x4x?x12xf32>, tensor<?x4x?x4xf32>) -> tensor<?x4x?x16xf32>
  %yc = xf.elementwise mul %h, %c : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ys = xf.elementwise mul %yh, %s : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %y = xf.elementwise add %yc, %ys : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %r = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %r : tensor<?x?x64xf32>
}

// CHECK-LABEL: @only_cosines
// CHECK-NOT: xf.rope
// CHECK: return
// REMARK: it is not multiplied with cosine and sine of the same angles
func.func @only_cosines(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %x4 = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %x4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %inv = arith.constant dense<[[[1.0], [0.316227766], [0.1], [0.0316227766], [0.01], [0.00316227766], [0.001], [0.000316227766]]]> : tensor<1x8x1xf32>
  %p3 = xf.reshape %p [0, 1, -1] : (tensor<?x?xi32>) -> tensor<?x1x?xi32>
  %pf = xf.cast %p3 : (tensor<?x1x?xi32>) -> tensor<?x1x?xf32>
  %f = xf.matmul %inv, %pf : (tensor<1x8x1xf32>, tensor<?x1x?xf32>) -> tensor<?x8x?xf32>
  %ft = xf.transpose %f [0, 2, 1] : (tensor<?x8x?xf32>) -> tensor<?x?x8xf32>
  %a = xf.concat %ft, %ft axis = 2 : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x16xf32>
  %cos = xf.unary cos %a : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %sin = xf.unary cos %a : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %c = xf.reshape %cos [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %s = xf.reshape %sin [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %y1 = xf.slice %h axis = 3 [0, 8] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %y2 = xf.slice %h axis = 3 [8, 9223372036854775807] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %yn = xf.unary neg %y2 : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  %yh = xf.concat %yn, %y1 axis = 3 : (tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>) -> tensor<?x4x?x16xf32>
  %yc = xf.elementwise mul %h, %c : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ys = xf.elementwise mul %yh, %s : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %y = xf.elementwise add %yc, %ys : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %r = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %r : tensor<?x?x64xf32>
}

// The first features of each head, as GPT-NeoX rotates them.
// CHECK-LABEL: @partial
// CHECK-SAME: (%[[X:.*]]: tensor<?x?x64xf32>, %[[P:.*]]: tensor<?x?xi32>)
// CHECK: %[[Y:.*]] = xf.rope %[[X]], %[[P]] rope = #xf.rope<dim = 4, base = 1.000000e+04, style = half> heads = 4 : (tensor<?x?x64xf32>
// CHECK: return %[[Y]]
func.func @partial(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %r = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %r [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %a = xf.slice %h axis = 3 [0, 4] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x4xf32>
  %b = xf.slice %h axis = 3 [4, 16] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x12xf32>
  %at = xf.transpose %a [0, 2, 1, 3] : (tensor<?x4x?x4xf32>) -> tensor<?x?x4x4xf32>
  %af = xf.reshape %at [0, 0, 16] : (tensor<?x?x4x4xf32>) -> tensor<?x?x16xf32>
  %t = xf.rope %af, %p rope = #xf.rope<dim = 4, base = 1.0e4, style = half> heads = 4 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %tr = xf.reshape %t [0, 0, 4, -1] : (tensor<?x?x16xf32>) -> tensor<?x?x4x4xf32>
  %th = xf.transpose %tr [0, 2, 1, 3] : (tensor<?x?x4x4xf32>) -> tensor<?x4x?x4xf32>
  %y = xf.concat %th, %b axis = 3 : (tensor<?x4x?x4xf32>, tensor<?x4x?x12xf32>) -> tensor<?x4x?x16xf32>
  %yt = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %z = xf.reshape %yt [0, 0, 64] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %z : tensor<?x?x64xf32>
}

// CHECK-LABEL: @partial_of_the_middle
// CHECK: xf.rope {{.*}} : (tensor<?x?x16xf32>
// CHECK: xf.concat
func.func @partial_of_the_middle(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x4x?x16xf32> {
  %r = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %r [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %a = xf.slice %h axis = 3 [2, 6] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x4xf32>
  %b = xf.slice %h axis = 3 [4, 16] : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x12xf32>
  %at = xf.transpose %a [0, 2, 1, 3] : (tensor<?x4x?x4xf32>) -> tensor<?x?x4x4xf32>
  %af = xf.reshape %at [0, 0, 16] : (tensor<?x?x4x4xf32>) -> tensor<?x?x16xf32>
  %t = xf.rope %af, %p rope = #xf.rope<dim = 4, base = 1.0e4, style = half> heads = 4 : (tensor<?x?x16xf32>, tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %tr = xf.reshape %t [0, 0, 4, -1] : (tensor<?x?x16xf32>) -> tensor<?x?x4x4xf32>
  %th = xf.transpose %tr [0, 2, 1, 3] : (tensor<?x?x4x4xf32>) -> tensor<?x4x?x4xf32>
  // WHERE-DAG: :[[#@LINE+1]]:8: remark: [Missed] xf.concat {{.*}}"the parts are not the first features of each head and those that are left"
  %y = xf.concat %th, %b axis = 3 : (tensor<?x4x?x4xf32>, tensor<?x4x?x12xf32>) -> tensor<?x4x?x16xf32>
  return %y : tensor<?x4x?x16xf32>
}
