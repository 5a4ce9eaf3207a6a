// ph plot: loss curves of trainings.
#include "runtime/base/AtomicFile.h"
#include "runtime/training/plot/SvgPlot.h"
#include "runtime/training/plot/TerminalPlot.h"
#include "tools/ph/Command.h"
#include "tools/ph/Output.h"
#include <cstdlib>
#include <filesystem>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ph::tool {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::vector<std::string> logs;
  std::string output;
  size_t columns = 0, rows = 20;
};

/// A log, or the one in a training's folder.
std::string logOf(const std::string &path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? (fs::path(path) / "training.jsonl").string() : path;
}

/// How wide the terminal is; 80 where there is none.
size_t terminalColumns() {
  winsize size = {};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

Status writeSvg(const std::string &path, const std::string &svg) {
  auto file = AtomicFile::create(path);
  if (!file)
    return file.error();
  if (auto e = file->write(svg.data(), svg.size()))
    return e;
  return file->commit();
}

Status plot(const Options &options) {
  std::vector<training::Curve> curves;
  for (const std::string &path : options.logs) {
    auto log = training::readTrainingLog(logOf(path));
    if (!log)
      return log.error();
    auto found = training::curvesOf(*log, path);
    if (found.empty())
      return Error{ErrorCode::Failed, logOf(path) + ": has no line with a loss"};
    curves.insert(curves.end(), found.begin(), found.end());
  }
  if (!options.output.empty())
    return writeSvg(options.output, training::drawAsSvg(curves));
  const char *noColour = std::getenv("NO_COLOR");
  const bool coloured = isatty(STDOUT_FILENO) && !(noColour && *noColour);
  print(training::drawInTerminal(curves,
                                 {options.columns ? options.columns : terminalColumns(), options.rows, coloured}));
  return {};
}

} // namespace

void addPlot(CLI::App &app, Action &chosen) {
  CLI::App *command = app.add_subcommand("plot", "Draw the loss curves of trainings");
  command->footer("Examples:\n"
                  "  ph plot model-out/training.jsonl\n"
                  "  ph plot first second -o loss.svg\n"
                  "Evaluation losses are curves of their own. Long logs are thinned to means.");
  auto options = std::make_shared<Options>();
  command->add_option("LOG", options->logs, "logs of trainings (training.jsonl), or the folders that have them")
      ->required();
  command->add_option("-o,--output", options->output, "write a picture (SVG) to this file, instead of to the terminal");
  command->add_option("--width", options->columns, "columns; default: those of the terminal")
      ->check(CLI::Range(20, 1000));
  command->add_option("--height", options->rows, "rows")->check(CLI::Range(5, 1000))->capture_default_str();
  command->callback([=, &chosen] { chosen = [=] { return plot(*options); }; });
}

} // namespace ph::tool
