#include "runtime/threads/Team.h"
#include <bit>
#include <cerrno>
#include <climits>
#include <ctime>
#include <linux/futex.h>
#include <string>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

namespace ph {
namespace {

int64_t nowNs() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

uint32_t *word(std::atomic<uint32_t> &value) { return reinterpret_cast<uint32_t *>(&value); }

/// The half of Team::state that says the phase.
uint32_t *phaseWord(std::atomic<uint64_t> &state) {
  static_assert(std::endian::native == std::endian::little && sizeof(state) == 8);
  return reinterpret_cast<uint32_t *>(&state) + 1;
}

uint32_t phaseOf(uint64_t state) { return uint32_t(state >> 32); }

/// Calls `ready` until it is true, for up to `ns`; returns whether it was.
template <class F> bool spin(int64_t ns, F &&ready) {
  // The clock costs about as much as a pause, so it is asked only once in a while.
  int64_t end = 0;
  for (int i = 0;; ++i) {
    if (ready())
      return true;
    pause();
    if ((i & 63) != 63)
      continue;
    int64_t now = nowNs();
    if (end == 0)
      end = now + ns;
    if (now >= end)
      return false;
  }
}

} // namespace

void Team::Gate::open() {
  // Sequentially consistent against the sleeper's increment: either it is seen here, or the sleeper sees the new epoch.
  epoch.fetch_add(1);
  if (sleepers.load() != 0)
    syscall(SYS_futex, word(epoch), FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

void Team::Gate::pass(uint32_t seen, int64_t spinNs) {
  if (spin(spinNs, [&] { return epoch.load(std::memory_order_acquire) != seen; }))
    return;
  sleepers.fetch_add(1);
  while (epoch.load() == seen)
    syscall(SYS_futex, word(epoch), FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0);
  sleepers.fetch_sub(1);
}

Team::Team(int threads) : missing(threads), threads(threads), positions(threads) {
  // Short waits are the rule inside a step. Between two steps the caller samples and prints for up to a millisecond.
  // With fewer CPUs than threads every spin keeps a thread from working that others wait for.
  bool crowded = threads > availableCpus();
  barrierSpinNs = crowded ? 0 : 200'000;
  workSpinNs = crowded ? 0 : 3'000'000;
}

Expected<std::unique_ptr<Team>> Team::create(int threads) {
  if (threads < 1 || threads > kMaxThreads)
    return Error{ErrorCode::Usage, "the number of threads must be 1 to " + std::to_string(kMaxThreads) + ", not " +
                                       std::to_string(threads)};
  std::unique_ptr<Team> team(new Team(threads));
  team->workers.reserve(threads - 1);
  for (int i = 1; i < threads; ++i) {
    try {
      team->workers.emplace_back([raw = team.get(), i] { raw->work(i); });
    } catch (const std::system_error &e) {
      return Error{ErrorCode::Failed, "could not start thread " + std::to_string(i) + " of " + std::to_string(threads) +
                                          ": " + e.what() + "; use fewer threads (-t)"};
    }
  }
  return team;
}

Team::~Team() {
  ending = true;
  workGate.open();
  for (std::thread &worker : workers)
    worker.join();
}

void Team::work(int thread) {
  for (uint32_t seen = 0;; ++seen) {
    workGate.pass(seen, workSpinNs);
    if (ending)
      return;
    job(jobObject, thread);
    wait();
  }
}

void Team::runErased(Erased function, void *object) {
  if (threads == 1) {
    function(object, 0);
    return;
  }
  job = function;
  jobObject = object;
  workGate.open();
  function(object, 0);
  wait();
}

void Team::wait() {
  uint32_t seen = barrierGate.epoch.load(std::memory_order_relaxed);
  if (missing.fetch_sub(1, std::memory_order_acq_rel) != 1) {
    barrierGate.pass(seen, barrierSpinNs);
    return;
  }
  missing.store(threads, std::memory_order_relaxed);
  barrierGate.open();
}

int64_t Team::nextShare(int64_t thread, int64_t units, int64_t chunk, int64_t done) {
  Position &position = positions[thread];
  position.done += done;
  uint64_t seen = state.load(std::memory_order_acquire);
  while (phaseOf(seen) == position.phase) {
    int64_t claimed = uint32_t(seen);
    if (claimed < units) {
      int64_t share = chunk < units - claimed ? chunk : units - claimed;
      if (state.compare_exchange_weak(seen, seen + uint64_t(share), std::memory_order_acquire))
        return claimed;
      continue;
    }
    // What this thread did becomes visible here; who completes the phase has seen what all the others did. Without
    // units nobody completes it, and whoever comes first ends it.
    int64_t mine = position.done;
    if (units == 0 || (mine != 0 && finished.fetch_add(mine, std::memory_order_acq_rel) + mine == units))
      endPhase(seen);
    else
      awaitPhaseAfter(position.phase);
    break;
  }
  position.done = 0;
  ++position.phase;
  return -1;
}

void Team::endPhase(uint64_t seen) {
  // Nobody adds to it now: all that was claimed is finished, and nothing is left to claim.
  finished.store(0, std::memory_order_relaxed);
  // Fails where somebody else has ended a phase without units. Sequentially consistent against the sleeper's increment,
  // as in Gate::open.
  if (state.compare_exchange_strong(seen, uint64_t(phaseOf(seen) + 1) << 32) && phaseSleepers.load() != 0)
    syscall(SYS_futex, phaseWord(state), FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

void Team::awaitPhaseAfter(uint32_t phase) {
  if (spin(barrierSpinNs, [&] { return phaseOf(state.load(std::memory_order_acquire)) != phase; }))
    return;
  phaseSleepers.fetch_add(1);
  while (phaseOf(state.load()) == phase)
    syscall(SYS_futex, phaseWord(state), FUTEX_WAIT_PRIVATE, phase, nullptr, nullptr, 0);
  phaseSleepers.fetch_sub(1);
}

} // namespace ph
