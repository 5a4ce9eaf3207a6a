#include "runtime/tokenizer/huggingface/ReadSteps.h"

namespace ph {
namespace {

void readStep(const JsonFields &fields, TokenDecoders &steps, bool &fused) {
  if (fields.failed())
    return;
  if (steps.size() >= mostSteps)
    return fields.fail("", "is one of more than 64 steps");
  const std::string type = fields.requiredString("type");
  auto add = [&](std::unique_ptr<TokenDecoder> step) { steps.push_back(std::move(step)); };
  if (type == "Sequence") {
    for (const JsonFields &each : fields.objects("decoders"))
      readStep(each, steps, fused);
  } else if (type == "ByteLevel") {
    add(decodeSpelledBytes());
    fused = true; // steps after it see one text
  } else if (type == "ByteFallback") {
    add(decodeByteTokens());
  } else if (type == "Fuse") {
    fused = true;
  } else if (type == "Metaspace") {
    const std::string scheme =
        fields.string("prepend_scheme", fields.boolean("add_prefix_space", true) ? "always" : "never");
    add(decodeMetaspace(readCharacter(fields, "replacement", "\xE2\x96\x81"),
                        scheme != "never" ? FirstSpaces::DropAll : FirstSpaces::Keep));
  } else if (type == "WordPiece") {
    add(decodeWordPiece(fields.string("prefix", "##"), fields.boolean("cleanup", true)));
  } else if (type == "BPEDecoder") {
    std::string suffix = fields.string("suffix", "</w>");
    add(fused ? decodeReplacing(std::move(suffix), "") : decodeSuffix(std::move(suffix)));
  } else if (type == "CTC") {
    add(decodeCtc(fields.string("pad_token", "<pad>"), fields.string("word_delimiter_token", "|"),
                  fields.boolean("cleanup", true)));
  } else if (type == "Replace") {
    JsonPattern pattern = readPattern(fields);
    std::string content = fields.requiredString("content");
    add(pattern.regex ? decodeReplacing(std::move(*pattern.regex), std::move(content))
                      : decodeReplacing(std::move(pattern.text), std::move(content)));
  } else if (type == "Strip") {
    const auto start = static_cast<size_t>(fields.integer("start", 0, 0, INT32_MAX));
    const auto stop = static_cast<size_t>(fields.integer("stop", 0, 0, INT32_MAX));
    if (fused && stop)
      fields.fail("stop", "is not supported after Fuse: a text is decoded while its end is not known yet");
    add(decodeStripping(fields.string("content", " "), start, stop, fused));
  } else {
    fields.unknownType(type, "Sequence, ByteLevel, ByteFallback, Fuse, Metaspace, WordPiece, BPEDecoder, CTC, Replace "
                             "and Strip");
  }
}

} // namespace

void readDecoder(const JsonFields &fields, TokenDecoders &steps) {
  bool fused = false;
  readStep(fields, steps, fused);
}

} // namespace ph
