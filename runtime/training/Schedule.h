// Learning rates, step by step.
#pragma once
#include "runtime/training/config/TrainingConfig.h"

namespace ph::training {

enum class ScheduleShape { Linear, Cosine, Constant, WSD };

/// A rate that rises linearly for `warmup` of `steps` steps and then goes on by its shape. With x = (i + 1 - warmup) /
/// (steps - warmup) in (0, 1], the part of the peak is
///   linear 1 - x; cosine floor + (1 - floor) (1 + cos(pi x)) / 2 (Loshchilov and Hutter 2017, arXiv:1608.03983);
///   constant 1; WSD (warmup, stable, decay: Hu et al. 2024, arXiv:2404.06395) 1, and in the last `decay` steps a line
///   down to 0.
struct Schedule {
  ScheduleShape shape = ScheduleShape::Cosine;
  double peak = 0;
  int64_t steps = 0, warmup = 0, decay = 0;
  double floor = 0; ///< cosine: where it ends, as a part of the peak

  /// The rate of step `i`, from 0 to steps - 1.
  double rate(int64_t i) const;
};

/// The schedule of a training of `steps` steps.
Schedule scheduleOf(const TrainingConfig &config, int64_t steps);

} // namespace ph::training
