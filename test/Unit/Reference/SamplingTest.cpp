// Argmax, and sampling against the runtime's sampler, which is given the same random numbers.
#include "runtime/sampler/Sampler.h"
#include "test/Unit/Reference/Harness.h"
#include <cmath>
#include <random>

using namespace ph::reference;

namespace {

TEST_F(ReferenceTest, ArgmaxTakesTheFirstOfTheLargest) {
  const char *text = R"(func.func @f(%x: tensor<?x?x3xf32>) -> tensor<?x?xi32> {
    %y = xf.argmax %x : (tensor<?x?x3xf32>) -> tensor<?x?xi32>
    return %y : tensor<?x?xi32>
  })";
  auto results = run(text, {Tensor({2, 2, 3}, {1, 3, 3, -1, -2, -1, INFINITY, 1, 2, NAN, -INFINITY, -5})});
  ASSERT_EQ(results.size(), 1u);
  expectNear(results[0], {1, 0, 2, 2}, 0);
  EXPECT_TRUE(call({Tensor({1, 1, 3}, {NAN, INFINITY, NAN})}).empty());
  EXPECT_EQ(message, "'xf.argmax' op expects a finite value in each row at run time, but got [0]");
}

/// The runtime's n-th random number of a seed (SplitMix64), which its sampler does not show.
double uniformOf(uint64_t seed, uint64_t n) {
  uint64_t z = seed + n * 0x9E3779B97F4A7C15ull;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ z >> 27) * 0x94D049BB133111EBull;
  return double((z ^ z >> 31) >> 11) * 0x1p-53;
}

struct Case {
  ph::SamplerOptions options;
  const char *attributes;
};

std::vector<Case> cases() {
  auto make = [](const char *attributes, auto change) {
    Case result{{}, attributes};
    result.options.seed = 77;
    change(result.options);
    return result;
  };
  return {
      make("", [](auto &) {}),
      make("temperature = 0.0", [](auto &o) { o.temperature = 0; }),
      make("temperature = 2.5", [](auto &o) { o.temperature = 2.5; }),
      make("top_k = 5", [](auto &o) { o.topK = 5; }),
      make("top_p = 0.6", [](auto &o) { o.topP = 0.6f; }),
      make("min_p = 0.2", [](auto &o) { o.minP = 0.2f; }),
      make("repeat_penalty = 1.7", [](auto &o) { o.repeatPenalty = 1.7f; }),
      make("temperature = 1.3 top_k = 12 top_p = 0.8 min_p = 0.05 repeat_penalty = 1.2",
           [](auto &o) {
             o.temperature = 1.3f;
             o.topK = 12;
             o.topP = 0.8f;
             o.minP = 0.05f;
             o.repeatPenalty = 1.2f;
           }),
  };
}

constexpr int rows = 200, vocabulary = 40;

/// Logits of many rows, with equal ones, and what the runtime's sampler draws from them.
struct Draws {
  Tensor logits{{rows, vocabulary}}, uniform{{rows}}, recent{{rows, 6}};
  std::vector<double> expected;
};

Draws draw(const Case &each, bool withInfinite) {
  const std::vector<double> tokens = {3, 3, 7, 11, 39};
  Draws result;
  auto sampler = ph::Sampler::create(each.options, vocabulary);
  for (double token : tokens)
    sampler->accept(int32_t(token));
  std::mt19937 random(5);
  for (int row = 0; row < rows; ++row) {
    std::vector<float> z(vocabulary);
    for (float &x : z)
      x = float(random() % 17) / 4 - 2;
    z[row % vocabulary] = row % 3 || !withInfinite ? 2.25f : -INFINITY;
    std::copy(z.begin(), z.end(), result.logits.row(row));
    std::copy(tokens.begin(), tokens.end(), result.recent.row(row));
    result.recent.row(row)[tokens.size()] = -1; // padding
    result.uniform.data[row] = uniformOf(each.options.seed, row + 1);
    auto token = sampler->sample(z);
    result.expected.push_back(token ? *token : -1);
  }
  return result;
}

TEST_F(ReferenceTest, SamplesWhatTheRuntimeSamples) {
  for (const Case &each : cases()) {
    SCOPED_TRACE(each.attributes);
    Draws draws = draw(each, /*withInfinite=*/true);
    bool penalty = each.options.repeatPenalty != 1;
    std::string recentType = ", tensor<?x?xi32>";
    auto results =
        run("func.func @f(%z: tensor<?x40xf32>, %u: tensor<?xf32>, %r: tensor<?x?xi32>) -> tensor<?xi32> {\n"
            "  %y = xf.sample %z, %u " +
                std::string(penalty ? "recent(%r) " : "") + each.attributes + " : (tensor<?x40xf32>, tensor<?xf32>" +
                (penalty ? recentType : "") + ") -> tensor<?xi32>\n  return %y : tensor<?xi32>\n}",
            {draws.logits, draws.uniform, draws.recent});
    ASSERT_EQ(results.size(), 1u);
    expectNear(results[0], draws.expected, 0);
  }
}

TEST_F(ReferenceTest, LogitsSampleDrawsFromTheScoresOfItsInput) {
  // Score v of a row is -1/2 of -2 times its element v.
  Tensor weight({vocabulary, vocabulary});
  for (int v = 0; v < vocabulary; ++v)
    weight.row(v)[v] = -2;
  for (const Case &each : cases()) {
    SCOPED_TRACE(each.attributes);
    Draws draws = draw(each, /*withInfinite=*/false);
    bool penalty = each.options.repeatPenalty != 1;
    auto results =
        run("func.func @f(%x: tensor<?x40xf32>, %w: tensor<40x40xf32>, %u: tensor<?xf32>, %r: tensor<?x?xi32>) "
            "-> tensor<?xi32> {\n  %y = xf.logits_sample %x, %w, %u " +
                std::string(penalty ? "recent(%r) " : "") + "scale = -0.5 " + each.attributes +
                " : (tensor<?x40xf32>, tensor<40x40xf32>, tensor<?xf32>" + (penalty ? ", tensor<?x?xi32>" : "") +
                ") -> tensor<?xi32>\n  return %y : tensor<?xi32>\n}",
            {draws.logits, weight, draws.uniform, draws.recent});
    ASSERT_EQ(results.size(), 1u);
    expectNear(results[0], draws.expected, 0);
  }
}

TEST_F(ReferenceTest, SampleRefusesWhatIsNoFraction) {
  parse(R"(func.func @f(%z: tensor<1x2xf32>, %u: tensor<1xf32>) -> tensor<1xi32> {
    %y = xf.sample %z, %u : (tensor<1x2xf32>, tensor<1xf32>) -> tensor<1xi32>
    return %y : tensor<1xi32>
  })");
  EXPECT_TRUE(call({Tensor({1, 2}), Tensor({1}, {1})}).empty());
  EXPECT_EQ(message, "'xf.sample' op expects numbers from 0 to below 1 at run time, but got 1.000000e+00");
  EXPECT_TRUE(call({Tensor({1, 2}, {NAN, INFINITY}), Tensor({1})}).empty());
  EXPECT_EQ(message, "'xf.sample' op expects a finite logit in each row at run time, but got [0]");
}

} // namespace
