// RUN: ph-opt %s -split-input-file -verify-diagnostics

func.func @kind(%x: tensor<?x64xf32>, %y: tensor<?x96xf32>) -> tensor<?x96xf32> {
  // expected-error @+1 {{expects options with a string 'kind', but got {rows = 96 : i64}}}
  %z = step.kernel {rows = 96} ins(%x : tensor<?x64xf32>) outs(%y : tensor<?x96xf32>) -> tensor<?x96xf32>
  return %z : tensor<?x96xf32>
}

// -----

func.func @result(%x: tensor<?x64xf32>, %y: tensor<?x96xf32>) {
  // expected-error @+1 {{expects a result on tensors, but got none}}
  step.kernel {kind = "linear"} ins(%x : tensor<?x64xf32>) outs(%y : tensor<?x96xf32>)
  return
}

// -----

func.func @memory(%x: memref<?x64xf32>, %y: memref<?x96xf32>) -> tensor<?x96xf32> {
  // expected-error @+1 {{expects no result on memory, but got one}}
  %z = step.kernel {kind = "linear"} ins(%x : memref<?x64xf32>) outs(%y : memref<?x96xf32>) -> tensor<?x96xf32>
  return %z : tensor<?x96xf32>
}

// -----

func.func @type(%x: tensor<?x64xf32>, %y: tensor<?x96xf32>) -> tensor<?x64xf32> {
  // expected-error @+1 {{expects a result of the output's type 'tensor<?x96xf32>', but got 'tensor<?x64xf32>'}}
  %z = step.kernel {kind = "linear"} ins(%x : tensor<?x64xf32>) outs(%y : tensor<?x96xf32>) -> tensor<?x64xf32>
  return %z : tensor<?x64xf32>
}

// -----

func.func @tiles(%x: memref<?x64xf32>, %y: memref<?x96xf32>) {
  // expected-error @+1 {{expects a positive number of tiles, but got 0}}
  step.kernel {kind = "linear"} ins(%x : memref<?x64xf32>) outs(%y : memref<?x96xf32>) tiles = 0
  return
}
