#include "lib/Transforms/Recognition/Positions.h"
#include "lib/Transforms/Attention/IndexForm.h"

using namespace mlir;

namespace ph {

/// The dimension whose size is the size of `dim`, also where that is what is cut of a longer table.
static xf::Dim getCounted(xf::Dim dim) {
  xf::Dim origin = xf::getOrigin(dim);
  auto slice = origin.tensor.getDefiningOp<xf::SliceOp>();
  if (!slice || int64_t(slice.getAxis()) != origin.axis)
    return origin;
  auto to = dyn_cast<Value>(slice.getTo());
  auto of = to ? to.getDefiningOp<xf::DimOp>() : xf::DimOp();
  if (!of)
    return origin;
  xf::Dim counted = {of.getInput(), int64_t(of.getAxis())};
  return isSliceOfSize(origin, counted) ? xf::getOrigin(counted) : origin;
}

Value getCountedTokens(Value numbers, int64_t *first) {
  auto type = cast<RankedTensorType>(numbers.getType());
  int64_t last = type.getRank() - 1;
  if (last < 0 || last > 1 || !type.getElementType().isInteger(32) || !type.isDynamicDim(last))
    return {};
  std::optional<IndexForm> form = getIndexForm(numbers);
  if (!form || !form->symbols.empty() || (form->constant != 0 && !first) || form->coefficients.back() != 1 ||
      (last == 1 && form->coefficients.front() != 0))
    return {};
  if (first)
    *first = form->constant;
  xf::Dim sequence = getCounted({numbers, last});
  return sequence.axis == 1 && xf::isTokens(sequence.tensor.getType()) ? sequence.tensor : Value();
}

Value makePositions(OpBuilder &builder, Location loc, Value tokens) {
  // Where all that is of these tokens can use them.
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointAfterValue(tokens);
  Value batch = xf::DimOp::create(builder, loc, tokens, int64_t(0));
  auto zeros = DenseElementsAttr::get(RankedTensorType::get({1}, builder.getI32Type()), int32_t(0));
  Value zero = arith::ConstantOp::create(builder, loc, zeros);
  Value past = xf::BroadcastOp::create(builder, loc, zero, ArrayRef<OpFoldResult>{batch});
  return xf::PositionsOp::create(builder, loc, tokens.getType(), tokens, past);
}

} // namespace ph
