// Attention and the cache: closed forms of the softmax, masks, groups of heads.
#include "test/Unit/Reference/Harness.h"
#include <cmath>

using namespace ph::reference;

namespace {

const char *causal =
    R"(func.func @f(%q: tensor<?x?x2xf32>, %k: tensor<?x?x2xf32>, %v: tensor<?x?x2xf32>) -> tensor<?x?x2xf32> {
  %y = xf.attention %q keys(%k) values(%v) heads = 1 scale = 0.5 mask = causal
    : (tensor<?x?x2xf32>, tensor<?x?x2xf32>, tensor<?x?x2xf32>) -> tensor<?x?x2xf32>
  return %y : tensor<?x?x2xf32>
})";

TEST_F(ReferenceTest, QueriesOfZeroGiveMeansOfWhatTheySee) {
  Tensor zero({1, 3, 2}), values({1, 3, 2}, {3, 30, 5, 50, 10, 100});
  auto results = run(causal, {zero, zero, values});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {3, 30, 4, 40, 6, 60}, 1e-5);
}

TEST_F(ReferenceTest, TwoKeysGiveASigmoid) {
  // Scores 0.5 · 2 · 3 = 3 and 0: weights σ(3) and σ(-3).
  auto results =
      run(causal, {Tensor({1, 2, 2}, {0, 0, 2, 0}), Tensor({1, 2, 2}, {3, 7, 0, 9}), Tensor({1, 2, 2}, {1, 0, 0, 1})});
  ASSERT_EQ(results.size(), 1u);
  double sigma = 1 / (1 + std::exp(-3.0));
  expectNear(results[0], {1, 0, sigma, 1 - sigma});
}

TEST_F(ReferenceTest, LargeScoresDoNotOverflow) {
  auto results = run(causal, {Tensor({1, 2, 2}, {0, 0, 4e4, 0}), Tensor({1, 2, 2}, {1e4, 0, -1e4, 0}),
                              Tensor({1, 2, 2}, {1, 2, 3, 4})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {1, 2, 1, 2}, 0);
}

TEST_F(ReferenceTest, HeadsOfAGroupShareKeysAndValues) {
  // Four heads of one element on two key heads; queries of zero, so each head gives the mean of its group's values.
  auto results =
      run(R"(func.func @f(%q: tensor<1x1x4xf32>, %k: tensor<1x2x2xf32>, %v: tensor<1x2x2xf32>) -> tensor<1x1x4xf32> {
    %y = xf.attention %q keys(%k) values(%v) heads = 4 scale = 1.0 mask = none
      : (tensor<1x1x4xf32>, tensor<1x2x2xf32>, tensor<1x2x2xf32>) -> tensor<1x1x4xf32>
    return %y : tensor<1x1x4xf32>
  })",
          {Tensor({1, 1, 4}), Tensor({1, 2, 2}, {1, 2, 3, 4}), Tensor({1, 2, 2}, {1, 10, 3, 30})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {2, 2, 20, 20}, 0);
}

const char *cached = R"(func.func @f(%cache: !xf.cache<2 x 1 x 2, f32>, %q: tensor<?x?x2xf32>, %k: tensor<?x?x2xf32>,
                                     %v: tensor<?x?x2xf32>, %past: tensor<?xi32>)
    -> (tensor<?x?x2xf32>, !xf.cache<2 x 1 x 2, f32>) {
  %layer = arith.constant 1 : index
  %new = xf.cache_append %cache[%layer], %k, %v, %past
    : (!xf.cache<2 x 1 x 2, f32>, index, tensor<?x?x2xf32>, tensor<?x?x2xf32>, tensor<?xi32>) -> !xf.cache<2 x 1 x 2, f32>
  %y = xf.attention %q cache(%new[%layer], %past) heads = 1 scale = 0.5 mask = causal
    : (tensor<?x?x2xf32>, !xf.cache<2 x 1 x 2, f32>, index, tensor<?xi32>) -> tensor<?x?x2xf32>
  return %y, %new : tensor<?x?x2xf32>, !xf.cache<2 x 1 x 2, f32>
})";

TEST_F(ReferenceTest, TheCacheGivesWhatTheWholeSequenceGives) {
  std::vector<double> q = {1, -1, 2, 0.5, -0.25, 3}, k = {0.5, 1, -2, 1.5, 1, 1}, v = {1, 2, 3, 4, 5, 6};
  auto whole = run(causal, {Tensor({1, 3, 2}, q), Tensor({1, 3, 2}, k), Tensor({1, 3, 2}, v)});
  ASSERT_EQ(whole.size(), 1u);
  Value cache(emptyCache(2));
  std::vector<double> got;
  for (int64_t s = 0; s < 3; ++s) {
    auto row = [&](const std::vector<double> &all) {
      return Tensor({1, 1, 2}, {all.begin() + 2 * s, all.begin() + 2 * s + 2});
    };
    auto step = run(cached, {cache, row(q), row(k), row(v), Tensor({1}, {double(s)})});
    ASSERT_EQ(step.size(), 2u);
    got.insert(got.end(), step[0].tensor().data.begin(), step[0].tensor().data.end());
    cache = step[1];
  }
  expectNear(whole[0], got, 0);
  EXPECT_TRUE(cache.cache().layers[0]->sequences.empty()) << "the other layer must stay as it was";
  EXPECT_EQ(cache.cache().layers[1]->sequences[0].keys, k);
}

TEST_F(ReferenceTest, SequencesHaveTheirOwnPasts) {
  // Sequence 0 has two positions, sequence 1 none; queries of zero give means.
  auto layer = std::make_shared<CacheLayer>();
  layer->sequences = {{{0, 0, 0, 0}, {1, 1, 3, 3}}, {}};
  Cache cache = emptyCache(2);
  cache.layers[1] = layer;
  auto results =
      run(cached, {cache, Tensor({2, 1, 2}), Tensor({2, 1, 2}), Tensor({2, 1, 2}, {5, 8, 7, 9}), Tensor({2}, {2, 0})});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[0], {3, 4, 7, 9}, 1e-6);
}

TEST_F(ReferenceTest, WhatIsBeyondAQueryDoesNotCount) {
  // Positions 2 and 3 of the cache are left over from a longer sequence.
  auto layer = std::make_shared<CacheLayer>();
  layer->sequences = {{{0, 0, 9, 9, 9, 9, 9, 9}, {1, 1, 9, 9, 9, 9, 9, 9}}};
  Cache cache = emptyCache(2);
  cache.layers[1] = layer;
  auto results =
      run(cached, {cache, Tensor({1, 1, 2}), Tensor({1, 1, 2}), Tensor({1, 1, 2}, {5, 7}), Tensor({1}, {1})});
  ASSERT_EQ(results.size(), 2u);
  expectNear(results[0], {3, 4}, 1e-6);
}

TEST_F(ReferenceTest, ACacheOfHalfRounds) {
  auto results = run(
      R"(func.func @f(%cache: !xf.cache<1 x 1 x 2, f16>, %k: tensor<1x1x2xf32>, %past: tensor<1xi32>) -> !xf.cache<1 x 1 x 2, f16> {
    %layer = arith.constant 0 : index
    %new = xf.cache_append %cache[%layer], %k, %k, %past
      : (!xf.cache<1 x 1 x 2, f16>, index, tensor<1x1x2xf32>, tensor<1x1x2xf32>, tensor<1xi32>) -> !xf.cache<1 x 1 x 2, f16>
    return %new : !xf.cache<1 x 1 x 2, f16>
  })",
      {emptyCache(1), Tensor({1, 1, 2}, {1 + 0x1p-11, 1 + 0x1p-10}), Tensor({1}, {0})});
  ASSERT_EQ(results.size(), 1u);
  const auto &sequence = results[0].cache().layers[0]->sequences[0];
  EXPECT_EQ(sequence.keys, (std::vector<double>{1, 1 + 0x1p-10}));
  EXPECT_EQ(sequence.values, sequence.keys);
}

TEST_F(ReferenceTest, RotatingInsideIsRotatingBefore) {
  auto results = run(
      R"(func.func @f(%cache: !xf.cache<1 x 1 x 4, f32>, %q: tensor<1x2x8xf32>, %k: tensor<1x2x4xf32>, %past: tensor<1xi32>,
                                 %pos: tensor<1x2xi32>) -> (tensor<1x2x8xf32>, tensor<1x2x8xf32>, tensor<1x2x8xf32>, tensor<1x2x8xf32>) {
    %layer = arith.constant 0 : index
    %rq = xf.rope %q, %pos rope = #xf.rope<dim = 4, base = 1.0e2, style = half> heads = 2
      : (tensor<1x2x8xf32>, tensor<1x2xi32>) -> tensor<1x2x8xf32>
    %rk = xf.rope %k, %pos rope = #xf.rope<dim = 4, base = 1.0e2, style = half> heads = 1
      : (tensor<1x2x4xf32>, tensor<1x2xi32>) -> tensor<1x2x4xf32>
    %c1 = xf.cache_append %cache[%layer], %rk, %k, %past
      : (!xf.cache<1 x 1 x 4, f32>, index, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1xi32>) -> !xf.cache<1 x 1 x 4, f32>
    %c2 = xf.cache_append %cache[%layer], %k, %k, %past rope(%pos, #xf.rope<dim = 4, base = 1.0e2, style = half>)
      : (!xf.cache<1 x 1 x 4, f32>, index, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1xi32>, tensor<1x2xi32>) -> !xf.cache<1 x 1 x 4, f32>
    %y1 = xf.attention %rq cache(%c1[%layer], %past) heads = 2 scale = 0.5 mask = causal
      : (tensor<1x2x8xf32>, !xf.cache<1 x 1 x 4, f32>, index, tensor<1xi32>) -> tensor<1x2x8xf32>
    %y2 = xf.attention %q cache(%c2[%layer], %past) rope(%pos, #xf.rope<dim = 4, base = 1.0e2, style = half>) heads = 2 scale = 0.5 mask = causal
      : (tensor<1x2x8xf32>, !xf.cache<1 x 1 x 4, f32>, index, tensor<1xi32>, tensor<1x2xi32>) -> tensor<1x2x8xf32>
    %y3 = xf.attention %q keys(%k) values(%k) rope(%pos, #xf.rope<dim = 4, base = 1.0e2, style = half>) heads = 2 scale = 0.5 mask = causal
      : (tensor<1x2x8xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2xi32>) -> tensor<1x2x8xf32>
    %y4 = xf.attention %q keys(%k) values(%k) heads = 2 scale = 0.5 mask = causal
      : (tensor<1x2x8xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x8xf32>
    return %y1, %y2, %y3, %y4 : tensor<1x2x8xf32>, tensor<1x2x8xf32>, tensor<1x2x8xf32>, tensor<1x2x8xf32>
  })",
      {emptyCache(1), Tensor({1, 2, 8}, {1, 2, -1, 0.5, 3, -2, 1, 1, 0.5, 0.25, 2, -3, 1, 1, -1, 2}),
       Tensor({1, 2, 4}, {1, -1, 2, 0.5, 0.25, 3, -2, 1}), Tensor({1}, {0}), Tensor({1, 2}, {0, 5})});
  ASSERT_EQ(results.size(), 4u);
  expectNear(results[1], results[0].tensor().data, 1e-6);
  expectNear(results[2], results[0].tensor().data, 1e-6);
  EXPECT_GT(std::abs(results[3].tensor().data[8] - results[0].tensor().data[8]), 1e-3) << "the rotation must matter";
}

TEST_F(ReferenceTest, ACacheThatHoldsTooLittleIsAnError) {
  parse(
      R"(func.func @f(%cache: !xf.cache<2 x 1 x 2, f32>, %q: tensor<1x1x2xf32>, %past: tensor<1xi32>) -> tensor<1x1x2xf32> {
    %layer = arith.constant 1 : index
    %y = xf.attention %q cache(%cache[%layer], %past) heads = 1 scale = 0.5 mask = causal
      : (tensor<1x1x2xf32>, !xf.cache<2 x 1 x 2, f32>, index, tensor<1xi32>) -> tensor<1x1x2xf32>
    return %y : tensor<1x1x2xf32>
  })");
  EXPECT_TRUE(call({emptyCache(2), Tensor({1, 1, 2}), Tensor({1}, {3})}).empty());
  EXPECT_EQ(message, "'xf.attention' op expects keys in the cache for each sequence at run time, but got [0]");
  auto layer = std::make_shared<CacheLayer>();
  layer->sequences = {{{1, 2}, {1, 2}}};
  Cache cache = emptyCache(2);
  cache.layers[1] = layer;
  EXPECT_TRUE(call({cache, Tensor({1, 1, 2}), Tensor({1}, {3})}).empty());
  EXPECT_EQ(message,
            "'xf.attention' op expects the cache to hold what a query sees, 4 positions at run time, but got [1]");
  EXPECT_TRUE(call({emptyCache(1), Tensor({1, 1, 2}), Tensor({1}, {3})}).empty());
  EXPECT_EQ(message, "'xf.attention' op expects a layer of the cache at run time, but got [1]");
}

} // namespace
