// Conversations as token ids: a model's chat template and its tokenizer together.
#pragma once
#include "runtime/template/Template.h"
#include "runtime/tokenizer/Tokenizer.h"
#include <optional>

namespace ph {

/// The metadata key of a chat template.
inline constexpr std::string_view chatTemplateKey = "tokenizer.chat_template";

/// The chat template of a model, ready to make token ids.
class ChatFormat {
public:
  /// Errors: BadModel, if the key chatTemplateKey can't be parsed.
  static Expected<ChatFormat> of(const GgufFile &metadata);

  bool hasTemplate() const { return parsed.has_value(); }
  /// Ids of `messages` with the beginning of an answer. Without a template: the contents, one per line. Errors: those
  /// of Template::render and Tokenizer::encode.
  Expected<std::vector<int32_t>> encode(const Tokenizer &tokenizer, std::span<const ChatMessage> messages) const;
  /// As above, for messages as Template::render takes them: their content may be a list of parts, such as an image and
  /// a text. Needs a template.
  Expected<std::vector<int32_t>> encodeParts(const Tokenizer &tokenizer, const nlohmann::ordered_json &messages) const;
  /// The text of `messages`, with or without the beginning of an answer; `now` is what the template takes for the time.
  /// Needs a template.
  Expected<std::string> render(const Tokenizer &tokenizer, const nlohmann::ordered_json &messages,
                               bool addGenerationPrompt, std::optional<std::time_t> now = {}) const;
  /// Ids of a text that render gave: BOS once, and no EOS beyond what the template writes.
  Expected<std::vector<int32_t>> encodeRendered(const Tokenizer &tokenizer, std::string_view text) const;

private:
  Expected<std::vector<int32_t>> encodeText(const Tokenizer &tokenizer, const Expected<std::string> &rendered) const;
  static RenderOptions optionsFor(const Tokenizer &tokenizer);

  std::optional<Template> parsed;
};

/// Refuses (BadModel) a model whose template makes a conversation begin with BOS twice, which no model was trained on.
/// `records` are `count` metadata records in GGUF's form; `path` stands in the error for the model. What has no
/// template or tokenizer, or one that doesn't work here, passes: running it will say so.
Status checkChatTemplate(std::span<const uint8_t> records, uint64_t count, const std::string &path);

} // namespace ph
