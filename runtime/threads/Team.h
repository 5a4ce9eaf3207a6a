// A team of threads that runs one function together (SPMD), and shares out the phases of generated code among them.
#pragma once
#include "runtime/base/Error.h"
#include "runtime/formats/StepABI.h"
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

namespace ph {

/// CPUs that this process may run on (affinity and the container's quota), at least 1.
int availableCpus();

/// N threads that stay; the caller of run() is thread 0. A forward step of a small model has some 180 phases and
/// takes a few milliseconds, so waiting spins first, and sleeps on a futex only when the wait is long or CPUs are fewer
/// than threads. Affinity is left to the system.
class Team {
public:
  /// Starts `threads` - 1 workers. Errors: Usage if `threads` is not in 1..kMaxThreads, Failed if one can't be started.
  static Expected<std::unique_ptr<Team>> create(int threads);
  static constexpr int kMaxThreads = 1024;
  ~Team();
  Team(const Team &) = delete;
  Team &operator=(const Team &) = delete;

  int size() const { return threads; }

  /// Calls function(thread) on every thread, and returns when all have. Allocates nothing. One run at a time.
  template <class F> void run(F &&function) {
    using Function = std::remove_reference_t<F>;
    runErased([](void *object, int thread) { (*static_cast<Function *>(object))(thread); }, &function);
  }

  /// The NextFn to hand to a StepFn, with `this` as its team. All threads must go through the same phases.
  static int64_t next(void *team, int64_t thread, int64_t units, int64_t chunk, int64_t done) {
    return static_cast<Team *>(team)->nextShare(thread, units, chunk, done);
  }

private:
  using Erased = void (*)(void *object, int thread);
  explicit Team(int threads);
  void runErased(Erased function, void *object);
  void wait();
  void work(int thread);
  int64_t nextShare(int64_t thread, int64_t units, int64_t chunk, int64_t done);
  void endPhase(uint64_t seen);
  void awaitPhaseAfter(uint32_t phase);

  /// A number that waiters sleep on, and how many of them do.
  struct alignas(64) Gate {
    std::atomic<uint32_t> epoch{0};
    std::atomic<uint32_t> sleepers{0};
    void open();
    /// Returns when `epoch` is no longer `seen`: spins for up to `spinNs`, then sleeps.
    void pass(uint32_t seen, int64_t spinNs);
  };

  /// Where a thread is: its phase, and what it has finished there but not yet added to `finished`.
  struct alignas(64) Position {
    uint32_t phase = 0;
    int64_t done = 0;
  };

  /// The phase that the team is in (upper half), and how many of its units are claimed. One word, so that a late thread
  /// can't claim from a phase that it isn't in.
  alignas(64) std::atomic<uint64_t> state{0};
  std::atomic<uint32_t> phaseSleepers{0};
  alignas(64) std::atomic<int64_t> finished{0}; ///< units of that phase
  alignas(64) std::atomic<int32_t> missing;
  Gate barrierGate;
  Gate workGate;
  alignas(64) Erased job = nullptr;
  void *jobObject = nullptr;
  bool ending = false;
  int threads;
  int64_t barrierSpinNs, workSpinNs;
  std::vector<Position> positions;
  std::vector<std::thread> workers;
};

} // namespace ph
