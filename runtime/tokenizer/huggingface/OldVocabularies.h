// Vocabularies from before tokenizer.json, written as one.
#pragma once
#include "runtime/base/Error.h"
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace ph {

/// A tokenizer.json of a BERT's vocab.txt (a token a line). `config`: the tokenizer_config.json, an object.
std::string fromVocabTxt(std::string_view vocabulary, const nlohmann::json &config);

/// A tokenizer.json of a byte-level vocab.json and merges.txt; `config` names the class, by which splitting and special
/// tokens go. `what` stands in errors (BadModel) for the first file.
Expected<std::string> fromVocabJson(std::string_view vocabulary, std::string_view merges, const nlohmann::json &config,
                                    const std::string &what);

/// The text of a special token, which stands there as a string or as an object with `content`; "" if there is none.
std::string specialText(const nlohmann::json &config, const char *key);

} // namespace ph
