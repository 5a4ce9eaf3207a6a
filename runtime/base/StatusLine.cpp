#include "runtime/base/StatusLine.h"
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/ioctl.h>
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

StatusLine::StatusLine() {
  const char *term = std::getenv("TERM");
  onTerminal = isatty(STDERR_FILENO) && !(term && std::strcmp(term, "dumb") == 0);
  coloured = !isSet("NO_COLOR");
}

void StatusLine::show(const std::string &label, const std::string &rest) {
  if (!onTerminal || milliseconds() - lastShown < 100)
    return;
  erase();
  winsize size = {};
  const size_t columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
  const std::string text = (label + rest).substr(0, columns - 1);
  const size_t labelled = std::min(label.size(), text.size());
  width = text.size();
  std::fprintf(stderr, coloured ? "\x1b[36m%s\x1b[0m%s" : "%s%s", text.substr(0, labelled).c_str(),
               text.c_str() + labelled);
  std::fflush(stderr);
  lastShown = milliseconds();
}

void StatusLine::erase() {
  if (width)
    std::fprintf(stderr, "\r%*s\r", int(width), "");
  width = 0;
}

} // namespace ph
