// RUN: ph-opt %s --xf-recognize-rope --verify-values --remark-policy=all --remarks-filter=xf-recognize-rope 2>%t.remarks | FileCheck %s
// RUN: FileCheck %s --check-prefix=REMARK --input-file=%t.remarks

// Each angle twice in turn before cosine and sine are taken, as Cohere has it.
// CHECK-LABEL: @angles_in_turns
// CHECK: xf.rope %arg0, %{{.*}} rope = #xf.rope<dim = 16, base = 1.000000e+04, style = interleaved> heads = 4
func.func @angles_in_turns(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %x4 = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %x4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %inv = arith.constant dense<[1.0, 0.316227766, 0.1, 0.0316227766, 0.01, 0.00316227766, 0.001, 0.000316227766]> : tensor<8xf32>
  %pf = xf.cast %p : (tensor<?x?xi32>) -> tensor<?x?xf32>
  %pr = xf.reshape %pf [0, 0, 1] : (tensor<?x?xf32>) -> tensor<?x?x1xf32>
  %a = xf.elementwise mul %pr, %inv : (tensor<?x?x1xf32>, tensor<8xf32>) -> tensor<?x?x8xf32>
  %a1 = xf.reshape %a [0, 0, 8, 1] : (tensor<?x?x8xf32>) -> tensor<?x?x8x1xf32>
  %a2 = xf.broadcast %a1 [1, 1, 1, 2] : (tensor<?x?x8x1xf32>) -> tensor<?x?x8x2xf32>
  %cos = xf.unary cos %a2 : (tensor<?x?x8x2xf32>) -> tensor<?x?x8x2xf32>
  %sin = xf.unary sin %a2 : (tensor<?x?x8x2xf32>) -> tensor<?x?x8x2xf32>
  %c = xf.reshape %cos [0, 1, -1, 16] : (tensor<?x?x8x2xf32>) -> tensor<?x1x?x16xf32>
  %s = xf.reshape %sin [0, 1, -1, 16] : (tensor<?x?x8x2xf32>) -> tensor<?x1x?x16xf32>
  %even = xf.slice %h axis = 3 [0, 9223372036854775807] step = 2 : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %odd = xf.slice %h axis = 3 [1, 9223372036854775807] step = 2 : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %on = xf.unary neg %odd : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  %o1 = xf.reshape %on [0, 4, 0, 8, 1] : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8x1xf32>
  %e1 = xf.reshape %even [0, 4, 0, 8, 1] : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8x1xf32>
  %pair = xf.concat %o1, %e1 axis = 4 : (tensor<?x4x?x8x1xf32>, tensor<?x4x?x8x1xf32>) -> tensor<?x4x?x8x2xf32>
  %turned = xf.reshape %pair [0, 4, 0, 16] : (tensor<?x4x?x8x2xf32>) -> tensor<?x4x?x16xf32>
  %hc = xf.elementwise mul %h, %c : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %hs = xf.elementwise mul %turned, %s : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %y = xf.elementwise add %hc, %hs : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %r = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %r : tensor<?x?x64xf32>
}

// The first half of both halves, in turn, as GLM-4 has it.
// CHECK-LABEL: @factors_in_turns
// CHECK: xf.rope %arg0, %{{.*}} rope = #xf.rope<dim = 16, base = 1.000000e+04, style = interleaved> heads = 4
func.func @factors_in_turns(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %x4 = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %x4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %inv = arith.constant dense<[1.0, 0.316227766, 0.1, 0.0316227766, 0.01, 0.00316227766, 0.001, 0.000316227766]> : tensor<8xf32>
  %pf = xf.cast %p : (tensor<?x?xi32>) -> tensor<?x?xf32>
  %pr = xf.reshape %pf [0, 0, 1] : (tensor<?x?xf32>) -> tensor<?x?x1xf32>
  %a = xf.elementwise mul %pr, %inv : (tensor<?x?x1xf32>, tensor<8xf32>) -> tensor<?x?x8xf32>
  %aa = xf.concat %a, %a axis = 2 : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x16xf32>
  %cos = xf.unary cos %aa : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %cos1 = xf.reshape %cos [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %cos2 = xf.slice %cos1 axis = 3 [0, 8] : (tensor<?x1x?x16xf32>) -> tensor<?x1x?x8xf32>
  %cos3 = xf.reshape %cos2 [0, 1, 0, 8, 1] : (tensor<?x1x?x8xf32>) -> tensor<?x1x?x8x1xf32>
  %cos4 = xf.broadcast %cos3 [1, 1, 1, 1, 2] : (tensor<?x1x?x8x1xf32>) -> tensor<?x1x?x8x2xf32>
  %c = xf.reshape %cos4 [0, 1, 0, 16] : (tensor<?x1x?x8x2xf32>) -> tensor<?x1x?x16xf32>
  %sin = xf.unary sin %aa : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %sin1 = xf.reshape %sin [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %sin2 = xf.slice %sin1 axis = 3 [0, 8] : (tensor<?x1x?x16xf32>) -> tensor<?x1x?x8xf32>
  %sin3 = xf.reshape %sin2 [0, 1, 0, 8, 1] : (tensor<?x1x?x8xf32>) -> tensor<?x1x?x8x1xf32>
  %sin4 = xf.broadcast %sin3 [1, 1, 1, 1, 2] : (tensor<?x1x?x8x1xf32>) -> tensor<?x1x?x8x2xf32>
  %s = xf.reshape %sin4 [0, 1, 0, 16] : (tensor<?x1x?x8x2xf32>) -> tensor<?x1x?x16xf32>
  %even = xf.slice %h axis = 3 [0, 9223372036854775807] step = 2 : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %odd = xf.slice %h axis = 3 [1, 9223372036854775807] step = 2 : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %on = xf.unary neg %odd : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  %o1 = xf.reshape %on [0, 4, 0, 8, 1] : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8x1xf32>
  %e1 = xf.reshape %even [0, 4, 0, 8, 1] : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8x1xf32>
  %pair = xf.concat %o1, %e1 axis = 4 : (tensor<?x4x?x8x1xf32>, tensor<?x4x?x8x1xf32>) -> tensor<?x4x?x8x2xf32>
  %turned = xf.reshape %pair [0, 4, 0, 16] : (tensor<?x4x?x8x2xf32>) -> tensor<?x4x?x16xf32>
  %hc = xf.elementwise mul %h, %c : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %hs = xf.elementwise mul %turned, %s : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %y = xf.elementwise add %hc, %hs : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %r = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %r : tensor<?x?x64xf32>
}

// Neighbours are turned, but by the angles of halves.
// CHECK-LABEL: @turned_as_halves
// CHECK-NOT: xf.rope
// REMARK: remark: [Missed] xf.elementwise {{.*}}the elements of a pair have different angles
func.func @turned_as_halves(%x: tensor<?x?x64xf32>, %p: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %x4 = xf.reshape %x [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %h = xf.transpose %x4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %inv = arith.constant dense<[1.0, 0.316227766, 0.1, 0.0316227766, 0.01, 0.00316227766, 0.001, 0.000316227766]> : tensor<8xf32>
  %pf = xf.cast %p : (tensor<?x?xi32>) -> tensor<?x?xf32>
  %pr = xf.reshape %pf [0, 0, 1] : (tensor<?x?xf32>) -> tensor<?x?x1xf32>
  %a = xf.elementwise mul %pr, %inv : (tensor<?x?x1xf32>, tensor<8xf32>) -> tensor<?x?x8xf32>
  %a2 = xf.concat %a, %a axis = 2 : (tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x16xf32>
  %cos = xf.unary cos %a2 : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %sin = xf.unary sin %a2 : (tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
  %c = xf.reshape %cos [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %s = xf.reshape %sin [0, 1, -1, 16] : (tensor<?x?x16xf32>) -> tensor<?x1x?x16xf32>
  %even = xf.slice %h axis = 3 [0, 9223372036854775807] step = 2 : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %odd = xf.slice %h axis = 3 [1, 9223372036854775807] step = 2 : (tensor<?x4x?x16xf32>) -> tensor<?x4x?x8xf32>
  %on = xf.unary neg %odd : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8xf32>
  %o1 = xf.reshape %on [0, 4, 0, 8, 1] : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8x1xf32>
  %e1 = xf.reshape %even [0, 4, 0, 8, 1] : (tensor<?x4x?x8xf32>) -> tensor<?x4x?x8x1xf32>
  %pair = xf.concat %o1, %e1 axis = 4 : (tensor<?x4x?x8x1xf32>, tensor<?x4x?x8x1xf32>) -> tensor<?x4x?x8x2xf32>
  %turned = xf.reshape %pair [0, 4, 0, 16] : (tensor<?x4x?x8x2xf32>) -> tensor<?x4x?x16xf32>
  %hc = xf.elementwise mul %h, %c : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %hs = xf.elementwise mul %turned, %s : (tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>) -> tensor<?x4x?x16xf32>
  %y = xf.elementwise add %hc, %hs : (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %t = xf.transpose %y [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %r = xf.reshape %t [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %r : tensor<?x?x64xf32>
}
