#include "lib/Transforms/Attention/IndexForm.h"
#include "lib/Transforms/Recognition/Values.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "powerhouse/Transforms/Attention/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

#include <cmath>

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_RECOGNIZEALIBIPASS
#include "lib/Transforms/Attention/Passes.h.inc"

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The product of slopes and numbers of keys, before it was cut, given more dimensions of size 1, and repeated: for all
/// sequences, and for all queries as long as these are a dimension of their own.
Value withoutRepeats(Value value, xf::Dim keys) {
  bool isShaped = false;
  while (Operation *op = value.getDefiningOp()) {
    Value input = op->getNumOperands() ? op->getOperand(0) : Value();
    if (auto broadcast = dyn_cast<xf::BroadcastOp>(op)) {
      ArrayRef<int64_t> from = typeOf(input).getShape();
      int64_t missing = typeOf(value).getRank() - int64_t(from.size());
      for (auto [axis, size] : llvm::enumerate(from)) {
        bool ofQueries = !isShaped && axis + 2 == from.size();
        bool leading = llvm::all_of(from.take_front(axis), [](int64_t before) { return before == 1; });
        bool ofKeys = axis + 1 == from.size() && isSliceOfSize({input, int64_t(axis)}, keys);
        // What is repeated behind a dimension that isn't 1 would be between its elements.
        if (broadcast.getShape()[missing + axis] != 1 && !ofQueries && !leading && !ofKeys)
          return value;
      }
    } else if (auto slice = dyn_cast<xf::SliceOp>(op)) {
      // Other keys are only further away; of one element there is that one.
      int64_t axis = slice.getAxis(), last = typeOf(input).getRank() - 1;
      if (slice.getStep() != 1 || (axis != last && typeOf(input).getDimSize(axis) != 1))
        return value;
    } else if (isa<xf::ReshapeOp>(op)) {
      isShaped = true;
    } else {
      return value;
    }
    value = input;
  }
  return value;
}

/// Numbers of one sequence's keys, as floats: 0, 1, … plus some number.
bool countsKeys(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<xf::ReshapeOp, xf::CastOp>(op))
      break;
    value = op->getOperand(0);
  }
  if (!typeOf(value).getElementType().isInteger(32))
    return false;
  std::optional<IndexForm> form = getIndexForm(value);
  // What is added to all numbers doesn't matter.
  if (!form || form->coefficients.empty() || form->coefficients.back() != 1)
    return false;
  return llvm::all_of(ArrayRef(form->coefficients).drop_back(), [](int64_t each) { return each == 0; });
}

/// The slopes of a constant table, [heads, 1, keys], that grows by a slope from each key to the next.
SmallVector<double> matchTable(DenseFPElementsAttr table, int64_t heads) {
  int64_t keys = table.getType().getRank() ? table.getType().getShape().back() : 0;
  if (keys < 2 || table.getNumElements() != heads * keys)
    return {};
  SmallVector<double> numbers =
      llvm::map_to_vector(table.getValues<APFloat>(), [](const APFloat &x) { return x.convertToDouble(); });
  SmallVector<double> slopes;
  for (ArrayRef<double> rest = numbers; !rest.empty(); rest = rest.drop_front(keys)) {
    // From the first key to the last one rounding matters least.
    slopes.push_back((rest[keys - 1] - rest[0]) / double(keys - 1));
    double largest = std::fmax(std::fabs(rest[0]), std::fabs(rest[keys - 1]));
    for (int64_t key = 0; key < keys; ++key)
      if (std::fabs(rest[0] + slopes.back() * double(key) - rest[key]) > 1e-6 * largest)
        return {};
  }
  return slopes;
}

/// Slopes of `heads` heads times numbers of keys; empty where `bias` isn't that.
SmallVector<double> matchSlopes(Value bias, int64_t heads, xf::Dim keyRows) {
  Value numbers = withoutRepeats(bias, keyRows);
  DenseFPElementsAttr table;
  if (matchPattern(numbers, m_Constant(&table)))
    return matchTable(table, heads);
  auto product = matchBinary(numbers, xf::BinaryKind::Mul);
  if (!product)
    return {};
  for (auto [slopes, keys] : {*product, std::pair(product->second, product->first)}) {
    DenseFPElementsAttr elements;
    Value constant = slopes;
    while (auto reshape = constant.getDefiningOp<xf::ReshapeOp>())
      constant = reshape.getInput();
    // [heads, 1, …, 1]: the dimension of heads is before that of keys.
    int64_t width = typeOf(slopes).getRank() ? typeOf(slopes).getShape().back() : 0;
    if (width == 1 && matchPattern(constant, m_Constant(&elements)) && elements.getNumElements() == heads &&
        countsKeys(keys))
      return llvm::map_to_vector(elements.getValues<APFloat>(), [](const APFloat &x) { return x.convertToDouble(); });
  }
  return {};
}

/// The max_bias whose slopes these are; 0 if there is none.
xf::AlibiAttr findAlibi(MLIRContext *context, ArrayRef<double> slopes) {
  int64_t heads = slopes.size(), power = int64_t(llvm::bit_floor(uint64_t(heads)));
  if (!(slopes[0] > 0) || slopes[0] >= 1)
    return {};
  double most = std::round(-std::log2(slopes[0]) * double(power) * 1e4) / 1e4;
  if (!(most > 0))
    return {};
  auto alibi = xf::AlibiAttr::get(context, APFloat(most));
  bool all = llvm::all_of(llvm::zip_equal(alibi.getSlopes(heads), slopes),
                          [](auto pair) { return isNear(std::get<0>(pair), std::get<1>(pair)); });
  return all ? alibi : xf::AlibiAttr();
}

/// An attention whose bias is a slope times the number of the key: softmax only sees how far keys are apart.
struct RecognizeAlibi : OpRewritePattern<xf::AttentionOp> {
  RecognizeAlibi(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::AttentionOp op, PatternRewriter &rewriter) const override {
    if (!op.getBias() || !op.getKeys())
      return rewriter.notifyMatchFailure(op, "has no bias, or keys in a cache");
    // [1 or batch, heads, queries, keys]: a dimension of heads that are as many as sequences might be these.
    Value bias = op.getBias();
    if (typeOf(bias).getDimSize(1) != int64_t(op.getHeads()))
      return rewriter.notifyMatchFailure(op, "the bias is the same for all heads");
    SmallVector<double> slopes = matchSlopes(bias, op.getHeads(), {op.getKeys(), 1});
    if (slopes.empty())
      return rewriter.notifyMatchFailure(op, "the bias is no slope times the number of a key");
    xf::AlibiAttr alibi = findAlibi(rewriter.getContext(), slopes);
    if (!alibi)
      return refuse(rewriter, op, pass, "the slopes are not those of ALiBi");
    if (op.getAlibi() || op.getSinks())
      return refuse(rewriter, op, pass, "the attention has ALiBi already, or sinks");
    rewriter.modifyOpInPlace(op, [&] {
      op.getBiasMutable().clear();
      op.setAlibiAttr(alibi);
    });
    remarkDone(op, pass, "the bias is a slope times the number of the key");
    ++recognized;
    return success();
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

struct RecognizeAlibiPass final : impl::RecognizeAlibiPassBase<RecognizeAlibiPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RecognizeAlibi>(&getContext(), getArgument(), recognized);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace ph
