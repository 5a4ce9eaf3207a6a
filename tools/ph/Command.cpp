#include "tools/ph/Command.h"
#include "runtime/base/Interrupt.h"
#include "tools/ph/Output.h"
#include <cstdio>

namespace ph::tool {

static int report(const std::string &tool, const Error &error) {
  if (!error.message.empty())
    std::fprintf(stderr, "%s: error: %s\n", tool.c_str(), error.message.c_str());
  return int(error.code);
}

int runMain(CLI::App &app, Action &chosen, int argc, char **argv) {
  handleInterrupts(OnInterrupt::Exit);
  const std::string tool = app.get_name();
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success &asked) { // --help, --version
    app.exit(asked);
    return 0;
  } catch (const CLI::ParseError &error) {
    return report(tool, {ErrorCode::Usage, error.what() + std::string("; see ") + tool + " --help"});
  }
  if (auto e = chosen())
    return report(tool, e.error());
  if (auto e = finishOutput())
    return report(tool, e.error());
  return 0;
}

} // namespace ph::tool
