#include "runtime/tokenizer/Vocabulary.h"
#include "runtime/base/Quote.h"
#include <algorithm>
#include <bit>

namespace ph {
namespace {

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

  VocabularyParts parts;
  parts.texts = std::move(*texts);
  parts.types.assign(parts.texts.size(), TokenType::Normal);
  if (const GgufValue *value = file.find("tokenizer.ggml.token_type")) {
    auto types = value->isArray() ? value->asIntegers() : std::nullopt;
    if (!types)
      return bad(file, "key 'tokenizer.ggml.token_type' must be an array of integers");
    if (types->size() != parts.texts.size())
      return bad(file, "key 'tokenizer.ggml.token_type' has " + std::to_string(types->size()) +
                           " entries, but there are " + std::to_string(parts.texts.size()) + " tokens");
    for (size_t i = 0; i < types->size(); ++i)
      parts.types[i] =
          (*types)[i] >= 0 && (*types)[i] <= 6 ? static_cast<TokenType>((*types)[i]) : TokenType::Undefined;
  }
  return create(std::move(parts), file.path() + ": key 'tokenizer.ggml.tokens'");
}

Expected<Vocabulary> Vocabulary::create(VocabularyParts parts, const std::string &where) {
  Vocabulary vocabulary;
  vocabulary.parts = std::move(parts);
  if (auto e = vocabulary.index(where))
    return e.error();
  return vocabulary;
}

Status Vocabulary::index(const std::string &where) {
  slots.assign(std::bit_ceil(size() * 2), none);
  const size_t wrap = slots.size() - 1;
  for (size_t id = 0; id < size(); ++id) {
    std::string_view text = parts.texts[id];
    if (text.empty())
      continue; // padding of some converters; it can't be written, so it needs no entry
    longest = std::max(longest, text.size());
    if (!isOfModel(static_cast<int32_t>(id))) {
      addedIds.push_back(static_cast<int32_t>(id));
      continue;
    }
    size_t slot = hash(text) & wrap;
    while (slots[slot] != none && parts.texts[slots[slot]] != text)
      slot = (slot + 1) & wrap;
    if (slots[slot] != none && !parts.lastOfEqual)
      return Error{ErrorCode::BadModel, where + ": " + quoteText(text) + " has two ids, " +
                                            std::to_string(slots[slot]) + " and " + std::to_string(id)};
    slots[slot] = static_cast<int32_t>(id);
  }
  std::sort(addedIds.begin(), addedIds.end(), [&](int32_t a, int32_t b) { return parts.texts[a] < parts.texts[b]; });
  return {};
}

int32_t Vocabulary::findAny(std::string_view text) const {
  if (int32_t id = find(text); id != none)
    return id;
  auto it = std::lower_bound(addedIds.begin(), addedIds.end(), text,
                             [&](int32_t id, std::string_view wanted) { return parts.texts[id] < wanted; });
  return it != addedIds.end() && parts.texts[*it] == text ? *it : none;
}

int32_t Vocabulary::find(std::string_view left, std::string_view right) const {
  const size_t wrap = slots.size() - 1, length = left.size() + right.size();
  if (length == 0 || length > longest)
    return none;
  for (size_t slot = hash(right, hash(left)) & wrap; slots[slot] != none; slot = (slot + 1) & wrap) {
    std::string_view text = parts.texts[slots[slot]];
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
                  Key{"tokenizer.ggml.padding_token_id", padding}, Key{"tokenizer.ggml.mask_token_id", mask},
                  Key{"tokenizer.ggml.cls_token_id", classify}}) {
    const GgufValue *value = file.find(key.name);
    if (!value)
      continue;
    auto id = value->asInteger();
    if (!id || !contains(*id))
      return bad(file, std::string("key '") + key.name + "' must be a token id below " + std::to_string(size()));
    key.id = static_cast<int32_t>(*id);
  }
  collectEnds(file);
  return {};
}

void Vocabulary::collectEnds(const GgufFile &file) {
  auto add = [&](int32_t id) {
    if (id != none && std::find(ends.begin(), ends.end(), id) == ends.end())
      ends.push_back(id);
  };
  for (std::string_view text : endTexts)
    if (int32_t id = findAny(text); id != none) {
      add(id);
      if (type(id) == TokenType::Normal)
        parts.types[id] = TokenType::Control; // some converters forget to mark it
    }
  // Harmony's "<|end|>" closes a channel, not the answer: "<|return|>" and "<|call|>" do.
  const int32_t end = findAny("<|end|>"), call = std::max(findAny("<|call|>"), findAny("<|calls|>"));
  if (end != none && call != none && (findAny("<|return|>") != none || findAny("<|flush|>") != none))
    std::erase(ends, end);
  add(eos);
  for (const char *key : {"tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"})
    if (const GgufValue *value = file.find(key))
      if (auto id = value->asInteger(); id && contains(*id))
        add(static_cast<int32_t>(*id));
}

bool Vocabulary::endsGeneration(int32_t id) const { return std::find(ends.begin(), ends.end(), id) != ends.end(); }

} // namespace ph
