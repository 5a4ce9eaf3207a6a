module @renamed {
  xf.weight @a : tensor<64x64xf32>
  func.func @f(%x: tensor<?x?x64xf32>, %r: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
    %w = xf.load_weight @a : tensor<64x64xf32>
    %p = xf.linear %x, %w : (tensor<?x?x64xf32>, tensor<64x64xf32>) -> tensor<?x?x64xf32>
    %s = xf.add %p, %r : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %y = xf.add %s, %x : (tensor<?x?x64xf32>, tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    return %y : tensor<?x?x64xf32>
  }
}
