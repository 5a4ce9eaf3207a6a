#include "lib/Reference/Models.h"

using namespace mlir;

namespace ph::reference {

/// Adds bias[f] to every element of feature f, which is dimension 1 of `tensor`.
static void addBias(Tensor &tensor, const Tensor &bias) {
  int64_t features = tensor.shape[1];
  int64_t each = features ? int64_t(tensor.data.size()) / std::max<int64_t>(tensor.shape[0] * features, 1) : 0;
  for (auto [index, x] : llvm::enumerate(tensor.data))
    x += bias.data[int64_t(index) / each % features];
}

static LogicalResult convolution(xf::ConvolutionOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                 Context &context) {
  const Tensor &input = inputs[0].tensor(), &weight = inputs[1].tensor();
  // One dimension is two of which the first has size 1.
  int64_t dims = op.getDims(), groups = op.getGroups(), channels = weight.shape[1], outputs = weight.shape[0];
  if (input.shape[1] != channels * groups)
    return mismatch(op, Twine(channels * groups) + " channels", input.shape[1]);
  int64_t size[2] = {1, 1}, kernel[2] = {1, 1}, out[2] = {1, 1}, stride[2] = {1, 1}, dilation[2] = {1, 1},
          padding[2] = {0, 0};
  SmallVector<int64_t> shape = {input.shape[0], outputs};
  for (int64_t dim = 0; dim < dims; ++dim) {
    int64_t at = 2 - dims + dim;
    size[at] = input.shape[2 + dim];
    kernel[at] = weight.shape[2 + dim];
    stride[at] = op.getStrideOf(dim);
    dilation[at] = op.getDilationOf(dim);
    padding[at] = op.getPaddingBefore(dim);
    shape.push_back(out[at] = op.getResultSize(dim, size[at]));
  }
  Tensor result(shape);
  double *y = result.data.data();
  for (int64_t b = 0; b < input.shape[0]; ++b)
    for (int64_t o = 0; o < outputs; ++o)
      for (int64_t r = 0; r < out[0]; ++r)
        for (int64_t s = 0; s < out[1]; ++s, ++y)
          for (int64_t c = 0; c < channels; ++c)
            for (int64_t i = 0; i < kernel[0]; ++i)
              for (int64_t j = 0; j < kernel[1]; ++j) {
                int64_t channel = o / (outputs / groups) * channels + c;
                int64_t row = r * stride[0] + i * dilation[0] - padding[0];
                int64_t column = s * stride[1] + j * dilation[1] - padding[1];
                if (row < 0 || row >= size[0] || column < 0 || column >= size[1])
                  continue;
                *y += weight.data[((o * channels + c) * kernel[0] + i) * kernel[1] + j] *
                      input.data[((b * input.shape[1] + channel) * size[0] + row) * size[1] + column];
              }
  if (const Value *bias = find(op, op.getBias(), inputs))
    addBias(result, bias->tensor());
  return context.give(op, std::move(result), results);
}

static LogicalResult patchEmbedding(xf::PatchEmbeddingOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                    Context &context) {
  const Tensor &image = inputs[0].tensor(), &weight = inputs[1].tensor();
  int64_t features = weight.shape[0], channels = weight.shape[1], p = weight.shape[2], q = weight.shape[3];
  int64_t height = image.shape[2], width = image.shape[3], rows = height / p, columns = width / q;
  if (image.shape[1] != channels)
    return mismatch(op, Twine(channels) + " channels", image.shape[1]);
  const Value *bias = find(op, op.getBias(), inputs);
  Tensor result({image.shape[0], rows * columns, features});
  double *y = result.data.data();
  for (int64_t b = 0; b < image.shape[0]; ++b)
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t s = 0; s < columns; ++s)
        for (int64_t f = 0; f < features; ++f, ++y) {
          *y = bias ? bias->tensor().data[f] : 0;
          for (int64_t c = 0; c < channels; ++c)
            for (int64_t i = 0; i < p; ++i)
              for (int64_t j = 0; j < q; ++j)
                *y += weight.data[((f * channels + c) * p + i) * q + j] *
                      image.data[((b * channels + c) * height + r * p + i) * width + s * q + j];
        }
  return context.give(op, std::move(result), results);
}

static LogicalResult mergeFeatures(xf::MergeFeaturesOp op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                                   Context &context) {
  Tensor result = inputs[0].tensor();
  const Tensor &tokens = inputs[1].tensor(), &features = inputs[2].tensor();
  if (tokens.shape[0] != result.shape[0] || tokens.shape[1] != result.shape[1])
    return mismatch(op, "a token for each row", tokens.shape);
  int64_t next = 0;
  for (auto [row, token] : llvm::enumerate(tokens.data)) {
    if (int64_t(token) != int64_t(op.getImageToken()))
      continue;
    if (next == features.rows())
      return mismatch(op, "a row of features for each image token", features.shape);
    std::copy_n(features.row(next++), result.columns(), result.row(row));
  }
  return context.give(op, std::move(result), results);
}

void registerVision(MLIRContext *context) {
  attach<xf::ConvolutionOp, convolution>(context);
  attach<xf::PatchEmbeddingOp, patchEmbedding>(context);
  attach<xf::MergeFeaturesOp, mergeFeatures>(context);
}

} // namespace ph::reference
