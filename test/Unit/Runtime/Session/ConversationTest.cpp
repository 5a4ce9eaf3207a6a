#include "runtime/session/Conversation.h"
#include "ToyModel.h"
#include "runtime/session/Perplexity.h"
#include <cmath>
#include <gtest/gtest.h>

namespace ph {
namespace {

class ConversationTest : public testing::Test {
protected:
  void SetUp() override {
    if (!toy::runs())
      GTEST_SKIP() << "no AVX2";
    auto model = Model::open(file.path, {2});
    ASSERT_TRUE(model);
    auto made = Session::create(*model, {.context = 128, .logitRows = 4});
    ASSERT_TRUE(made);
    session = std::move(*made);
    auto format = ChatFormat::of((*model)->metadata());
    ASSERT_TRUE(format);
    EXPECT_TRUE(format->hasTemplate());
    conversation.emplace(*session, std::move(*format));
  }
  std::string ask(const std::string &text, int64_t most = -1) {
    auto sampler = Sampler::create({.temperature = 0}, size_t(toy::kVocabulary));
    EXPECT_TRUE(sampler);
    std::string said;
    auto answer = conversation->answer(text, *sampler, {.maxTokens = most}, [&](std::string_view piece) {
      said += piece;
      return true;
    });
    error = answer ? ErrorCode(0) : answer.error().code;
    promptTokens = answer ? answer->promptTokens : -1;
    return said;
  }
  toy::File file;
  std::unique_ptr<Session> session;
  std::optional<Conversation> conversation;
  ErrorCode error = ErrorCode(0);
  int64_t promptTokens = 0;
};

TEST_F(ConversationTest, EvaluatesOnlyWhatIsNew) {
  EXPECT_EQ(ask("ab", 3), "cde");
  EXPECT_EQ(promptTokens, 3);          // <|im_start|> a b
  EXPECT_EQ(session->length(), 3 + 2); // c d are in the cache, e isn't
  EXPECT_EQ(ask("xy"), "z");
  EXPECT_EQ(promptTokens, 7); // the first three are still there; then the answer begins with <|im_start|>, not c
  EXPECT_EQ(ask("w"), "xyz");
}

TEST_F(ConversationTest, ClearStartsAnew) {
  const std::string first = ask("hello", 5);
  ask("something else", 5);
  conversation->clear();
  EXPECT_EQ(ask("hello", 5), first);
  EXPECT_EQ(promptTokens, 1); // all but the last token, whose logits are wanted, is still there
}

TEST_F(ConversationTest, TooLongATurnIsAsIfItWasNotSaid) {
  EXPECT_EQ(ask("ab", 1), "c");
  ask(std::string(300, 'q'));
  EXPECT_EQ(error, ErrorCode::WontFit);
  EXPECT_EQ(ask("xy"), "z");
}

TEST_F(ConversationTest, LossesAreThoseOfSingleSteps) {
  const std::vector<int32_t> window = {5, 6, 7, 90, 8, 9, 10, 40, 11, 12};
  std::vector<double> expected;
  for (size_t i = 0; i + 1 < window.size(); ++i) {
    ASSERT_FALSE(session->append(std::span(window).subspan(i, 1)));
    long double sum = 0;
    for (float logit : session->logits())
      sum += std::exp((long double)(logit));
    expected.push_back(double(std::log(sum) - (long double)(session->logits()[size_t(window[i + 1])])));
  }
  for (int64_t first : {0, 1, 5, 8}) {
    auto losses = windowLosses(*session, window, first);
    ASSERT_TRUE(losses);
    ASSERT_EQ(losses->size(), window.size() - 1 - size_t(first));
    for (size_t i = 0; i < losses->size(); ++i)
      EXPECT_NEAR((*losses)[i], expected[i + size_t(first)], 1e-6);
  }
}

TEST_F(ConversationTest, WindowsDropTheRest) {
  std::vector<int32_t> tokens(25);
  for (int i = 0; i < 25; ++i)
    tokens[size_t(i)] = i;
  auto windows = perplexityWindows(tokens, 8, 0, session->model().tokenizer());
  ASSERT_EQ(windows.size(), 3u);
  EXPECT_EQ(windows[2].front(), 16); // this model wants no BOS
  EXPECT_EQ(windows[2].back(), 23);
  EXPECT_EQ(perplexityWindows(tokens, 8, 2, session->model().tokenizer()).size(), 2u);
  EXPECT_TRUE(perplexityWindows(tokens, 26, 0, session->model().tokenizer()).empty());
}

TEST(NegativeLogLikelihood, HugeLogitsDontOverflow) {
  const std::vector<float> logits = {1000, 1000, -1000};
  EXPECT_NEAR(negativeLogLikelihood(logits, 0), std::log(2.0), 1e-12);
  EXPECT_NEAR(negativeLogLikelihood(logits, 2), 2000 + std::log(2.0), 1e-9);
}

} // namespace
} // namespace ph
