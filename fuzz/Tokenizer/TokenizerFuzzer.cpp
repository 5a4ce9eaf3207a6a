// First byte even: the rest is text, encoded with one of the pre-tokenizers and decoded back to the same bytes. Odd:
// the rest describes hostile metadata (arrays that don't fit, ids out of range), from which a tokenizer is made and
// used.
#include "runtime/tokenizer/PreTokenizer.h"
#include "runtime/tokenizer/StreamDecoder.h"
#include "test/Unit/Runtime/Tokenizer/MetadataBuilder.h"
#include <array>
#include <cstdlib>

using namespace ph;

static void require(bool condition) {
  if (!condition)
    std::abort();
}

namespace {

/// A tokenizer and the bytes that it views.
struct Made {
  std::vector<uint8_t> bytes;
  std::shared_ptr<GgufFile> file;
  std::unique_ptr<Tokenizer> tokenizer;

  explicit Made(const test::MetadataBuilder &builder) : bytes(builder.bytes()) {
    auto parsed = GgufFile::parse(bytes, "fuzz");
    require(bool(parsed));
    file = *parsed;
    auto made = Tokenizer::create(*file);
    if (made)
      tokenizer = std::move(*made);
    else
      require(!made.error().message.empty());
  }
};

} // namespace

static void encode(const Tokenizer &tokenizer, std::string_view text, bool total) {
  for (bool special : {true, false}) {
    auto ids = tokenizer.encode(text, {.addSpecial = false, .parseSpecial = special});
    require(ids || !total);
    if (!ids)
      continue;
    StreamDecoder stream(tokenizer, true);
    std::string streamed;
    for (int32_t id : *ids) {
      require(tokenizer.vocabulary().contains(id));
      streamed += stream.next(id);
    }
    streamed += stream.flush();
    if (total)
      require(tokenizer.decode(*ids) == text);
  }
}

static void encodeText(const uint8_t *data, size_t size) {
  static std::vector<std::unique_ptr<Made>> all;
  if (all.empty())
    for (const PreTokenizerSpec &spec : preTokenizers()) {
      all.push_back(std::make_unique<Made>(test::SmallModel().build(spec.names.front())));
      require(bool(all.back()->tokenizer));
    }
  if (size)
    encode(*all[data[0] % all.size()]->tokenizer, {reinterpret_cast<const char *>(data) + 1, size - 1}, true);
}

// Edits of the small model, two bytes of operation and position each, with a short text after those that take one.
static void hostileModel(const uint8_t *data, size_t size) {
  test::SmallModel model;
  size_t at = 0;
  auto byte = [&] { return at < size ? data[at++] : uint8_t(0); };
  auto text = [&] {
    std::string result;
    for (size_t length = byte() % 12; length && at < size; --length)
      result += static_cast<char>(byte());
    return result;
  };
  test::MetadataBuilder extra;
  std::string pre = "gpt-2", kind = "gpt2";
  std::vector<float> scores(model.tokens.size());
  std::vector<std::pair<const char *, uint32_t>> ids;
  std::vector<std::pair<const char *, bool>> flags;
  while (at < size && at < 200) {
    const uint8_t operation = byte(), position = byte();
    auto pick = [&](auto &list) -> auto & { return list[(position * 7 + operation) % list.size()]; };
    switch (operation % 14) {
    case 0:
      pick(model.tokens) = text();
      break;
    case 1:
      model.tokens.push_back(text());
      break;
    case 2:
      pick(model.merges) = text();
      break;
    case 3:
      model.merges.push_back(text());
      break;
    case 4:
      pick(model.types) = static_cast<int8_t>(byte());
      break;
    case 5:
      model.types.push_back(byte() % 7);
      break;
    case 6:
      model.tokens.resize(model.tokens.size() - position % model.tokens.size());
      break;
    case 7:
      model.types.resize(model.types.size() - position % model.types.size());
      break;
    case 8:
      ids.push_back({position % 2 ? "tokenizer.ggml.unknown_token_id" : "tokenizer.ggml.padding_token_id", byte()});
      break;
    case 9:
      flags.push_back({position % 2 ? "tokenizer.ggml.add_bos_token" : "tokenizer.ggml.add_eos_token", byte() % 2});
      break;
    case 10:
      pre = preTokenizers()[position % preTokenizers().size()].names.front();
      break;
    case 11:
      model.tokens.push_back(text()), model.types.push_back(byte() % 7);
      break;
    case 12:
      kind = std::array{"gpt2", "llama", "t5", "bert"}[position % 4];
      break;
    case 13:
      scores.resize(model.tokens.size());
      pick(scores) = static_cast<int8_t>(byte());
      break;
    }
  }
  test::MetadataBuilder builder = model.build(pre, kind);
  builder.numbers("tokenizer.ggml.scores", scores);
  for (size_t i = 0; i < ids.size() && i < 1; ++i)
    builder.integer(ids[i].first, ids[i].second);
  for (size_t i = 0; i < flags.size() && i < 1; ++i)
    builder.boolean(flags[i].first, flags[i].second);
  Made made(builder);
  if (made.tokenizer)
    encode(*made.tokenizer, {reinterpret_cast<const char *>(data), size}, false);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0)
    return 0;
  if (data[0] % 2)
    hostileModel(data + 1, size - 1);
  else
    encodeText(data + 1, size - 1);
  return 0;
}
