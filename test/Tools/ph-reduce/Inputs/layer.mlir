func.func @unrelated(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
  %y = xf.add %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  return %y : tensor<?x?x64xf32>
}
func.func @forward(%x: tensor<?x?x64xf32>, %gate: tensor<128x64xf32>, %up: tensor<128x64xf32>) -> tensor<?x?x128xf32> {
  %unused = xf.add %x, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
  %g = xf.linear %x, %gate : (tensor<?x?x64xf32>, tensor<128x64xf32>) -> tensor<?x?x128xf32>
  %u = xf.linear %x, %up : (tensor<?x?x64xf32>, tensor<128x64xf32>) -> tensor<?x?x128xf32>
  %y = xf.gated_activation silu %g, %u : (tensor<?x?x128xf32>, tensor<?x?x128xf32>) -> tensor<?x?x128xf32>
  return %y : tensor<?x?x128xf32>
}
