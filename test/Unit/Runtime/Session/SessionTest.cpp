#include "runtime/session/Session.h"
#include "ToyModel.h"
#include <gtest/gtest.h>
#include <numeric>

namespace ph {
namespace {

class SessionTest : public testing::Test {
protected:
  void SetUp() override {
    if (!toy::runs())
      GTEST_SKIP() << "no AVX2";
  }
  std::unique_ptr<Session> open(const SessionOptions &options = {}, int threads = 2,
                                WeightsPlacement placement = WeightsPlacement::Auto) {
    auto model = Model::open(file.path, {threads, placement});
    EXPECT_TRUE(model) << model.error().message;
    if (!model)
      return nullptr;
    auto session = Session::create(*model, options);
    EXPECT_TRUE(session) << session.error().message;
    return session ? std::move(*session) : nullptr;
  }
  static std::vector<int32_t> ramp(int count, int first = 0) {
    std::vector<int32_t> tokens(count);
    for (int i = 0; i < count; ++i)
      tokens[i] = (first + i * 7) % toy::kVocabulary;
    return tokens;
  }
  static std::vector<float> lastLogits(Session &session, std::span<const int32_t> tokens) {
    auto status = session.append(tokens);
    EXPECT_FALSE(status);
    auto logits = session.logits();
    return {logits.begin(), logits.end()};
  }
  toy::File file;
};

TEST_F(SessionTest, SameLogitsInChunksOfAnySizeWithAnyThreads) {
  const auto tokens = ramp(200);
  auto whole = open({.chunk = 256}, 1);
  const auto expected = lastLogits(*whole, tokens);
  for (int64_t chunk : {1, 7, 128, 199})
    for (int threads : {1, 2, 4}) {
      auto session = open({.chunk = chunk}, threads);
      EXPECT_EQ(lastLogits(*session, tokens), expected) << chunk << " rows, " << threads << " threads";
      EXPECT_EQ(session->length(), 200);
    }
}

TEST_F(SessionTest, TruncateForgetsAndResetStartsAnew) {
  auto session = open();
  const auto tokens = ramp(50);
  const auto expected = lastLogits(*session, tokens);
  EXPECT_NE(lastLogits(*session, ramp(9, 3)), expected);
  session->truncate(0, 20);
  EXPECT_EQ(session->length(), 20);
  EXPECT_EQ(lastLogits(*session, std::span(tokens).subspan(20)), expected);
  session->truncate(0, 1000);
  EXPECT_EQ(session->length(), 50);
  session->reset();
  EXPECT_EQ(session->length(), 0);
  EXPECT_EQ(lastLogits(*session, tokens), expected);
}

TEST_F(SessionTest, ScoredRowsAreThoseOfSingleSteps) {
  const auto tokens = ramp(60);
  auto one = open({.chunk = 1});
  std::vector<float> expected;
  for (int32_t token : tokens) {
    auto logits = lastLogits(*one, {&token, 1});
    expected.insert(expected.end(), logits.begin(), logits.end());
  }
  for (int64_t first : {0, 1, 31, 59, 60}) {
    auto session = open({.chunk = 16, .logitRows = 5});
    std::vector<float> scored;
    int64_t next = first;
    auto status = session->appendScored(tokens, first, [&](int64_t at, int64_t rows, const float *logits) {
      EXPECT_EQ(at, next);
      EXPECT_LE(rows, 5);
      next = at + rows;
      scored.insert(scored.end(), logits, logits + rows * toy::kVocabulary);
    });
    EXPECT_FALSE(status);
    EXPECT_EQ(next, 60);
    EXPECT_EQ(scored, std::vector<float>(expected.begin() + first * toy::kVocabulary, expected.end()));
  }
}

TEST_F(SessionTest, SlotsAreIndependentAndBatchedStepsEqualSingleOnes) {
  auto single = open();
  auto batch = open({.slots = 3});
  std::vector<std::vector<float>> expected;
  std::vector<int32_t> next;
  for (int slot = 0; slot < 3; ++slot) {
    single->reset();
    lastLogits(*single, ramp(10 + slot, slot));
    next.push_back(40 + slot);
    expected.push_back(lastLogits(*single, {&next.back(), 1}));
    ASSERT_FALSE(batch->append(ramp(10 + slot, slot), slot));
  }
  ASSERT_FALSE(batch->appendEach(next));
  for (int slot = 0; slot < 3; ++slot) {
    auto logits = batch->logits(slot);
    EXPECT_EQ(std::vector<float>(logits.begin(), logits.end()), expected[slot]);
    EXPECT_EQ(batch->length(slot), 11 + slot);
  }
}

TEST_F(SessionTest, RefusesBadTokensAndLongTextsUnchanged) {
  auto session = open({.context = 64});
  ASSERT_FALSE(session->append(ramp(60)));
  for (int32_t bad : {-1, int(toy::kVocabulary)}) {
    auto status = session->append({&bad, 1});
    ASSERT_TRUE(status);
    EXPECT_EQ(status.error().code, ErrorCode::Usage);
  }
  auto status = session->append(ramp(5));
  ASSERT_TRUE(status);
  EXPECT_EQ(status.error().code, ErrorCode::WontFit);
  EXPECT_NE(status.error().message.find("-c"), std::string::npos);
  EXPECT_EQ(session->length(), 60);
  EXPECT_FALSE(session->append(ramp(4)));
  EXPECT_EQ(session->room(), 0);
  auto nothing = session->append({});
  ASSERT_TRUE(nothing);
  auto slot = session->append(ramp(1), 1);
  ASSERT_TRUE(slot);
}

TEST_F(SessionTest, ContextIsRoundedAndBounded) {
  EXPECT_EQ(open({.context = 1})->context(), 64);
  EXPECT_EQ(open({.context = 65})->context(), 128);
  EXPECT_EQ(open()->context(), 256); // the model's
}

TEST_F(SessionTest, MappedWeightsGiveTheSame) {
  const auto tokens = ramp(30);
  auto read = open({}, 2, WeightsPlacement::Read), mapped = open({}, 2, WeightsPlacement::Map);
  EXPECT_FALSE(read->model().weightsMapped());
  EXPECT_TRUE(mapped->model().weightsMapped());
  EXPECT_EQ(lastLogits(*read, tokens), lastLogits(*mapped, tokens));
}

TEST_F(SessionTest, ArtifactAppendedToAProgramIsTheSame) {
  auto plain = open();
  toy::File appended({.prefix = std::string(3 * 4096, 'p')});
  auto model = Model::open(appended.path);
  ASSERT_TRUE(model) << model.error().message;
  auto session = Session::create(*model, {});
  ASSERT_TRUE(session);
  EXPECT_EQ(lastLogits(**session, ramp(30)), lastLogits(*plain, ramp(30)));
}

TEST_F(SessionTest, NothingIsAllocatedBeforeItFits) {
  toy::File large({.cachePerPosition = uint64_t(1) << 40});
  auto model = Model::open(large.path);
  ASSERT_TRUE(model);
  auto session = Session::create(*model, {});
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, ErrorCode::WontFit);
  EXPECT_FALSE((*model)->weightsLoaded());
}

TEST_F(SessionTest, AnotherAbiOrLevelIsRefused) {
  toy::File abi({.abi = 99});
  auto model = Model::open(abi.path);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().code, ErrorCode::BadModel);
  EXPECT_NE(model.error().message.find("99"), std::string::npos);
  toy::File level({.level = "x86-64-v77"});
  model = Model::open(level.path);
  ASSERT_FALSE(model);
  EXPECT_NE(model.error().message.find("x86-64-v77"), std::string::npos);
}

} // namespace
} // namespace ph
