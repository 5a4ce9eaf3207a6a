// A byte-level tokenizer with a chat template, for tests of data.
#pragma once
#include "runtime/training/data/TrainingData.h"
#include "test/Unit/Runtime/Tokenizer/MetadataBuilder.h"
#include <memory>

namespace ph::test {

struct SmallTokenizer {
  static constexpr const char *chatMl = "{% for m in messages %}<s>{{ m.role }}\n{{ m.content }}</s>\n{% endfor %}"
                                        "{% if add_generation_prompt %}<s>assistant\n{% endif %}";

  explicit SmallTokenizer(const char *chatTemplate = chatMl) {
    MetadataBuilder builder = SmallModel().build();
    if (*chatTemplate)
      builder.string("tokenizer.chat_template", chatTemplate);
    bytes = builder.bytes();
    metadata = *GgufFile::parse(bytes, "small", true);
    tokenizer = std::move(*Tokenizer::create(*metadata));
    chat = std::move(*ChatFormat::of(*metadata));
  }
  /// The text of the tokens that are learned, each stretch in brackets.
  std::string learnedText(const training::EncodedPassage &passage) const {
    std::string text;
    for (size_t i = 0; i < passage.ids.size(); ++i) {
      const bool before = i > 0 && passage.learned[i - 1];
      text += passage.learned[i] && !before ? "[" : !passage.learned[i] && before ? "]" : "";
      text += passage.learned[i] ? tokenizer->decode({&passage.ids[i], 1}) : "";
    }
    return passage.ids.empty() || !passage.learned.back() ? text : text + "]";
  }

  std::vector<uint8_t> bytes;
  std::shared_ptr<GgufFile> metadata;
  std::unique_ptr<Tokenizer> tokenizer;
  ChatFormat chat;
};

} // namespace ph::test
