// Images.
#include "Builtins.h"

using namespace mlir;

namespace ph {

static Call::Result patchEmbedding(Call &call) {
  Value image = call.value(0), weight = call.weight(1, 4), bias = call.weightNamed("bias", 1);
  if (image && (!xf::isFloatTensor(image.getType()) || shapeOf(image).size() != 4))
    call.fail("patch_embedding needs images");
  if (call.failed())
    return call.error();
  ArrayRef<int64_t> size = shapeOf(image), patch = shapeOf(weight);
  int64_t rows = ShapedType::kDynamic;
  if (!ShapedType::isDynamic(size[2]) && !ShapedType::isDynamic(size[3]) && patch[2] > 0 && patch[3] > 0)
    rows = (size[2] / patch[2]) * (size[3] / patch[3]);
  auto type = RankedTensorType::get({size[0], rows, patch[0]}, call.b.getF32Type());
  return SmallVector<Value>{xf::PatchEmbeddingOp::create(call.b, call.at, type, image, weight, bias)};
}

static Call::Result convolution(Call &call) {
  Value input = call.value(0), weight = call.weight(1, 0), bias = call.weightNamed("bias", 1);
  int64_t stride = call.integer("stride", 1), padding = call.integer("padding", 0), groups = call.integer("groups", 1);
  size_t rank = input ? shapeOf(input).size() : 0;
  if (input &&
      (!xf::isFloatTensor(input.getType()) || rank < 3 || rank > 4 || !weight || shapeOf(weight).size() != rank))
    call.fail("convolution needs channels and one or two dimensions behind them");
  if (stride < 1 || padding < 0 || groups < 1 || stride > 65536 || padding > 65536)
    call.fail("stride and groups are 1 or more, padding is 0 or more");
  if (call.failed())
    return call.error();
  SmallVector<int64_t> shape = {shapeOf(input)[0], shapeOf(weight)[0]};
  for (size_t dim = 2; dim < rank; ++dim) {
    int64_t size = shapeOf(input)[dim], kernel = shapeOf(weight)[dim];
    bool isKnown = !ShapedType::isDynamic(size);
    shape.push_back(!isKnown ? ShapedType::kDynamic : std::max<int64_t>(0, (size + 2 * padding - kernel) / stride + 1));
  }
  SmallVector<int64_t> strides(rank - 2, stride), paddings(rank - 2, padding);
  return SmallVector<Value>{
      xf::ConvolutionOp::create(call.b, call.at, RankedTensorType::get(shape, call.b.getF32Type()), input, weight, bias,
                                call.b.getDenseI64ArrayAttr(strides), call.b.getDenseI64ArrayAttr(paddings),
                                DenseI64ArrayAttr(), call.b.getI64IntegerAttr(groups))};
}

/// Channels first to channels last: [batch, C, n] to [batch, n, C].
static Call::Result rowsOf(Call &call) {
  Value input = call.value(0);
  if (input &&
      (!xf::isFloatTensor(input.getType()) || shapeOf(input).size() != 3 || ShapedType::isDynamic(shapeOf(input)[1])))
    call.fail("rows_of needs what convolution gives in one dimension");
  if (call.failed())
    return call.error();
  return SmallVector<Value>{xf::TransposeOp::create(call.b, call.at, input, ArrayRef<int64_t>{0, 2, 1})};
}

static Call::Result mergeFeatures(Call &call) {
  Value input = call.activation(0), tokens = call.value(1), features = call.activation(2);
  int64_t token = call.integer("image_token");
  if (tokens && !xf::isTokens(tokens.getType()))
    call.fail("the second argument of merge_features is tokens");
  if (token < 0)
    call.fail("image_token is 0 or more");
  if (call.failed())
    return call.error();
  return SmallVector<Value>{xf::MergeFeaturesOp::create(call.b, call.at, input.getType(), input, tokens, features,
                                                        call.b.getI64IntegerAttr(token))};
}

const std::vector<Builtin> &visionBuiltins() {
  static const std::vector<Builtin> table = {
      {"patch_embedding",
       patchEmbedding,
       2,
       2,
       {"bias"},
       "patch_embedding(images, W, bias = b)",
       "a row of features for each patch"},
      {"convolution",
       convolution,
       2,
       2,
       {"bias", "stride", "padding", "groups"},
       "convolution(x, W, bias = b, stride = 1, padding = 0, groups = 1)",
       "the kernels W slid over the one or two dimensions behind the channels of x"},
      {"rows_of", rowsOf, 1, 1, {}, "rows_of(x)", "[batch, channels, n] as a row of channels for each of n"},
      {"merge_features",
       mergeFeatures,
       3,
       3,
       {"image_token"},
       "merge_features(x, tokens, features, image_token = …)",
       "x with the rows of features where the tokens are image_token"}};
  return table;
}

} // namespace ph
