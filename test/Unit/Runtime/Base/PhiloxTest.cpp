#include "runtime/base/Philox.h"
#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <numeric>

using namespace ph;

// The known answers that come with the authors' Random123.
TEST(Philox, GivesTheKnownAnswers) {
  using Words = std::array<uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, StreamsDiffer) {
  const CounterRandom a(1, 1, 0), b(1, 2, 0), c(1, 1, 1), d(2, 1, 0), again(1, 1, 0);
  EXPECT_EQ(a.bits(7), again.bits(7));
  for (const CounterRandom *other : {&b, &c, &d})
    EXPECT_NE(a.bits(7), other->bits(7));
  EXPECT_NE(a.bits(7), a.bits(uint64_t(7) << 32));
}

TEST(Philox, NumbersBelowABoundAreEven) {
  const CounterRandom random(3, 1, 0);
  std::array<int, 10> counts = {};
  for (uint64_t i = 0; i < 100000; ++i)
    ++counts[random.below(10, i)];
  // Binomial, standard deviation 95.
  for (int count : counts)
    EXPECT_NEAR(count, 10000, 500);
}

TEST(Philox, ShufflesAreOrdersOfAll) {
  auto order = shuffled(1000, CounterRandom(5, 1, 0));
  std::vector<uint32_t> all(1000);
  std::iota(all.begin(), all.end(), 0u);
  EXPECT_TRUE(std::is_permutation(order.begin(), order.end(), all.begin()));
  EXPECT_NE(order, all);
  EXPECT_NE(order, shuffled(1000, CounterRandom(5, 1, 1)));
  EXPECT_TRUE(shuffled(0, CounterRandom(5, 1, 0)).empty());
  // Each of the six orders of three is as likely: standard deviation 91 of 10000.
  std::array<int, 27> counts = {};
  for (uint32_t i = 0; i < 60000; ++i) {
    auto three = shuffled(3, CounterRandom(9, 1, i));
    ++counts[three[0] * 9 + three[1] * 3 + three[2]];
  }
  for (int count : counts)
    EXPECT_TRUE(count == 0 || std::abs(count - 10000) < 500) << count;
}
