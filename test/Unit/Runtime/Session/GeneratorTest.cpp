#include "runtime/session/Generator.h"
#include "ToyModel.h"
#include "runtime/base/Interrupt.h"
#include <csignal>
#include <gtest/gtest.h>

namespace ph {
namespace {

class GeneratorTest : public testing::Test {
protected:
  void SetUp() override {
    if (!toy::runs())
      GTEST_SKIP() << "no AVX2";
    auto model = Model::open(file.path, {2});
    ASSERT_TRUE(model);
    auto made = Session::create(*model, {.context = 64});
    ASSERT_TRUE(made);
    session = std::move(*made);
  }
  Expected<Generation> run(std::string_view prompt, const GenerateOptions &options = {}, SamplerOptions sampling = {}) {
    text.clear();
    auto sampler = Sampler::create(sampling, size_t(toy::kVocabulary));
    EXPECT_TRUE(sampler);
    auto ids = session->model().tokenizer().encode(prompt);
    EXPECT_TRUE(ids);
    return generate(*session, *sampler, *ids, options, [&](std::string_view piece) {
      text += piece;
      return text.size() < stopAt;
    });
  }
  static SamplerOptions greedy() { return {.temperature = 0}; }

  toy::File file;
  std::unique_ptr<Session> session;
  std::string text;
  size_t stopAt = SIZE_MAX;
};

TEST_F(GeneratorTest, CountsToTheEnd) {
  auto g = run("ab", {}, greedy());
  ASSERT_TRUE(g) << g.error().message;
  EXPECT_EQ(text, "cdefghijklmnopqrstuvwxyz");
  EXPECT_EQ(g->reason, StopReason::EndOfTurn);
  EXPECT_EQ(g->tokens.size(), 25u);
  EXPECT_EQ(g->tokens.back(), toy::kEnd);
  EXPECT_EQ(g->promptTokens, 2);
  EXPECT_EQ(session->length(), 2 + 24); // the end token isn't evaluated
}

TEST_F(GeneratorTest, StopsAfterMaxTokens) {
  auto g = run("ab", {.maxTokens = 3}, greedy());
  ASSERT_TRUE(g);
  EXPECT_EQ(text, "cde");
  EXPECT_EQ(g->reason, StopReason::MaxTokens);
  EXPECT_EQ(session->length(), 2 + 2);
  session->reset();
  g = run("ab", {.maxTokens = 0}, greedy());
  ASSERT_TRUE(g);
  EXPECT_TRUE(g->tokens.empty());
}

TEST_F(GeneratorTest, StopsWhenTheContextIsFull) {
  auto g = run("a" + std::string(59, ' ') + "abcd", {.ignoreEnd = true}, greedy());
  ASSERT_TRUE(g) << g.error().message;
  EXPECT_EQ(g->reason, StopReason::ContextFull);
  EXPECT_EQ(text, "e"); // 64 positions are used; the logits after them are one token more
}

TEST_F(GeneratorTest, PromptBeyondTheContextIsAnError) {
  auto g = run(std::string(65, 'x'));
  ASSERT_FALSE(g);
  EXPECT_EQ(g.error().code, ErrorCode::WontFit);
}

TEST_F(GeneratorTest, ReceiverStops) {
  stopAt = 4;
  auto g = run("ab", {}, greedy());
  ASSERT_TRUE(g);
  EXPECT_EQ(text, "cdef");
  EXPECT_EQ(g->reason, StopReason::Stopped);
}

TEST_F(GeneratorTest, ControlTokensShowOnlyWhenAsked) {
  auto g = run("yz", {.maxTokens = 2, .ignoreEnd = true}, greedy());
  ASSERT_TRUE(g);
  EXPECT_EQ(g->tokens, (std::vector<int32_t>{toy::kEnd, toy::kStart}));
  EXPECT_EQ(text, "");
  session->reset();
  ASSERT_TRUE(run("yz", {.maxTokens = 2, .ignoreEnd = true, .showControl = true}, greedy()));
  EXPECT_EQ(text, "<|im_end|><|im_start|>");
}

TEST_F(GeneratorTest, InterruptStops) {
  handleInterrupts(OnInterrupt::Flag);
  raise(SIGINT);
  auto g = run("ab", {}, greedy());
  clearInterrupt();
  signal(SIGINT, SIG_DFL);
  ASSERT_TRUE(g);
  EXPECT_EQ(g->reason, StopReason::Interrupted);
  EXPECT_EQ(text, "c");
}

TEST_F(GeneratorTest, SameSeedSameText) {
  std::vector<std::string> texts;
  for (uint64_t seed : {1, 1, 2}) {
    session->reset();
    auto g = run("hello", {.maxTokens = 20, .ignoreEnd = true}, {.temperature = 2, .seed = seed});
    ASSERT_TRUE(g);
    texts.push_back(text);
  }
  EXPECT_EQ(texts[0], texts[1]);
  EXPECT_NE(texts[0], texts[2]);
}

} // namespace
} // namespace ph
