// RUN: ph-opt %s --verify-values=1 --verify-sizes=2x3 --seed=0 --xf-add-cache="half=false"
module attributes {xf.model = {architecture = "onnx", name = "m"}} {
  xf.weight @table : tensor<24x16xf32>
  xf.weight @places : tensor<32x16xf32>
  xf.weight @norm : tensor<16xf32>
  xf.weight @key : tensor<3x8x16xf32> stacked
  xf.weight @sinks : tensor<3x2xf32> stacked
  func.func @forward(%arg0: tensor<?x?xi32> {xf.name = "input_ids"}) -> (tensor<?x?x24xf32> {xf.name = "output"}) {
    %cst = arith.constant dense<0> : tensor<1xi32>
    %0 = xf.dim %arg0 axis = 0 : (tensor<?x?xi32>) -> index
    %1 = xf.broadcast %cst [%0] : (tensor<1xi32>, index) -> tensor<?xi32>
    %2 = xf.positions %arg0, %1 : (tensor<?x?xi32>, tensor<?xi32>) -> tensor<?x?xi32>
    %3 = xf.load_weight @table : tensor<24x16xf32>
    %4 = xf.load_weight @places : tensor<32x16xf32>
    %5 = xf.embedding %arg0, %3 : (tensor<?x?xi32>, tensor<24x16xf32>) -> tensor<?x?x16xf32>
    %6 = xf.embedding %2, %4 : (tensor<?x?xi32>, tensor<32x16xf32>) -> tensor<?x?x16xf32>
    %7 = xf.add %5, %6 : (tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
    %8 = xf.repeat %arg1 = 3 iter(%arg2 = %7) : tensor<?x?x16xf32> {
      %12 = xf.load_weight @key[%arg1] : tensor<8x16xf32>
      %13 = xf.load_weight @sinks[%arg1] : tensor<2xf32>
      %14 = xf.linear %arg2, %12 : (tensor<?x?x16xf32>, tensor<8x16xf32>) -> tensor<?x?x8xf32>
      %15 = xf.attention %arg2 keys(%14) values(%14) rope(%2, #xf.rope<dim = 8, base = 1.000000e+04, style = half>) sinks(%13) heads = 2 scale = 2.500000e-01 mask = causal window = 5 keep = 1 soft_cap = 2.000000e+01 : (tensor<?x?x16xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>, tensor<?x?xi32>, tensor<2xf32>) -> tensor<?x?x16xf32>
      %16 = xf.attention %15 keys(%14) values(%14) alibi = #xf.alibi<max_bias = 8.000000e+00> heads = 2 scale = 2.500000e-01 mask = causal : (tensor<?x?x16xf32>, tensor<?x?x8xf32>, tensor<?x?x8xf32>) -> tensor<?x?x16xf32>
      %17 = xf.add %arg2, %16 : (tensor<?x?x16xf32>, tensor<?x?x16xf32>) -> tensor<?x?x16xf32>
      xf.yield %17 : tensor<?x?x16xf32>
    }
    %9 = xf.load_weight @norm : tensor<16xf32>
    %10 = xf.rms_norm %8, %9 eps = 1.000000e-05 : (tensor<?x?x16xf32>, tensor<16xf32>) -> tensor<?x?x16xf32>
    %11 = xf.linear %10, %3 : (tensor<?x?x16xf32>, tensor<24x16xf32>) -> tensor<?x?x24xf32>
    return %11 : tensor<?x?x24xf32>
  }
}
