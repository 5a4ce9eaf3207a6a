#include "tools/ph/Command.h"
#include "runtime/base/Interrupt.h"
#include "tools/ph/Output.h"
#include <cstdio>
#include <sstream>

namespace ph::tool {

static int report(const std::string &tool, const Error &error) {
  if (!error.message.empty())
    std::fprintf(stderr, "%s: error: %s\n", tool.c_str(), error.message.c_str());
  return int(error.code);
}

/// What was wrong with the command line, and where to read about it.
static Error usageError(const CLI::App &app, const CLI::ParseError &error, int argc, char **argv) {
  const auto chosen = app.get_subcommands();
  std::string message = error.what(), help = app.get_name();
  if (!chosen.empty())
    help += " " + chosen.front()->get_name();
  else if (argc > 1 && argv[1][0] != '-')
    message = std::string("there is no command '") + argv[1] + "'";
  return {ErrorCode::Usage, message + "; see " + help + " --help"};
}

int runMain(CLI::App &app, Action &chosen, int argc, char **argv) {
  handleInterrupts(OnInterrupt::Exit);
  const std::string tool = app.get_name();
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success &asked) { // --help, --version
    std::ostringstream text;
    app.exit(asked, text, text);
    print(text.str());
    if (auto e = finishOutput())
      return report(tool, e.error());
    return 0;
  } catch (const CLI::ParseError &error) {
    return report(tool, usageError(app, error, argc, argv));
  }
  if (auto e = chosen())
    return report(tool, e.error());
  if (auto e = finishOutput())
    return report(tool, e.error());
  return 0;
}

} // namespace ph::tool
