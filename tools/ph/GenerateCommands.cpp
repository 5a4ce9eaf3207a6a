// The subcommands run and chat.
#include "tools/ph/Generate.h"
#include "tools/ph/Source.h"

namespace ph::tool {

void addRun(CLI::App &app, Action &chosen) {
  CLI::App *command = app.add_subcommand("run", "Generate text from a prompt");
  command->footer("Examples:\n"
                  "  ph run smollm2.phx -p \"What is gravity?\" -n 64\n"
                  "  ph run smollm2.phx -p \"Once upon a time\" --raw --temp 0.8 --top-p 0.95 --seed 7\n"
                  "  ph run smollm2.phx -p \"Hello\" --json\n"
                  "  ph run t5.phx -p \"translate English to German: The house is old.\"\n"
                  "  ph run llava.phx --image cat.png -p \"What is this?\"\n"
                  "Ctrl-C stops the text (exit code 130).");
  auto path = std::make_shared<std::string>();
  auto options = std::make_shared<RunOptions>();
  command->add_option("ARTIFACT", *path, "a compiled model (.phx), or the name smollm2")->required();
  options->addTo(*command, /*promptRequired=*/true);
  command->callback([=, &chosen] {
    chosen = [=]() -> Status {
      auto artifact = findArtifact(*path);
      return artifact ? run(*options, *artifact) : artifact.error();
    };
  });
}

void addChat(CLI::App &app, Action &chosen) {
  CLI::App *command = app.add_subcommand("chat", "Talk with a model, turn by turn");
  command->footer("Examples:\n"
                  "  ph chat smollm2.phx\n"
                  "  ph chat smollm2.phx --system \"Answer in one sentence.\" --temp 0\n"
                  "  printf 'Hello\\nWho are you?\\n' | ph chat smollm2.phx\n"
                  "Ctrl-C stops an answer, Ctrl-D leaves.");
  auto path = std::make_shared<std::string>();
  auto options = std::make_shared<ChatOptions>();
  command->add_option("ARTIFACT", *path, "a compiled model (.phx), or the name smollm2")->required();
  options->addTo(*command);
  command->callback([=, &chosen] {
    chosen = [=]() -> Status {
      auto artifact = findArtifact(*path);
      return artifact ? chat(*options, *artifact) : artifact.error();
    };
  });
}

} // namespace ph::tool
