// A conversation on the terminal.
#include "runtime/base/Interrupt.h"
#include "runtime/session/Conversation.h"
#include "tools/ph/Generate.h"
#include "tools/ph/Output.h"
#include <cerrno>
#include <cstdio>
#include <unistd.h>

namespace ph::tool {
namespace {

enum class Input { Line, End, Interrupt };

/// One line of stdin, without its newline.
Input readLine(std::string &line) {
  line.clear();
  for (;;) {
    errno = 0;
    const int c = std::getc(stdin);
    if (c == EOF) {
      if (errno == EINTR || interrupted()) {
        std::clearerr(stdin);
        return Input::Interrupt;
      }
      return line.empty() ? Input::End : Input::Line;
    }
    if (c == '\n')
      return Input::Line;
    line += char(c);
  }
}

void printHelp() {
  std::fputs("/clear forgets the conversation, /exit (or Ctrl-D) leaves, Ctrl-C stops an answer.\n", stderr);
}

class Chat {
public:
  Chat(const ChatOptions &options, Session &session, ChatFormat format, Sampler sampler)
      : options(options), conversation(session, std::move(format)), sampler(std::move(sampler)) {
    start();
  }

  Status talk() {
    const bool terminal = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    if (terminal)
      printHelp();
    for (std::string line;;) {
      if (terminal)
        std::fputs("> ", stderr);
      const Input input = readLine(line);
      if (input != Input::Line) {
        if (terminal)
          std::fputc('\n', stderr);
        return input == Input::End ? Status() : Status(Error{ErrorCode::Interrupted, ""});
      }
      if (line == "/exit")
        return {};
      if (line == "/help")
        printHelp();
      else if (line == "/clear")
        start();
      else if (!line.empty())
        if (auto e = turn(line))
          return e;
    }
  }

private:
  void start() {
    conversation.clear();
    sampler.reset();
    if (!options.system.empty())
      conversation.add({"system", options.system});
  }

  Status turn(const std::string &line) {
    std::string text;
    auto answer = conversation.answer(line, sampler, {.maxTokens = options.tokens}, [&](std::string_view piece) {
      if (!options.json)
        return print(piece, true);
      text += piece;
      return true;
    });
    if (!answer) {
      if (answer.error().code != ErrorCode::WontFit)
        return answer.error();
      std::fprintf(stderr, "ph: %s, or /clear to start anew\n", answer.error().message.c_str());
      return {};
    }
    if (options.json)
      printJson({{"text", text}, {"tokens", answer->tokens}, {"stop", stopReasonName(answer->reason)}});
    else
      print("\n");
    clearInterrupt();
    if (answer->reason == StopReason::ContextFull)
      std::fputs("ph: the context is full; /clear starts anew, -c makes it longer\n", stderr);
    return finishOutput();
  }

  const ChatOptions &options;
  Conversation conversation;
  Sampler sampler;
};

} // namespace

void ChatOptions::addTo(CLI::App &command) {
  command.add_option("-n,--tokens", tokens, "most tokens of an answer; default: until the model ends")
      ->check(CLI::Range(int64_t(0), int64_t(1) << 31));
  command.add_option("--system", system, "a system message");
  command.add_flag("--json", json, "one JSON object per answer");
  flags.add(command);
  sampling.add(command);
}

Status chat(const ChatOptions &options, const std::string &path) {
  auto model = Model::open(path, options.flags.model());
  if (!model)
    return model.error();
  auto format = ChatFormat::of((*model)->metadata());
  if (!format)
    return format.error();
  auto sampler = Sampler::create(options.sampling.options, size_t((*model)->sizes().vocabulary));
  if (!sampler)
    return sampler.error();
  auto session = Session::create(*model, {.context = options.flags.context, .chunk = options.flags.chunk});
  if (!session)
    return session.error();
  handleInterrupts(OnInterrupt::Flag);
  return Chat(options, **session, std::move(*format), std::move(*sampler)).talk();
}

} // namespace ph::tool
