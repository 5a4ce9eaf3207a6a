// Any bytes as a template; with a conversation and small limits it renders or fails, within them and the same each
// time. A zero byte, if there is one, divides the template from the content of a message.
#include "runtime/template/Template.h"
#include <cstdlib>

using namespace ph;

static void require(bool condition) {
  if (!condition)
    std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view input(reinterpret_cast<const char *>(data), size), content;
  if (const size_t zero = input.find('\0'); zero != std::string_view::npos) {
    content = input.substr(zero + 1);
    input = input.substr(0, zero);
  }
  const TemplateLimits limits = {
      .source = 1 << 16, .steps = 200'000, .bytes = 4 << 20, .output = 1 << 16, .range = 1000, .depth = 150};
  auto parsed = Template::parse(input, limits);
  if (!parsed) {
    require(parsed.error().code == ErrorCode::BadModel && !parsed.error().message.empty());
    return 0;
  }
  nlohmann::ordered_json messages = nlohmann::ordered_json::array(), extra = nlohmann::ordered_json::object();
  for (const char *role : {"system", "user", "assistant", "user"})
    messages.push_back({{"role", role}, {"content", std::string(content.empty() ? "Hi there " : content)}});
  extra["d"] = {{"a", 1}, {"b", {1.5, nullptr, true, "é"}}};
  RenderOptions options;
  options.bos = "<s>";
  options.eos = "</s>";
  options.extra = &extra;
  options.formatTime = [](std::string_view) { return std::string("2026-11-23"); };
  auto first = parsed->render(messages, options), second = parsed->render(messages, options);
  require(bool(first) == bool(second));
  if (first)
    require(*first == *second && first->size() <= limits.output);
  else
    require(first.error().message == second.error().message);
  return 0;
}
