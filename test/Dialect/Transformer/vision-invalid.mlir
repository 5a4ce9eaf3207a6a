// RUN: ph-opt %s -split-input-file -verify-diagnostics

// convolution (C1)
func.func @f(%x: tensor<?x8xf32>, %w: tensor<4x8x3xf32>) {
  // expected-error@+1 {{expects an input of rank 3 or 4, but got 'tensor<?x8xf32>'}}
  %y = xf.convolution %x, %w : (tensor<?x8xf32>, tensor<4x8x3xf32>) -> tensor<?x4x?xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x?x?xf32>, %w: tensor<4x8x3xf32>) {
  // expected-error@+1 {{expects a weight of rank 4, but got 'tensor<4x8x3xf32>'}}
  %y = xf.convolution %x, %w : (tensor<?x8x?x?xf32>, tensor<4x8x3xf32>) -> tensor<?x4x?x?xf32>
  return
}

// -----

// convolution (C2)
func.func @f(%x: tensor<?x8x?xf32>, %w: tensor<4x8x3xf32>) {
  // expected-error@+1 {{expects 1 numbers of stride, but got 2}}
  %y = xf.convolution %x, %w stride = [1, 1] : (tensor<?x8x?xf32>, tensor<4x8x3xf32>) -> tensor<?x4x?xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x?x?xf32>, %w: tensor<4x8x3x3xf32>) {
  // expected-error@+1 {{expects 2 or 4 numbers of padding, but got 3}}
  %y = xf.convolution %x, %w padding = [1, 1, 1] : (tensor<?x8x?x?xf32>, tensor<4x8x3x3xf32>) -> tensor<?x4x?x?xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x?xf32>, %w: tensor<4x8x3xf32>) {
  // expected-error@+1 {{expects padding from 0 to 2147483648, but got -1}}
  %y = xf.convolution %x, %w padding = [-1] : (tensor<?x8x?xf32>, tensor<4x8x3xf32>) -> tensor<?x4x?xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x?xf32>, %w: tensor<4x8x3xf32>) {
  // expected-error@+1 {{expects dilation from 1 to 2147483648, but got 0}}
  %y = xf.convolution %x, %w dilation = [0] : (tensor<?x8x?xf32>, tensor<4x8x3xf32>) -> tensor<?x4x?xf32>
  return
}

// -----

// convolution (C3)
func.func @f(%x: tensor<?x8x?xf32>, %w: tensor<4x8x3xf32>) {
  // expected-error@+1 {{expects the channels of the input to be 16, but got 8}}
  %y = xf.convolution %x, %w groups = 2 : (tensor<?x8x?xf32>, tensor<4x8x3xf32>) -> tensor<?x4x?xf32>
  return
}

// -----

func.func @f(%x: tensor<?x24x?xf32>, %w: tensor<4x8x3xf32>) {
  // expected-error@+1 {{expects a multiple of 3 output channels (groups), but got 4}}
  %y = xf.convolution %x, %w groups = 3 : (tensor<?x24x?xf32>, tensor<4x8x3xf32>) -> tensor<?x4x?xf32>
  return
}

// -----

// convolution (C4)
func.func @f(%x: tensor<?x8x?xf32>, %w: tensor<4x8x3xf32>, %b: tensor<8xf32>) {
  // expected-error@+1 {{expects the elements of bias to be 4, but got 8}}
  %y = xf.convolution %x, %w bias %b : (tensor<?x8x?xf32>, tensor<4x8x3xf32>, tensor<8xf32>) -> tensor<?x4x?xf32>
  return
}

// -----

// convolution (C5): (10 + 1 + 2 - 2 · 2 - 1) / 3 + 1
func.func @f(%x: tensor<?x8x10xf32>, %w: tensor<4x8x3xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<?x4x3xf32>', but got 'tensor<?x4x4xf32>'}}
  %y = xf.convolution %x, %w stride = [3] padding = [1, 2] dilation = [2] : (tensor<?x8x10xf32>, tensor<4x8x3xf32>) -> tensor<?x4x4xf32>
  return
}

// -----

// patch_embedding (C1)
func.func @f(%x: tensor<?x3x224xf32>, %w: tensor<64x3x14x14xf32>) {
  // expected-error@+1 {{expects an image of rank 4, but got 'tensor<?x3x224xf32>'}}
  %y = xf.patch_embedding %x, %w : (tensor<?x3x224xf32>, tensor<64x3x14x14xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

func.func @f(%x: tensor<?x3x224x224xf32>, %w: tensor<64x588xf32>) {
  // expected-error@+1 {{expects a weight of rank 4, but got 'tensor<64x588xf32>'}}
  %y = xf.patch_embedding %x, %w : (tensor<?x3x224x224xf32>, tensor<64x588xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// patch_embedding (C2)
func.func @f(%x: tensor<?x4x224x224xf32>, %w: tensor<64x3x14x14xf32>) {
  // expected-error@+1 {{expects the channels of the image to be 3, but got 4}}
  %y = xf.patch_embedding %x, %w : (tensor<?x4x224x224xf32>, tensor<64x3x14x14xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// patch_embedding (C3)
func.func @f(%x: tensor<?x3x224x224xf32>, %w: tensor<64x3x14x14xf32>, %b: tensor<14xf32>) {
  // expected-error@+1 {{expects the elements of bias to be 64, but got 14}}
  %y = xf.patch_embedding %x, %w bias %b : (tensor<?x3x224x224xf32>, tensor<64x3x14x14xf32>, tensor<14xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// patch_embedding (C4): 16 · 17
func.func @f(%x: tensor<2x3x224x240xf32>, %w: tensor<64x3x14x14xf32>) {
  // expected-error@+1 {{expects a result of shape 'tensor<2x272x64xf32>', but got 'tensor<2x256x64xf32>'}}
  %y = xf.patch_embedding %x, %w : (tensor<2x3x224x240xf32>, tensor<64x3x14x14xf32>) -> tensor<2x256x64xf32>
  return
}

// -----

// merge_features (C1)
func.func @f(%x: tensor<?x64xf32>, %t: tensor<?x?xi32>, %i: tensor<?x64xf32>) {
  // expected-error@+1 {{expects an input of rank 3, but got 'tensor<?x64xf32>'}}
  %y = xf.merge_features %x, %t, %i image_token = 7 : (tensor<?x64xf32>, tensor<?x?xi32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

func.func @f(%x: tensor<?x?x64xf32>, %t: tensor<?x?xi32>, %i: tensor<?x?x?x64xf32>) {
  // expected-error@+1 {{expects features of rank 2 or 3, but got 'tensor<?x?x?x64xf32>'}}
  %y = xf.merge_features %x, %t, %i image_token = 7 : (tensor<?x?x64xf32>, tensor<?x?xi32>, tensor<?x?x?x64xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// merge_features (C2)
func.func @f(%x: tensor<?x5x64xf32>, %t: tensor<?x4xi32>, %i: tensor<?x64xf32>) {
  // expected-error@+1 {{expects the sequence of tokens to be 5, but got 4}}
  %y = xf.merge_features %x, %t, %i image_token = 7 : (tensor<?x5x64xf32>, tensor<?x4xi32>, tensor<?x64xf32>) -> tensor<?x5x64xf32>
  return
}

// -----

// merge_features (C3)
func.func @f(%x: tensor<?x?x64xf32>, %t: tensor<?x?xi32>, %i: tensor<?x32xf32>) {
  // expected-error@+1 {{expects the last dimension of features to be 64, but got 32}}
  %y = xf.merge_features %x, %t, %i image_token = 7 : (tensor<?x?x64xf32>, tensor<?x?xi32>, tensor<?x32xf32>) -> tensor<?x?x64xf32>
  return
}

// -----

// merge_features (C4)
func.func @f(%x: tensor<?x?x64xf32>, %t: tensor<?x?xi32>, %i: tensor<?x64xf32>) {
  // expected-error@+1 {{expects the result to have the shape of the input, but got 'tensor<?x64xf32>' and 'tensor<?x?x64xf32>'}}
  %y = xf.merge_features %x, %t, %i image_token = 7 : (tensor<?x?x64xf32>, tensor<?x?xi32>, tensor<?x64xf32>) -> tensor<?x64xf32>
  return
}

// -----

// merge_features (C5)
func.func @f(%x: tensor<?x?x64xf32>, %t: tensor<?x?xi32>, %i: tensor<?x64xf32>) {
  // expected-error@+1 {{attribute 'image_token' failed to satisfy constraint}}
  %y = xf.merge_features %x, %t, %i image_token = -7 : (tensor<?x?x64xf32>, tensor<?x?xi32>, tensor<?x64xf32>) -> tensor<?x?x64xf32>
  return
}
