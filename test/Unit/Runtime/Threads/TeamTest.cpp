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

/// Runs one phase of a thread: `work(first, last)` for each share.
void phase(Team &team, int thread, int64_t units, int64_t chunk, auto &&work) {
  int64_t done = 0;
  for (int64_t first; (first = Team::next(&team, thread, units, chunk, done)) >= 0;) {
    int64_t last = std::min(first + chunk, units);
    work(first, last);
    done = last - first;
  }
}

// Plain, unsynchronized data on both sides of each phase: a phase that ends before all its units are finished makes a
// wrong sum (and a race under TSan).
TEST_P(TeamTest, PhasesFollowEachOther) {
  const int n = GetParam(), items = 37;
  auto team = Team::create(n);
  ASSERT_TRUE(team);
  std::vector<int64_t> values(items), sums(items);
  const int phases = n > availableCpus() ? 300 : 2000;
  (*team)->run([&](int thread) {
    for (int i = 0; i < phases; ++i) {
      phase(**team, thread, items, 3, [&](int64_t first, int64_t last) {
        for (; first < last; ++first)
          values[first] = i + first;
      });
      phase(**team, thread, items, 5, [&](int64_t first, int64_t last) {
        int64_t sum = std::accumulate(values.begin(), values.end(), int64_t(0));
        for (; first < last; ++first)
          sums[first] += sum == int64_t(items) * i + items * (items - 1) / 2;
      });
    }
  });
  for (int64_t good : sums)
    EXPECT_EQ(good, phases);
}

// Each unit is done exactly once in every phase, also where there are fewer units than threads, or none.
TEST_P(TeamTest, EachUnitIsDoneOnce) {
  const int n = GetParam(), phases = 200;
  auto team = Team::create(n);
  ASSERT_TRUE(team);
  for (int64_t items : {0, 1, 2, 37, 1000}) {
    std::vector<std::atomic<int>> done(items);
    for (int round = 0; round < 3; ++round)
      (*team)->run([&](int thread) {
        for (int i = 0; i < phases; ++i)
          phase(**team, thread, items, 1 + i % 7, [&](int64_t first, int64_t last) {
            ASSERT_LE(last, items);
            for (; first < last; ++first)
              done[first].fetch_add(1, std::memory_order_relaxed);
          });
      });
    for (auto &count : done)
      EXPECT_EQ(count, 3 * phases);
  }
}

// A thread that is late does not keep the others from finishing phase after phase without it.
TEST(Team, GoesOnWithoutALateThread) {
  auto team = Team::create(2);
  ASSERT_TRUE(team);
  std::atomic<bool> finished{false};
  std::atomic<int> byTheOther{0};
  (*team)->run([&](int thread) {
    // Waits for all that the other does alone; a barrier would wait for this thread, for ever.
    for (int waited = 0; thread == 1 && !finished && waited < 10000; ++waited)
      usleep(1000);
    for (int i = 0; i < 100; ++i)
      phase(**team, thread, 8, 1, [&](int64_t, int64_t) { byTheOther += thread == 0; });
    if (thread == 0)
      finished = true;
  });
  EXPECT_EQ(byTheOther, 800);
}

// Longer than every spin: workers must be woken from the futex.
TEST_P(TeamTest, WakesSleepers) {
  auto team = Team::create(GetParam());
  ASSERT_TRUE(team);
  std::atomic<int> calls{0};
  for (int round = 0; round < 3; ++round) {
    usleep(8000);
    (*team)->run([&](int thread) {
      phase(**team, thread, 1, 1, [](int64_t, int64_t) { usleep(3000); });
      ++calls;
    });
  }
  EXPECT_EQ(calls, 3 * GetParam());
}

INSTANTIATE_TEST_SUITE_P(Threads, TeamTest, testing::Values(1, 2, 3, 4, 8, 16));

// More threads than cores: a phase costs context switches at worst, not spins that run out.
TEST(Team, OversubscribedDoesNotCrawl) {
  const int n = 4 * availableCpus();
  auto team = Team::create(n);
  ASSERT_TRUE(team);
  double time = seconds([&] {
    (*team)->run([&](int thread) {
      for (int i = 0; i < 1000; ++i)
        phase(**team, thread, n, 1, [](int64_t, int64_t) {});
    });
  });
  // 1000 phases that each spin for 200 us and more would take many seconds.
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
