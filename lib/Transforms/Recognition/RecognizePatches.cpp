#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "powerhouse/Transforms/Recognition/Passes.h"
#include "powerhouse/Transforms/Remarks.h"

using namespace mlir;

namespace ph {
#define GEN_PASS_DEF_RECOGNIZEPATCHESPASS
#include "lib/Transforms/Recognition/Passes.h.inc"

namespace {

/// [batch, features, rows, columns] as [batch, patches, features] → xf.patch_embedding.
struct RecognizePatches : OpRewritePattern<xf::TransposeOp> {
  RecognizePatches(MLIRContext *context, StringRef pass, Pass::Statistic &recognized)
      : OpRewritePattern(context), pass(pass), recognized(recognized) {}

  LogicalResult matchAndRewrite(xf::TransposeOp op, PatternRewriter &rewriter) const override {
    auto flat = op.getInput().getDefiningOp<xf::ReshapeOp>();
    auto convolution = flat ? flat.getInput().getDefiningOp<xf::ConvolutionOp>() : xf::ConvolutionOp();
    if (!convolution || op.getPermutation() != ArrayRef<int64_t>{0, 2, 1})
      return rewriter.notifyMatchFailure(op, "brings no convolution into rows");
    ArrayRef<int64_t> image = convolution.getType().getShape();
    ArrayRef<int64_t> kernel = convolution.getWeight().getType().getShape();
    ArrayRef<int64_t> rows = flat.getType().getShape();
    if (image.size() != 4 || ShapedType::isDynamic(image[2]) || ShapedType::isDynamic(image[3]) ||
        rows[1] != image[1] || rows[2] != image[2] * image[3])
      return refuse(rewriter, op, pass, "the rows are not known to be places of the image");
    auto is = [](std::optional<ArrayRef<int64_t>> list, ArrayRef<int64_t> otherwise, ArrayRef<int64_t> wanted) {
      return list.value_or(otherwise) == wanted;
    };
    if (!is(convolution.getStride(), {1, 1}, kernel.drop_front(2)) ||
        !is(convolution.getPadding(), {0, 0, 0, 0}, {0, 0, 0, 0}) || !is(convolution.getDilation(), {1, 1}, {1, 1}) ||
        kernel[1] != convolution.getInput().getType().getShape()[1])
      return refuse(rewriter, op, pass, "the convolution does not cut the image into patches");
    auto patches = rewriter.replaceOpWithNewOp<xf::PatchEmbeddingOp>(op, op.getType(), convolution.getInput(),
                                                                     convolution.getWeight(), convolution.getBias());
    remarkDone(patches, pass, "a convolution of patches as rows");
    ++recognized;
    return success();
  }

  StringRef pass;
  Pass::Statistic &recognized;
};

struct RecognizePatchesPass final : impl::RecognizePatchesPassBase<RecognizePatchesPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RecognizePatches>(&getContext(), getArgument(), recognized);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
} // namespace ph
