// tokenizer.json and the other files of a folder, by hand; what they compute is compared in test/Tokenizer.
#include "runtime/tokenizer/huggingface/TokenizerJson.h"
#include "runtime/formats/GgufRecords.h"
#include "runtime/tokenizer/HuggingFaceFiles.h"
#include "runtime/tokenizer/StreamDecoder.h"
#include "runtime/tokenizer/regex/Regex.h"
#include "test/Unit/Runtime/Base/TemporaryFolder.h"
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

using namespace ph;
using Ids = std::vector<int32_t>;

namespace {

struct Made {
  std::vector<uint8_t> bytes;
  std::shared_ptr<GgufFile> file;
  std::unique_ptr<Tokenizer> tokenizer;
  std::string error;

  explicit Made(const GgufRecords &records) : bytes(GgufRecords::file(records.bytes(), records.count())) {
    auto parsed = GgufFile::parse(bytes, "test", /*metadataOnly=*/true);
    EXPECT_TRUE(parsed) << parsed.error().message;
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
    return *ids;
  }
};

Made fromJson(const std::string &json) { return Made(GgufRecords().string(huggingFaceKey, json)); }

const std::string letters = R"("model":{"type":"WordLevel","unk_token":"?","vocab":{"?":0,"a":1,"b":2,"c":3}})";

TEST(TokenizerJson, ErrorsNameTheKey) {
  auto error = [](const std::string &json) { return fromJson(json).error; };
  EXPECT_EQ(error("{}"), "test: tokenizer.json: key 'model' is missing");
  EXPECT_EQ(error("{]"), "test: tokenizer.json: not valid JSON at byte 2");
  EXPECT_EQ(error(R"({"model":{"type":"RNN","vocab":{"a":0}}})"),
            "test: tokenizer.json: key 'model.type' is 'RNN', which is not supported; BPE, Unigram, WordPiece and "
            "WordLevel are");
  EXPECT_EQ(error(R"({"normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"X"}]},)" + letters + "}")
                .substr(0, 77),
            "test: tokenizer.json: key 'normalizer.normalizers[1].type' is 'X', which is n");
  EXPECT_EQ(
      error(R"({"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a"},"behavior":"Isolated"},)" + letters + "}"),
      "test: tokenizer.json: key 'pre_tokenizer.pattern': regular expression at 2 of its translation: missing "
      "closing parenthesis");
  EXPECT_EQ(
      error(R"({"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[a&&b]"},"behavior":"Isolated"},)" + letters + "}"),
      "test: tokenizer.json: key 'pre_tokenizer.pattern': regular expression at byte 2: an intersection of classes "
      "is not supported");
  EXPECT_EQ(error(R"({"decoder":{"type":"Strip","content":7},)" + letters + "}"),
            "test: tokenizer.json: key 'decoder.content' must be a string");
  EXPECT_EQ(error(R"({"post_processor":{"type":"BertProcessing","cls":["a",1],"sep":["z",99]},)" + letters + "}"),
            "test: tokenizer.json: key 'post_processor' names token 99, which is not in the vocabulary");
  EXPECT_EQ(error(R"({"added_tokens":[{"id":1,"content":"new"}],)" + letters + "}"),
            "test: tokenizer.json: key 'added_tokens[0].id' is that of another token");
  EXPECT_EQ(error(R"({"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}})"),
            "test: tokenizer.json: key 'model': merges: entry 0: a part or the result of 'a' and 'b' is not in the "
            "vocabulary");
  EXPECT_EQ(error(R"({"model":{"type":"WordLevel","vocab":{"a":9000000}}})").substr(0, 58),
            "test: tokenizer.json: key 'model.vocab' has for 'a' no id,");
  std::string deep = R"({"model":)";
  for (int i = 0; i < 100; ++i)
    deep += R"({"a":)";
  EXPECT_EQ(error(deep), "test: tokenizer.json: JSON nested deeper than 64 levels");
  EXPECT_EQ(Made(GgufRecords().integer(huggingFaceKey, 7)).error,
            "test: key 'tokenizer.huggingface.json' must be a string");
}

TEST(TokenizerJson, SpecialTokensComeAsTheTemplateSays) {
  const Made made = Made(GgufRecords()
                             .string(huggingFaceKey, R"({"post_processor":{"type":"TemplateProcessing","single":[
    {"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>"}}],
    "special_tokens":{"<s>":{"id":"<s>","ids":[4],"tokens":["<s>"]},"</s>":{"id":"</s>","ids":[5],"tokens":["</s>"]}}},
    "added_tokens":[{"id":4,"content":"<s>","special":true,"rstrip":true},{"id":5,"content":"</s>","special":true},
    {"id":6,"content":"word","single_word":true}],"pre_tokenizer":{"type":"Split","pattern":{"String":""},
    "behavior":"Removed"},)" + letters + "}")
                             .integer("tokenizer.ggml.bos_token_id", 4)
                             .integer("tokenizer.ggml.eos_token_id", 5));
  ASSERT_TRUE(made.tokenizer) << made.error;
  EXPECT_EQ(made.encode("a"), (Ids{4, 1, 5}));
  EXPECT_EQ(made.encode(""), (Ids{4, 5}));
  EXPECT_EQ(made.encode("a", {.addSpecial = false}), (Ids{1}));
  EXPECT_TRUE(made.tokenizer->addsBos() && made.tokenizer->addsEos());
  EXPECT_EQ(made.tokenizer->bosText(), "<s>");
  EXPECT_TRUE(made.tokenizer->vocabulary().endsGeneration(5));
  // <s> takes the spaces after it along; "word" is none inside of a longer one; special tokens may be left unparsed.
  EXPECT_EQ(made.encode("<s>  a</s>word,words", {.addSpecial = false}), (Ids{4, 1, 5, 6, 0}));
  EXPECT_EQ(made.encode("<s>word", {.addSpecial = false, .parseSpecial = false}), (Ids{0, 6}));
}

TEST(TokenizerJson, ScriptsAreSetApart) {
  // A piece begins with U+2581, so each is its own entry; one that is cut otherwise is unknown.
  const Made made = fromJson(R"({"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"UnicodeScripts"},
    {"type":"Metaspace","prepend_scheme":"always","split":false}]},"model":{"type":"WordLevel","unk_token":"?","vocab":{
    "?":0,"\u2581Yes":1,"\u2581\u3002":2,"\u2581\u3069\u3053\u3067\u751f\u308c":3,"\u2581Apples\u2581are\u2581":4,
    "\u2581\u308a\u3093\u3054\u2581\u6797\u6a8e":5,"\u2581\u30b0\u30fc":6,"\u2581a\u0378\ue000b":7,"\u2581\u0301":8,
    "\u2581a":9,"\u2581a\u2581":10,"\u2581\u0430":11,"\u2581,\u2581":12,"\u2581\u1c80":13,"\u2581a\u0870":14}}})");
  ASSERT_TRUE(made.tokenizer) << made.error;
  EXPECT_EQ(made.encode("どこで生れ。Yes"), (Ids{3, 2, 1}));     // kana are Han
  EXPECT_EQ(made.encode("グー"), (Ids{6}));                      // and so is U+30FC, which is Common
  EXPECT_EQ(made.encode("Apples are りんご 林檎"), (Ids{4, 5})); // the space goes with what is before it
  EXPECT_EQ(made.encode("a\u0301"), (Ids{9, 8}));                // Inherited is a script
  EXPECT_EQ(made.encode("a\u0430"), (Ids{9, 11}));               // Latin and Cyrillic, which look alike
  EXPECT_EQ(made.encode("a , a"), (Ids{10, 12, 9}));             // Common is one too
  EXPECT_EQ(made.encode("a\u0378\ue000b"), (Ids{7}));            // unassigned and private: no script
  EXPECT_EQ(made.encode("a\u1c80a\u0870"), (Ids{9, 13, 14}));    // Unicode 9's; Unicode 14's
  EXPECT_EQ(made.encode("  \u0378a"), (Ids{9}));                 // nothing is before them
  EXPECT_EQ(made.encode("  \ue000"), Ids());
}

TEST(TokenizerJson, BytesThatAreNoTextComeBack) {
  std::string vocabulary;
  for (unsigned b = 0; b < 256; ++b) {
    char entry[24];
    std::snprintf(entry, sizeof entry, "%s\"<0x%02X>\":%u", b ? "," : "", b, b);
    vocabulary += entry;
  }
  const Made made = fromJson(R"({"model":{"type":"BPE","byte_fallback":true,"merges":[],"vocab":{)" + vocabulary +
                             R"(}},"normalizer":{"type":"NFC"},"decoder":{"type":"ByteFallback"}})");
  ASSERT_TRUE(made.tokenizer) << made.error;
  const std::string text = "a\xFF\xC3(\xE4\xBD\xA0\xF0\x9F";
  EXPECT_EQ(made.tokenizer->decode(made.encode(text)), text);
  StreamDecoder stream(*made.tokenizer);
  std::string streamed;
  for (int32_t id : made.encode("\xE4\xBD\xA0!"))
    streamed += stream.next(id);
  EXPECT_EQ(streamed, "\xE4\xBD\xA0!");
}

TEST(TokenizerJson, WordsAreJoinedAsTheyStream) {
  const Made made =
      fromJson(R"({"decoder":{"type":"WordPiece","prefix":"##","cleanup":true},"model":{"type":"WordPiece",
    "unk_token":"?","vocab":{"?":0,"a":1,"##b":2,"!":3}},"pre_tokenizer":{"type":"BertPreTokenizer"}})");
  ASSERT_TRUE(made.tokenizer) << made.error;
  EXPECT_EQ(made.encode("ab a! zz"), (Ids{1, 2, 1, 3, 0}));
  EXPECT_EQ(made.tokenizer->decode(Ids{1, 2, 1, 3}), "ab a!");
  StreamDecoder stream(*made.tokenizer);
  EXPECT_EQ(stream.next(1) + "|" + stream.next(2) + "|" + stream.next(1) + "|" + stream.next(3), "a|b| a|!");
}

TEST(TokenizerJson, AFileCannotMakeATextGrowWithoutEnd) {
  std::string steps;
  for (int i = 0; i < 20; ++i)
    steps += std::string(i ? "," : "") + R"({"type":"Replace","pattern":{"String":"a"},"content":")" +
             std::string(31, 'a') + R"("})";
  const Made made = fromJson(R"({"normalizer":{"type":"Sequence","normalizers":[)" + steps + "]}," + letters + "}");
  ASSERT_TRUE(made.tokenizer) << made.error;
  auto ids = made.tokenizer->encode("aaaa");
  ASSERT_FALSE(ids);
  EXPECT_NE(ids.error().message.find("more than 32 times as long"), std::string::npos) << ids.error().message;
}

TEST(Regex, SearchesThatTakeTooLongEnd) {
  auto regex = Regex::compile("(a+)+$");
  ASSERT_TRUE(regex) << regex.error().message;
  const std::string text = std::string(200, 'a') + "b";
  RegexScratch scratch;
  auto match = Regex::Search(*regex, text, scratch).next();
  ASSERT_FALSE(match);
  EXPECT_EQ(match.error().code, ErrorCode::Failed);
}

TEST(Regex, SpeaksOnigurumasSyntax) {
  auto translated = [](std::string_view pattern) {
    auto result = translateRegex(pattern, false);
    return result ? *result : result.error().message;
  };
  EXPECT_EQ(translated(R"(\p{N}{1,3}+)"), R"((?:[\p{N}]{1,3})+)"); // repeated, not possessive
  EXPECT_EQ(translated(R"((?:ab){2}+c++)"), R"((?:(?:ab){2})+c++)");
  EXPECT_EQ(translated(R"(\p{^L}\P{Han}[^\P{Lu}])"), R"([^\p{L}][^\p{sc:Han}][^\P{Lu}])");
  EXPECT_EQ(translated(R"(\h\u00e9a{,2}\x{4e00})"), R"([0-9A-Fa-f]\x{00e9}a\{,2}\x{4e00})");
  EXPECT_EQ(translated("[a[b]]"), "regular expression at byte 2: a class inside a class is not supported");
  EXPECT_EQ(translated("a\\"), "regular expression at byte 1: the pattern ends with a backslash");
}

class Folder : public testing::Test {
protected:
  void write(const std::string &name, const std::string &text) {
    std::ofstream(folder.path + "/" + name, std::ios::binary) << text;
  }
  Made read(const std::string &name = "") {
    GgufRecords records;
    auto e = addHuggingFaceTokenizer(folder.path + (name.empty() ? "" : "/" + name), records);
    EXPECT_FALSE(e) << e.error().message;
    return Made(records);
  }
  std::string error() {
    GgufRecords records;
    auto e = addHuggingFaceTokenizer(folder.path, records);
    return e ? e.error().message.substr(folder.path.size()) : "";
  }
  test::TemporaryFolder folder;
};

TEST_F(Folder, GivesTheKeysOfItsFiles) {
  write("tokenizer.json", R"({"added_tokens":[{"id":4,"content":"<s>","special":true}],)" + letters + "}");
  write("tokenizer_config.json", R"({"bos_token":{"content":"<s>"},"pad_token":"none","chat_template":"old"})");
  write("special_tokens_map.json", R"({"eos_token":"c"})");
  write("generation_config.json", R"({"eos_token_id":[3,2,99]})");
  write("chat_template.jinja", "new");
  const Made made = read();
  ASSERT_TRUE(made.tokenizer) << made.error;
  const Vocabulary &words = made.tokenizer->vocabulary();
  EXPECT_EQ(words.bos, 4);
  EXPECT_EQ(words.eos, 3);
  EXPECT_EQ(words.padding, Vocabulary::none); // no token has that text
  EXPECT_TRUE(words.endsGeneration(3) && words.endsGeneration(2) && !words.endsGeneration(1));
  EXPECT_EQ(made.file->find("tokenizer.chat_template")->asString(), "new");
}

TEST_F(Folder, ReadsVocabulariesFromBeforeTokenizerJson) {
  write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\n##s\n\xC3\xA9\n");
  const Made bert = read();
  ASSERT_TRUE(bert.tokenizer) << bert.error;
  EXPECT_EQ(bert.encode("HELLOS [SEP] x"), (Ids{2, 4, 5, 3, 1, 3}));
  write("tokenizer_config.json", R"({"do_lower_case":false})");
  EXPECT_EQ(read().encode("hello HELLO \xC3\xA9"), (Ids{2, 4, 1, 6, 3}));
  std::filesystem::remove(folder.path + "/vocab.txt");
  write("vocab.json", "{\"a\":0,\"b\":1,\"ab\":2,\"\xC4\xA0\":3,\"<s>\":4,\"</s>\":5}");
  write("merges.txt", "#version: 0.2\na b\n");
  write("tokenizer_config.json", R"({"tokenizer_class":"RobertaTokenizer","bos_token":"<s>"})");
  const Made roberta = read();
  ASSERT_TRUE(roberta.tokenizer) << roberta.error;
  EXPECT_EQ(roberta.encode("ab ab<s>"), (Ids{4, 2, 3, 2, 4, 5}));
  EXPECT_EQ(roberta.tokenizer->vocabulary().bos, 4);
}

TEST_F(Folder, ErrorsNameTheFile) {
  write("tokenizer.model", "no protobuf");
  EXPECT_EQ(error(), "/tokenizer.model: is no model of SentencePiece, or a damaged one");
  write("tokenizer.json", "[");
  EXPECT_EQ(error(), "/tokenizer.json: not valid JSON at byte 2");
  write("tokenizer_config.json", "7");
  EXPECT_EQ(error(), "/tokenizer_config.json: is no JSON object");
}

} // namespace
