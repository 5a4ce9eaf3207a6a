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
  auto type = RankedTensorType::get({}, call.b.getI32Type());
  Value zero = arith::ConstantOp::create(call.b, call.at, DenseElementsAttr::get(type, int32_t(0)));
  SmallVector<OpFoldResult> sizes;
  for (int64_t axis : {0, 1})
    sizes.push_back(xf::DimOp::create(call.b, call.at, like, axis).getResult());
  return SmallVector<Value>{xf::BroadcastOp::create(call.b, call.at, zero, sizes)};
}

/// 1 where `marks` is true, 0 elsewhere, for each token.
static Value asNumbers(Call &call, Value tokens, Value marks) {
  return xf::CastOp::create(call.b, call.at, tokens.getType(), marks);
}

static Call::Result compareTokens(Call &call, xf::CompareKind kind) {
  Value tokens = call.value(0);
  int64_t token = call.integerAt(1);
  if (tokens && !xf::isTokens(tokens.getType()))
    call.fail("the first argument is tokens");
  if (token < 0 || token > INT32_MAX)
    call.fail("a token's number is 0 or more");
  if (call.failed())
    return call.error();
  auto type = RankedTensorType::get({}, call.b.getI32Type());
  auto number = DenseElementsAttr::get(type, call.b.getI32IntegerAttr(int32_t(token)));
  Value wanted = arith::ConstantOp::create(call.b, call.at, number);
  return SmallVector<Value>{asNumbers(call, tokens, xf::CompareOp::create(call.b, call.at, kind, tokens, wanted))};
}

static Call::Result isToken(Call &call) { return compareTokens(call, xf::CompareKind::Eq); }
static Call::Result isOther(Call &call) { return compareTokens(call, xf::CompareKind::Ne); }

static Call::Result isLargest(Call &call) {
  Value tokens = call.value(0);
  if (tokens && !xf::isTokens(tokens.getType()))
    call.fail("is_largest needs tokens");
  if (call.failed())
    return call.error();
  ArrayRef<int64_t> shape = shapeOf(tokens);
  auto numbersType = RankedTensorType::get(shape, call.b.getF32Type());
  Value numbers = xf::CastOp::create(call.b, call.at, numbersType, tokens);
  Value largest = xf::ReduceOp::create(call.b, call.at, xf::ReduceKind::Max, numbers, ArrayRef<int64_t>{1});
  return SmallVector<Value>{
      asNumbers(call, tokens, xf::CompareOp::create(call.b, call.at, xf::CompareKind::Eq, numbers, largest))};
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
      {"is_token", isToken, 2, 2, {}, "is_token(tokens, number)", "1 where a token has that number, 0 elsewhere"},
      {"is_other", isOther, 2, 2, {}, "is_other(tokens, number)", "1 where a token has another number, 0 where that"},
      {"is_largest",
       isLargest,
       1,
       1,
       {},
       "is_largest(tokens)",
       "1 where a token's number is the largest of its sequence, 0 elsewhere"},
      {"zeros", zeros, 1, 1, {}, "zeros(tokens)", "0 for each token, the number of the first row of a table"}};
  return table;
}

} // namespace ph
