#include "runtime/base/Interrupt.h"
#include "runtime/base/AtomicFile.h"
#include <atomic>
#include <csignal>
#include <unistd.h>

namespace ph {

static std::atomic<bool> flag = false;
static std::atomic<bool> exits = true;

static void onSignal(int signal) {
  if (signal == SIGINT && !exits && !flag.exchange(true))
    return;
  AtomicFile::removeTemporaries();
  _exit(128 + signal);
}

void handleInterrupts(OnInterrupt on) {
  exits = on == OnInterrupt::Exit;
  struct sigaction action = {};
  action.sa_handler = onSignal;
  // No SA_RESTART: a read that waits for the user comes back with EINTR.
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGXFSZ, SIG_IGN);
}

bool interrupted() { return flag; }
void clearInterrupt() { flag = false; }

} // namespace ph
