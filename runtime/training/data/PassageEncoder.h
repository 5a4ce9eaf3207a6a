// Passages as token ids, with which of them are to be learned.
#pragma once
#include "runtime/chat/ChatFormat.h"
#include "runtime/training/data/JsonLines.h"

namespace ph::training {

/// Ids, and for each whether it is learned.
struct EncodedPassage {
  std::vector<int32_t> ids;
  std::vector<bool> learned;
};

struct EncodeRules {
  bool learnAll = false; ///< what is given too
  bool addEnd = true;    ///< EOS after a text, where the model has one; else only what its tokenizer adds
  bool toAnswer = false; ///< only what is given, to where an answer begins
  std::time_t now = 0;   ///< what a template takes for the time, so that the ids are the same when training goes on
};

/// Encodes passages with a model's tokenizer and chat template. A text gets BOS where the tokenizer adds one, and EOS
/// after what is learned. Of a conversation the answers are learned, from behind the beginning that the template gives
/// an answer to the token that ends it. A token that is partly given and partly learned is learned.
class PassageEncoder {
public:
  PassageEncoder(const Tokenizer &tokenizer, const ChatFormat &chat, EncodeRules rules)
      : tokenizer(tokenizer), chat(chat), rules(rules) {}

  /// Errors: Failed, those of template and tokenizer; a conversation whose template does not write an answer as it
  /// is; BadModel for a conversation without a template.
  Expected<EncodedPassage> encode(const Passage &passage) const;

private:
  Expected<EncodedPassage> encodePrompt(const Passage &passage) const;
  Expected<EncodedPassage> encodeText(const Passage &passage) const;
  Expected<EncodedPassage> encodeChat(const Passage &passage) const;
  /// Bytes of a conversation's text.
  struct Place {
    size_t begin = 0;   ///< behind the beginning that the template gives an answer
    size_t content = 0; ///< behind what the answer says
    size_t end = 0;     ///< behind what the template writes then
  };
  Expected<Place> findAnswer(const Passage &passage, size_t message, const std::string &whole) const;
  Status learnAnswer(const Passage &passage, size_t message, const std::string &whole, EncodedPassage &out) const;

  const Tokenizer &tokenizer;
  const ChatFormat &chat;
  EncodeRules rules;
};

} // namespace ph::training
