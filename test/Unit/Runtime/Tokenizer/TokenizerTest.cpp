#include "runtime/tokenizer/Tokenizer.h"
#include "runtime/tokenizer/PreTokenizer.h"
#include "runtime/tokenizer/StreamDecoder.h"
#include "test/Unit/Runtime/Tokenizer/MetadataBuilder.h"
#include <chrono>
#include <gtest/gtest.h>
#include <random>

using namespace ph;
using namespace ph::test;
using Ids = std::vector<int32_t>;

namespace {

/// A tokenizer with the file and bytes that it views.
struct Made {
  std::vector<uint8_t> bytes;
  std::shared_ptr<GgufFile> file;
  std::unique_ptr<Tokenizer> tokenizer;
  std::string error;

  explicit Made(const MetadataBuilder &builder) : bytes(builder.bytes()) {
    auto parsed = GgufFile::parse(bytes, "test.gguf");
    if (!parsed) {
      error = parsed.error().message;
      return;
    }
    file = *parsed;
    auto made = Tokenizer::create(*file);
    if (made)
      tokenizer = std::move(*made);
    else
      error = made.error().message;
  }
  Ids encode(std::string_view text, EncodeOptions options = {}) const {
    auto ids = tokenizer->encode(text, options);
    EXPECT_TRUE(ids) << ids.error().message;
    return ids ? *ids : Ids();
  }
};

TEST(Tokenizer, MergesInOrderOfRank) {
  Made made(SmallModel().build());
  ASSERT_TRUE(made.tokenizer) << made.error;
  EXPECT_EQ(made.encode("hello wo"), (Ids{259, 261}));
  EXPECT_EQ(made.encode("hell"), (Ids{258}));
  EXPECT_EQ(made.encode("helo"), (Ids{256, 'l', 'o'}));
  EXPECT_EQ(made.encode("aaaaaaa"), (Ids{263, 262, 'a'})); // leftmost among equal ranks
  EXPECT_EQ(made.encode("1234"), (Ids{265, '4'}));
  EXPECT_EQ(made.encode(""), Ids());
}

TEST(Tokenizer, SplitsDigitsWhereThePreTokenizerSaysSo) {
  Made made(SmallModel().build("smollm"));
  ASSERT_TRUE(made.tokenizer) << made.error;
  EXPECT_EQ(made.encode("123"), (Ids{'1', '2', '3'}));
}

TEST(Tokenizer, TakesTheLongestSpecialToken) {
  Made made(SmallModel().build());
  ASSERT_TRUE(made.tokenizer) << made.error;
  EXPECT_EQ(made.encode("<s>a</s>!</s>"), (Ids{SmallModel::startId, 'a', SmallModel::stopLongId, SmallModel::stopId}));
  EXPECT_EQ(made.encode("</s"), (Ids{'<', '/', 's'}));
  EXPECT_EQ(made.encode("<s><gap>", {.addSpecial = true, .parseSpecial = false}),
            (Ids{'<', 's', '>', SmallModel::gapId}));
}

TEST(Tokenizer, AddsBosAndEosAsTheFileSays) {
  Made plain(SmallModel().build()), llama(SmallModel().build("llama-bpe"));
  ASSERT_TRUE(plain.tokenizer && llama.tokenizer) << plain.error << llama.error;
  EXPECT_EQ(plain.encode("a"), (Ids{'a'}));
  EXPECT_EQ(llama.encode("a"), (Ids{SmallModel::startId, 'a'})); // the default of that family
  Made both(
      SmallModel().build().boolean("tokenizer.ggml.add_bos_token", true).boolean("tokenizer.ggml.add_eos_token", true));
  ASSERT_TRUE(both.tokenizer) << both.error;
  EXPECT_EQ(both.encode("a"), (Ids{SmallModel::startId, 'a', SmallModel::stopId}));
  EXPECT_EQ(both.encode("a", {.addSpecial = false}), (Ids{'a'}));
  EXPECT_EQ(both.tokenizer->bosText(), "<s>");
  EXPECT_EQ(both.tokenizer->eosText(), "</s>");
  EXPECT_TRUE(both.tokenizer->vocabulary().endsGeneration(SmallModel::stopId));
  EXPECT_FALSE(both.tokenizer->vocabulary().endsGeneration('a'));
}

TEST(Tokenizer, TakesAWholeWordBeforeItsMerges) {
  SmallModel model;
  model.tokens.push_back("abcd"); // no merges lead to it
  model.types.push_back(1);
  Made llama(model.build("llama-bpe")), gpt2(model.build());
  ASSERT_TRUE(llama.tokenizer && gpt2.tokenizer) << llama.error << gpt2.error;
  EXPECT_EQ(llama.encode("abcd", {.addSpecial = false}), (Ids{270}));
  EXPECT_EQ(gpt2.encode("abcd"), (Ids{'a', 'b', 'c', 'd'}));
}

TEST(Tokenizer, GivesBackAnyBytes) {
  Made made(SmallModel().build("llama-bpe"));
  ASSERT_TRUE(made.tokenizer) << made.error;
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    std::string text(random() % 300, '\0');
    for (char &c : text)
      c = static_cast<char>(round % 2 ? random() : "hel o\n\xc3\xa9\xff<s>123"[random() % 16]);
    Ids ids = made.encode(text, {.addSpecial = false});
    ASSERT_EQ(made.tokenizer->decode(ids), text);
  }
  EXPECT_EQ(made.tokenizer->decode(Ids{-1, 1 << 30, 'a'}), "a"); // ids of no token give nothing
  EXPECT_EQ(made.tokenizer->decode(Ids{SmallModel::startId, SmallModel::gapId, 'a'}, /*special=*/false), "<gap>a");
}

TEST(Tokenizer, StreamsWholeCharacters) {
  Made made(SmallModel().build());
  ASSERT_TRUE(made.tokenizer) << made.error;
  StreamDecoder stream(*made.tokenizer);
  std::string llama = "\xF0\x9F\xA6\x99"; // 🦙
  EXPECT_EQ(stream.next(0xF0), "");
  EXPECT_EQ(stream.next(0x9F), "");
  EXPECT_EQ(stream.next(0xA6), "");
  EXPECT_EQ(stream.next(0x99), llama);
  EXPECT_EQ(stream.next(0xC3), "");
  EXPECT_EQ(stream.next('a'), "\xEF\xBF\xBD"
                              "a"); // the lead byte had no continuation
  EXPECT_EQ(stream.next(0xE2), "");
  EXPECT_EQ(stream.flush(), "\xEF\xBF\xBD");
  EXPECT_EQ(stream.flush(), "");
  EXPECT_EQ(stream.next(SmallModel::stopId), ""); // control tokens aren't text
}

TEST(Tokenizer, TakesAMegabyteWithoutSpaces) {
  Made made(SmallModel().build("llama-bpe"));
  ASSERT_TRUE(made.tokenizer) << made.error;
  for (const char *unit : {"a", "hello", "\xff", " ", "\n", "1", "\xE4\xBD\xA0", "'s", "!"}) {
    std::string text;
    while (text.size() < 1'000'000)
      text += unit;
    auto start = std::chrono::steady_clock::now();
    Ids ids = made.encode(text, {.addSpecial = false});
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    EXPECT_EQ(made.tokenizer->decode(ids), text);
    EXPECT_LT(seconds, 20) << "'" << unit << "' repeated"; // a quadratic merge takes minutes
  }
}

TEST(Tokenizer, RefusesWhatItDoesNotKnow) {
  EXPECT_NE(Made(SmallModel().build("no-such")).error.find("unknown pre-tokenizer 'no-such'"), std::string::npos);
  MetadataBuilder other;
  other.string("tokenizer.ggml.model", "rwkv");
  EXPECT_NE(Made(other).error.find("'rwkv' is not supported; 'gpt2'"), std::string::npos);
  EXPECT_NE(Made(MetadataBuilder()).error.find("no key 'tokenizer.ggml.model'"), std::string::npos);
}

TEST(Tokenizer, RefusesArraysThatDoNotFit) {
  auto error = [](auto change) {
    SmallModel model;
    change(model);
    Made made(model.build());
    EXPECT_FALSE(made.tokenizer);
    return made.error;
  };
  EXPECT_NE(error([](SmallModel &m) { m.types.pop_back(); }).find("token_type' has 269 entries"), std::string::npos);
  EXPECT_NE(error([](SmallModel &m) { m.tokens.back() = "a"; }).find("'a' has two ids, 97 and 269"), std::string::npos);
  EXPECT_NE(error([](SmallModel &m) { m.merges[3] = "hello"; }).find("entry 3 is not two parts"), std::string::npos);
  EXPECT_NE(error([](SmallModel &m) { m.merges[3] = "hello "; }).find("entry 3 is not two parts"), std::string::npos);
  EXPECT_NE(error([](SmallModel &m) { m.merges[3] = "x y"; }).find("entry 3: a part or the result"), std::string::npos);
  EXPECT_NE(error([](SmallModel &m) { m.tokens.back().assign(2000, 'x'); }).find("2000 bytes long"), std::string::npos);
  EXPECT_NE(error([](SmallModel &m) { m.tokens.clear(), m.types.clear(); }).find("has 0 entries"), std::string::npos);

  Made out(SmallModel().build().integer("tokenizer.ggml.padding_token_id", 270));
  EXPECT_NE(out.error.find("'tokenizer.ggml.padding_token_id' must be a token id below 270"), std::string::npos);
  Made wrong(SmallModel().build().integer("tokenizer.ggml.add_bos_token", 7));
  EXPECT_NE(wrong.error.find("'tokenizer.ggml.add_bos_token' must be a boolean"), std::string::npos);
}

TEST(Tokenizer, LeavesOutBytesWithoutATokenAsLlamaCppDoes) {
  SmallModel model;
  model.tokens[4] = "<other>";
  for (int32_t unknown : {SmallModel::stopId, int32_t('Q')}) { // never a control token, nor any other
    Made made(model.build().integer("tokenizer.ggml.unknown_token_id", uint32_t(unknown)));
    ASSERT_TRUE(made.tokenizer) << made.error;
    EXPECT_EQ(made.encode("\x04"), Ids());
    EXPECT_EQ(made.encode("\x04\x04"
                          "aa\x04"),
              (Ids{262}));
    EXPECT_EQ(made.encode("a\x04"
                          "b"),
              (Ids{'a', 'b'}));
  }
}

struct Pieces : PieceSink {
  std::vector<std::string> list;
  Status piece(Piece piece) override {
    list.emplace_back(piece.text);
    return {};
  }
};

std::vector<std::string> pieces(std::string_view name, std::string_view text) {
  Pieces pieces;
  const PreTokenizerSpec *spec = findPreTokenizer(name);
  EXPECT_TRUE(spec) << name;
  auto splitters = makeSplitters(*spec);
  EXPECT_TRUE(splitters) << splitters.error().message;
  RegexScratch scratch;
  EXPECT_FALSE(splitText(*splitters, {text, true}, scratch, pieces));
  return pieces.list;
}

TEST(PreTokenizer, CutsAsEachFamilyDoes) {
  using List = std::vector<std::string>;
  EXPECT_EQ(pieces("gpt-2", "I'll  go 123!"), (List{"I", "'ll", " ", " go", " 123", "!"}));
  EXPECT_EQ(pieces("llama-bpe", "I'LL 1234\n\n x"), (List{"I", "'LL", " ", "123", "4", "\n\n", " x"}));
  EXPECT_EQ(pieces("qwen2", "a12"), (List{"a", "1", "2"}));
  EXPECT_EQ(pieces("deepseek-v3", "你好abc"), (List{"你好", "abc"}));
  EXPECT_EQ(pieces("gpt-4o", "helloWorld's"), (List{"hello", "World's"}));
  EXPECT_EQ(pieces("tekken", "helloWorld"), (List{"hello", "World"}));
  EXPECT_EQ(pieces("kimi-k2", "a你好b 12345"), (List{"a", "你好", "b", " ", "123", "45"}));
  EXPECT_EQ(pieces("superbpe", "1234567"), (List{"1", "234", "567"}));
  EXPECT_EQ(pieces("tiny_aya", "1234567"), (List{"1", "234", "567"}));
  EXPECT_EQ(pieces("falcon", "a`1234"), (List{"a", "`", "123", "4"}));
}

TEST(PreTokenizer, KeepsBytesThatAreNotText) {
  EXPECT_EQ(pieces("gpt-2", "ab\xff\xfe cd\xe4\xbd"), (std::vector<std::string>{"ab", "\xff\xfe", " cd", "\xe4\xbd"}));
}

TEST(PreTokenizer, EveryNameCompilesAndLosesNothing) {
  const std::string text = "Hello, Wörld's 12345 — 你好 ไทย हिन्दी é\u0301 don't DON'T\r\n\n\t  x=1;  ";
  for (const PreTokenizerSpec &spec : preTokenizers()) {
    const std::string name(spec.names.front());
    std::string joined;
    for (const std::string &piece : pieces(name, text))
      joined += piece;
    EXPECT_EQ(joined, text) << name;
  }
}

} // namespace
