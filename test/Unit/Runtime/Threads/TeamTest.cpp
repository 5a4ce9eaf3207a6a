#include "runtime/threads/Team.h"
#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <numeric>
#include <unistd.h>

namespace ph {
namespace {

double seconds(auto &&body) {
  auto begin = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

class TeamTest : public testing::TestWithParam<int> {};

TEST_P(TeamTest, EveryThreadRunsOnce) {
  auto team = Team::create(GetParam());
  ASSERT_TRUE(team);
  std::vector<int> calls(GetParam());
  for (int round = 0; round < 200; ++round)
    (*team)->run([&](int thread) { ++calls[thread]; });
  for (int count : calls)
    EXPECT_EQ(count, 200);
}

// Plain, unsynchronized data on both sides of each barrier: a barrier that lets one thread through early makes a wrong
// sum (and a race under TSan).
TEST_P(TeamTest, BarrierSeparatesPhases) {
  const int n = GetParam();
  auto team = Team::create(n);
  ASSERT_TRUE(team);
  std::vector<int64_t> values(n), sums(n);
  const int phases = n > availableCpus() ? 300 : 2000;
  (*team)->run([&](int thread) {
    for (int phase = 0; phase < phases; ++phase) {
      values[thread] = phase + thread;
      Team::barrier(team->get());
      int64_t sum = std::accumulate(values.begin(), values.end(), int64_t(0));
      if (sum == int64_t(n) * phase + n * (n - 1) / 2)
        ++sums[thread];
      Team::barrier(team->get());
    }
  });
  for (int64_t good : sums)
    EXPECT_EQ(good, phases);
}

// Work claimed from the shared counter is done exactly once in every phase, so the barrier must have reset the counter
// before anyone was let through.
TEST_P(TeamTest, BarrierResetsClaim) {
  const int n = GetParam(), items = 37, phases = 200;
  auto team = Team::create(n);
  ASSERT_TRUE(team);
  std::vector<std::atomic<int>> done(items);
  for (int round = 0; round < 3; ++round)
    (*team)->run([&](int) {
      for (int phase = 0; phase < phases; ++phase) {
        for (int item; (item = __atomic_fetch_add((*team)->claim(), 1, __ATOMIC_RELAXED)) < items;)
          done[item].fetch_add(1, std::memory_order_relaxed);
        Team::barrier(team->get());
      }
    });
  for (auto &count : done)
    EXPECT_EQ(count, 3 * phases);
}

// Longer than every spin: workers must be woken from the futex.
TEST_P(TeamTest, WakesSleepers) {
  auto team = Team::create(GetParam());
  ASSERT_TRUE(team);
  std::atomic<int> calls{0};
  for (int round = 0; round < 3; ++round) {
    usleep(8000);
    (*team)->run([&](int thread) {
      if (thread == 0)
        usleep(3000);
      Team::barrier(team->get());
      ++calls;
    });
  }
  EXPECT_EQ(calls, 3 * GetParam());
}

INSTANTIATE_TEST_SUITE_P(Threads, TeamTest, testing::Values(1, 2, 3, 4, 8, 16));

// 8 threads on a few cores: each barrier costs context switches, not spins that run out.
TEST(Team, OversubscribedDoesNotCrawl) {
  const int n = 4 * availableCpus();
  auto team = Team::create(n);
  ASSERT_TRUE(team);
  double time = seconds([&] {
    (*team)->run([&](int) {
      for (int i = 0; i < 1000; ++i)
        Team::barrier(team->get());
    });
  });
  // 1000 barriers that each spin for 200 us and more would take many seconds.
  EXPECT_LT(time, 5.0);
}

TEST(Team, RefusesSenselessCounts) {
  for (int n : {0, -1, Team::kMaxThreads + 1}) {
    auto team = Team::create(n);
    ASSERT_FALSE(team);
    EXPECT_EQ(team.error().code, ErrorCode::Usage);
  }
}

} // namespace
} // namespace ph
