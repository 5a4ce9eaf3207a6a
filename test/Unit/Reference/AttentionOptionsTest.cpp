// What narrows, widens and biases attention, in closed form: queries of zero give means of what they see.
#include "test/Unit/Reference/Harness.h"
#include <cmath>

using namespace ph::reference;

namespace {

/// One head of one element over five positions with values 1 to 5; `operands` are declared as `arguments`.
std::string fivePositions(const std::string &arguments, const std::string &operands, const std::string &types,
                          const std::string &attributes) {
  return "func.func @f(%q: tensor<1x5x1xf32>, %v: tensor<1x5x1xf32>" + arguments +
         ") -> tensor<1x5x1xf32> {\n %y = xf.attention %q keys(%q) values(%v) " + operands +
         " heads = 1 scale = 1.0 mask = " + attributes + " : (tensor<1x5x1xf32>, tensor<1x5x1xf32>, tensor<1x5x1xf32>" +
         types + ") -> tensor<1x5x1xf32>\n return %y : tensor<1x5x1xf32>\n}";
}

class AttentionOptionsTest : public ReferenceTest {
protected:
  void expectFive(const std::string &text, std::vector<Value> more, std::vector<double> expected) {
    std::vector<Value> arguments = {Tensor({1, 5, 1}), Tensor({1, 5, 1}, {1, 2, 3, 4, 5})};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto results = run(text, arguments);
    ASSERT_EQ(results.size(), 1u);
    expectNear(results[0], expected, 1e-6);
  }
};

TEST_F(AttentionOptionsTest, AWindowLimitsWhatIsBefore) {
  expectFive(fivePositions("", "", "", "causal window = 2"), {}, {1, 1.5, 2.5, 3.5, 4.5});
}

TEST_F(AttentionOptionsTest, TheFirstPositionsAreKeptBesideAWindow) {
  expectFive(fivePositions("", "", "", "causal window = 2 keep = 1"), {}, {1, 1.5, 2, 8.0 / 3, 10.0 / 3});
  // Not what comes after the query, nor what is padding.
  expectFive(fivePositions("", "", "", "causal window = 1 keep = 3"), {}, {1, 1.5, 2, 2.5, 11.0 / 4});
  expectFive(fivePositions(", %m: tensor<1x5xi32>", "valid(%m)", ", tensor<1x5xi32>", "causal window = 1 keep = 2"),
             {Tensor({1, 5}, {0, 1, 1, 1, 1})}, {0, 2, 2.5, 3, 3.5});
}

TEST_F(AttentionOptionsTest, AWindowWithoutAMaskReachesToBothSides) {
  expectFive(fivePositions("", "", "", "none window = 2"), {}, {1.5, 2, 3, 4, 4.5});
}

TEST_F(AttentionOptionsTest, PositionsOfThePrefixSeeEachOther) {
  std::string prefix = ", %p: tensor<1xi32>", type = ", tensor<1xi32>";
  expectFive(fivePositions(prefix, "prefix(%p)", type, "causal"), {Tensor({1}, {3})}, {2, 2, 2, 2.5, 3});
  expectFive(fivePositions(prefix, "prefix(%p)", type, "causal window = 1"), {Tensor({1}, {3})}, {2, 2, 2, 4, 5});
  expectFive(fivePositions(prefix, "prefix(%p)", type, "causal"), {Tensor({1}, {9})}, {3, 3, 3, 3, 3});
  expectFive(fivePositions(prefix, "prefix(%p)", type, "causal"), {Tensor({1}, {0})}, {1, 1.5, 2, 2.5, 3});
}

TEST_F(AttentionOptionsTest, DocumentsDoNotSeeEachOther) {
  expectFive(fivePositions(", %d: tensor<1x5xi32>", "documents(%d)", ", tensor<1x5xi32>", "causal"),
             {Tensor({1, 5}, {7, 7, 2, 2, 7})}, {1, 1.5, 3, 3.5, 8.0 / 3});
}

TEST_F(AttentionOptionsTest, PaddingIsNotSeenAndARowThatSeesNothingIsZero) {
  expectFive(fivePositions(", %m: tensor<1x5xi32>", "valid(%m)", ", tensor<1x5xi32>", "causal"),
             {Tensor({1, 5}, {0, 1, 1, 0, 1})}, {0, 2, 2.5, 2.5, 10.0 / 3});
}

TEST_F(AttentionOptionsTest, ASinkTakesItsShare) {
  // e^sink = 3 beside as many ones as positions are seen; a row that sees nothing stays zero.
  std::string sinks = ", %s: tensor<1xf32>, %m: tensor<1x5xi32>", types = ", tensor<1xf32>, tensor<1x5xi32>";
  expectFive(fivePositions(sinks, "sinks(%s) valid(%m)", types, "causal"),
             {Tensor({1}, {std::log(3.0)}), Tensor({1, 5}, {0, 1, 1, 1, 1})}, {0, 2.0 / 4, 5.0 / 5, 9.0 / 6, 14.0 / 7});
}

TEST_F(AttentionOptionsTest, ALargeSinkDoesNotOverflow) {
  expectFive(fivePositions(", %s: tensor<1xf32>", "sinks(%s)", ", tensor<1xf32>", "causal"), {Tensor({1}, {1e4})},
             {0, 0, 0, 0, 0});
}

TEST_F(AttentionOptionsTest, TheCapComesAfterTheScaleAndBeforeTheBias) {
  auto results = run(
      R"(func.func @f(%q: tensor<1x1x1xf32>, %k: tensor<1x2x1xf32>, %v: tensor<1x2x1xf32>, %b: tensor<1x1x1x2xf32>) -> tensor<1x1x1xf32> {
    %y = xf.attention %q keys(%k) values(%v) bias(%b) heads = 1 scale = 0.5 mask = none soft_cap = 2.0
      : (tensor<1x1x1xf32>, tensor<1x2x1xf32>, tensor<1x2x1xf32>, tensor<1x1x1x2xf32>) -> tensor<1x1x1xf32>
    return %y : tensor<1x1x1xf32>
  })",
      {Tensor({1, 1, 1}, {3}), Tensor({1, 2, 1}, {2, 0}), Tensor({1, 2, 1}, {1, 0}), Tensor({1, 1, 1, 2}, {5, 6})});
  ASSERT_EQ(results.size(), 1u);
  double score = 2 * std::tanh(0.5 * 3 * 2 / 2.0) + 5 - 6;
  expectNear(results[0], {1 / (1 + std::exp(-score))});
}

TEST_F(AttentionOptionsTest, ABiasIsOfItsHeadSequenceAndPlace) {
  // Biases of ln 3 for one key of the two, of each of two heads.
  double three = std::log(3.0);
  auto results = run(
      R"(func.func @f(%q: tensor<1x2x2xf32>, %v: tensor<1x2x1xf32>, %b: tensor<1x2x2x2xf32>) -> tensor<1x2x2xf32> {
    %y = xf.attention %q keys(%v) values(%v) bias(%b) heads = 2 scale = 1.0 mask = none
      : (tensor<1x2x2xf32>, tensor<1x2x1xf32>, tensor<1x2x1xf32>, tensor<1x2x2x2xf32>) -> tensor<1x2x2xf32>
    return %y : tensor<1x2x2xf32>
  })",
      {Tensor({1, 2, 2}), Tensor({1, 2, 1}, {0, 4}), Tensor({1, 2, 2, 2}, {three, 0, 0, three, 0, 0, 0, 2 * three})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {1, 2, 3, 3.6}, 1e-6);
}

TEST_F(AttentionOptionsTest, LinearBiasesFallWithTheDistance) {
  // One head: slope 2^-8, so weights e^(slope (j - i)).
  double r = std::exp(-1.0 / 256);
  auto mean = [&](int n) {
    double sum = 0, weights = 0;
    for (int j = 0; j < n; ++j) {
      sum += std::pow(r, n - 1 - j) * (j + 1);
      weights += std::pow(r, n - 1 - j);
    }
    return sum / weights;
  };
  expectFive(fivePositions("", "alibi = #xf.alibi<max_bias = 8.0>", "", "causal"), {},
             {mean(1), mean(2), mean(3), mean(4), mean(5)});
}

/// Bloom's build_alibi_tensor: the closest power of two below, then every other slope of twice as many.
std::vector<double> bloomSlopes(int64_t heads) {
  int64_t closest = int64_t(std::pow(2, std::floor(std::log2(double(heads)))));
  double base = std::pow(2, -std::pow(2, -(std::log2(double(closest)) - 3)));
  std::vector<double> slopes;
  for (int64_t power = 1; power <= closest; ++power)
    slopes.push_back(std::pow(base, power));
  double extra = std::pow(2, -std::pow(2, -(std::log2(double(2 * closest)) - 3)));
  for (int64_t k = 0; k < std::min(closest, heads - closest); ++k)
    slopes.push_back(std::pow(extra, 1 + 2 * k));
  return slopes;
}

/// MPT's build_mpt_alibi_tensor: slopes of the next power of two, the odd ones first.
std::vector<double> mptSlopes(int64_t heads, double maxBias) {
  int64_t power = int64_t(std::pow(2, std::ceil(std::log2(double(heads)))));
  std::vector<double> all, slopes;
  for (int64_t k = 1; k <= power; ++k)
    all.push_back(1 / std::pow(2, double(k) * (maxBias / double(power))));
  if (power == heads)
    return all;
  for (size_t first : {1, 0})
    for (size_t k = first; k < all.size(); k += 2)
      slopes.push_back(all[k]);
  slopes.resize(heads);
  return slopes;
}

TEST_F(AttentionOptionsTest, SlopesAreThoseOfBloomAndOfMpt) {
  for (int64_t heads = 1; heads <= 70; ++heads) {
    auto got = ph::xf::AlibiAttr::get(&context, 8.0).getSlopes(heads);
    auto other = ph::xf::AlibiAttr::get(&context, 5.0).getSlopes(heads);
    std::vector<double> bloom = bloomSlopes(heads), mpt = mptSlopes(heads, 8), mptOther = mptSlopes(heads, 5);
    ASSERT_EQ(got.size(), size_t(heads));
    for (int64_t h = 0; h < heads; ++h) {
      EXPECT_NEAR(got[h], bloom[h], 1e-12) << heads << " heads, head " << h;
      EXPECT_NEAR(got[h], mpt[h], 1e-12) << heads << " heads, head " << h;
      EXPECT_NEAR(other[h], mptOther[h], 1e-12) << heads << " heads, head " << h;
    }
  }
  // The paper's own: a geometric sequence from 1/2 for 8 heads.
  auto eight = ph::xf::AlibiAttr::get(&context, 8.0).getSlopes(8);
  EXPECT_EQ(eight.front(), 0.5);
  EXPECT_EQ(eight.back(), 1.0 / 256);
}

TEST_F(AttentionOptionsTest, ValuesMayBeWiderThanKeysAndOfAnotherSequence) {
  auto results =
      run(R"(func.func @f(%q: tensor<1x1x4xf32>, %k: tensor<1x2x2xf32>, %v: tensor<1x2x6xf32>) -> tensor<1x1x12xf32> {
    %y = xf.attention %q keys(%k) values(%v) heads = 4 scale = 1.0 mask = none
      : (tensor<1x1x4xf32>, tensor<1x2x2xf32>, tensor<1x2x6xf32>) -> tensor<1x1x12xf32>
    return %y : tensor<1x1x12xf32>
  })",
          {Tensor({1, 1, 4}), Tensor({1, 2, 2}), Tensor({1, 2, 6}, {1, 2, 3, 10, 20, 30, 3, 4, 5, 30, 40, 50})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {2, 3, 4, 2, 3, 4, 20, 30, 40, 20, 30, 40}, 1e-6);
}

/// The last of three positions, from a cache that holds all, and all three from keys; both with `operands`.
std::string cachedAndPlain(const std::string &arguments, const std::string &cached, const std::string &plain,
                           const std::string &types, const std::string &attributes) {
  return "func.func @f(%cache: !xf.cache<1 x 1 x 2, f32>, %q: tensor<1x3x2xf32>, %k: tensor<1x3x2xf32>, %past: "
         "tensor<1xi32>, %last: tensor<1x1x2xf32>" +
         arguments + R"() -> (tensor<1x1x2xf32>, tensor<1x3x2xf32>) {
    %l = arith.constant 0 : index
    %a = xf.attention %last cache(%cache[%l], %past) )" +
         cached + " heads = 1 scale = 0.5 mask = causal " + attributes +
         " : (tensor<1x1x2xf32>, !xf.cache<1 x 1 x 2, f32>, index, tensor<1xi32>" + types +
         ") -> tensor<1x1x2xf32>\n %b = xf.attention %q keys(%k) values(%k) " + plain +
         " heads = 1 scale = 0.5 mask = causal " + attributes +
         " : (tensor<1x3x2xf32>, tensor<1x3x2xf32>, tensor<1x3x2xf32>" + types +
         ") -> tensor<1x3x2xf32>\n return %a, %b : tensor<1x1x2xf32>, tensor<1x3x2xf32>\n}";
}

TEST_F(AttentionOptionsTest, TheCacheGivesWhatKeysGive) {
  std::vector<double> k = {0.5, 1, -2, 1.5, 1, 1}, q = {1, -1, 2, 0.5, -0.25, 3};
  Cache cache = emptyCache(1);
  auto layer = std::make_shared<CacheLayer>();
  layer->sequences = {{k, k}};
  cache.layers[0] = layer;
  for (std::string attributes : {"window = 2", "soft_cap = 1.5", ""}) {
    std::vector<Value> arguments = {cache, Tensor({1, 3, 2}, q), Tensor({1, 3, 2}, k), Tensor({1}, {2}),
                                    Tensor({1, 1, 2}, {-0.25, 3})};
    std::string sinks = ", %s: tensor<1xf32>, %m: tensor<1x3xi32>", types = ", tensor<1xf32>, tensor<1x3xi32>";
    std::string options = "sinks(%s) valid(%m) alibi = #xf.alibi<max_bias = 2.0>";
    arguments.push_back(Tensor({1}, {0.3}));
    arguments.push_back(Tensor({1, 3}, {1, 0, 1}));
    auto results = run(cachedAndPlain(sinks, options, options, types, attributes), arguments);
    ASSERT_EQ(results.size(), 2u);
    expectNear(results[0], {results[1].tensor().data[4], results[1].tensor().data[5]}, 1e-7);
  }
}

TEST_F(AttentionOptionsTest, ValidMustCoverWhatAQuerySees) {
  auto layer = std::make_shared<CacheLayer>();
  layer->sequences = {{{1, 2, 3, 4}, {1, 2, 3, 4}}};
  Cache cache = emptyCache(1);
  cache.layers[0] = layer;
  parse(
      R"(func.func @f(%cache: !xf.cache<1 x 1 x 2, f32>, %q: tensor<1x1x2xf32>, %past: tensor<1xi32>, %m: tensor<1x?xi32>) -> tensor<1x1x2xf32> {
    %l = arith.constant 0 : index
    %y = xf.attention %q cache(%cache[%l], %past) valid(%m) heads = 1 scale = 0.5 mask = causal
      : (tensor<1x1x2xf32>, !xf.cache<1 x 1 x 2, f32>, index, tensor<1xi32>, tensor<1x?xi32>) -> tensor<1x1x2xf32>
    return %y : tensor<1x1x2xf32>
  })");
  EXPECT_TRUE(call({cache, Tensor({1, 1, 2}), Tensor({1}, {1}), Tensor({1, 1}, {1})}).empty());
  EXPECT_EQ(message, "'xf.attention' op expects valid of the 2 positions that a query sees at run time, but got [1]");
}

TEST_F(AttentionOptionsTest, ALayerOfTheCacheIsReadAsATensor) {
  auto layer = std::make_shared<CacheLayer>();
  layer->sequences = {{{1, 2, 3, 4}, {5, 6, 7, 8}}, {{9, 10}, {11, 12}}};
  Cache cache = emptyCache(2);
  cache.layers[1] = layer;
  auto results = run(R"(func.func @f(%cache: !xf.cache<2 x 1 x 2, f32>) -> (tensor<?x?x2xf32>, tensor<?x?x2xf32>) {
    %l = arith.constant 1 : index
    %k = xf.cache_keys %cache[%l] : (!xf.cache<2 x 1 x 2, f32>, index) -> tensor<?x?x2xf32>
    %v = xf.cache_values %cache[%l] : (!xf.cache<2 x 1 x 2, f32>, index) -> tensor<?x?x2xf32>
    return %k, %v : tensor<?x?x2xf32>, tensor<?x?x2xf32>
  })",
                     {cache});
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].tensor().shape, (llvm::SmallVector<int64_t>{2, 2, 2}));
  expectNear(results[0], {1, 2, 3, 4, 9, 10, 0, 0}, 0);
  expectNear(results[1], {5, 6, 7, 8, 11, 12, 0, 0}, 0);
}

} // namespace
