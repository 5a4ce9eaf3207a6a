// What phc --emit=exe puts before an artifact: a program that runs the model at its own end.
#include "tools/ph/Generate.h"
#include <unistd.h>

int main(int argc, char **argv) {
  using namespace ph;
  using namespace ph::tool;
  char self[4096];
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self);
  const std::string path = length > 0 ? std::string(self, size_t(length)) : argv[0];
  const std::string name = path.substr(path.rfind('/') + 1);
  CLI::App app("A compiled model: answers -p, or talks if there is no -p.\n\n"
               "  " +
                   name + " -p \"What is gravity?\" -n 64\n  " + name,
               name);
  app.footer("Without -p each line of standard input is a turn; Ctrl-C stops an answer, Ctrl-D leaves.");
  app.set_version_flag("--version", PH_VERSION);
  RunOptions options;
  options.addTo(app, /*promptRequired=*/false);
  Action chosen = [&]() -> Status {
    if (app.count("--prompt") != 0)
      return run(options, path);
    ChatOptions chatting;
    chatting.tokens = options.tokens;
    chatting.system = options.system;
    chatting.json = options.json;
    chatting.flags = options.flags;
    if (app.count("--temp") + app.count("--top-k") + app.count("--top-p") + app.count("--min-p") != 0)
      chatting.sampling = options.sampling;
    chatting.sampling.options.seed = options.sampling.options.seed;
    chatting.sampling.options.repeatPenalty = options.sampling.options.repeatPenalty;
    return chat(chatting, path);
  };
  return runMain(app, chosen, argc, argv);
}
