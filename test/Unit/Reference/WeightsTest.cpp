// How a weight is put together from its sources.
#include "test/Unit/Reference/Harness.h"
#include <cmath>

using namespace ph::reference;

namespace {

const char *concatenated = R"(
  xf.weight @w : tensor<2x6x1xf32> stacked sources [
    #xf.source<"a.{layer}", rows = 4, first = 3, step = 2, rope_halves<1>>, #xf.source<"b.{layer}", rows = 2, first = 3, step = 2>]
  func.func @f() -> (tensor<6x1xf32>, tensor<6x1xf32>) {
    %zero = arith.constant 0 : index
    %one = arith.constant 1 : index
    %w0 = xf.load_weight @w[%zero] : tensor<6x1xf32>
    %w1 = xf.load_weight @w[%one] : tensor<6x1xf32>
    return %w0, %w1 : tensor<6x1xf32>, tensor<6x1xf32>
  })";

TEST_F(ReferenceTest, SourcesAreCountedPermutedAndConcatenated) {
  weights.tensors = {{"a.3", {0, 1, 2, 3}}, {"b.3", {4, 5}}, {"a.5", {10, 11, 12, 13}}, {"b.5", {14, 15}}};
  auto results = run(concatenated, {});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[0], {0, 2, 1, 3, 4, 5}, 0);
  expectNear(results[1], {10, 12, 11, 13, 14, 15}, 0);
}

TEST_F(ReferenceTest, ColumnsAreScaledByAnotherTensor) {
  weights.tensors = {{"a.1", {1, 2, 3, 4}}, {"n.1", {10, -1}}, {"b", {5, 6}}};
  parse(R"(
  xf.weight @w : tensor<1x2x2xf32> stacked sources [#xf.source<"a.{layer}", first = 1, rope_halves<1>, columns = "n.{layer}", offset = 1.0>]
  xf.weight @v : tensor<1x2xf32> sources [#xf.source<"b", columns = "c">]
  func.func @f() -> (tensor<2x2xf32>, tensor<1x2xf32>) {
    %zero = arith.constant 0 : index
    %w = xf.load_weight @w[%zero] : tensor<2x2xf32>
    %v = xf.load_weight @v : tensor<1x2xf32>
    return %w, %v : tensor<2x2xf32>, tensor<1x2xf32>
  })");
  EXPECT_TRUE(call({}).empty());
  EXPECT_EQ(message, "'xf.load_weight' op no tensor \"c\"");
  weights.tensors["c"] = {3};
  EXPECT_TRUE(call({}).empty());
  EXPECT_EQ(message, "'xf.load_weight' op expects tensor \"c\" of shape [2], but got 1 values");
  weights.tensors["c"] = {3, 0.5};
  auto results = call({});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[0], {11, 0, 33, 0}, 0);
  expectNear(results[1], {15, 3}, 0);
}

TEST_F(ReferenceTest, AMissingTensorIsNamed) {
  weights.tensors = {{"a.3", {0, 1, 2, 3}}};
  parse(concatenated);
  EXPECT_TRUE(call({}).empty());
  EXPECT_EQ(message, "'xf.load_weight' op no tensor \"b.3\"");
}

TEST_F(ReferenceTest, ATensorOfAnotherSizeIsNamed) {
  weights.tensors = {{"a.3", {0, 1, 2}}};
  parse(concatenated);
  EXPECT_TRUE(call({}).empty());
  EXPECT_EQ(message, "'xf.load_weight' op expects tensor \"a.3\" of shape [4, 1], but got 3 values");
}

TEST_F(ReferenceTest, ALayerBeyondTheStackIsAnError) {
  parse(R"(xf.weight @w : tensor<2x1xf32> stacked
  func.func @f() -> tensor<1xf32> {
    %two = arith.constant 2 : index
    %w = xf.load_weight @w[%two] : tensor<1xf32>
    return %w : tensor<1xf32>
  })");
  weights.tensors = {{"w", {1, 2}}};
  EXPECT_TRUE(call({}).empty());
  EXPECT_EQ(message, "'xf.load_weight' op expects a layer from 0 to 1 at run time, but got [2]");
}

TEST_F(ReferenceTest, SeededValuesBelongToTheSource) {
  // However the tensors are arranged, and whatever the weights are called.
  parse(R"(
    xf.weight @qk : tensor<12x8xf32> sources [#xf.source<"q", rows = 8>, #xf.source<"k", rows = 4>]
    xf.weight @k : tensor<4x8xf32> sources [#xf.source<"k">]
    xf.weight @norm : tensor<1024xf32>
    func.func @f() { return })");
  auto provider = makeSeededWeights(1), other = makeSeededWeights(2);
  auto values = [&](const char *name, WeightProvider &from) {
    return *from.read(module->lookupSymbol<ph::xf::WeightOp>(name), 0);
  };
  std::vector<float> both = values("qk", *provider), k = values("k", *provider);
  EXPECT_EQ(k, std::vector<float>(both.begin() + 64, both.end()));
  EXPECT_NE(k, values("k", *other));
  EXPECT_NE(k, std::vector<float>(both.begin(), both.begin() + 32));
  double sum = 0, squares = 0;
  for (float x : values("norm", *provider)) {
    sum += x;
    squares += (x - 1.0) * (x - 1.0);
  }
  EXPECT_NEAR(sum / 1024, 1, 0.02);
  EXPECT_NEAR(squares / 1024, 0.01, 0.002);
}

TEST_F(ReferenceTest, ARequantizedWeightIsWhatItsFormatKeeps) {
  // -8 makes the scale 1: codes are the rounded values, a half up, and 8 is beyond the largest.
  std::vector<float> values(32);
  std::vector<double> expected(32);
  values[0] = -8, values[1] = 2.4f, values[2] = -2.4f, values[3] = 0.5f, values[4] = 8;
  expected[0] = -8, expected[1] = 2, expected[2] = -2, expected[3] = 1, expected[4] = 7;
  weights.tensors = {{"w", values}};
  const char *text = R"(
    xf.weight @w : tensor<1x32xf32, #xf.format<q4_0>> sources [#xf.source<"w">] requantized
    func.func @f() -> tensor<1x32xf32, #xf.format<q4_0>> {
      %w = xf.load_weight @w : tensor<1x32xf32, #xf.format<q4_0>>
      return %w : tensor<1x32xf32, #xf.format<q4_0>>
    })";
  auto results = run(text, {});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], expected, 0);
  weights.tensors["w"][7] = INFINITY;
  EXPECT_TRUE(call({}).empty());
  EXPECT_EQ(message, "'xf.load_weight' op expects finite values in whole blocks to encode as q4_0 at run time");
}

} // namespace
