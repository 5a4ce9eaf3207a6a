#include "runtime/training/data/MaskTokens.h"
#include "SmallTokenizer.h"
#include <gtest/gtest.h>

using namespace ph;
using namespace ph::test;
using namespace ph::training;

namespace {

/// A tokenizer whose token 5 is the mask.
struct MaskingTokenizer {
  MaskingTokenizer() {
    MetadataBuilder builder = SmallModel().build();
    builder.integer("tokenizer.ggml.mask_token_id", 5);
    bytes = builder.bytes();
    metadata = *GgufFile::parse(bytes, "small", true);
    tokenizer = std::move(*Tokenizer::create(*metadata));
  }
  std::vector<uint8_t> bytes;
  std::shared_ptr<GgufFile> metadata;
  std::unique_ptr<Tokenizer> tokenizer;
};

constexpr int64_t length = 4000;

/// Two rows, the second with a special token at each third place and padding in its second half.
Batch makeRows(int32_t ordinary, int32_t special) {
  Batch batch;
  batch.rows = 2;
  batch.length = length;
  batch.examples = {7, 8};
  for (int64_t i = 0; i < 2 * length; ++i) {
    const bool second = i >= length;
    batch.tokens.push_back(second && i % 3 == 0 ? special : ordinary);
    batch.documents.push_back(second && i >= length + length / 2 ? 0 : 1);
  }
  batch.labels.assign(size_t(2 * length), 1);
  return batch;
}

} // namespace

TEST(MaskTokens, HidesFifteenInAHundred) {
  const MaskingTokenizer small;
  auto masker = TokenMasker::create(*small.tokenizer, 0.15, 3);
  ASSERT_TRUE(masker) << masker.error().message;
  const int32_t ordinary = small.tokenizer->vocabulary().findAny("a"), special = small.tokenizer->vocabulary().eos;
  ASSERT_GE(ordinary, 0);
  ASSERT_GE(special, 0);
  const Batch before = makeRows(ordinary, special);
  Batch batch = before;
  masker->apply(batch, 0);
  int64_t chosen = 0, masked = 0, same = 0;
  for (size_t i = 0; i < batch.tokens.size(); ++i) {
    const bool learned = batch.labels[i] != ignoredLabel;
    EXPECT_EQ(learned ? batch.labels[i] : batch.tokens[i], before.tokens[i]);
    EXPECT_FALSE(learned && (before.documents[i] == 0 || before.tokens[i] == special));
    EXPECT_FALSE(batch.tokens[i] == special && before.tokens[i] != special);
    chosen += learned;
    masked += learned && batch.tokens[i] == 5;
    same += learned && batch.tokens[i] == before.tokens[i];
  }
  EXPECT_EQ(chosen, batch.labelled);
  // Of 5333 tokens, within five deviations: 800 ± 26 are chosen; of them 8 in 10 and 1 in 10.
  EXPECT_NEAR(double(chosen), 800, 130);
  EXPECT_NEAR(double(masked) / double(chosen), 0.8, 0.071);
  EXPECT_NEAR(double(same) / double(chosen), 0.1, 0.053);
  // A function of seed, epoch and example.
  Batch again = before, other = before;
  masker->apply(again, 0);
  masker->apply(other, 1);
  EXPECT_EQ(again.tokens, batch.tokens);
  EXPECT_EQ(again.labels, batch.labels);
  EXPECT_NE(other.labels, batch.labels);
  Batch alone = before; // the second row in another batch
  alone.rows = 1;
  alone.examples = {8};
  for (auto *ids : {&alone.tokens, &alone.labels, &alone.documents})
    ids->erase(ids->begin(), ids->begin() + length);
  masker->apply(alone, 0);
  EXPECT_TRUE(std::equal(alone.labels.begin(), alone.labels.end(), batch.labels.begin() + length));
}

TEST(MaskTokens, HidesAtLeastOneOfARow) {
  const MaskingTokenizer small;
  auto masker = TokenMasker::create(*small.tokenizer, 1e-9, 3);
  ASSERT_TRUE(masker);
  Batch batch = makeRows(small.tokenizer->vocabulary().findAny("a"), small.tokenizer->vocabulary().eos);
  masker->apply(batch, 0);
  EXPECT_EQ(batch.labelled, 2);
}
