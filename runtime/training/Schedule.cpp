#include "runtime/training/Schedule.h"
#include <algorithm>
#include <cmath>
#include <numbers>

namespace ph::training {

double Schedule::rate(int64_t i) const {
  const auto done = double(i + 1);
  if (i < warmup)
    return peak * (done / double(warmup));
  const double x = (done - double(warmup)) / double(steps - warmup);
  switch (shape) {
  case ScheduleShape::Linear:
    return peak * (1 - x);
  case ScheduleShape::Cosine:
    return peak * (floor + (1 - floor) * (0.5 * (1 + std::cos(std::numbers::pi * x))));
  case ScheduleShape::Constant:
    return peak;
  case ScheduleShape::WSD:
    return steps - (i + 1) >= decay ? peak : peak * (double(steps - (i + 1)) / double(decay));
  }
  return peak;
}

Schedule scheduleOf(const TrainingConfig &config, int64_t steps) {
  Schedule schedule;
  schedule.shape = config.lrScheduler == "linear"   ? ScheduleShape::Linear
                   : config.lrScheduler == "cosine" ? ScheduleShape::Cosine
                   : config.lrScheduler == "wsd"    ? ScheduleShape::WSD
                                                    : ScheduleShape::Constant;
  schedule.peak = config.learningRate;
  schedule.steps = steps;
  schedule.warmup = config.warmupSteps ? config.warmupSteps : int64_t(std::ceil(config.warmupRatio * double(steps)));
  const int64_t after = std::max<int64_t>(steps - schedule.warmup, 0);
  schedule.decay = std::min(int64_t(std::round(config.wsdDecayRatio * double(steps))), after);
  schedule.floor = config.cosineMinLrRatio;
  return schedule;
}

} // namespace ph::training
