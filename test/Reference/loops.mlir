// Loops of scf, and structured ops that take elements of other tensors, on the interpreter.
//
// RUN: ph-opt %s --run=parallel | FileCheck %s --check-prefix=PARALLEL
// RUN: ph-opt %s --run=while | FileCheck %s --check-prefix=WHILE
// RUN: ph-opt %s --run=halves | FileCheck %s --check-prefix=HALVES
// RUN: ph-opt %s --run=taken | FileCheck %s --check-prefix=TAKEN
// RUN: not ph-opt %s --run=outside 2>&1 | FileCheck %s --check-prefix=OUTSIDE

// Every point sees what was there before the loop: 1 and 2 are doubled, whatever was written beside them.
// PARALLEL: out0: [3, 2] = 10 20 2 4 2 4
func.func @parallel() -> tensor<3x2xf32> {
  %x = arith.constant dense<[[10.0, 20.0], [1.0, 2.0], [7.0, 7.0]]> : tensor<3x2xf32>
  %y = scf.forall (%i) = (1) to (3) step (1) shared_outs(%o = %x) -> (tensor<3x2xf32>) {
    %from = tensor.extract_slice %o[1, 0] [1, 2] [1, 1] : tensor<3x2xf32> to tensor<2xf32>
    %empty = tensor.empty() : tensor<2xf32>
    %twice = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%from : tensor<2xf32>) outs(%empty : tensor<2xf32>) {
    ^bb0(%a: f32, %b: f32):
      %c = arith.addf %a, %a : f32
      linalg.yield %c : f32
    } -> tensor<2xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %twice into %o[%i, 0] [1, 2] [1, 1] : tensor<2xf32> into tensor<3x2xf32>
    }
  }
  return %y : tensor<3x2xf32>
}

// Doubled until it is above 100.
// WHILE: out0: [] = 192
func.func @while() -> tensor<f32> {
  %start = arith.constant 3.0 : f32
  %most = arith.constant 100.0 : f32
  %x = scf.while (%a = %start) : (f32) -> f32 {
    %more = arith.cmpf ole, %a, %most : f32
    scf.condition(%more) %a : f32
  } do {
  ^bb0(%a: f32):
    %b = arith.addf %a, %a : f32
    scf.yield %b : f32
  }
  %empty = tensor.empty() : tensor<f32>
  %y = linalg.fill ins(%x : f32) outs(%empty : tensor<f32>) -> tensor<f32>
  return %y : tensor<f32>
}

// 2049 lies between two numbers of f16, of which 2048 is even.
// HALVES: out0: [3] = 2048 0.333252 1
func.func @halves() -> tensor<3xf16> {
  %x = arith.constant dense<[2049.0, 0.33333334, 1.0]> : tensor<3xf32>
  %y = arith.truncf %x : tensor<3xf32> to tensor<3xf16>
  return %y : tensor<3xf16>
}

// TAKEN: out0: [2] = 30 10
func.func @taken() -> tensor<2xf32> {
  %table = arith.constant dense<[10.0, 20.0, 30.0]> : tensor<3xf32>
  %places = arith.constant dense<[2, 0]> : tensor<2xi32>
  %y = call @take(%table, %places) : (tensor<3xf32>, tensor<2xi32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// OUTSIDE: error: 'tensor.extract' op expects an index below 3 at run time, but got [3]
func.func @outside() -> tensor<2xf32> {
  %table = arith.constant dense<[10.0, 20.0, 30.0]> : tensor<3xf32>
  %places = arith.constant dense<[2, 3]> : tensor<2xi32>
  %y = call @take(%table, %places) : (tensor<3xf32>, tensor<2xi32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func private @take(%table: tensor<3xf32>, %places: tensor<2xi32>) -> tensor<2xf32> {
  %empty = tensor.empty() : tensor<2xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
    ins(%places : tensor<2xi32>) outs(%empty : tensor<2xf32>) {
  ^bb0(%a: i32, %b: f32):
    %at = arith.index_cast %a : i32 to index
    %c = tensor.extract %table[%at] : tensor<3xf32>
    linalg.yield %c : f32
  } -> tensor<2xf32>
  return %y : tensor<2xf32>
}
