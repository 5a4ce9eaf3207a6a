// Norms with their options: against values worked out by hand.
#include "test/Unit/Reference/Harness.h"
#include <cmath>

using namespace ph::reference;

namespace {

TEST_F(ReferenceTest, RmsNormTakesItsOptions) {
  auto results = run(R"(func.func @f(%x: tensor<1x4xf32>, %w: tensor<2xf32>, %all: tensor<4xf32>)
      -> (tensor<1x4xf32>, tensor<1x4xf32>, tensor<1x4xf32>) {
    %bare = xf.rms_norm %x eps = 0.0 : (tensor<1x4xf32>) -> tensor<1x4xf32>
    %heads = xf.rms_norm %x, %w eps = 0.0 offset = 1.0 heads = 2 : (tensor<1x4xf32>, tensor<2xf32>) -> tensor<1x4xf32>
    %each = xf.rms_norm %x, %all eps = 0.0 heads = 2 : (tensor<1x4xf32>, tensor<4xf32>) -> tensor<1x4xf32>
    return %bare, %heads, %each : tensor<1x4xf32>, tensor<1x4xf32>, tensor<1x4xf32>
  })",
                     {Tensor({1, 4}, {3, 4, 1, -1}), Tensor({2}, {1, 10}), Tensor({4}, {1, 10, 100, 1000})});
  ASSERT_EQ(results.size(), 3u);
  double all = std::sqrt(27.0 / 4), first = std::sqrt(12.5); // the root of the second head is 1
  expectNear(results[0], {3 / all, 4 / all, 1 / all, -1 / all}, 1e-6);
  expectNear(results[1], {2 * 3 / first, 11 * 4 / first, 2, -11}, 1e-5);
  expectNear(results[2], {3 / first, 40 / first, 100, -1000}, 1e-5);
}

TEST_F(ReferenceTest, LayerNormCentersAndDivides) {
  auto results = run(R"(func.func @f(%x: tensor<2x4xf32>, %w: tensor<4xf32>, %b: tensor<4xf32>, %wh: tensor<2xf32>)
      -> (tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>) {
    %y = xf.layer_norm %x, %w bias %b eps = 0.0 : (tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
    %bare = xf.layer_norm %x eps = 3.0 : (tensor<2x4xf32>) -> tensor<2x4xf32>
    %heads = xf.layer_norm %x, %wh bias %wh eps = 0.0 offset = 1.0 heads = 2
      : (tensor<2x4xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<2x4xf32>
    return %y, %bare, %heads : tensor<2x4xf32>, tensor<2x4xf32>, tensor<2x4xf32>
  })",
                     {Tensor({2, 4}, {7, 9, 5, 7, -2, 0, 0, 2}), Tensor({4}, {1, 10, 100, 1000}),
                      Tensor({4}, {5, 6, 7, 8}), Tensor({2}, {1, 10})});
  ASSERT_EQ(results.size(), 3u);
  // Means 7 and 0, variances 2 and 2; of the heads of two each element is one deviation from their mean.
  double root = std::sqrt(2.0), wide = std::sqrt(5.0);
  expectNear(results[0], {5, 6 + 10 * root, 7 - 100 * root, 8, 5 - root, 6, 7, 8 + 1000 * root}, 1e-4);
  expectNear(results[1], {0, 2 / wide, -2 / wide, 0, -2 / wide, 0, 0, 2 / wide}, 1e-6);
  expectNear(results[2], {-2 + 1, 11 + 10, -2 + 1, 11 + 10, -2 + 1, 11 + 10, -2 + 1, 11 + 10}, 1e-5);
}

TEST_F(ReferenceTest, AddNormsGiveSumAndNorm) {
  auto results = run(R"(func.func @f(%x: tensor<1x2xf32>, %r: tensor<1x2xf32>, %w: tensor<2xf32>, %b: tensor<2xf32>)
      -> (tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>) {
    %s, %n = xf.add_rms_norm %x, %r, %w eps = 0.0 offset = 1.0
      : (tensor<1x2xf32>, tensor<1x2xf32>, tensor<2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>)
    %t, %m = xf.add_layer_norm %x, %r, %w bias %b eps = 0.0
      : (tensor<1x2xf32>, tensor<1x2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>)
    return %s, %n, %t, %m : tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>
  })",
                     {Tensor({1, 2}, {1, 5}), Tensor({1, 2}, {2, -1}), Tensor({2}, {1, 10}), Tensor({2}, {5, 6})});
  ASSERT_EQ(results.size(), 4u);
  expectNear(results[0], {3, 4}, 0);
  expectNear(results[1], {2 * 3 / std::sqrt(12.5), 11 * 4 / std::sqrt(12.5)}, 1e-5);
  expectNear(results[2], {3, 4}, 0);
  expectNear(results[3], {5 - 1, 6 + 10}, 1e-5);
}

} // namespace
