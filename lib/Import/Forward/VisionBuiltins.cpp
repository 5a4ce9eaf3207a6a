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
  static const std::vector<Builtin> table = {{"patch_embedding",
                                              patchEmbedding,
                                              2,
                                              2,
                                              {"bias"},
                                              "patch_embedding(images, W, bias = b)",
                                              "a row of features for each patch"},
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
