// The parts of a tokenizer.json. Errors are noted in the fields.
#pragma once
#include "runtime/tokenizer/Tokenizer.h"
#include "runtime/tokenizer/huggingface/JsonFields.h"

namespace ph {

/// Of a kind. A text goes through each, and a file could have millions.
inline constexpr size_t mostSteps = 64;

/// Appends the steps of a `normalizer`.
void readNormalizer(const JsonFields &fields, Normalizers &steps);
/// Appends the steps of a `pre_tokenizer`. `spellsBytes`: whether the last of them leaves bytes spelled in the byte
/// alphabet; that is left to the model.
void readPreTokenizer(const JsonFields &fields, Splitters &steps, bool &spellsBytes);
/// Appends the steps of a `decoder`.
void readDecoder(const JsonFields &fields, TokenDecoders &steps);
/// Adds the special tokens of a `post_processor` around one text, and its template for two.
void readPostProcessor(const JsonFields &fields, TokenizerParts &parts);
/// Makes vocabulary and model of the `model` and `added_tokens` of the whole text, and finds its added tokens.
/// `rawBytes`: words come as bytes and are spelled in the byte alphabet by the vocabulary.
void readModel(const JsonFields &whole, bool rawBytes, TokenizerParts &parts);

/// The expression or text of a `pattern`: {"Regex": …} or {"String": …}.
struct JsonPattern {
  std::optional<Regex> regex;
  std::string text;
};
JsonPattern readPattern(const JsonFields &fields);
/// A string of one character.
std::string readCharacter(const JsonFields &fields, const char *key, const char *absent);

} // namespace ph
