// The flags of --run.
//
// Arguments come from the seed, the same each time; names and shapes are those of the function.
// RUN: ph-opt %s --run=add --seed=7 > %t.first
// RUN: ph-opt %s --run=add --seed=7 > %t.second
// RUN: ph-opt %s --run=add --seed=8 > %t.third
// RUN: diff %t.first %t.second
// RUN: not diff %t.first %t.third
// RUN: FileCheck %s --check-prefix=SEED --input-file=%t.first
// SEED: out0: [2, 3, 4] = {{.*}} …
// SEED: sum: [2, 3, 4] =
//
// Dims: what is stated, and what follows from it.
// RUN: ph-opt %s --run=add --dims=x=1x2x4 | FileCheck %s --check-prefix=DIMS
// DIMS: out0: [1, 2, 4] =
//
// Values: 1 + 2 and so on, without another function's being in the way; the module is not printed.
// RUN: ph-opt %s --run=constants | FileCheck %s --check-prefix=VALUES --match-full-lines
// VALUES: out0: [1, 2] = 4 6.5
// VALUES-NOT: {{.+}}
//
// Passes run first, and a named output gets the module.
// RUN: ph-opt %s --symbol-dce --run=constants -o %t.mlir && FileCheck %s --check-prefix=MODULE --input-file=%t.mlir
// MODULE: func.func @constants
//
// Results written are results expected, also with --f64; a wrong one is an error.
// RUN: ph-opt %s --run=add --outputs=%t.safetensors
// RUN: ph-opt %s --run=add --expect=%t.safetensors --atol=0 --rtol=0 | FileCheck %s --check-prefix=SAME
// RUN: ph-opt %s --run=add --expect=%t.safetensors --f64 | FileCheck %s --check-prefix=NEAR
// RUN: not ph-opt %s --run=add --seed=1 --expect=%t.safetensors 2>&1 | FileCheck %s --check-prefix=OTHER
// SAME: out0: largest error 0.00e+00 of 24 values
// SAME: sum: largest error 0.00e+00 of 24 values
// NEAR: sum: largest error {{.*}} of 24 values
// OTHER: error: expects 'out0' at {{.*}} beyond atol
//
// Errors say what is wrong.
// RUN: not ph-opt %s --run 2>&1 | FileCheck %s --check-prefix=WHICH
// RUN: not ph-opt %s --run=nothing 2>&1 | FileCheck %s --check-prefix=NOTHING
// RUN: not ph-opt %s --run=add --inputs=%t.absent 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: not ph-opt %s --run=constants --expect=%t.safetensors 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: not ph-opt %s --run=weight --weights=%t.safetensors 2>&1 | FileCheck %s --check-prefix=WEIGHT
// RUN: not ph-opt %s --run=add --dims=x=100000x100000x4 2>&1 | FileCheck %s --check-prefix=LARGE
// RUN: not ph-opt %s --run=add --dims=x=1x4294967296x4294967296 2>&1 | FileCheck %s --check-prefix=LARGE
// RUN: not ph-opt %s --run=add --dims=arg1=100000x100000x0 2>&1 | FileCheck %s --check-prefix=FOLLOWS
// LARGE: error: expects dims of at most 268435456 elements, but got 'x=
// FOLLOWS: error: expects 'x' to have at most 268435456 elements, but got [100000, 100000, 4]
// WHICH: error: expects a function @forward or @main or one function alone to run, but got 3 functions; name one with --run=NAME
// NOTHING: error: expects a function to run, but got 'nothing', which has no body here
// ABSENT: error: {{.*}}.absent
// SHAPE: error: expects 'out0' of shape [2, 3, 4], but got [1, 2]
// WEIGHT: error: 'xf.load_weight' op the file of the weights has no tensor "w"

xf.weight @w : tensor<4xf32>

func.func @add(%x: tensor<?x?x4xf32> {xf.name = "x"}, %y: tensor<?x?x4xf32>)
    -> (tensor<?x?x4xf32>, tensor<?x?x4xf32> {xf.name = "sum"}) {
  %s = xf.add %x, %y : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %t = xf.add %s, %y : (tensor<?x?x4xf32>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  return %x, %t : tensor<?x?x4xf32>, tensor<?x?x4xf32>
}

func.func @constants() -> tensor<1x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %b = arith.constant dense<[[3.0, 4.5]]> : tensor<1x2xf32>
  %s = xf.add %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %s : tensor<1x2xf32>
}

func.func @weight() -> tensor<4xf32> {
  %w = xf.load_weight @w : tensor<4xf32>
  return %w : tensor<4xf32>
}
