#include "Builtins.h"

using namespace mlir;

namespace ph {

static Call::Result embedding(Call &call) {
  Value tokens = call.value(0), table = call.weight(1, 2);
  FloatAttr scale = call.numberUnless("scale", 1);
  std::optional<int64_t> offset = call.integerUnlessZero("offset");
  if (tokens && !xf::isTokens(tokens.getType()))
    call.fail("embedding needs tokens, or positions of tokens");
  if (call.failed())
    return call.error();
  auto type = RankedTensorType::get({shapeOf(tokens)[0], shapeOf(tokens)[1], featuresOf(table)}, call.b.getF32Type());
  return SmallVector<Value>{xf::EmbeddingOp::create(call.b, call.at, type, tokens, table, scale,
                                                    offset ? call.b.getI64IntegerAttr(*offset) : IntegerAttr())};
}

static Call::Result maskedPositions(Call &call) {
  Value mask = call.value(0);
  std::optional<int64_t> offset = call.integerUnlessZero("offset");
  if (mask && !xf::isTokens(mask.getType()))
    call.fail("masked_positions needs a mask of tokens");
  if (call.failed())
    return call.error();
  return SmallVector<Value>{xf::MaskedPositionsOp::create(call.b, call.at, mask.getType(), mask,
                                                          offset ? call.b.getI64IntegerAttr(*offset) : IntegerAttr())};
}

static Call::Result zeros(Call &call) {
  Value like = call.value(0);
  if (like && !xf::isTokens(like.getType()))
    call.fail("zeros needs tokens");
  if (call.failed())
    return call.error();
  return SmallVector<Value>{xf::ElementwiseOp::create(call.b, call.at, xf::BinaryKind::Sub, like, like)};
}

const std::vector<Builtin> &embeddingBuiltins() {
  static const std::vector<Builtin> table = {
      {"embedding",
       embedding,
       2,
       2,
       {"scale", "offset"},
       "embedding(tokens, W, scale = 1, offset = 0)",
       "scale times the rows of the table W whose numbers are tokens + offset"},
      {"masked_positions",
       maskedPositions,
       1,
       1,
       {"offset"},
       "masked_positions(mask, offset = 0)",
       "numbers of the tokens that are no padding, from offset + 1; offset for padding"},
      {"zeros", zeros, 1, 1, {}, "zeros(tokens)", "0 for each token, the number of the first row of a table"}};
  return table;
}

} // namespace ph
