// How many CPUs this process may use.
#include "runtime/threads/Team.h"
#include <algorithm>
#include <cstdio>
#include <sched.h>
#include <unistd.h>

namespace ph {
namespace {

/// CPUs that a cgroup quota leaves, rounded up; 0 if there is none.
int quotaCpus() {
  long long quota = -1, period = 0;
  if (FILE *f = std::fopen("/sys/fs/cgroup/cpu.max", "re")) {
    if (std::fscanf(f, "%lld %lld", &quota, &period) != 2)
      quota = -1; // "max": no quota
    std::fclose(f);
  } else {
    auto number = [](const char *path, long long &value) {
      if (FILE *f = std::fopen(path, "re")) {
        if (std::fscanf(f, "%lld", &value) != 1)
          value = -1;
        std::fclose(f);
      }
    };
    number("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", quota);
    number("/sys/fs/cgroup/cpu/cpu.cfs_period_us", period);
  }
  return quota > 0 && period > 0 ? int((quota + period - 1) / period) : 0;
}

} // namespace

int availableCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int cpus = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : int(sysconf(_SC_NPROCESSORS_ONLN));
  if (int quota = quotaCpus())
    cpus = std::min(cpus, quota);
  return std::max(cpus, 1);
}

} // namespace ph
