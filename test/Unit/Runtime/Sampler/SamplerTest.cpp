#include "runtime/sampler/Sampler.h"
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <limits>
#include <map>
#include <new>

using namespace ph;

static std::atomic<size_t> allocations = 0;
void *operator new(size_t bytes) {
  ++allocations;
  if (void *memory = std::malloc(bytes))
    return memory;
  std::abort();
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, size_t) noexcept { std::free(memory); }

namespace {

Sampler make(const SamplerOptions &options, size_t vocabulary) {
  auto sampler = Sampler::create(options, vocabulary);
  EXPECT_TRUE(sampler) << sampler.error().message;
  return *sampler;
}

int32_t next(Sampler &sampler, std::span<const float> logits) {
  auto id = sampler.sample(logits);
  EXPECT_TRUE(id) << id.error().message;
  return id ? *id : -1;
}

std::vector<double> frequencies(const SamplerOptions &options, const std::vector<float> &logits, int draws = 40000) {
  Sampler sampler = make(options, logits.size());
  std::vector<double> counts(logits.size());
  for (int i = 0; i < draws; ++i)
    counts[next(sampler, logits)] += 1.0 / draws;
  return counts;
}

const std::vector<float> logits = {1.0f, 3.0f, -1.0f, 2.5f, 0.0f};

std::vector<double> softmax(const std::vector<float> &x, double temperature, std::vector<int> kept) {
  std::vector<double> p(x.size());
  double sum = 0;
  for (int i : kept)
    sum += p[i] = std::exp(x[i] / temperature);
  for (double &v : p)
    v /= sum;
  return p;
}

void expectNear(const std::vector<double> &got, const std::vector<double> &expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    if (expected[i] == 0)
      EXPECT_EQ(got[i], 0) << i;
    else // five standard deviations of a share of 40000 draws
      EXPECT_NEAR(got[i], expected[i], 5 * std::sqrt(expected[i] * (1 - expected[i]) / 40000) + 1e-9) << i;
}

TEST(Sampler, TakesTheLargestAtTemperatureZero) {
  Sampler sampler = make({.temperature = 0}, 5);
  EXPECT_EQ(next(sampler, logits), 1);
  std::vector<float> ties(100, 2.0f);
  ties[40] = ties[70] = 5;
  Sampler wide = make({.temperature = 0}, 100);
  EXPECT_EQ(next(wide, ties), 40); // the first of equals
}

TEST(Sampler, FollowsTheSoftmax) {
  expectNear(frequencies({.seed = 1}, logits), softmax(logits, 1, {0, 1, 2, 3, 4}));
  expectNear(frequencies({.temperature = 0.5f, .seed = 2}, logits), softmax(logits, 0.5, {0, 1, 2, 3, 4}));
}

TEST(Sampler, Filters) {
  expectNear(frequencies({.topK = 2}, logits), softmax(logits, 1, {1, 3}));
  expectNear(frequencies({.topK = 100}, logits), softmax(logits, 1, {0, 1, 2, 3, 4}));
  // Shares are 0.553, 0.335, 0.075, 0.028, 0.010 of 1, 3, 0, 4, 2: 0.85 needs the first two.
  expectNear(frequencies({.topP = 0.85f}, logits), softmax(logits, 1, {1, 3}));
  expectNear(frequencies({.topP = 0.9f}, logits), softmax(logits, 1, {1, 3, 0}));
  expectNear(frequencies({.topP = 1e-6f}, logits), softmax(logits, 1, {1}));
  expectNear(frequencies({.minP = 0.1f}, logits), softmax(logits, 1, {1, 3, 0}));
  expectNear(frequencies({.minP = 1.0f}, logits), softmax(logits, 1, {1}));
}

TEST(Sampler, FiltersBeforeTemperature) {
  // At temperature 2 min-p 0.1 would keep token 4 as well: e^(-3/2) > 0.1.
  expectNear(frequencies({.temperature = 2, .minP = 0.1f}, logits), softmax(logits, 2, {1, 3, 0}));
  expectNear(frequencies({.temperature = 2, .topK = 3, .topP = 0.85f}, logits), softmax(logits, 2, {1, 3}));
}

TEST(Sampler, PenalizesRecentTokensOnce) {
  Sampler sampler = make({.temperature = 0, .repeatPenalty = 1.5f, .repeatLast = 2}, 5);
  sampler.accept(1);
  sampler.accept(1);
  EXPECT_EQ(next(sampler, logits), 3); // 3 / 1.5 = 2 < 2.5
  sampler.accept(3);
  EXPECT_EQ(next(sampler, logits), 1); // 2 against 2.5 / 1.5
  sampler.accept(0);
  EXPECT_EQ(next(sampler, logits), 1); // 1 has left the window
  std::vector<float> negative = {-1.0f, -1.2f};
  Sampler two = make({.temperature = 0, .repeatPenalty = 1.5f}, 2);
  two.accept(0);
  EXPECT_EQ(next(two, negative), 1); // -1 * 1.5 < -1.2
  two.reset();
  EXPECT_EQ(next(two, negative), 0);
}

TEST(Sampler, SameSeedSameTokens) {
  Sampler a = make({.seed = 42}, 5), b = make({.seed = 42}, 5), c = make({.seed = 43}, 5);
  std::vector<int32_t> as, bs, cs;
  for (int i = 0; i < 20; ++i) {
    as.push_back(next(a, logits));
    bs.push_back(next(b, logits));
    cs.push_back(next(c, logits));
  }
  EXPECT_EQ(as, bs);
  EXPECT_NE(as, cs);
  // Written down, so that a change of generator or arithmetic shows on any machine.
  EXPECT_EQ(as, (std::vector<int32_t>{3, 1, 1, 1, 1, 3, 1, 3, 1, 0, 1, 1, 1, 1, 3, 1, 1, 1, 1, 3}));
  a.reset();
  EXPECT_EQ(next(a, logits), as[0]);
}

TEST(Sampler, NeverTakesWhatIsNotFinite) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> broken = {nan, -infinity, 0.5f, infinity, nan};
  for (SamplerOptions options : {SamplerOptions{.temperature = 0}, SamplerOptions{}, SamplerOptions{.topK = 2},
                                 SamplerOptions{.topP = 0.5f, .minP = 0.1f}, SamplerOptions{.topK = 1}}) {
    Sampler sampler = make(options, 5);
    for (int i = 0; i < 20; ++i)
      EXPECT_EQ(next(sampler, broken), 2);
    auto none = sampler.sample(std::vector<float>{nan, nan, infinity, -infinity, nan});
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().message.find("none of the 5 logits is a finite number"), std::string::npos);
    EXPECT_FALSE(sampler.sample(std::vector<float>{1.0f}));
  }
}

TEST(Sampler, AllocatesNothingPerToken) {
  std::vector<float> wide(50000);
  for (size_t i = 0; i < wide.size(); ++i)
    wide[i] = std::sin(static_cast<float>(i)) * 8;
  for (SamplerOptions options :
       {SamplerOptions{}, SamplerOptions{.topK = 40, .topP = 0.95f, .minP = 0.05f, .repeatPenalty = 1.1f},
        SamplerOptions{.temperature = 0.7f, .topP = 0.9f}}) {
    Sampler sampler = make(options, wide.size());
    const size_t before = allocations;
    for (int i = 0; i < 10; ++i)
      if (auto id = sampler.sample(wide))
        sampler.accept(*id);
    EXPECT_EQ(allocations, before);
  }
}

TEST(Sampler, RefusesOptionsOutOfRange) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::pair<SamplerOptions, const char *> cases[] = {{{.temperature = -1}, "temperature"},
                                                           {{.temperature = nan}, "temperature"},
                                                           {{.topK = -1}, "top-k"},
                                                           {{.topP = 0}, "top-p"},
                                                           {{.topP = 1.5f}, "top-p"},
                                                           {{.minP = -0.1f}, "min-p"},
                                                           {{.repeatPenalty = 0}, "penalty"},
                                                           {{.repeatLast = -1}, "window"}};
  for (const auto &[options, name] : cases) {
    auto sampler = Sampler::create(options, 5);
    ASSERT_FALSE(sampler) << name;
    EXPECT_EQ(sampler.error().code, ErrorCode::Usage);
    EXPECT_NE(sampler.error().message.find(name), std::string::npos) << sampler.error().message;
  }
  EXPECT_FALSE(Sampler::create({}, 0));
}

} // namespace
