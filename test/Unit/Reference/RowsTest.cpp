// Ops that look up, number, cut and pick.
#include "test/Unit/Reference/Harness.h"

using namespace ph::reference;

namespace {

TEST_F(ReferenceTest, EmbeddingLooksUpAndScales) {
  const char *text = R"(func.func @f(%t: tensor<2x2xi32>, %w: tensor<3x2xf32>) -> tensor<2x2x2xf32> {
    %y = xf.embedding %t, %w scale = 2.0 : (tensor<2x2xi32>, tensor<3x2xf32>) -> tensor<2x2x2xf32>
    return %y : tensor<2x2x2xf32>
  })";
  Tensor table({3, 2}, {1, 2, 3, 4, 5, 6});
  auto results = run(text, {Tensor({2, 2}, {2, 0, 1, 1}), table});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {10, 12, 2, 4, 6, 8, 6, 8}, 0);
  for (double token : {3.0, -1.0}) {
    EXPECT_TRUE(call({Tensor({2, 2}, {2, token, 1, 1}), table}).empty());
    EXPECT_EQ(message,
              "'xf.embedding' op expects tokens from 0 to 2 at run time, but got [" + std::to_string(int(token)) + "]");
  }
}

TEST_F(ReferenceTest, PositionsStartAtThePast) {
  auto results = run(R"(func.func @f(%t: tensor<2x3xi32>, %p: tensor<2xi32>) -> tensor<2x3xi32> {
    %y = xf.positions %t, %p : (tensor<2x3xi32>, tensor<2xi32>) -> tensor<2x3xi32>
    return %y : tensor<2x3xi32>
  })",
                     {Tensor({2, 3}), Tensor({2}, {0, 10})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {0, 1, 2, 10, 11, 12}, 0);
}

TEST_F(ReferenceTest, EmbeddingCountsFromItsOffset) {
  const char *text = R"(func.func @f(%t: tensor<1x2xi32>, %w: tensor<3x2xf32>) -> tensor<1x2x2xf32> {
    %y = xf.embedding %t, %w offset = 1 : (tensor<1x2xi32>, tensor<3x2xf32>) -> tensor<1x2x2xf32>
    return %y : tensor<1x2x2xf32>
  })";
  Tensor table({3, 2}, {1, 2, 3, 4, 5, 6});
  auto results = run(text, {Tensor({1, 2}, {1, -1}), table});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {5, 6, 1, 2}, 0);
  EXPECT_TRUE(call({Tensor({1, 2}, {2, 0}), table}).empty());
  EXPECT_EQ(message, "'xf.embedding' op expects tokens from -1 to 1 at run time, but got [2]");
}

TEST_F(ReferenceTest, MaskedPositionsSkipPadding) {
  auto results = run(R"(func.func @f(%m: tensor<2x4xi32>) -> (tensor<2x4xi32>, tensor<2x4xi32>) {
    %p = xf.masked_positions %m : (tensor<2x4xi32>) -> tensor<2x4xi32>
    %q = xf.masked_positions %m offset = 1 : (tensor<2x4xi32>) -> tensor<2x4xi32>
    return %p, %q : tensor<2x4xi32>, tensor<2x4xi32>
  })",
                     {Tensor({2, 4}, {1, 1, 0, 0, 0, 1, 0, 1})});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[0], {1, 2, 0, 0, 0, 1, 0, 2}, 0);
  expectNear(results[1], {2, 3, 1, 1, 1, 2, 1, 3}, 0);
}

TEST_F(ReferenceTest, SelectRowsPicksFlatRows) {
  const char *text = R"(func.func @f(%x: tensor<2x2x2xf32>, %r: tensor<?xi32>) -> tensor<?x2xf32> {
    %y = xf.select_rows %x, %r : (tensor<2x2x2xf32>, tensor<?xi32>) -> tensor<?x2xf32>
    return %y : tensor<?x2xf32>
  })";
  Tensor x({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  auto results = run(text, {x, Tensor({3}, {3, 0, 3})});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].tensor().shape, (llvm::SmallVector<int64_t>{3, 2}));
  expectNear(results[0], {7, 8, 1, 2, 7, 8}, 0);
  EXPECT_TRUE(call({x, Tensor({1}, {4})}).empty());
  EXPECT_EQ(message, "'xf.select_rows' op expects rows from 0 to 3 at run time, but got [4]");
}

TEST_F(ReferenceTest, SplitCutsFeatures) {
  auto results = run(R"(func.func @f(%x: tensor<2x4xf32>) -> (tensor<2x1xf32>, tensor<2x3xf32>) {
    %a, %b = xf.split %x : (tensor<2x4xf32>) -> (tensor<2x1xf32>, tensor<2x3xf32>)
    return %a, %b : tensor<2x1xf32>, tensor<2x3xf32>
  })",
                     {Tensor({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8})});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[0], {1, 5}, 0);
  expectNear(results[1], {2, 3, 4, 6, 7, 8}, 0);
}

TEST_F(ReferenceTest, MulMultipliesElementsOrRows) {
  const char *text =
      R"(func.func @f(%a: tensor<2x2xf32>, %b: tensor<2x2xf32>, %c: tensor<?x1xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>) {
    %y = xf.mul %a, %b : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
    %z = xf.mul %a, %c : (tensor<2x2xf32>, tensor<?x1xf32>) -> tensor<2x2xf32>
    return %y, %z : tensor<2x2xf32>, tensor<2x2xf32>
  })";
  Tensor a({2, 2}, {1, 2, 3, 4}), b({2, 2}, {10, -2, 0.5, 0});
  auto results = run(text, {a, b, Tensor({2, 1}, {10, 100})});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[0], {10, -4, 1.5, 0}, 0);
  expectNear(results[1], {10, 20, 300, 400}, 0);
  EXPECT_TRUE(call({a, b, Tensor({1, 1}, {1})}).empty());
  EXPECT_EQ(message, "'xf.mul' op expects factors of one shape at run time, but got [1, 1]");
}

TEST_F(ReferenceTest, ScaleMultipliesWithAConstant) {
  auto results = run(R"(func.func @f(%x: tensor<1x3xf32>) -> tensor<1x3xf32> {
    %y = xf.scale %x by -0.5 : (tensor<1x3xf32>) -> tensor<1x3xf32>
    return %y : tensor<1x3xf32>
  })",
                     {Tensor({1, 3}, {1, -2, 0})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {-0.5, 1, 0}, 0);
}

TEST_F(ReferenceTest, AddAddsEachElement) {
  auto results = run(R"(func.func @f(%a: tensor<1x3xf32>, %b: tensor<1x3xf32>) -> tensor<1x3xf32> {
    %y = xf.add %a, %b : (tensor<1x3xf32>, tensor<1x3xf32>) -> tensor<1x3xf32>
    return %y : tensor<1x3xf32>
  })",
                     {Tensor({1, 3}, {1, 2, 3}), Tensor({1, 3}, {10, -2, 0.5})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {11, 0, 3.5}, 0);
}

} // namespace
