// Images: convolutions, patches, and their features among those of tokens.
#ifndef PH_DIALECTS_TRANSFORMER_VISION
#define PH_DIALECTS_TRANSFORMER_VISION

include "dialects/Transformer/Attributes.td"
include "dialects/Transformer/Types.td"

def XF_ConvolutionOp : XF_Op<"convolution", [Pure]> {
  let summary = "slide a kernel over one or two dimensions";
  let description = [{
    A cross-correlation. In one dimension, with C channels, O output channels, G groups, and c counting the C/G channels of o's group
    g = o / (O/G), rounded down:

        y[b][o][t] = bias[o] + Σ_c Σ_k weight[o][c][k] · x[b][g · C/G + c][t · stride + k · dilation - padding]

    where x is 0 outside of its bounds; likewise in two dimensions. The size of a dimension becomes
    (size + padding before + padding after - dilation · (kernel - 1) - 1) / stride + 1, rounded down, and 0 where the kernel doesn't fit.

    Operands: `input`, [batch, channels, size] or [batch, channels, height, width]; `weight`, [output channels, channels / groups, kernel sizes…];
    `bias`, [output channels].

    Attributes: `stride` and `dilation`, a number for each of the dimensions, 1 where they are not given; `padding`, a number for each dimension, for both its ends,
    or those before all dimensions and then those after them, 0 where it is not given; `groups`, 1 where it is not given.

    Constraints:

    * (C1) `input` has rank 3 or 4, and `weight` the same;
    * (C2) `stride` and `dilation` have a positive number for each dimension that the kernel slides over, `padding` one or two that are not negative;
    * (C3) the channels of `input` are those of `weight` times `groups`, and the output channels a multiple of `groups`;
    * (C4) `bias` has as many elements as there are output channels;
    * (C5) the result is [batch, output channels, sizes…].

    Example:

    ```mlir
    func.func @convolve(%audio: tensor<?x80x?xf32>, %k: tensor<64x80x3xf32>, %b: tensor<64xf32>,
                        %image: tensor<?x16x32x32xf32>, %depthwise: tensor<16x1x3x3xf32>)
        -> (tensor<?x64x?xf32>, tensor<?x16x16x16xf32>) {
      %y = xf.convolution %audio, %k bias %b stride = [2] padding = [1]
        : (tensor<?x80x?xf32>, tensor<64x80x3xf32>, tensor<64xf32>) -> tensor<?x64x?xf32>
      %z = xf.convolution %image, %depthwise stride = [2, 2] padding = [0, 0, 1, 1] groups = 16
        : (tensor<?x16x32x32xf32>, tensor<16x1x3x3xf32>) -> tensor<?x16x16x16xf32>
      return %y, %z : tensor<?x64x?xf32>, tensor<?x16x16x16xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$input, XF_Weight:$weight, Optional<XF_Vector>:$bias,
                       OptionalAttr<DenseI64ArrayAttr>:$stride, OptionalAttr<DenseI64ArrayAttr>:$padding,
                       OptionalAttr<DenseI64ArrayAttr>:$dilation,
                       DefaultValuedAttr<ConfinedAttr<I64Attr, [IntPositive]>, "1">:$groups);
  let results = (outs XF_FloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $weight (`bias` $bias^)? (`stride` `=` $stride^)? (`padding` `=` $padding^)?
    (`dilation` `=` $dilation^)? (`groups` `=` $groups^)? attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// How many dimensions the kernel slides over.
    int64_t getDims() { return getInput().getType().getRank() - 2; }
    /// Of dimension `dim`, counted from 0 for the first that the kernel slides over.
    int64_t getStrideOf(int64_t dim) { return getStride() ? (*getStride())[dim] : 1; }
    int64_t getDilationOf(int64_t dim) { return getDilation() ? (*getDilation())[dim] : 1; }
    int64_t getPaddingBefore(int64_t dim) { return getPadding() ? (*getPadding())[dim] : 0; }
    int64_t getPaddingAfter(int64_t dim);
    /// What a dimension of `size` becomes; dynamic if `size` is.
    int64_t getResultSize(int64_t dim, int64_t size);
  }];
}

def XF_PatchEmbeddingOp : XF_Op<"patch_embedding", [Pure]> {
  let summary = "turn an image into a row for each patch";
  let description = [{
    The image is cut into patches of p × q pixels, and each becomes a row of features (Dosovitskiy et al., 2021, arXiv:2010.11929). With W / q patches
    in a row of them, rounded down, patch r · (W / q) + s has

        y[b][r · (W / q) + s][f] = bias[f] + Σ_c Σ_i Σ_j weight[f][c][i][j] · image[b][c][r · p + i][s · q + j]

    Pixels at the lower and right edge that don't fill a patch are left out. It is an `xf.convolution` with strides p and q whose result is brought into
    rows, as ViT, CLIP and SigLIP do.

    Operands: `image`, [batch, channels, height, width]; `weight`, [features, channels, p, q]; `bias`, [features].

    Constraints:

    * (C1) `image` and `weight` have rank 4;
    * (C2) their channels are equal;
    * (C3) `bias` has as many elements as there are features;
    * (C4) the result is [batch, patches, features].

    Example:

    ```mlir
    func.func @patches(%image: tensor<?x3x224x224xf32>, %w: tensor<64x3x14x14xf32>, %b: tensor<64xf32>)
        -> tensor<?x256x64xf32> {
      %x = xf.patch_embedding %image, %w bias %b
        : (tensor<?x3x224x224xf32>, tensor<64x3x14x14xf32>, tensor<64xf32>) -> tensor<?x256x64xf32>
      return %x : tensor<?x256x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatTensor:$image, XF_Weight:$weight, Optional<XF_Vector>:$bias);
  let results = (outs XF_FloatActivationTensor:$result);
  let assemblyFormat = "$image `,` $weight (`bias` $bias^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def XF_MergeFeaturesOp : XF_Op<"merge_features", [Pure]> {
  let summary = "put the features of images where their tokens stand";
  let description = [{
    y[b][s] is the next row of `features` where tokens[b][s] is `image_token`, and input[b][s] elsewhere (Liu et al., 2023, arXiv:2304.08485). The n-th
    such token, counted through the batch sequence by sequence, gets row n, where row i · rows + j of features of rank 3 is features[i][j].

    `features` may have more rows than there are such tokens (the last image may be padding), but not fewer: that is an error at run time.

    Operands: `input`, [batch, sequence, K], the embeddings of the tokens; `tokens`, [batch, sequence]; `features`, [rows, K] or [images, rows, K].

    Constraints:

    * (C1) `input` has rank 3, and `features` rank 2 or 3;
    * (C2) `tokens` have batch and sequence of `input`;
    * (C3) the last dimensions of `features` and `input` are equal;
    * (C4) the result has the shape of `input`;
    * (C5) `image_token` ≥ 0.

    Example:

    ```mlir
    func.func @merge(%x: tensor<?x?x64xf32>, %tokens: tensor<?x?xi32>, %patches: tensor<?x256x64xf32>) -> tensor<?x?x64xf32> {
      %y = xf.merge_features %x, %tokens, %patches image_token = 32000
        : (tensor<?x?x64xf32>, tensor<?x?xi32>, tensor<?x256x64xf32>) -> tensor<?x?x64xf32>
      return %y : tensor<?x?x64xf32>
    }
    ```
  }];
  let arguments = (ins XF_FloatActivationTensor:$input, XF_Tokens:$tokens, XF_FloatActivationTensor:$features,
                       ConfinedAttr<I64Attr, [IntNonNegative]>:$image_token);
  let results = (outs XF_FloatActivationTensor:$result);
  let assemblyFormat = [{
    $input `,` $tokens `,` $features `image_token` `=` $image_token attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // PH_DIALECTS_TRANSFORMER_VISION
