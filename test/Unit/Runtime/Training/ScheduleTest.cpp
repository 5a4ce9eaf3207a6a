#include "runtime/training/Schedule.h"
#include <cmath>
#include <gtest/gtest.h>
#include <numbers>

using namespace ph::training;

// The formula of the reference data's AdamW run.
TEST(Schedule, CosineIsTheReferences) {
  const Schedule schedule{.shape = ScheduleShape::Cosine, .peak = 1e-3, .steps = 10, .warmup = 2};
  for (int i = 0; i < 10; ++i) {
    const double k = i < 2 ? (i + 1) / 2.0 : 0.5 * (1 + std::cos(std::numbers::pi * (i + 1 - 2) / 8.0));
    EXPECT_NEAR(schedule.rate(i), 1e-3 * k, 1e-18) << i;
  }
  EXPECT_EQ(schedule.rate(9), 0);
}

TEST(Schedule, ShapesEndWhereTheySay) {
  Schedule s{.shape = ScheduleShape::Linear, .peak = 2, .steps = 10, .warmup = 0};
  EXPECT_DOUBLE_EQ(s.rate(0), 1.8);
  EXPECT_DOUBLE_EQ(s.rate(9), 0);
  s.shape = ScheduleShape::Constant;
  EXPECT_EQ(s.rate(9), 2);
  s.shape = ScheduleShape::WSD;
  s.warmup = 2, s.decay = 4;
  for (auto [step, rate] : {std::pair(0, 1.0), {1, 2.0}, {2, 2.0}, {5, 2.0}, {6, 1.5}, {8, 0.5}, {9, 0.0}})
    EXPECT_DOUBLE_EQ(s.rate(step), rate) << step;
  s.shape = ScheduleShape::Cosine;
  s.floor = 0.1;
  EXPECT_DOUBLE_EQ(s.rate(9), 0.2);
}

TEST(Schedule, FollowsTheConfiguration) {
  TrainingConfig config;
  config.learningRate = 1;
  config.warmupRatio = 0.03;
  EXPECT_EQ(scheduleOf(config, 100).warmup, 3);
  EXPECT_EQ(scheduleOf(config, 10).warmup, 1);
  config.warmupRatio = 0;
  config.warmupSteps = 20;
  config.lrScheduler = "wsd";
  const Schedule s = scheduleOf(config, 10); // never gets there
  EXPECT_EQ(s.decay, 0);
  EXPECT_DOUBLE_EQ(s.rate(9), 0.5);
}
