#include "runtime/tokenizer/Vocabulary.h"
#include "runtime/base/Quote.h"
#include <algorithm>
#include <bit>

namespace ph {
namespace {

constexpr size_t maximumTokens = size_t(1) << 24;

// FNV-1a: short keys, and it runs over the two halves of a merge as if they were one string.
uint64_t hash(std::string_view text, uint64_t state = 0xcbf29ce484222325ull) {
  for (unsigned char c : text)
    state = (state ^ c) * 0x100000001b3ull;
  return state;
}

Error bad(const GgufFile &file, std::string what) {
  return {ErrorCode::BadModel, file.path() + ": " + std::move(what)};
}

// Texts with which the model families end a turn; files often declare only one of theirs.
constexpr std::string_view endTexts[] = {"<|eot_id|>",
                                         "<|im_end|>",
                                         "<|end|>",
                                         "<|return|>",
                                         "<|call|>",
                                         "<|flush|>",
                                         "<|calls|>",
                                         "<end_of_turn>",
                                         "<|endoftext|>",
                                         "<|eom_id|>",
                                         "<EOT>",
                                         "_<EOT>",
                                         "[EOT]",
                                         "[EOS]",
                                         "<|end_of_text|>",
                                         "<end_of_utterance>",
                                         "<｜end▁of▁sentence｜>",
                                         "[e~["};

} // namespace

Expected<Vocabulary> Vocabulary::read(const GgufFile &file) {
  const GgufValue *tokens = file.find("tokenizer.ggml.tokens");
  if (!tokens)
    return bad(file, "no key 'tokenizer.ggml.tokens', so there is no vocabulary; convert the model with its tokenizer");
  auto texts = tokens->isArray() ? tokens->asStrings() : std::nullopt;
  if (!texts)
    return bad(file, "key 'tokenizer.ggml.tokens' must be an array of strings");
  if (texts->empty() || texts->size() > maximumTokens)
    return bad(file,
               "key 'tokenizer.ggml.tokens' has " + std::to_string(texts->size()) + " entries; expected 1 to 16777216");

  Vocabulary vocabulary;
  vocabulary.texts = std::move(*texts);
  vocabulary.types.assign(vocabulary.size(), TokenType::Normal);
  if (const GgufValue *value = file.find("tokenizer.ggml.token_type")) {
    auto types = value->isArray() ? value->asIntegers() : std::nullopt;
    if (!types)
      return bad(file, "key 'tokenizer.ggml.token_type' must be an array of integers");
    if (types->size() != vocabulary.size())
      return bad(file, "key 'tokenizer.ggml.token_type' has " + std::to_string(types->size()) +
                           " entries, but there are " + std::to_string(vocabulary.size()) + " tokens");
    for (size_t i = 0; i < types->size(); ++i)
      vocabulary.types[i] =
          (*types)[i] >= 0 && (*types)[i] <= 6 ? static_cast<TokenType>((*types)[i]) : TokenType::Undefined;
  }
  if (auto e = vocabulary.index(file))
    return e.error();
  if (auto e = vocabulary.readSpecials(file))
    return e.error();
  vocabulary.collectEnds(file);
  return vocabulary;
}

Status Vocabulary::index(const GgufFile &file) {
  slots.assign(std::bit_ceil(size() * 2), none);
  const size_t wrap = slots.size() - 1;
  for (size_t id = 0; id < size(); ++id) {
    std::string_view text = texts[id];
    if (text.empty())
      continue; // padding of some converters; it can't be written, so it needs no entry
    longest = std::max(longest, text.size());
    size_t slot = hash(text) & wrap;
    for (; slots[slot] != none; slot = (slot + 1) & wrap)
      if (texts[slots[slot]] == text)
        return bad(file, "key 'tokenizer.ggml.tokens': " + quoteText(text) + " has two ids, " +
                             std::to_string(slots[slot]) + " and " + std::to_string(id));
    slots[slot] = static_cast<int32_t>(id);
  }
  return {};
}

int32_t Vocabulary::find(std::string_view left, std::string_view right) const {
  const size_t wrap = slots.size() - 1, length = left.size() + right.size();
  if (length == 0 || length > longest)
    return none;
  for (size_t slot = hash(right, hash(left)) & wrap; slots[slot] != none; slot = (slot + 1) & wrap) {
    std::string_view text = texts[slots[slot]];
    if (text.size() == length && text.starts_with(left) && text.ends_with(right))
      return slots[slot];
  }
  return none;
}

Status Vocabulary::readSpecials(const GgufFile &file) {
  struct Key {
    const char *name;
    int32_t &id;
  };
  for (Key key : {Key{"tokenizer.ggml.bos_token_id", bos}, Key{"tokenizer.ggml.eos_token_id", eos},
                  Key{"tokenizer.ggml.unknown_token_id", unknown}, Key{"tokenizer.ggml.seperator_token_id", separator},
                  Key{"tokenizer.ggml.padding_token_id", padding}, Key{"tokenizer.ggml.mask_token_id", mask}}) {
    const GgufValue *value = file.find(key.name);
    if (!value)
      continue;
    auto id = value->asInteger();
    if (!id || !contains(*id))
      return bad(file, std::string("key '") + key.name + "' must be a token id below " + std::to_string(size()));
    key.id = static_cast<int32_t>(*id);
  }
  return {};
}

void Vocabulary::collectEnds(const GgufFile &file) {
  auto add = [&](int32_t id) {
    if (id != none && std::find(ends.begin(), ends.end(), id) == ends.end())
      ends.push_back(id);
  };
  for (std::string_view text : endTexts)
    if (int32_t id = find(text); id != none) {
      add(id);
      if (types[id] == TokenType::Normal)
        types[id] = TokenType::Control; // some converters forget to mark it
    }
  // Harmony's "<|end|>" closes a channel, not the answer: "<|return|>" and "<|call|>" do.
  int32_t end = find("<|end|>"), call = std::max(find("<|call|>"), find("<|calls|>"));
  if (end != none && call != none && (find("<|return|>") != none || find("<|flush|>") != none))
    std::erase(ends, end);
  add(eos);
  for (const char *key : {"tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"})
    if (const GgufValue *value = file.find(key))
      if (auto id = value->asInteger(); id && contains(*id))
        add(static_cast<int32_t>(*id));
}

bool Vocabulary::endsGeneration(int32_t id) const { return std::find(ends.begin(), ends.end(), id) != ends.end(); }

} // namespace ph
