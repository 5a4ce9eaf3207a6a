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
  void split(Value input, SetVector<Value> &inputs, SetVector<Operation *> &dead) {
    if (!xf::isPlainActivation(input.getType()))
      return;
    auto type = cast<RankedTensorType>(input.getType());
    int64_t width = type.getShape().back(), last = type.getRank() - 1;
    SmallVector<Part> parts;
    for (Operation *user : input.getUsers()) {
      auto slice = dyn_cast<xf::SliceOp>(user);
      if (!slice || dead.contains(slice) || slice.getInput() != input || int64_t(slice.getAxis()) != last ||
          slice.getStep() != 1 || !slice.getBounds().empty() || !xf::isPlainActivation(slice.getType()))
        continue;
      auto place = [&](int64_t bound) { return std::clamp<int64_t>(bound < 0 ? bound + width : bound, 0, width); };
      parts.push_back({place(slice.getStaticBounds()[0]), place(slice.getStaticBounds()[1]), slice});
    }
    if (parts.size() < 2)
      return;
    llvm::stable_sort(parts, [](const Part &a, const Part &b) { return a.begin < b.begin; });
    int64_t covered = 0;
    for (const Part &part : parts) {
      if (part.begin != covered)
        return remarkRefused(parts.front().slice, getArgument(),
                             part.begin > covered ? "there is a gap between slices" : "slices overlap");
      covered = part.end;
    }
    if (covered != width)
      return remarkRefused(parts.front().slice, getArgument(), "the last features are in no slice");
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
