#include "runtime/base/Progress.h"
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace ph {

static int64_t milliseconds() {
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

static bool isSet(const char *variable) {
  const char *value = std::getenv(variable);
  return value && *value;
}

Progress::Progress(std::string label, uint64_t total) : label(std::move(label)), total(total) {
  const char *term = std::getenv("TERM");
  visible = isatty(STDERR_FILENO) && !(term && std::strcmp(term, "dumb") == 0);
  coloured = !isSet("NO_COLOR");
  if (visible)
    show(0);
}

Progress::~Progress() { erase(); }

void Progress::update(uint64_t done) {
  if (visible && milliseconds() - lastShown >= 100)
    show(done);
}

void Progress::show(uint64_t done) {
  erase();
  std::string number;
  if (total)
    number = " " + std::to_string(int(100.0 * double(done) / double(total))) + "%";
  width = label.size() + number.size();
  std::fprintf(stderr, coloured ? "\x1b[36m%s\x1b[0m%s" : "%s%s", label.c_str(), number.c_str());
  std::fflush(stderr);
  lastShown = milliseconds();
}

void Progress::erase() {
  if (width)
    std::fprintf(stderr, "\r%*s\r", int(width), "");
  width = 0;
}

} // namespace ph
