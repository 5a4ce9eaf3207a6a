// Images: convolutions, patches, and their features among those of tokens.
#include "Reshape.h"

using namespace mlir;

namespace ph::conversion {

/// The input with zeros around it, where there is padding.
static Value padded(Lowering &l, xf::ConvolutionOp op, Value input) {
  Sizes sizes = l.sizesOf(input), larger = sizes;
  Part inside = {Sizes(sizes.size(), l.attribute(0)), sizes, {}};
  bool any = false;
  for (int64_t each = 0; each < op.getDims(); ++each) {
    int64_t before = op.getPaddingBefore(each), after = op.getPaddingAfter(each);
    any |= before || after;
    inside.offsets[2 + each] = l.attribute(before);
    larger[2 + each] = l.add(larger[2 + each], l.attribute(before + after));
  }
  return any ? place(l, input, l.filled(larger, l.s.f32(0)), inside) : input;
}

/// Groups are dimensions of their own: y[b, g, o, t…] = Σ w[g, o, c, k…] x[b, g, c, t · stride + k · dilation…].
static LogicalResult convolution(Lowering &l, xf::ConvolutionOp op) {
  int64_t dims = op.getDims(), groups = op.getGroups();
  Value weight = l.of(op.getWeight()), input = padded(l, op, l.of(op.getInput()));
  ArrayRef<int64_t> kernel = op.getWeight().getType().getShape();
  int64_t channels = kernel[1], outputs = kernel[0] / groups;
  Sizes wide = l.sizesOf(input), split = {wide[0], l.attribute(groups), l.attribute(channels)};
  Sizes matrices = {l.attribute(groups), l.attribute(outputs), l.attribute(channels)};
  Sizes result = {wide[0], l.attribute(groups), l.attribute(outputs)};
  for (int64_t each = 0; each < dims; ++each) {
    split.push_back(wide[2 + each]);
    matrices.push_back(l.attribute(kernel[2 + each]));
    // As many steps as there are from the first place of the kernel to the last; none where it doesn't fit.
    int64_t reach = op.getDilationOf(each) * (kernel[2 + each] - 1) + 1, stride = op.getStrideOf(each);
    int64_t known = op.getResult().getType().getDimSize(2 + each);
    if (!ShapedType::isDynamic(known)) {
      result.push_back(l.attribute(known));
      continue;
    }
    Value room = l.s.add(l.s.sub(l.index(wide[2 + each]), l.s.index(reach)), l.s.index(stride));
    result.push_back(l.div(l.s.max(room, l.s.index(0)), l.attribute(stride)));
  }
  unsigned first = 3, channel = first + dims, window = channel + 1, count = window + dims;
  Indexed x = {reshapeTo(l, input, split), {l.dim(0), l.dim(1), l.dim(channel)}};
  Indexed w = {reshapeTo(l, weight, matrices), {l.dim(1), l.dim(2), l.dim(channel)}};
  for (int64_t each = 0; each < dims; ++each) {
    x.at.push_back(l.dim(first + each) * op.getStrideOf(each) + l.dim(window + each) * op.getDilationOf(each));
    w.at.push_back(l.dim(window + each));
  }
  Value y = l.reduced(result, l.s.f32(0), count, {x, w},
                      [](ScalarBuilder &s, ValueRange e) { return s.add(e[2], s.mul(e[1], e[0])); });
  if (op.getBias()) {
    Value bias = reshapeTo(l, l.of(op.getBias()), {l.attribute(groups), l.attribute(outputs)});
    y = l.each(result, l.s.getF32Type(), {l.whole(y), {bias, {l.dim(1), l.dim(2)}}},
               [](ScalarBuilder &s, ValueRange e) { return s.add(e[0], e[1]); });
  }
  Sizes joined = {result[0], l.attribute(kernel[0])};
  joined.append(result.begin() + 3, result.end());
  l.give(op.getResult(), reshapeTo(l, y, joined));
  return success();
}

static LogicalResult patchEmbedding(Lowering &l, xf::PatchEmbeddingOp op) {
  Value image = l.of(op.getImage()), weight = l.of(op.getWeight());
  ArrayRef<int64_t> kernel = op.getWeight().getType().getShape();
  OpFoldResult high = l.attribute(kernel[2]), wide = l.attribute(kernel[3]);
  Sizes sizes = l.sizesOf(image);
  OpFoldResult rows = l.div(sizes[2], high), columns = l.div(sizes[3], wide);
  Part whole = {Sizes(4, l.attribute(0)), {sizes[0], sizes[1], l.mul(rows, high), l.mul(columns, wide)}, {}};
  if (ArrayRef(whole.sizes) != ArrayRef(sizes))
    image = l.slice(image, whole);
  // Each patch becomes a row, so that what is left is a product of matrices.
  Sizes parts = {sizes[0], rows, columns, sizes[1], high, wide};
  Value patches =
      l.each(parts, l.s.getF32Type(),
             Indexed{image, {l.dim(0), l.dim(3), l.dim(1) * kernel[2] + l.dim(4), l.dim(2) * kernel[3] + l.dim(5)}},
             [](ScalarBuilder &s, ValueRange e) { return e[0]; });
  Indexed x = {l.collapse(patches, {{0}, {1, 2}, {3, 4, 5}}), {l.dim(0), l.dim(1), l.dim(3)}};
  Indexed w = {l.collapse(weight, {{0}, {1, 2, 3}}), {l.dim(2), l.dim(3)}};
  Sizes result = {sizes[0], l.mul(rows, columns), l.attribute(kernel[0])};
  Value y = l.reduced(result, l.s.f32(0), 4, {x, w},
                      [](ScalarBuilder &s, ValueRange e) { return s.add(e[2], s.mul(e[1], e[0])); });
  if (op.getBias())
    y = l.each(result, l.s.getF32Type(), {l.whole(y), {l.of(op.getBias()), {l.dim(2)}}},
               [](ScalarBuilder &s, ValueRange e) { return s.add(e[0], e[1]); });
  l.give(op.getResult(), y);
  return success();
}

/// First which row of the features each token gets, then all of them at once.
static LogicalResult mergeFeatures(Lowering &l, xf::MergeFeaturesOp op) {
  ScalarBuilder &s = l.s;
  Value input = l.of(op.getInput()), tokens = l.of(op.getTokens()), features = l.asRows(l.of(op.getFeatures()));
  Value image = s.i32(op.getImageToken()), none = s.i32(-1);
  Sizes sizes = l.sizesOf(tokens);
  Value rows = l.loop(sizes[0], {l.empty(sizes, s.getI32Type()), s.i32(0)},
                      [&](Value sequence, ValueRange carried) -> SmallVector<Value> {
                        return l.loop(sizes[1], carried, [&](Value token, ValueRange carried) -> SmallVector<Value> {
                          Value isImage = s.compare(xf::CompareKind::Eq, s.at(tokens, {sequence, token}), image);
                          Value row = s.select(isImage, carried[1], none);
                          return {tensor::InsertOp::create(s, row, carried[0], ValueRange{sequence, token}),
                                  s.add(carried[1], s.convert(isImage, s.getI32Type()))};
                        });
                      })[0];
  l.give(op.getResult(), l.each(l.sizesOf(input), s.getF32Type(), {l.whole(input), {rows, {l.dim(0), l.dim(1)}}},
                                [&](ScalarBuilder &s, ValueRange e) {
                                  Value isText = s.compare(xf::CompareKind::Lt, e[1], s.i32(0));
                                  Value row = s.toIndex(s.select(isText, s.i32(0), e[1]));
                                  return s.select(isText, e[0], s.at(features, {row, s.loop(2)}));
                                }));
  return success();
}

void addVision(Handlers &handlers) {
  handlers.add<xf::ConvolutionOp, convolution>();
  handlers.add<xf::PatchEmbeddingOp, patchEmbedding>();
  handlers.add<xf::MergeFeaturesOp, mergeFeatures>();
}

} // namespace ph::conversion
