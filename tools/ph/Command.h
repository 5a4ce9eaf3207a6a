// How the commands of ph meet its main: each adds a subcommand, and says what to do when it is chosen.
#pragma once
#include "runtime/base/Error.h"
#include <CLI/CLI.hpp>
#include <functional>

namespace ph::tool {

/// What a command does once its flags are read. An Error with an empty message is only an exit code: everything has
/// been said.
using Action = std::function<Status()>;

void addRun(CLI::App &app, Action &chosen);
void addChat(CLI::App &app, Action &chosen);
void addEmbed(CLI::App &app, Action &chosen);
void addClassify(CLI::App &app, Action &chosen);
void addBench(CLI::App &app, Action &chosen);
void addPerplexity(CLI::App &app, Action &chosen);
void addTemplate(CLI::App &app, Action &chosen);
void addTokenize(CLI::App &app, Action &chosen);
void addInspect(CLI::App &app, Action &chosen);
void addVerify(CLI::App &app, Action &chosen);
void addTrain(CLI::App &app, Action &chosen);
void addPretrain(CLI::App &app, Action &chosen);
void addPlot(CLI::App &app, Action &chosen);
void addDoctor(CLI::App &app, Action &chosen);

/// Parses the command line and does what it asks for; returns the exit code. Errors go to stderr as
/// "<name>: error: <message>".
int runMain(CLI::App &app, Action &chosen, int argc, char **argv);

} // namespace ph::tool
