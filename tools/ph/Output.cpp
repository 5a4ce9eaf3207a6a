#include "tools/ph/Output.h"
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace ph::tool {

static int outputError = 0;

bool print(std::string_view text, bool flush) {
  if (outputError == 0 &&
      (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || (flush && std::fflush(stdout) != 0)))
    outputError = errno ? errno : EIO;
  return outputError == 0;
}

bool printLine(const char *format, ...) {
  char line[1001];
  va_list values;
  va_start(values, format);
  std::vsnprintf(line, sizeof line, format, values);
  va_end(values);
  return print(line);
}

bool printJson(const nlohmann::ordered_json &value, bool indented) {
  // Bytes that are no UTF-8 (tokens of a damaged vocabulary) become U+FFFD.
  return print(value.dump(indented ? 2 : -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

Status finishOutput() {
  if (!print("", true))
    return Error{ErrorCode::Disk, std::string("could not write to standard output: ") + std::strerror(outputError)};
  return {};
}

} // namespace ph::tool
