// ph: runs, measures and checks compiled models.
#include "tools/ph/Command.h"

int main(int argc, char **argv) {
  using namespace ph::tool;
  CLI::App app("Runs transformer models that phc compiled.\n\n"
               "  ph run smollm2 -p \"What is gravity?\"",
               "ph");
  app.footer("ph COMMAND --help says more and gives examples.\n"
             "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 bad model, 4 out of memory, 5 disk, 130 interrupted.");
  app.set_version_flag("--version", PH_VERSION);
  app.require_subcommand(1);
  Action chosen;
  addRun(app, chosen);
  addChat(app, chosen);
  addEmbed(app, chosen);
  addClassify(app, chosen);
  addBench(app, chosen);
  addPerplexity(app, chosen);
  addVerify(app, chosen);
  addTokenize(app, chosen);
  addTemplate(app, chosen);
  addInspect(app, chosen);
  addTrain(app, chosen);
  addPretrain(app, chosen);
  addPlot(app, chosen);
  addDoctor(app, chosen);
  return runMain(app, chosen, argc, argv);
}
