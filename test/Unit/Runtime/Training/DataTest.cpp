#include "SmallTokenizer.h"
#include "runtime/training/data/MakeBatch.h"
#include "test/Unit/Runtime/Base/TemporaryFolder.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>

using namespace ph;
using namespace ph::test;
using namespace ph::training;

namespace {

class DataTest : public testing::Test {
protected:
  Expected<TrainingData> read(const std::string &lines, const char *name = "a.jsonl") {
    writeFile(folder / name, lines);
    config.folder = folder.path;
    config.datasets = {{name, "auto", "c.yml:1"}};
    return readTrainingData(config, *small.metadata, *small.tokenizer, small.chat, 0);
  }
  std::string errorOf(const std::string &lines) {
    auto data = read(lines);
    return data ? "" : data.error().message;
  }
  SmallTokenizer small;
  TemporaryFolder folder;
  TrainingConfig config;
};

/// A set of sequences of these lengths, with tokens that count up through all of them; the first token of each isn't
/// learned.
ExampleSet setOf(std::initializer_list<size_t> lengths, bool pairs = false) {
  ExampleSet set(pairs);
  const uint32_t file = set.addFile("f");
  uint32_t line = 0;
  int32_t next = 1;
  for (size_t length : lengths) {
    EncodedPassage passage;
    for (size_t i = 0; i < length; ++i) {
      passage.ids.push_back(next++);
      passage.learned.push_back(i > 0);
    }
    set.add(passage, 0, length, file, ++line);
  }
  return set;
}

std::vector<uint32_t> all(const ExampleSet &set) {
  std::vector<uint32_t> members(set.size());
  std::iota(members.begin(), members.end(), 0u);
  return members;
}

std::string describe(const EpochOrder &order) {
  std::string text;
  for (size_t row = 0; row < order.rows(); ++row) {
    for (uint32_t example : order.row(row))
      text += std::to_string(example) + " ";
    text += "| ";
  }
  return text;
}

} // namespace

TEST_F(DataTest, BadLinesStopOrAreCounted) {
  const std::string lines = "{\"prompt\": \"a\", \"completion\": \"b\"}\n{\"prompt\": \"a\"\n{\"prompt\": \"a\"}\n"
                            "{\"prompt\": \"a\", \"completion\": \" \"}\n";
  const std::string error = errorOf(lines);
  EXPECT_TRUE(error.starts_with(folder / "a.jsonl" + ":2: not valid JSON at byte")) << error;
  EXPECT_NE(error.find("skip_bad_lines: true"), std::string::npos);
  config.skipBadLines = true;
  auto data = read(lines);
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->report.bad, 3u);
  EXPECT_EQ(data->examples.size(), 1u);
  EXPECT_TRUE(
      data->report.describe(1).starts_with("1 examples of 4 lines; 3 bad (the first: " + folder / "a.jsonl" + ":2"));
  EXPECT_NE(errorOf("{}\n").find("there is no usable example: 0 examples of 1 lines; 1 bad"), std::string::npos);
  EXPECT_NE(errorOf("").find("there is no usable example"), std::string::npos);
}

TEST_F(DataTest, LongExamplesAreDroppedCutOrRefused) {
  const std::string lines =
      "{\"prompt\": \"xy\", \"completion\": \"bcdefg\"}\n{\"prompt\": \"uvwxyz\", \"completion\": \"b\"}\n"
      "{\"prompt\": \"a\", \"completion\": \"b\"}\n";
  config.sequenceLen = 6;
  auto data = read(lines);
  ASSERT_TRUE(data);
  EXPECT_EQ(data->examples.size(), 1u);
  EXPECT_EQ(data->report.tooLong, 2u);
  config.excessLengthStrategy = "truncate";
  data = read(lines);
  ASSERT_TRUE(data);
  EXPECT_EQ(data->examples.size(), 2u); // of the second nothing to learn is left
  EXPECT_EQ(data->report.truncated, 2u);
  EXPECT_EQ(data->report.unlearnable, 1u);
  EXPECT_EQ(data->examples.length(0), 6u);
  config.excessLengthStrategy = "raise";
  EXPECT_TRUE(errorOf(lines).starts_with(folder / "a.jsonl" + ":1: has 9 tokens, more than sequence_len, 6"));
}

TEST_F(DataTest, TextsAreCutIntoPieces) {
  config.sequenceLen = 4;
  auto data = read("{\"text\": \"bcdfghj\"}\n"); // 7 bytes and EOS
  ASSERT_TRUE(data);
  EXPECT_EQ(data->examples.size(), 2u);
  auto plain = read("bcdfgh\n{x", "a.txt"); // 9 bytes and EOS
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->examples.size(), 3u);
  EXPECT_EQ(plain->examples.length(2), 2u);
}

TEST_F(DataTest, PairsNeedTheirObjective) {
  const std::string pair = "{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"cd\"}\n",
                    text = "{\"text\": \"ab\"}\n";
  EXPECT_NE(errorOf(pair).find("c.yml:1: "), std::string::npos);
  EXPECT_NE(errorOf(pair + text).find("has pairs"), std::string::npos);
  config.rl = "dpo";
  EXPECT_NE(errorOf(text).find("has no pairs"), std::string::npos);
  auto data = read(pair);
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_EQ(data->examples.size(), 1u);
  EXPECT_EQ(data->examples.length(0), 4u);
  EXPECT_NE(errorOf("{\"prompt\": \"a\", \"chosen\": \"b\", \"rejected\": \"b\"}")
                .find(":1: chosen and rejected are the same"),
            std::string::npos);
}

TEST_F(DataTest, AnswersAreMismatchedWithOtherPrompts) {
  config.rl = "kto";
  auto line = [](const char *prompt, const char *completion, bool good) {
    return std::string("{\"prompt\": \"") + prompt + "\", \"completion\": \"" + completion +
           "\", \"label\": " + (good ? "true" : "false") + "}\n";
  };
  auto data = read(line("a", "b", true) + line("a", "c", false) + line("d", "f", true) +
                   "{\"prompt\": \"g\", \"chosen\": \"h\", \"rejected\": \"j\"}\n");
  ASSERT_FALSE(data); // one file, one type
  config.skipBadLines = true;
  data = read(line("a", "b", true) + line("a", "c", false) + line("d", "f", true) + line("g", "hx", false));
  ASSERT_TRUE(data) << data.error().message;
  const ExampleSet &set = data->examples;
  ASSERT_EQ(set.size(), 4u);
  auto textOf = [&](size_t sequence) {
    std::string text;
    for (int32_t id : set.tokensOf(set.sequence(sequence)))
      if (id != small.tokenizer->vocabulary().eos)
        text += small.tokenizer->decode({&id, 1}, false);
    return text;
  };
  const char *expected[] = {"ab", "ahx", "ac", "ahx", "df", "dc", "ghx", "gf"};
  for (size_t i = 0; i < 8; ++i)
    EXPECT_EQ(textOf(i), expected[i]) << i;
  for (size_t i = 0; i < 4; ++i)
    EXPECT_EQ(set.targets(i)[0], float(i % 2 == 0));
  auto paired = read("{\"prompt\": \"g\", \"chosen\": \"h\", \"rejected\": \"j\"}\n");
  ASSERT_TRUE(paired) << paired.error().message;
  EXPECT_EQ(paired->examples.size(), 2u);
  EXPECT_EQ(paired->examples.targets(0)[0], 1);
  EXPECT_EQ(paired->examples.targets(1)[0], 0);
  EXPECT_NE(errorOf("{\"text\": \"ab\"}\n").find("no answers with a label"), std::string::npos);
}

TEST_F(DataTest, LabelsNeedTheirLossAndAFolder) {
  const std::string line = "{\"text\": \"ab\", \"label\": 1}\n";
  EXPECT_TRUE(read(line)); // the label is another thing
  config.loss = "classification";
  EXPECT_NE(errorOf(line).find("loss: classification needs a folder of the Hugging Face hub"), std::string::npos);
}

TEST_F(DataTest, MaskingNeedsAMaskToken) {
  config.loss = "mlm";
  EXPECT_NE(errorOf("{\"text\": \"ab\"}\n").find("has none (mask_token"), std::string::npos);
}

TEST_F(DataTest, DigestSeesEveryChange) {
  const std::string line = "{\"prompt\": \"a\", \"completion\": \"b\"}\n";
  auto a = read(line), b = read(line), c = read("{\"prompt\": \"a\", \"completion\": \"c\"}\n");
  config.trainOnInputs = true;
  auto d = read(line);
  ASSERT_TRUE(a && b && c && d);
  EXPECT_EQ(a->digest(), b->digest());
  EXPECT_NE(a->digest(), c->digest());
  EXPECT_NE(a->digest(), d->digest());
  EXPECT_NE(setOf({2, 3}).digest(), setOf({3, 2}).digest());
}

TEST(EpochOrder, EachEpochHasItsOwn) {
  ExampleSet set(false);
  for (int i = 0; i < 100; ++i)
    set.add({{1, 2}, {false, true}}, 0, 2, 0, 0);
  const auto members = all(set);
  const auto first = orderEpoch(set, members, {.seed = 1}, 0), again = orderEpoch(set, members, {.seed = 1}, 0);
  EXPECT_EQ(describe(first), describe(again));
  EXPECT_NE(describe(first), describe(orderEpoch(set, members, {.seed = 1}, 1)));
  EXPECT_NE(describe(first), describe(orderEpoch(set, members, {.seed = 2}, 0)));
  EXPECT_TRUE(describe(orderEpoch(set, members, {.shuffle = false}, 0)).starts_with("0 | 1 | 2 | "));
  EXPECT_EQ(first.rows(), 100u);
}

TEST(EpochOrder, PacksFirstFit) {
  const ExampleSet set = setOf({5, 7, 3, 6, 2, 4, 8, 1, 2});
  const OrderRules rules = {.shuffle = false, .pack = true, .sequenceLen = 10};
  // 5 + 3 + 2; 7 + 1 + 2; 6 + 4; 8.
  EXPECT_EQ(describe(orderEpoch(set, all(set), rules, 0)), "0 2 4 | 1 7 8 | 3 5 | 6 | ");
  const std::vector<uint32_t> some = {6, 1};
  EXPECT_EQ(describe(orderEpoch(set, some, rules, 0)), "6 | 1 | ");
}

TEST(EpochOrder, SplitsBySeed) {
  auto split = splitExamples(100, 0.1, 1), other = splitExamples(100, 10, 2);
  ASSERT_TRUE(split && other);
  EXPECT_EQ(split->validation.size(), 10u);
  EXPECT_EQ(split->training.size(), 90u);
  EXPECT_NE(split->validation, other->validation);
  EXPECT_TRUE(std::is_sorted(split->training.begin(), split->training.end()));
  EXPECT_EQ(splitExamples(3, 0, 1)->training.size(), 3u);
  EXPECT_EQ(splitExamples(3, 3, 1).error().code, ErrorCode::Usage);
}

TEST(MakeBatch, PadsRows) {
  const ExampleSet set = setOf({3, 2});
  const auto order = orderEpoch(set, all(set), {.shuffle = false}, 0);
  const Batch batch = makeBatch(set, order, 0, 8, 0, 77);
  using Ids = std::vector<int32_t>;
  EXPECT_EQ(batch.rows, 2);
  EXPECT_EQ(batch.length, 3);
  EXPECT_EQ(batch.tokens, (Ids{1, 2, 3, 4, 5, 77}));
  EXPECT_EQ(batch.labels, (Ids{-100, 2, 3, -100, 5, -100}));
  EXPECT_EQ(batch.positions, (Ids{0, 1, 2, 0, 1, 0}));
  EXPECT_EQ(batch.documents, (Ids{1, 1, 1, 1, 1, 0}));
  EXPECT_EQ(batch.labelled, 3);
  EXPECT_EQ(batch.real, 5);
  EXPECT_EQ(batch.origins[1].line, 2u);
  EXPECT_EQ(makeBatch(set, order, 1, 1, 4, 77).tokens, (Ids{4, 5, 77, 77}));
}

TEST(MakeBatch, PacksDocuments) {
  ExampleSet set = setOf({3, 2});
  set.add({{8, 9}, {true, true}}, 0, 2, 0, 3); // its first token is learned, but nothing predicts it
  const auto order = orderEpoch(set, all(set), {.shuffle = false, .pack = true, .sequenceLen = 8}, 0);
  ASSERT_EQ(order.rows(), 1u);
  const Batch batch = makeBatch(set, order, 0, 1, 0, 77);
  using Ids = std::vector<int32_t>;
  EXPECT_EQ(batch.tokens, (Ids{1, 2, 3, 4, 5, 8, 9}));
  EXPECT_EQ(batch.labels, (Ids{-100, 2, 3, -100, 5, -100, 9}));
  EXPECT_EQ(batch.positions, (Ids{0, 1, 2, 0, 1, 0, 1}));
  EXPECT_EQ(batch.documents, (Ids{1, 1, 1, 2, 2, 3, 3}));
}

TEST(MakeBatch, PutsChosenBeforeRejected) {
  const ExampleSet set = setOf({2, 3, 2, 2}, true);
  const auto order = orderEpoch(set, all(set), {.shuffle = false}, 0);
  const Batch batch = makeBatch(set, order, 0, 2, 0, 77);
  EXPECT_TRUE(batch.pairs);
  EXPECT_EQ(batch.rows, 4);
  EXPECT_EQ(batch.tokens, (std::vector<int32_t>{1, 2, 77, 6, 7, 77, 3, 4, 5, 8, 9, 77}));
}
