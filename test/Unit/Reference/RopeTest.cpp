#include "test/Unit/Reference/Harness.h"
#include <cmath>

using namespace ph::reference;

namespace {

std::string ropeModule(const std::string &rope, int64_t heads) {
  return "func.func @f(%x: tensor<1x?x8xf32>, %p: tensor<1x?xi32>) -> tensor<1x?x8xf32> {\n"
         "  %y = xf.rope %x, %p rope = #xf.rope<" +
         rope + "> heads = " + std::to_string(heads) +
         " : (tensor<1x?x8xf32>, tensor<1x?xi32>) -> tensor<1x?x8xf32>\n  return %y : tensor<1x?x8xf32>\n}";
}

std::vector<double> row(int64_t first) {
  std::vector<double> values(8);
  for (int64_t i = 0; i < 8; ++i)
    values[i] = double(first + i);
  return values;
}

TEST_F(ReferenceTest, HalfStylePairsFarElements) {
  // base 16 and dim 4: θ = 1 and 1/4.
  auto results =
      run(ropeModule("dim = 4, base = 16.0, style = half", 2), {Tensor({1, 1, 8}, row(1)), Tensor({1, 1}, {3})});
  ASSERT_EQ(results.size(), 1u);
  double c0 = std::cos(3.0), s0 = std::sin(3.0), c1 = std::cos(0.75), s1 = std::sin(0.75);
  expectNear(results[0],
             {1 * c0 - 3 * s0, 2 * c1 - 4 * s1, 3 * c0 + 1 * s0, 4 * c1 + 2 * s1, 5 * c0 - 7 * s0, 6 * c1 - 8 * s1,
              7 * c0 + 5 * s0, 8 * c1 + 6 * s1},
             2e-6);
}

TEST_F(ReferenceTest, InterleavedStylePairsNeighbours) {
  auto results =
      run(ropeModule("dim = 4, base = 16.0, style = interleaved", 2), {Tensor({1, 1, 8}, row(1)), Tensor({1, 1}, {3})});
  ASSERT_EQ(results.size(), 1u);
  double c0 = std::cos(3.0), s0 = std::sin(3.0), c1 = std::cos(0.75), s1 = std::sin(0.75);
  expectNear(results[0],
             {1 * c0 - 2 * s0, 2 * c0 + 1 * s0, 3 * c1 - 4 * s1, 4 * c1 + 3 * s1, 5 * c0 - 6 * s0, 6 * c0 + 5 * s0,
              7 * c1 - 8 * s1, 8 * c1 + 7 * s1},
             2e-6);
}

TEST_F(ReferenceTest, ElementsBeyondDimStay) {
  auto results =
      run(ropeModule("dim = 2, base = 16.0, style = half", 2), {Tensor({1, 1, 8}, row(1)), Tensor({1, 1}, {1})});
  ASSERT_EQ(results.size(), 1u);
  double c = std::cos(1.0), s = std::sin(1.0);
  expectNear(results[0], {c - 2 * s, 2 * c + s, 3, 4, 5 * c - 6 * s, 6 * c + 5 * s, 7, 8}, 2e-6);
}

TEST_F(ReferenceTest, LinearScalingStretchesPositions) {
  auto scaled = run(ropeModule("dim = 8, base = 1.0e4, style = half, scaling = linear, factor = 4.0", 1),
                    {Tensor({1, 1, 8}, row(1)), Tensor({1, 1}, {20})});
  auto plain =
      run(ropeModule("dim = 8, base = 1.0e4, style = half", 1), {Tensor({1, 1, 8}, row(1)), Tensor({1, 1}, {5})});
  ASSERT_EQ(scaled.size(), 1u);
  ASSERT_EQ(plain.size(), 1u);
  expectNear(scaled[0], plain[0].tensor().data, 1e-6);
}

TEST_F(ReferenceTest, PositionZeroIsTheIdentityAndEachTokenHasItsOwn) {
  std::vector<double> two = row(1);
  two.insert(two.end(), two.begin(), two.begin() + 8);
  auto results =
      run(ropeModule("dim = 8, base = 1.0e4, style = half", 1), {Tensor({1, 2, 8}, two), Tensor({1, 2}, {0, 7})});
  ASSERT_EQ(results.size(), 1u);
  const std::vector<double> &got = results[0].tensor().data;
  for (int64_t i = 0; i < 8; ++i)
    EXPECT_EQ(got[i], two[i]);
  EXPECT_NEAR(got[8], 1 * std::cos(7.0) - 5 * std::sin(7.0), 1e-6);
}

TEST_F(ReferenceTest, RopeHalvesTurnsInterleavedRowsIntoHalves) {
  // Rotating interleaved pairs and permuting is permuting and rotating halves.
  auto source = ph::xf::SourceAttr::get(&context, "w", /*ropeHalvesHeads=*/2);
  std::vector<double> x = {3, 1, 4, 1, 5, 9, 2, 6}, permuted(8);
  for (int64_t i = 0; i < 8; ++i)
    permuted[i] = x[source.getSourceRow(i, 8)];
  EXPECT_EQ(permuted, (std::vector<double>{3, 4, 1, 1, 5, 2, 9, 6}));
  auto interleaved =
      run(ropeModule("dim = 4, base = 100.0, style = interleaved", 2), {Tensor({1, 1, 8}, x), Tensor({1, 1}, {11})});
  auto halves =
      run(ropeModule("dim = 4, base = 100.0, style = half", 2), {Tensor({1, 1, 8}, permuted), Tensor({1, 1}, {11})});
  ASSERT_EQ(interleaved.size(), 1u);
  ASSERT_EQ(halves.size(), 1u);
  std::vector<double> expected(8);
  for (int64_t i = 0; i < 8; ++i)
    expected[i] = interleaved[0].tensor().data[source.getSourceRow(i, 8)];
  expectNear(halves[0], expected, 0);
}

} // namespace
