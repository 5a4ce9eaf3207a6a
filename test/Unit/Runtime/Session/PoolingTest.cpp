// What sentence-transformers' files say of vectors, and what pooling computes.
#include "runtime/session/Pooling.h"
#include "runtime/formats/GgufRecords.h"
#include <array>
#include <gtest/gtest.h>

using namespace ph;

namespace {

constexpr const char *kModules = R"([{"path": "", "type": "sentence_transformers.models.Transformer"},
                                     {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}])";

Expected<EmbeddingRules> rulesOf(const std::string &modules, const std::string &pooling,
                                 std::optional<PoolingKind> chosen = {}) {
  GgufRecords records;
  records.string("huggingface.modules.json", modules);
  records.string("huggingface.1_Pooling/config.json", pooling);
  records.string("huggingface.sentence_bert_config.json", R"({"max_seq_length": 256})");
  const std::vector<uint8_t> bytes = GgufRecords::file(records.bytes(), records.count());
  auto file = GgufFile::parse(bytes, "m.phx", /*metadataOnly=*/true);
  if (!file)
    return file.error();
  return EmbeddingRules::of(**file, chosen);
}

TEST(Pooling, RulesOfOldAndNewFiles) {
  auto old = rulesOf(kModules, R"({"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false})");
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_EQ(old->pooling, PoolingKind::Cls);
  EXPECT_FALSE(old->normalize);
  EXPECT_EQ(old->mostTokens, 256);
  auto recent = rulesOf(kModules, R"({"pooling_mode": "lasttoken"})");
  ASSERT_TRUE(recent);
  EXPECT_EQ(recent->pooling, PoolingKind::Last);
  auto normalized = rulesOf(R"([{"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}])", "{}");
  ASSERT_TRUE(normalized);
  EXPECT_TRUE(normalized->normalize);
}

TEST(Pooling, GgufFilesSayTheirs) {
  auto rulesOfNumber = [](uint32_t number, std::optional<PoolingKind> chosen = {}) {
    GgufRecords records;
    records.string("general.architecture", "bert");
    records.integer("bert.pooling_type", number);
    const std::vector<uint8_t> bytes = GgufRecords::file(records.bytes(), records.count());
    return EmbeddingRules::of(**GgufFile::parse(bytes, "m.phx", /*metadataOnly=*/true), chosen);
  };
  EXPECT_EQ(rulesOfNumber(0)->pooling, PoolingKind::Mean);
  EXPECT_EQ(rulesOfNumber(1)->pooling, PoolingKind::Mean);
  EXPECT_EQ(rulesOfNumber(2)->pooling, PoolingKind::Cls);
  EXPECT_EQ(rulesOfNumber(3)->pooling, PoolingKind::Last);
  EXPECT_EQ(rulesOfNumber(2, PoolingKind::Last)->pooling, PoolingKind::Last);
  auto ranks = rulesOfNumber(4);
  ASSERT_FALSE(ranks);
  EXPECT_EQ(ranks.error().code, ErrorCode::BadModel);
  EXPECT_TRUE(rulesOfNumber(4, PoolingKind::Cls));
}

TEST(Pooling, RefusesWhatItDoesNotKnow) {
  for (const char *pooling : {R"({"pooling_mode_max_tokens": true})",
                              R"({"pooling_mode_mean_tokens": true, "pooling_mode_max_tokens": true})",
                              R"({"pooling_mode": "weightedmean"})", "{}"}) {
    auto rules = rulesOf(kModules, pooling);
    ASSERT_FALSE(rules) << pooling;
    EXPECT_EQ(rules.error().code, ErrorCode::BadModel);
    EXPECT_NE(rules.error().message.find("--pooling"), std::string::npos);
    auto chosen = rulesOf(kModules, pooling, PoolingKind::Last);
    ASSERT_TRUE(chosen);
    EXPECT_EQ(chosen->pooling, PoolingKind::Last);
  }
  auto dense = rulesOf(R"([{"path": "2_Dense", "type": "sentence_transformers.models.Dense"}])", "{}");
  ASSERT_FALSE(dense);
  EXPECT_NE(dense.error().message.find("the module 'Dense' isn't known"), std::string::npos);
}

TEST(Pooling, Values) {
  const std::array<float, 6> tokens = {1, 2, 3, 4, 8, 0};
  std::array<float, 2> result;
  poolTokens(PoolingKind::Mean, tokens, result);
  EXPECT_EQ(result, (std::array<float, 2>{4, 2}));
  poolTokens(PoolingKind::Cls, tokens, result);
  EXPECT_EQ(result, (std::array<float, 2>{1, 2}));
  poolTokens(PoolingKind::Last, tokens, result);
  EXPECT_EQ(result, (std::array<float, 2>{8, 0}));
  std::array<float, 2> vector = {3, 4}, nothing = {0, 0};
  normalizeLength(vector);
  EXPECT_EQ(vector, (std::array<float, 2>{0.6F, 0.8F}));
  normalizeLength(nothing);
  EXPECT_EQ(nothing, (std::array<float, 2>{0, 0}));
}

} // namespace
