// Masks that may hide a whole row, which xf.attention gives zeros for: values are compared on inputs of which each row sees something.
// RUN: ph-opt %s --xf-propagate-constants --canonicalize --cse --xf-recognize-attention | FileCheck %s
// RUN: ph-opt %s --run=padding_added --seed=3 --outputs=%t.padding_added.safetensors
// RUN: ph-opt %s --xf-propagate-constants --canonicalize --cse --xf-recognize-attention --run=padding_added --seed=3 --expect=%t.padding_added.safetensors
// RUN: ph-opt %s --run=padding_and_causal --seed=3 --outputs=%t.padding_and_causal.safetensors
// RUN: ph-opt %s --xf-propagate-constants --canonicalize --cse --xf-recognize-attention --run=padding_and_causal --seed=3 --expect=%t.padding_and_causal.safetensors
// RUN: ph-opt %s --run=selected_by_argument --seed=3 --outputs=%t.selected_by_argument.safetensors
// RUN: ph-opt %s --xf-propagate-constants --canonicalize --cse --xf-recognize-attention --run=selected_by_argument --seed=3 --expect=%t.selected_by_argument.safetensors
// RUN: ph-opt %s --run=padding_of_one_head --seed=3 --outputs=%t.padding_of_one_head.safetensors
// RUN: ph-opt %s --xf-propagate-constants --canonicalize --cse --xf-recognize-attention --run=padding_of_one_head --seed=3 --expect=%t.padding_of_one_head.safetensors

// BERT: (1 - mask) · lowest is added.
// CHECK-LABEL: func.func @padding_added(
// CHECK-NEXT: %[[Y:.*]] = xf.attention %arg0 keys(%arg1) values(%arg2) valid(%arg3) heads = 4 scale = 2.500000e-01 mask = none :
// CHECK-NEXT: return %[[Y]]
func.func @padding_added(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>, %m: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %m4 = xf.reshape %m [0, 1, 1, -1] : (tensor<?x?xi32>) -> tensor<?x1x1x?xi32>
  %f = xf.cast %m4 : (tensor<?x1x1x?xi32>) -> tensor<?x1x1x?xf32>
  %one = arith.constant dense<1.0> : tensor<f32>
  %inv = xf.elementwise sub %one, %f : (tensor<f32>, tensor<?x1x1x?xf32>) -> tensor<?x1x1x?xf32>
  %low = arith.constant dense<-3.40282347E+38> : tensor<f32>
  %add = xf.elementwise mul %inv, %low : (tensor<?x1x1x?xf32>, tensor<f32>) -> tensor<?x1x1x?xf32>
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %kt = xf.transpose %kh [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %c = arith.constant dense<0.25> : tensor<f32>
  %z = xf.elementwise mul %s, %c : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %w = xf.elementwise add %z, %add : (tensor<?x4x?x?xf32>, tensor<?x1x1x?xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %w axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Both, with NaN of rows that see nothing replaced by 0.
// CHECK-LABEL: func.func @padding_and_causal(
// CHECK: %[[P:.*]]:3 = xf.split
// CHECK-NEXT: %[[Y:.*]] = xf.attention %[[P]]#0 keys(%[[P]]#1) values(%[[P]]#2) valid(%arg1) heads = 4 scale = 2.500000e-01 mask = causal :
// CHECK-NEXT: return %[[Y]]
func.func @padding_and_causal(%x: tensor<?x?x192xf32>, %m: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %q, %k, %v = xf.split %x : (tensor<?x?x192xf32>) -> (tensor<?x?x64xf32>, tensor<?x?x64xf32>, tensor<?x?x64xf32>)
  %n = xf.dim %q axis = 1 : (tensor<?x?x64xf32>) -> index
  %i = xf.iota %n : (index) -> tensor<?xi32>
  %row = xf.reshape %i [-1, 1] : (tensor<?xi32>) -> tensor<?x1xi32>
  %col = xf.reshape %i [1, -1] : (tensor<?xi32>) -> tensor<1x?xi32>
  %mask = xf.compare ge %row, %col : (tensor<?x1xi32>, tensor<1x?xi32>) -> tensor<?x?xi1>
  %m4 = xf.reshape %m [0, 1, 1, -1] : (tensor<?x?xi32>) -> tensor<?x1x1x?xi32>
  %there = xf.cast %m4 : (tensor<?x1x1x?xi32>) -> tensor<?x1x1x?xi1>
  %both = xf.elementwise and %mask, %there : (tensor<?x?xi1>, tensor<?x1x1x?xi1>) -> tensor<?x1x?x?xi1>
  %low = arith.constant dense<0xFF800000> : tensor<f32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %add = xf.select %both, %zero, %low : (tensor<?x1x?x?xi1>, tensor<f32>, tensor<f32>) -> tensor<?x1x?x?xf32>
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %kt = xf.transpose %kh [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %c = arith.constant dense<0.25> : tensor<f32>
  %z = xf.elementwise mul %s, %c : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %w = xf.elementwise add %z, %add : (tensor<?x4x?x?xf32>, tensor<?x1x?x?xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %w axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %nan = xf.compare ne %p, %p : (tensor<?x4x?x?xf32>, tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xi1>
  %clean = xf.select %nan, %zero, %p : (tensor<?x4x?x?xi1>, tensor<f32>, tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %clean, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// A condition that no option says becomes a bias.
// CHECK-LABEL: func.func @selected_by_argument(
// CHECK: %[[S:.*]] = xf.select %arg3
// CHECK: %[[B:.*]] = xf.broadcast %[[S]]
// CHECK: xf.attention %arg0 keys(%arg1) values(%arg2) bias(%[[B]]) heads = 4
func.func @selected_by_argument(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>, %b: tensor<1x1x?x?xi1>) -> tensor<?x?x64xf32> {
  %q4 = xf.reshape %q [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %qh = xf.transpose %q4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %k4 = xf.reshape %k [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %kh = xf.transpose %k4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %v4 = xf.reshape %v [0, 0, 4, 16] : (tensor<?x?x64xf32>) -> tensor<?x?x4x16xf32>
  %vh = xf.transpose %v4 [0, 2, 1, 3] : (tensor<?x?x4x16xf32>) -> tensor<?x4x?x16xf32>
  %kt = xf.transpose %kh [0, 1, 3, 2] : (tensor<?x4x?x16xf32>) -> tensor<?x4x16x?xf32>
  %s = xf.matmul %qh, %kt : (tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>) -> tensor<?x4x?x?xf32>
  %c = arith.constant dense<0.25> : tensor<f32>
  %z = xf.elementwise mul %s, %c : (tensor<?x4x?x?xf32>, tensor<f32>) -> tensor<?x4x?x?xf32>
  %low = arith.constant dense<-1.0e9> : tensor<f32>
  %w = xf.select %b, %low, %z : (tensor<1x1x?x?xi1>, tensor<f32>, tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %p = xf.softmax %w axis = 3 : (tensor<?x4x?x?xf32>) -> tensor<?x4x?x?xf32>
  %o = xf.matmul %p, %vh : (tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32>
  %ot = xf.transpose %o [0, 2, 1, 3] : (tensor<?x4x?x16xf32>) -> tensor<?x?x4x16xf32>
  %y = xf.reshape %ot [0, 0, -1] : (tensor<?x?x4x16xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Padding of scores that have no heads: the same for each query.
// CHECK-LABEL: func.func @padding_of_one_head(
// CHECK: xf.attention %arg0 keys(%arg1) values(%arg2) valid(%arg3) heads = 1 scale = 1.000000e+00 mask = none :
// CHECK-NOT: xf.softmax
func.func @padding_of_one_head(%q: tensor<?x?x64xf32>, %k: tensor<?x?x64xf32>, %v: tensor<?x?x64xf32>, %m: tensor<?x?xi32>) -> tensor<?x?x64xf32> {
  %one = xf.reshape %m [0, 1, -1] : (tensor<?x?xi32>) -> tensor<?x1x?xi32>
  %is = xf.cast %one : (tensor<?x1x?xi32>) -> tensor<?x1x?xi1>
  %low = arith.constant dense<0xFF800000> : tensor<f32>
  %s = xf.matmul %q, %k transpose_b : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x?xf32>
  %z = xf.select %is, %s, %low : (tensor<?x1x?xi1>, tensor<?x?x?xf32>, tensor<f32>) -> tensor<?x?x?xf32>
  %p = xf.softmax %z axis = 2 : (tensor<?x?x?xf32>) -> tensor<?x?x?xf32>
  %y = xf.matmul %p, %v : (tensor<?x?x?xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}

// Sequences that are packed in one are told by jumps of their positions. Positions that count have none, and what is left is causal.
// RUN: ph-opt %s --run=packed --seed=3 --outputs=%t.packed.safetensors
// RUN: ph-opt %s --canonicalize --xf-recognize-attention --run=packed --seed=3 --expect=%t.packed.safetensors
// CHECK-LABEL: func.func @packed(
// CHECK: xf.attention %arg0 keys(%arg1) values(%arg2) heads = 1 scale = 1.000000e+00 mask = causal :
// CHECK-NOT: xf.softmax
func.func @packed(%q: tensor<?x8x64xf32>, %k: tensor<?x8x64xf32>, %v: tensor<?x8x64xf32>) -> tensor<?x8x64xf32> {
  %one = arith.constant dense<1> : tensor<i32>
  %zero = arith.constant 0 : i32
  %eight = arith.constant 8 : index
  %i = xf.iota : () -> tensor<8xi32>
  %p = xf.reshape %i [1, 8] : (tensor<8xi32>) -> tensor<1x8xi32>
  %first = xf.slice %p axis = 1 [0, 1] : (tensor<1x8xi32>) -> tensor<1x1xi32>
  %before = xf.elementwise sub %first, %one : (tensor<1x1xi32>, tensor<i32>) -> tensor<1x1xi32>
  %all = xf.concat %before, %p axis = 1 : (tensor<1x1xi32>, tensor<1x8xi32>) -> tensor<1x9xi32>
  %from = xf.slice %all axis = 1 [0, 8] : (tensor<1x9xi32>) -> tensor<1x8xi32>
  %to = xf.slice %all axis = 1 [1, 9] : (tensor<1x9xi32>) -> tensor<1x8xi32>
  %step = xf.elementwise sub %to, %from : (tensor<1x8xi32>, tensor<1x8xi32>) -> tensor<1x8xi32>
  %counts = xf.compare eq %step, %one : (tensor<1x8xi32>, tensor<i32>) -> tensor<1x8xi1>
  %jumps = xf.unary not %counts : (tensor<1x8xi1>) -> tensor<1x8xi1>
  %jump = xf.cast %jumps : (tensor<1x8xi1>) -> tensor<1x8xi32>
  %empty = tensor.empty() : tensor<1x8xi32>
  %fill = linalg.fill ins(%zero : i32) outs(%empty : tensor<1x8xi32>) -> tensor<1x8xi32>
  %over = tensor.empty() : tensor<8xi32>
  %sums = linalg.generic {indexing_maps = [affine_map<(a, b, c) -> (c)>, affine_map<(a, b, c) -> (a, b)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%over : tensor<8xi32>) outs(%fill : tensor<1x8xi32>) {
  ^bb0(%in: i32, %out: i32):
    %x = linalg.index 0 : index
    %y = linalg.index 1 : index
    %z = linalg.index 2 : index
    %upto = arith.cmpi sle, %z, %y : index
    %each = tensor.extract %jump[%x, %z] : tensor<1x8xi32>
    %sum = arith.addi %out, %each : i32
    %new = arith.select %upto, %sum, %out : i32
    linalg.yield %new : i32
  } -> tensor<1x8xi32>
  %sq = xf.reshape %sums [1, 8, 1] : (tensor<1x8xi32>) -> tensor<1x8x1xi32>
  %sk = xf.reshape %sums [1, 1, 8] : (tensor<1x8xi32>) -> tensor<1x1x8xi32>
  %same = xf.compare eq %sq, %sk : (tensor<1x8x1xi32>, tensor<1x1x8xi32>) -> tensor<1x8x8xi1>
  %pq = xf.reshape %p [1, 8, 1] : (tensor<1x8xi32>) -> tensor<1x8x1xi32>
  %pk = xf.reshape %p [1, 1, 8] : (tensor<1x8xi32>) -> tensor<1x1x8xi32>
  %causal = xf.compare le %pk, %pq : (tensor<1x1x8xi32>, tensor<1x8x1xi32>) -> tensor<1x8x8xi1>
  %seen = xf.elementwise and %same, %causal : (tensor<1x8x8xi1>, tensor<1x8x8xi1>) -> tensor<1x8x8xi1>
  %low = arith.constant dense<-3.40282347E+38> : tensor<f32>
  %s = xf.matmul %q, %k transpose_b : (tensor<?x8x64xf32>, tensor<?x8x64xf32>) -> tensor<?x8x8xf32>
  %m = xf.select %seen, %s, %low : (tensor<1x8x8xi1>, tensor<?x8x8xf32>, tensor<f32>) -> tensor<?x8x8xf32>
  %w = xf.softmax %m axis = 2 : (tensor<?x8x8xf32>) -> tensor<?x8x8xf32>
  %y = xf.matmul %w, %v : (tensor<?x8x8xf32>, tensor<?x8x64xf32>) -> tensor<?x8x64xf32>
  return %y : tensor<?x8x64xf32>
}
