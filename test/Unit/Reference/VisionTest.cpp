// Convolutions against sums written out, patches against a convolution, and the merge of image features.
#include "test/Unit/Reference/Harness.h"

using namespace ph::reference;

namespace {

Tensor counting(llvm::ArrayRef<int64_t> shape) {
  Tensor tensor(shape);
  for (size_t i = 0; i < tensor.data.size(); ++i)
    tensor.data[i] = double(i % 7) - 2;
  return tensor;
}

TEST_F(ReferenceTest, ConvolutionOfOneDimension) {
  // x = 1 2 3 4 5, kernel 1 10 100.
  Tensor x({1, 1, 5}, {1, 2, 3, 4, 5}), w({1, 1, 3}, {1, 10, 100}), b({1}, {0.5});
  auto results = run(R"(func.func @f(%x: tensor<1x1x?xf32>, %w: tensor<1x1x3xf32>, %b: tensor<1xf32>)
      -> (tensor<1x1x?xf32>, tensor<1x1x?xf32>, tensor<1x1x?xf32>, tensor<1x1x?xf32>) {
    %plain = xf.convolution %x, %w bias %b : (tensor<1x1x?xf32>, tensor<1x1x3xf32>, tensor<1xf32>) -> tensor<1x1x?xf32>
    %padded = xf.convolution %x, %w stride = [2] padding = [1] : (tensor<1x1x?xf32>, tensor<1x1x3xf32>) -> tensor<1x1x?xf32>
    %dilated = xf.convolution %x, %w dilation = [2] : (tensor<1x1x?xf32>, tensor<1x1x3xf32>) -> tensor<1x1x?xf32>
    %causal = xf.convolution %x, %w padding = [2, 0] : (tensor<1x1x?xf32>, tensor<1x1x3xf32>) -> tensor<1x1x?xf32>
    return %plain, %padded, %dilated, %causal : tensor<1x1x?xf32>, tensor<1x1x?xf32>, tensor<1x1x?xf32>, tensor<1x1x?xf32>
  })",
                     {x, w, b});
  ASSERT_EQ(results.size(), 4u);
  expectNear(results[0], {321.5, 432.5, 543.5}, 0);
  expectNear(results[1], {210, 432, 54}, 0);
  expectNear(results[2], {531}, 0);
  expectNear(results[3], {100, 210, 321, 432, 543}, 0);
}

TEST_F(ReferenceTest, AKernelThatDoesNotFitGivesNothing) {
  auto results = run(R"(func.func @f(%x: tensor<1x1x?xf32>, %w: tensor<1x1x3xf32>) -> tensor<1x1x?xf32> {
    %y = xf.convolution %x, %w : (tensor<1x1x?xf32>, tensor<1x1x3xf32>) -> tensor<1x1x?xf32>
    return %y : tensor<1x1x?xf32>
  })",
                     {Tensor({1, 1, 2}), Tensor({1, 1, 3})});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].tensor().shape, (llvm::SmallVector<int64_t>{1, 1, 0}));
}

TEST_F(ReferenceTest, ConvolutionOfTwoDimensionsInGroups) {
  // Two groups: outputs 0 and 1 see channel 0, outputs 2 and 3 channel 1.
  Tensor x = counting({1, 2, 3, 4}), w({4, 1, 1, 2}, {1, 0, 0, 1, 1, 1, 2, -1});
  auto results = run(R"(func.func @f(%x: tensor<1x2x3x4xf32>, %w: tensor<4x1x1x2xf32>) -> tensor<1x4x2x2xf32> {
    %y = xf.convolution %x, %w stride = [2, 2] groups = 2 : (tensor<1x2x3x4xf32>, tensor<4x1x1x2xf32>) -> tensor<1x4x2x2xf32>
    return %y : tensor<1x4x2x2xf32>
  })",
                     {x, w});
  ASSERT_EQ(results.size(), 1u);
  auto at = [&](int c, int i, int j) { return x.data[(c * 3 + i) * 4 + j]; };
  std::vector<double> expected;
  for (int o = 0; o < 4; ++o)
    for (int i : {0, 2})
      for (int j : {0, 2})
        expected.push_back(w.data[2 * o] * at(o / 2, i, j) + w.data[2 * o + 1] * at(o / 2, i, j + 1));
  expectNear(results[0], expected, 0);
}

TEST_F(ReferenceTest, PatchesAreAConvolutionInRows) {
  // 5 × 7 pixels, of which patches of 2 × 3 leave the last row and the last column.
  auto results = run(R"(func.func @f(%x: tensor<2x3x5x7xf32>, %w: tensor<4x3x2x3xf32>, %b: tensor<4xf32>)
      -> (tensor<2x4x4xf32>, tensor<2x4x2x2xf32>) {
    %y = xf.patch_embedding %x, %w bias %b : (tensor<2x3x5x7xf32>, tensor<4x3x2x3xf32>, tensor<4xf32>) -> tensor<2x4x4xf32>
    %z = xf.convolution %x, %w bias %b stride = [2, 3] : (tensor<2x3x5x7xf32>, tensor<4x3x2x3xf32>, tensor<4xf32>) -> tensor<2x4x2x2xf32>
    return %y, %z : tensor<2x4x4xf32>, tensor<2x4x2x2xf32>
  })",
                     {counting({2, 3, 5, 7}), counting({4, 3, 2, 3}), Tensor({4}, {1, 2, 3, 4})});
  ASSERT_EQ(results.size(), 2u);
  const Tensor &rows = results[0].tensor(), &planes = results[1].tensor();
  for (int b = 0; b < 2; ++b)
    for (int patch = 0; patch < 4; ++patch)
      for (int f = 0; f < 4; ++f)
        EXPECT_EQ(rows.row(b * 4 + patch)[f], planes.data[(b * 4 + f) * 4 + patch]);
  // The first patch, written out: Σ_c Σ_i Σ_j.
  Tensor x = counting({2, 3, 5, 7}), w = counting({4, 3, 2, 3});
  double sum = 1;
  for (int c = 0; c < 3; ++c)
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 3; ++j)
        sum += w.data[(c * 2 + i) * 3 + j] * x.data[(c * 5 + i) * 7 + j];
  EXPECT_EQ(rows.data[0], sum);
}

TEST_F(ReferenceTest, FeaturesReplaceImageTokensInOrder) {
  const char *text =
      R"(func.func @f(%x: tensor<2x3x1xf32>, %t: tensor<2x3xi32>, %i: tensor<?x2x1xf32>) -> tensor<2x3x1xf32> {
    %y = xf.merge_features %x, %t, %i image_token = 9
      : (tensor<2x3x1xf32>, tensor<2x3xi32>, tensor<?x2x1xf32>) -> tensor<2x3x1xf32>
    return %y : tensor<2x3x1xf32>
  })";
  Tensor x({2, 3, 1}, {1, 2, 3, 4, 5, 6}), tokens({2, 3}, {0, 9, 9, 1, 9, 2});
  auto results = run(text, {x, tokens, Tensor({2, 2, 1}, {10, 20, 30, 40})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {1, 10, 20, 4, 30, 6}, 0);
  EXPECT_TRUE(call({x, tokens, Tensor({1, 2, 1}, {10, 20})}).empty());
  EXPECT_EQ(message,
            "'xf.merge_features' op expects a row of features for each image token at run time, but got [1, 2, 1]");
}

} // namespace
