#include "lib/Transforms/Attention/SpelledAttention.h"
#include "lib/Transforms/Recognition/Heads.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "powerhouse/Interfaces/ValueChange.h"
#include "powerhouse/Transforms/Attention/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_RECOGNIZEATTENTIONPASS
#include "lib/Transforms/Attention/Passes.h.inc"

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The sum of what is added to the scores, as [1 or batch, 1 or heads, queries, keys].
Value makeBias(OpBuilder &builder, Location loc, const SpelledAttention &found) {
  Value sum;
  for (Value bias : found.biases)
    sum = sum ? Value(xf::ElementwiseOp::create(builder, loc, xf::BinaryKind::Add, sum, bias)) : bias;
  if (!sum)
    return sum;
  // Queries and keys must all be there; where they are known to be, they stay.
  SmallVector<OpFoldResult> shape(4, builder.getI64IntegerAttr(1));
  int64_t rank = typeOf(sum).getRank();
  std::pair<Value, int64_t> sources[] = {{found.query, 2}, {found.keys, 2}};
  for (auto [axis, source] : llvm::zip_equal(llvm::seq<int64_t>(2, 4), sources)) {
    auto [tensor, dim] = source;
    int64_t own = axis - (4 - rank);
    if (own >= 0 && xf::areEqual({sum, own}, {tensor, dim}))
      continue;
    int64_t size = typeOf(tensor).getDimSize(dim);
    shape[axis] = ShapedType::isDynamic(size) ? OpFoldResult(xf::DimOp::create(builder, loc, tensor, dim).getResult())
                                              : OpFoldResult(builder.getI64IntegerAttr(size));
  }
  return xf::BroadcastOp::create(builder, loc, sum, shape);
}

struct RecognizeAttentionPass final : impl::RecognizeAttentionPassBase<RecognizeAttentionPass>, ChangesValues {
  /// Only rows that see nothing may change.
  ValueChange getValueChange() const override {
    return {mayHideRows ? ValueChange::HiddenRows : ValueChange::Nothing, "rows that a mask hides all of become zeros"};
  }

  void runOnOperation() override {
    mayHideRows = false;
    SmallVector<xf::MatmulOp> products;
    getOperation()->walk([&](xf::MatmulOp op) { products.push_back(op); });
    for (xf::MatmulOp product : products) {
      OpBuilder builder(product);
      std::string reason;
      std::optional<SpelledAttention> found = matchAttention(product, builder, reason);
      if (found) {
        mayHideRows |= found->mayHideRows;
        rewrite(builder, product, *found);
      } else if (!reason.empty()) {
        remarkRefused(product, getArgument(), reason);
      }
    }
    // Folds the heads of queries and keys that were split before, and removes what nothing uses any more.
    if (failed(applyPatternsGreedily(getOperation(), RewritePatternSet(&getContext()))))
      signalPassFailure();
  }

private:
  void rewrite(OpBuilder &builder, xf::MatmulOp product, SpelledAttention &found) {
    Location loc = product.getLoc();
    found.options.bias = makeBias(builder, loc, found);
    Value query = foldHeads(builder, loc, found.query), keys = foldHeads(builder, loc, found.keys);
    Value values = foldHeads(builder, loc, found.values);
    int64_t keyHeads = typeOf(keys).getDimSize(2) / (typeOf(query).getDimSize(2) / found.options.heads);
    SmallVector<int64_t> shape(typeOf(query).getShape());
    shape.back() = typeOf(values).getDimSize(2) / keyHeads * found.options.heads;
    auto attention = xf::AttentionOp::create(builder, loc, RankedTensorType::get(shape, builder.getF32Type()), query,
                                             keys, values, found.options);
    remarkDone(attention, getArgument(), "attention of " + Twine(found.options.heads) + " heads");
    ++recognized;
    Value result = attention.getResult();
    if (typeOf(found.query).getRank() == 4)
      result = unfoldHeads(builder, loc, result, found.options.heads);
    if (found.groups) {
      auto entry = [&](int64_t size) { return OpFoldResult(builder.getI64IntegerAttr(size)); };
      result = xf::ReshapeOp::create(builder, loc, result,
                                     {entry(0), entry(found.groups), entry(found.options.heads / found.groups),
                                      entry(-1), entry(typeOf(result).getShape().back())});
    }
    if (result.getType() != product.getType())
      result = tensor::CastOp::create(builder, loc, product.getType(), result);
    product.getResult().replaceAllUsesWith(result);
    product.erase();
  }

  bool mayHideRows = false; ///< in the last run
};

} // namespace
} // namespace ph
