// Pooling and the loss against sums written out.
#include "test/Unit/Reference/Harness.h"
#include <cmath>

using namespace ph::reference;

namespace {

TEST_F(ReferenceTest, PoolsEachKindOverValidRows) {
  const char *text = R"(func.func @f(%x: tensor<?x3x2xf32>, %v: tensor<?x3xi32>)
      -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>) {
    %a = xf.pool cls %x valid(%v) : (tensor<?x3x2xf32>, tensor<?x3xi32>) -> tensor<?x2xf32>
    %b = xf.pool last %x valid(%v) : (tensor<?x3x2xf32>, tensor<?x3xi32>) -> tensor<?x2xf32>
    %c = xf.pool mean %x valid(%v) : (tensor<?x3x2xf32>, tensor<?x3xi32>) -> tensor<?x2xf32>
    %d = xf.pool max %x valid(%v) : (tensor<?x3x2xf32>, tensor<?x3xi32>) -> tensor<?x2xf32>
    %e = xf.pool mean %x : (tensor<?x3x2xf32>) -> tensor<?x2xf32>
    return %a, %b, %c, %d, %e : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>
  })";
  // Padding on the left, on the right, and nothing but padding.
  Tensor x({3, 3, 2}, {1, -1, 2, -2, 6, -6, 3, 5, 4, 1, 9, 9, 7, 7, 7, 7, 7, 7});
  auto results = run(text, {x, Tensor({3, 3}, {0, 1, 1, 1, 1, 0, 0, 0, 0})});
  ASSERT_EQ(results.size(), 5u);
  expectNear(results[0], {2, -2, 3, 5, 0, 0}, 0);
  expectNear(results[1], {6, -6, 4, 1, 0, 0}, 0);
  expectNear(results[2], {4, -4, 3.5, 3, 0, 0}, 0);
  expectNear(results[3], {6, -2, 4, 5, 0, 0}, 0);
  expectNear(results[4], {3, -3, 16.0 / 3, 5, 7, 7}, 1e-6);
}

class LossTest : public ReferenceTest {
protected:
  std::vector<Value> loss(const std::string &attributes, std::vector<double> labels) {
    return run("func.func @f(%z: tensor<3x2xf32>, %l: tensor<3xi32>) -> tensor<f32> { %y = xf.cross_entropy %z, %l " +
                   attributes + " : (tensor<3x2xf32>, tensor<3xi32>) -> tensor<f32> return %y : tensor<f32> }",
               {Tensor({3, 2}, {0, 0, 1, 3, 1000, 0}), Tensor({3}, std::move(labels))});
  }
  /// -log p of the first of two logits that is `difference` above the other.
  static double surprise(double difference) { return std::log1p(std::exp(-difference)); }
};

TEST_F(LossTest, IsTheMeanOfTheRows) {
  auto results = loss("", {0, 1, 0});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(results[0].tensor().shape.empty());
  expectNear(results[0], {(std::log(2) + surprise(2) + 0) / 3});
}

TEST_F(LossTest, RowsWithoutALabelDoNotCount) {
  expectNear(loss("ignore_index = -100", {-100, 0, -100}).at(0), {2 + surprise(2)});
  expectNear(loss("ignore_index = 1", {1, 1, 1}).at(0), {0}, 0);
}

TEST_F(LossTest, SmoothingSpreadsTheLabel) {
  double second = 0.9 * surprise(2) + 0.05 * (surprise(2) + surprise(-2));
  expectNear(loss("ignore_index = -1 smoothing = 0.1", {0, 1, -1}).at(0), {(std::log(2) + second) / 2});
}

TEST_F(LossTest, ALabelIsInTheVocabulary) {
  parse("func.func @f(%z: tensor<1x2xf32>, %l: tensor<1xi32>) -> tensor<f32> { %y = xf.cross_entropy %z, %l : "
        "(tensor<1x2xf32>, tensor<1xi32>) -> tensor<f32> return %y : tensor<f32> }");
  EXPECT_TRUE(call({Tensor({1, 2}), Tensor({1}, {2})}).empty());
  EXPECT_EQ(message, "'xf.cross_entropy' op expects labels from 0 to 1 at run time, but got [2]");
}

} // namespace
