#include "runtime/tokenizer/huggingface/Base64.h"
#include "runtime/tokenizer/huggingface/ReadSteps.h"

namespace ph {

void readNormalizer(const JsonFields &fields, Normalizers &steps) {
  if (fields.failed())
    return;
  if (steps.size() >= mostSteps)
    return fields.fail("", "is one of more than 64 steps");
  const std::string type = fields.requiredString("type");
  auto add = [&](std::unique_ptr<Normalizer> step) { steps.push_back(std::move(step)); };
  if (type == "Sequence") {
    for (const JsonFields &each : fields.objects("normalizers"))
      readNormalizer(each, steps);
  } else if (type == "NFC" || type == "NFD" || type == "NFKC" || type == "NFKD") {
    using enum unicode::NormalForm;
    add(toNormalForm(type == "NFC" ? C : type == "NFD" ? D : type == "NFKC" ? KC : KD));
  } else if (type == "Lowercase") {
    add(toLowercase());
  } else if (type == "Strip") {
    add(stripWhitespace(fields.boolean("strip_left", true), fields.boolean("strip_right", true)));
  } else if (type == "StripAccents") {
    add(stripAccents());
  } else if (type == "Nmt") {
    add(cleanAsNmt());
  } else if (type == "Prepend") {
    std::string text = fields.requiredString("prepend");
    if (text.size() > 256)
      fields.fail("prepend", "is longer than 256 bytes");
    add(prependText(std::move(text)));
  } else if (type == "ByteLevel") {
    add(spellText());
  } else if (type == "Replace") {
    JsonPattern pattern = readPattern(fields);
    std::string content = fields.requiredString("content");
    add(pattern.regex ? replaceRegex(std::move(*pattern.regex), std::move(content))
                      : replaceText(std::move(pattern.text), std::move(content)));
  } else if (type == "BertNormalizer") {
    BertOptions options;
    options.cleanText = fields.boolean("clean_text", true);
    options.spaceIdeographs = fields.boolean("handle_chinese_chars", true);
    options.lowercase = fields.boolean("lowercase", true);
    options.stripAccents = fields.boolean("strip_accents", options.lowercase);
    add(normalizeAsBert(options));
  } else if (type == "Precompiled") {
    auto bytes = decodeBase64(fields.requiredString("precompiled_charsmap"));
    auto map = bytes ? CharacterMap::parse(std::move(*bytes))
                     : Expected<CharacterMap>(Error{ErrorCode::BadModel, "not in base64"});
    if (map)
      add(mapCharacters(std::move(*map)));
    else
      fields.fail("precompiled_charsmap", ": " + map.error().message);
  } else {
    fields.unknownType(type, "Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Nmt, Prepend, ByteLevel, "
                             "Replace, BertNormalizer and Precompiled");
  }
}

} // namespace ph
