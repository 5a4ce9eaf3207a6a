#include "runtime/template/Template.h"
#include "runtime/template/Format.h"
#include "runtime/template/Parser.h"

namespace ph {

Template::Template() = default;
Template::Template(Template &&) noexcept = default;
Template &Template::operator=(Template &&) noexcept = default;
Template::~Template() = default;

Expected<Template> Template::parse(std::string_view text, const TemplateLimits &limits) {
  if (text.size() > limits.source)
    return Error{ErrorCode::BadModel, "the chat template has " + std::to_string(text.size()) + " bytes; at most " +
                                          std::to_string(limits.source) + " are accepted"};
  Template result;
  result.program = std::make_unique<jinja::Program>();
  result.program->limits = limits;
  result.program->source = text;
  auto tokens = jinja::tokenize(*result.program);
  if (!tokens)
    return tokens.error();
  jinja::Parser parser(*result.program, std::move(*tokens));
  if (auto e = parser.parse())
    return e.error();
  return result;
}

Expected<std::string> Template::render(const nlohmann::ordered_json &messages, const RenderOptions &options) const {
  using jinja::Value;
  jinja::Evaluator evaluator(*program, options);
  std::vector<std::pair<std::string_view, Value>> variables = {
      {"messages", jinja::fromJson(evaluator, messages)},
      {"add_generation_prompt", Value::boolean(options.addGenerationPrompt)},
      {"bos_token", Value::view(options.bos)},
      {"eos_token", Value::view(options.eos)},
      {"tools", Value::none()},
  };
  if (options.extra)
    for (const auto &[name, json] : options.extra->items()) {
      const Value value = jinja::fromJson(evaluator, json);
      auto known = std::find_if(variables.begin(), variables.end(),
                                [&](const auto &variable) { return variable.first == name; });
      if (known != variables.end())
        known->second = value;
      else
        variables.emplace_back(name, value);
    }
  std::string result = evaluator.run(std::move(variables));
  if (evaluator.failed())
    return evaluator.error();
  return result;
}

Expected<std::string> Template::renderChat(std::span<const ChatMessage> messages, const RenderOptions &options) const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ChatMessage &message : messages) {
    nlohmann::ordered_json object;
    object["role"] = message.role;
    object["content"] = message.content;
    list.push_back(std::move(object));
  }
  return render(list, options);
}

} // namespace ph
