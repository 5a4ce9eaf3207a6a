#include "dialects/Transformer/Verify.h"

using namespace mlir;
using namespace ph::xf;

/// An attribute with `count` numbers, or `other` of them, none below `least`.
static LogicalResult expectNumbers(Operation *op, StringRef name, std::optional<ArrayRef<int64_t>> numbers,
                                   int64_t count, int64_t other, int64_t least) {
  constexpr int64_t most = int64_t(1) << 31; // so that sums of products stay within 64 bits
  if (!numbers)
    return success();
  if (int64_t(numbers->size()) != count && int64_t(numbers->size()) != other)
    return op->emitOpError() << "expects " << count << (other != count ? " or " + std::to_string(other) : "")
                             << " numbers of " << name << ", but got " << numbers->size();
  for (int64_t number : *numbers)
    if (number < least || number > most)
      return op->emitOpError() << "expects " << name << " from " << least << " to " << most << ", but got " << number;
  return success();
}

static LogicalResult expectShape(Operation *op, RankedTensorType result, ArrayRef<int64_t> expected) {
  if (failed(verifyCompatibleShape(result.getShape(), expected)))
    return op->emitOpError() << "expects a result of shape " << RankedTensorType::get(expected, result.getElementType())
                             << ", but got " << result;
  return success();
}

int64_t ConvolutionOp::getPaddingAfter(int64_t dim) {
  if (!getPadding())
    return 0;
  bool both = int64_t(getPadding()->size()) == getDims();
  return (*getPadding())[both ? dim : getDims() + dim];
}

int64_t ConvolutionOp::getResultSize(int64_t dim, int64_t size) {
  if (ShapedType::isDynamic(size))
    return size;
  int64_t kernel = getWeight().getType().getDimSize(2 + dim);
  int64_t room = size + getPaddingBefore(dim) + getPaddingAfter(dim) - getDilationOf(dim) * (kernel - 1) - 1;
  return room < 0 ? 0 : room / getStrideOf(dim) + 1;
}

LogicalResult ConvolutionOp::verify() {
  RankedTensorType input = getInput().getType(), weight = getWeight().getType();
  if (input.getRank() != 3 && input.getRank() != 4)
    return emitOpError() << "expects an input of rank 3 or 4, but got " << input;
  if (weight.getRank() != input.getRank())
    return emitOpError() << "expects a weight of rank " << input.getRank() << ", but got " << weight;
  int64_t dims = getDims(), groups = getGroups();
  if (failed(expectNumbers(*this, "stride", getStride(), dims, dims, 1)) ||
      failed(expectNumbers(*this, "padding", getPadding(), dims, 2 * dims, 0)) ||
      failed(expectNumbers(*this, "dilation", getDilation(), dims, dims, 1)))
    return failure();
  if (weight.getDimSize(0) % groups != 0)
    return emitOpError() << "expects a multiple of " << groups << " output channels (groups), but got "
                         << weight.getDimSize(0);
  if (failed(expectDim(*this, "the channels of the input", getInput(), 1, weight.getDimSize(1) * groups)) ||
      (getBias() && failed(expectDim(*this, "the elements of bias", getBias(), 0, weight.getDimSize(0)))))
    return failure();
  SmallVector<int64_t> expected = {input.getDimSize(0), weight.getDimSize(0)};
  for (int64_t dim = 0; dim < dims; ++dim)
    expected.push_back(getResultSize(dim, input.getDimSize(2 + dim)));
  return expectShape(*this, getResult().getType(), expected);
}

LogicalResult PatchEmbeddingOp::verify() {
  RankedTensorType image = getImage().getType(), weight = getWeight().getType();
  if (image.getRank() != 4)
    return emitOpError() << "expects an image of rank 4, but got " << image;
  if (weight.getRank() != 4)
    return emitOpError() << "expects a weight of rank 4, but got " << weight;
  if (failed(expectDim(*this, "the channels of the image", getImage(), 1, weight.getDimSize(1))) ||
      (getBias() && failed(expectDim(*this, "the elements of bias", getBias(), 0, weight.getDimSize(0)))))
    return failure();
  int64_t height = image.getDimSize(2), width = image.getDimSize(3);
  bool dynamic = ShapedType::isDynamic(height) || ShapedType::isDynamic(width);
  int64_t patches = dynamic ? ShapedType::kDynamic : height / weight.getDimSize(2) * (width / weight.getDimSize(3));
  return expectShape(*this, getResult().getType(), {image.getDimSize(0), patches, weight.getDimSize(0)});
}

LogicalResult MergeFeaturesOp::verify() {
  RankedTensorType input = getInput().getType(), rows = getFeatures().getType();
  if (input.getRank() != 3)
    return emitOpError() << "expects an input of rank 3, but got " << input;
  if (rows.getRank() > 3)
    return emitOpError() << "expects features of rank 2 or 3, but got " << rows;
  if (failed(expectDim(*this, "the batch of tokens", getTokens(), 0, input.getDimSize(0))) ||
      failed(expectDim(*this, "the sequence of tokens", getTokens(), 1, input.getDimSize(1))) ||
      failed(
          expectDim(*this, "the last dimension of features", getFeatures(), rows.getRank() - 1, features(getInput()))))
    return failure();
  return expectSameShape(*this, "the result", getResult(), "the input", getInput());
}
