#include "dialects/Transformer/Dims.h"
#include "lib/Transforms/Recognition/Heads.h"
#include "powerhouse/Transforms/Recognition/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_RECOGNIZESPLITPASS
#include "lib/Transforms/Recognition/Passes.h.inc"

namespace {

/// A slice of known bounds: features begin, begin + 1, … before end.
struct Part {
  int64_t begin, end;
  xf::SliceOp slice;
};

struct RecognizeSplitPass final : impl::RecognizeSplitPassBase<RecognizeSplitPass> {
  void runOnOperation() override {
    SmallVector<xf::TransposeOp> heads;
    getOperation()->walk([&](xf::TransposeOp op) { heads.push_back(op); });
    for (xf::TransposeOp op : heads)
      splitHeads(op);
    SmallVector<xf::ReshapeOp> rows;
    getOperation()->walk([&](xf::ReshapeOp op) { rows.push_back(op); });
    for (xf::ReshapeOp op : rows)
      splitRows(op);
    SetVector<Value> inputs;
    getOperation()->walk([&](xf::SliceOp op) { inputs.insert(op.getInput()); });
    // A slice that is cut again is an input too: it goes when all have been seen, and its part is seen in its place.
    SetVector<Operation *> dead;
    for (size_t i = 0; i < inputs.size(); ++i)
      split(inputs[i], inputs, dead);
    for (Operation *op : dead)
      op->erase();
  }

private:
  /// Parts of each of the heads of [batch, sequence, heads, width], which are folded to features in different places.
  void splitRows(xf::ReshapeOp heads) {
    Value input = heads.getInput();
    auto type = cast<RankedTensorType>(heads.getType());
    if (type.getRank() != 4 || ShapedType::isDynamic(type.getDimSize(2)) || ShapedType::isDynamic(type.getDimSize(3)))
      return;
    SmallVector<Part> parts = partsOfHeads(heads.getResult(), input, heads.getResult());
    if (parts.empty())
      return;
    OpBuilder builder(heads);
    SmallVector<int64_t> sizes = llvm::map_to_vector(parts, [](const Part &part) { return part.end - part.begin; });
    auto whole = xf::SplitHeadsOp::create(builder, parts.front().slice.getLoc(), input, type.getDimSize(2), sizes);
    auto entry = [&](int64_t size) { return OpFoldResult(builder.getI64IntegerAttr(size)); };
    for (auto [result, part] : llvm::zip_equal(whole.getParts(), parts)) {
      auto again = xf::ReshapeOp::create(builder, part.slice.getLoc(), result,
                                         {entry(0), entry(0), entry(type.getDimSize(2)), entry(part.end - part.begin)});
      again.getResult().setType(part.slice.getType());
      part.slice.replaceAllUsesWith(again.getResult());
      part.slice.erase();
    }
    remarkDone(whole, getArgument(), "one split of heads for " + Twine(parts.size()) + " slices");
    ++recognized;
  }

  /// Parts of [batch, heads, sequence, width] of features that are heads of that width: parts of each head.
  void splitHeads(xf::TransposeOp heads) {
    auto unfold = heads.getInput().getDefiningOp<xf::ReshapeOp>();
    Value input = unfold ? Value(unfold.getInput()) : Value();
    auto type = cast<RankedTensorType>(heads.getType());
    if (!input || heads.getPermutation() != ArrayRef<int64_t>{0, 2, 1, 3} ||
        ShapedType::isDynamic(type.getDimSize(1)) || ShapedType::isDynamic(type.getDimSize(3)))
      return;
    SmallVector<Part> parts = partsOfHeads(heads.getResult(), input, unfold.getResult());
    if (parts.empty())
      return;
    OpBuilder builder(heads);
    int64_t count = type.getDimSize(1);
    SmallVector<int64_t> sizes = llvm::map_to_vector(parts, [](const Part &part) { return part.end - part.begin; });
    auto whole = xf::SplitHeadsOp::create(builder, parts.front().slice.getLoc(), input, count, sizes);
    for (auto [result, part] : llvm::zip_equal(whole.getParts(), parts)) {
      Value moved = unfoldHeads(builder, part.slice.getLoc(), result, count);
      if (moved.getType() != part.slice.getType())
        moved.setType(part.slice.getType());
      part.slice.replaceAllUsesWith(moved);
      part.slice.erase();
    }
    remarkDone(whole, getArgument(), "one split of heads for " + Twine(parts.size()) + " slices");
    ++recognized;
  }

  /// The slices of heads of features `input`, which `unfolded` are with their batch and sequence in front; none where
  /// they can't be cut before they are unfolded.
  SmallVector<Part> partsOfHeads(Value heads, Value input, Value unfolded) {
    if (!xf::isPlainActivation(input.getType()) || cast<RankedTensorType>(input.getType()).getRank() != 3)
      return {};
    for (int64_t axis : {0, 1})
      if (!xf::areEqual({input, axis}, {unfolded, axis}))
        return {};
    SmallVector<Part> parts = partsOf(heads);
    // Only what is cut, not what is also used whole, is better cut first.
    if (parts.size() < 2 || size_t(llvm::range_size(heads.getUsers())) != parts.size())
      return {};
    StringRef reason = whyNoSplit(parts, cast<RankedTensorType>(heads.getType()).getDimSize(3));
    if (reason.empty())
      return parts;
    remarkRefused(parts.front().slice, getArgument(), reason);
    return {};
  }

  /// The slices along the last dimension, from the first on.
  static SmallVector<Part> partsOf(Value input) {
    auto type = cast<RankedTensorType>(input.getType());
    int64_t width = type.getShape().back(), last = type.getRank() - 1;
    SmallVector<Part> parts;
    for (Operation *user : input.getUsers()) {
      auto slice = dyn_cast<xf::SliceOp>(user);
      if (!slice || slice.getInput() != input || int64_t(slice.getAxis()) != last || slice.getStep() != 1 ||
          !slice.getBounds().empty())
        continue;
      auto place = [&](int64_t bound) { return std::clamp<int64_t>(bound < 0 ? bound + width : bound, 0, width); };
      parts.push_back({place(slice.getStaticBounds()[0]), place(slice.getStaticBounds()[1]), slice});
    }
    llvm::stable_sort(parts, [](const Part &a, const Part &b) { return a.begin < b.begin; });
    return parts;
  }

  /// Empty where the parts are all features, one after the other.
  static StringRef whyNoSplit(ArrayRef<Part> parts, int64_t width) {
    int64_t covered = 0;
    for (const Part &part : parts) {
      if (part.begin != covered)
        return part.begin > covered ? "there is a gap between slices" : "slices overlap";
      covered = part.end;
    }
    return covered == width ? "" : "the last features are in no slice";
  }

  void split(Value input, SetVector<Value> &inputs, SetVector<Operation *> &dead) {
    if (!xf::isPlainActivation(input.getType()))
      return;
    SmallVector<Part> parts = partsOf(input);
    llvm::erase_if(
        parts, [&](Part &part) { return dead.contains(part.slice) || !xf::isPlainActivation(part.slice.getType()); });
    if (parts.size() < 2)
      return;
    if (StringRef reason = whyNoSplit(parts, cast<RankedTensorType>(input.getType()).getShape().back());
        !reason.empty())
      return remarkRefused(parts.front().slice, getArgument(), reason);
    OpBuilder builder(input.getContext());
    builder.setInsertionPointAfterValue(input);
    SmallVector<int64_t> sizes = llvm::map_to_vector(parts, [](const Part &part) { return part.end - part.begin; });
    auto whole = xf::SplitOp::create(builder, parts.front().slice.getLoc(), input, sizes);
    for (auto [result, part] : llvm::zip_equal(whole.getParts(), parts))
      if (result.getType() != part.slice.getType())
        result.setType(part.slice.getType());
    for (auto [result, part] : llvm::zip_equal(whole.getParts(), parts)) {
      part.slice.replaceAllUsesWith(result);
      inputs.insert(result);
      dead.insert(part.slice);
    }
    remarkDone(whole, getArgument(), "one split for " + Twine(parts.size()) + " slices");
    ++recognized;
  }
};

} // namespace
} // namespace ph
