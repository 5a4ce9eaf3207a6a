// Images: convolutions as products with windows, and features among those of tokens.
#include "lib/Autodiff/Rules/Rules.h"

using namespace mlir;

namespace ph::autodiff {
namespace {

/// A convolution as a product of its kernel with all windows of the input.
class SpelledConvolution {
public:
  SpelledConvolution(Primitives &p, xf::ConvolutionOp op) : p(p), op(op), dims(op.getDims()) {}

  Value run() {
    Value x = op.getInput();
    for (int64_t dim = 0; dim < dims; ++dim)
      x = windows(padded(x, dim), dim);
    // [batch, channels, out_1, k_1, out_2, k_2] as [batch, G, out, C / G · k].
    ArrayRef<int64_t> kernel = xf::shapeOf(op.getWeight());
    int64_t groups = op.getGroups(), inner = kernel[1], outputs = kernel[0] / groups;
    SmallVector<OpFoldResult> sizes = sizesOf(p, x), out;
    OpFoldResult batch = sizes[0];
    sizes[1] = number(groups);
    sizes.insert(sizes.begin() + 2, number(inner));
    x = xf::ReshapeOp::create(p, x, sizes);
    SmallVector<int64_t> order = {0, 1};
    for (int64_t dim = 0; dim < dims; ++dim) {
      order.push_back(3 + 2 * dim);
      out.push_back(sizes[3 + 2 * dim]);
    }
    order.push_back(2);
    int64_t length = inner;
    for (int64_t dim = 0; dim < dims; ++dim) {
      order.push_back(4 + 2 * dim);
      length *= kernel[2 + dim];
    }
    x = xf::TransposeOp::create(p, x, order);
    x = xf::ReshapeOp::create(p, x, {batch, number(groups), number(-1), number(length)});
    Value w = xf::ReshapeOp::create(p, op.getWeight(), {number(groups), number(outputs), number(length)});
    Value y = xf::MatmulOp::create(p, x, w, /*transposeB=*/true);
    y = xf::TransposeOp::create(p, y, ArrayRef<int64_t>{0, 1, 3, 2});
    SmallVector<OpFoldResult> result = {batch, number(groups * outputs)};
    llvm::append_range(result, out);
    y = xf::ReshapeOp::create(p, y, result);
    if (op.getBias()) {
      SmallVector<OpFoldResult> channels(dims + 1, number(1));
      channels[0] = number(groups * outputs);
      y = p.add(y, xf::ReshapeOp::create(p, op.getBias(), channels));
    }
    return as(p, y, op.getResult().getType());
  }

private:
  OpFoldResult number(int64_t value) { return p.getI64IntegerAttr(value); }

  /// With zeros around dimension `dim`, which windows before it have made two of each.
  Value padded(Value x, int64_t dim) {
    int64_t axis = 2 + 2 * dim;
    SmallVector<Value> parts = {x};
    auto zeros = [&](int64_t count) -> Value {
      SmallVector<OpFoldResult> sizes = sizesOf(p, x);
      sizes[axis] = number(count);
      return xf::BroadcastOp::create(p, p.number(0), sizes);
    };
    if (int64_t before = op.getPaddingBefore(dim))
      parts.insert(parts.begin(), zeros(before));
    if (int64_t after = op.getPaddingAfter(dim))
      parts.push_back(zeros(after));
    return parts.size() == 1 ? x : xf::ConcatOp::create(p, parts, axis).getResult();
  }

  /// Dimension `dim` as [out, kernel]: element t · stride + k · dilation at [t, k].
  Value windows(Value x, int64_t dim) {
    auto iota = [&](int64_t count, Value size) -> Value {
      return xf::IotaOp::create(p, RankedTensorType::get({count}, p.getI32Type()), size);
    };
    int64_t count = xf::shapeOf(op.getResult())[2 + dim], kernel = xf::shapeOf(op.getWeight())[2 + dim];
    Value size = ShapedType::isDynamic(count) ? xf::DimOp::create(p, op.getResult(), 2 + dim).getResult() : Value();
    Value from = p.mul(iota(count, size), p.integer(op.getStrideOf(dim)));
    from = xf::ReshapeOp::create(p, from, {number(-1), number(1)});
    Value at = p.add(from, p.mul(iota(kernel, Value()), p.integer(op.getDilationOf(dim))));
    return xf::GatherOp::create(p, x, at, 2 + 2 * dim);
  }

  Primitives &p;
  xf::ConvolutionOp op;
  int64_t dims;
};

} // namespace

static SmallVector<Value> spellConvolution(Primitives &p, xf::ConvolutionOp op) {
  return {SpelledConvolution(p, op).run()};
}

/// A convolution whose stride is its kernel, with a row for each place.
static SmallVector<Value> spellPatches(Primitives &p, xf::PatchEmbeddingOp op) {
  ArrayRef<int64_t> image = xf::shapeOf(op.getImage()), kernel = xf::shapeOf(op.getWeight());
  auto places = [&](unsigned axis) {
    return ShapedType::isDynamic(image[axis]) ? ShapedType::kDynamic : image[axis] / kernel[axis];
  };
  auto type = RankedTensorType::get({image[0], kernel[0], places(2), places(3)}, p.getF32Type());
  auto stride = p.getDenseI64ArrayAttr({kernel[2], kernel[3]});
  Value y = xf::ConvolutionOp::create(p, type, op.getImage(), op.getWeight(), op.getBias(), stride, DenseI64ArrayAttr(),
                                      DenseI64ArrayAttr(), p.getI64IntegerAttr(1));
  y = xf::TransposeOp::create(p, y, ArrayRef<int64_t>{0, 2, 3, 1});
  return {reshapeLike(p, y, op.getResult())};
}

static SmallVector<Value> spellMerge(Primitives &p, xf::MergeFeaturesOp op) {
  Value image = p.integer(op.getImageToken()), x = op.getInput();
  SmallVector<OpFoldResult> sizes = sizesOf(p, x);
  Value tokens = xf::ReshapeOp::create(p, op.getTokens(), {p.getI64IntegerAttr(1), p.getI64IntegerAttr(-1)});
  Value found = p.compare(xf::CompareKind::Eq, tokens, image);
  Value mask = xf::CastOp::create(p, RankedTensorType::get(xf::shapeOf(found), p.getI32Type()), found);
  // The n-th image token of all has the number n + 1; others get row 0, which they do not take.
  Value number = xf::MaskedPositionsOp::create(p, mask.getType(), mask, IntegerAttr());
  number = p.select(found, p.sub(number, p.integer(1)), p.integer(0));
  Value rows = xf::GatherOp::create(p, asRows(p, op.getFeatures()), number, 0);
  rows = xf::ReshapeOp::create(p, rows, sizes);
  sizes.back() = p.getI64IntegerAttr(1);
  return {p.select(xf::ReshapeOp::create(p, found, sizes), rows, x)};
}

void registerVisionRules(MLIRContext *context) {
  attachSpelled<xf::ConvolutionOp, spellConvolution>(context);
  attachSpelled<xf::PatchEmbeddingOp, spellPatches>(context);
  attachSpelled<xf::MergeFeaturesOp, spellMerge>(context);
}

} // namespace ph::autodiff
