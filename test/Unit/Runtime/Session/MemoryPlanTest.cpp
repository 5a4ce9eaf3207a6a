#include "runtime/session/MemoryPlan.h"
#include <gtest/gtest.h>

namespace ph {
namespace {

const ModelSizes kModel = {.vocabulary = 1000,
                           .contextLength = 8192,
                           .weights = 100'000'000,
                           .arenaFixed = 1'000'000,
                           .arenaPerRow = 10'000,
                           .cachePerPosition = 50'000};

Expected<MemoryPlan> plan(const SessionOptions &options, uint64_t available,
                          WeightsPlacement placement = WeightsPlacement::Read) {
  return planMemory(kModel, options, placement, false, {available, "a test"});
}

TEST(MemoryPlan, AddsUp) {
  auto p = plan({.context = 1000, .slots = 2, .chunk = 100, .logitRows = 3}, 1'000'000'000);
  ASSERT_TRUE(p);
  EXPECT_EQ(p->context, 1024);
  EXPECT_EQ(p->chunk, 100);
  EXPECT_EQ(p->capacity, 128);
  EXPECT_EQ(p->arena, 2'280'000u);
  EXPECT_EQ(p->cache, 2u * 1024 * 50'000);
  EXPECT_EQ(p->logits, 12'000u);
  EXPECT_EQ(p->total(), 100'000'000u + 2'280'000 + 102'400'000 + 12'000 + kMemorySlack);
}

TEST(MemoryPlan, DefaultContextIsTheModelsUpToALimit) { EXPECT_EQ(plan({}, 1u << 30)->context, kDefaultContext); }

TEST(MemoryPlan, CapacityHoldsEverySlotAndEveryLogitRow) {
  EXPECT_EQ(plan({.context = 64, .slots = 5, .chunk = 1}, 1u << 30)->capacity, 64);
  EXPECT_EQ(plan({.context = 64, .chunk = 1, .logitRows = 65}, 1u << 30)->capacity, 128);
  EXPECT_EQ(plan({.context = 64, .slots = 5, .chunk = 1}, 1u << 30)->chunk, 1);
  EXPECT_EQ(plan({.context = 64, .chunk = 512}, 1u << 30)->capacity, 64);
}

TEST(MemoryPlan, RefusalNamesNeedsAvailableAndWhatFits) {
  auto p = plan({.context = 8192}, 300'000'000);
  ASSERT_FALSE(p);
  EXPECT_EQ(p.error().code, ErrorCode::WontFit);
  const std::string &message = p.error().message;
  // 100 MB + 3.56 MB + 4 kB + 16 MB + 8192 * 50 kB
  EXPECT_NE(message.find("529164000 bytes"), std::string::npos) << message;
  EXPECT_NE(message.find("300000000 bytes"), std::string::npos) << message;
  // (300 MB - 119.564 MB) / 50 kB = 3608, in steps of 64
  EXPECT_NE(message.find("-c 3584"), std::string::npos) << message;
  EXPECT_TRUE(plan({.context = 3584}, 300'000'000));
  EXPECT_FALSE(plan({.context = 3584 + 64}, 300'000'000));
}

TEST(MemoryPlan, NoContextFits) {
  auto p = plan({.context = 64}, 50'000'000);
  ASSERT_FALSE(p);
  EXPECT_NE(p.error().message.find("no context would fit"), std::string::npos);
}

TEST(MemoryPlan, AutoMapsWeightsWhenMemoryIsShort) {
  EXPECT_FALSE(plan({.context = 64}, 1'000'000'000, WeightsPlacement::Auto)->mapWeights);
  auto p = plan({.context = 64}, 50'000'000, WeightsPlacement::Auto);
  ASSERT_TRUE(p);
  EXPECT_TRUE(p->mapWeights);
  EXPECT_LT(p->total(), 50'000'000u);
  // 100 MB + 1.64 MB + 4 kB + 3.2 MB + 16 MB
  EXPECT_FALSE(plan({.context = 64}, 120'844'000, WeightsPlacement::Auto)->mapWeights);
  EXPECT_TRUE(plan({.context = 64}, 120'843'999, WeightsPlacement::Auto)->mapWeights);
  // Mapped, the rest and the slack must fit.
  EXPECT_TRUE(plan({.context = 64}, 20'844'000, WeightsPlacement::Auto));
  EXPECT_FALSE(plan({.context = 64}, 20'843'999, WeightsPlacement::Auto));
}

TEST(MemoryPlan, MappedWeightsNeedAddressSpace) {
  auto within = [](uint64_t space) {
    return planMemory(kModel, {.context = 64}, WeightsPlacement::Map, false, {uint64_t(1) << 40, "a test", space});
  };
  EXPECT_TRUE(within(120'844'000));
  auto p = within(120'843'999);
  ASSERT_FALSE(p);
  EXPECT_NE(p.error().message.find("ulimit -v"), std::string::npos) << p.error().message;
}

TEST(MemoryPlan, PositionsAreInt32) {
  ModelSizes model = kModel;
  model.cachePerPosition = 1;
  auto with = [&](int64_t context) {
    return planMemory(model, {.context = context}, WeightsPlacement::Read, false, {uint64_t(1) << 50, "a test"});
  };
  auto most = with(INT32_MAX - 63);
  ASSERT_TRUE(most);
  EXPECT_LE(most->context, INT32_MAX);
  EXPECT_EQ(with(INT32_MAX).error().code, ErrorCode::Usage);
}

TEST(MemoryPlan, LoadedWeightsCostNothing) {
  EXPECT_TRUE(planMemory(kModel, {.context = 64}, WeightsPlacement::Read, true, {50'000'000, "a test"}));
}

TEST(MemoryPlan, HugeNumbersDontWrapAround) {
  ModelSizes model = kModel;
  model.cachePerPosition = uint64_t(1) << 49;
  auto p = planMemory(model, {.context = int64_t(1) << 30, .slots = 9}, WeightsPlacement::Read, false,
                      {uint64_t(1) << 40, "a test"});
  ASSERT_FALSE(p);
  EXPECT_EQ(p.error().code, ErrorCode::WontFit);
}

TEST(MemoryPlan, SenselessNumbersAreUsageErrors) {
  for (const SessionOptions &options :
       {SessionOptions{.context = -1}, SessionOptions{.slots = 0}, SessionOptions{.chunk = 0},
        SessionOptions{.chunk = 1 << 20}, SessionOptions{.logitRows = 0}}) {
    auto p = plan(options, 1u << 30);
    ASSERT_FALSE(p);
    EXPECT_EQ(p.error().code, ErrorCode::Usage);
  }
}

TEST(MemoryPlan, LearnedPositionsEndTheContext) {
  ModelSizes model = kModel;
  model.positionLimit = 130;
  auto p = planMemory(model, {.context = 130}, WeightsPlacement::Read, false, {1u << 30, "a test"});
  ASSERT_TRUE(p) << p.error().message;
  EXPECT_EQ(p->context, 192); // memory comes in steps
  EXPECT_EQ(p->positions, 130);
  auto beyond = planMemory(model, {.context = 131}, WeightsPlacement::Read, false, {1u << 30, "a test"});
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().code, ErrorCode::Usage);
  EXPECT_NE(beyond.error().message.find("at most 130"), std::string::npos);
}

} // namespace
} // namespace ph
