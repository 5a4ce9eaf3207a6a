// Chat templates: a bounded subset of Jinja2 (https://jinja.palletsprojects.com/en/3.1.x/templates/), set up as Hugging
// Face's transformers sets it up (trim_blocks, lstrip_blocks, loop controls, immutable sandbox).
#pragma once
#include "runtime/base/Error.h"
#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ph {

/// What a template may cost. A template comes with a model file, so it is as little to be trusted as the file.
struct TemplateLimits {
  size_t source = size_t(4) << 20;  ///< bytes of template text
  size_t steps = 20'000'000;        ///< expressions and statements evaluated, elements compared or moved
  size_t bytes = size_t(128) << 20; ///< of all strings and lists made while rendering, kept or not
  size_t output = size_t(32) << 20; ///< bytes of the result
  size_t range = 100'000;           ///< elements of one range()
  unsigned depth = 300;             ///< nesting of expressions, statements, macro calls and values
};

struct ChatMessage {
  std::string role, content;
};

struct RenderOptions {
  std::string_view bos, eos; ///< texts of these tokens: `bos_token`, `eos_token`
  bool addGenerationPrompt = true;
  /// More variables: an object, e.g. {"tools": [...], "enable_thinking": false}. `tools` is none unless it is here.
  const nlohmann::ordered_json *extra = nullptr;
  /// What strftime_now(format) gives; by default the local time.
  std::function<std::string(std::string_view format)> formatTime;
  /// The time that strftime_now tells where there is no formatTime; by default now.
  std::optional<std::time_t> now = std::nullopt;
};

namespace jinja {
struct Program;
}

/// A parsed template. Immutable, so one may be rendered by many threads.
class Template {
public:
  /// Errors (BadModel) name the line and what was expected there, or the limit that the text exceeds.
  static Expected<Template> parse(std::string_view text, const TemplateLimits &limits = {});
  Template(Template &&) noexcept;
  Template &operator=(Template &&) noexcept;
  ~Template();

  /// Renders an array of messages, each an object with at least role and content. Errors (Failed): what the template
  /// itself raises, in its own words; otherwise the line and the operation that failed, or the limit that was reached.
  Expected<std::string> render(const nlohmann::ordered_json &messages, const RenderOptions &options) const;
  Expected<std::string> renderChat(std::span<const ChatMessage> messages, const RenderOptions &options) const;

private:
  Template();
  std::unique_ptr<jinja::Program> program;
};

} // namespace ph
