#include "SmallTokenizer.h"
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>

using namespace ph;
using namespace ph::test;
using namespace ph::training;

static Passage conversation(std::initializer_list<std::pair<const char *, const char *>> messages, size_t first = 0) {
  Passage passage;
  passage.isChat = true;
  passage.firstLearned = first;
  passage.messages = nlohmann::ordered_json::array();
  for (auto [role, content] : messages)
    passage.messages.push_back({{"role", role}, {"content", content}});
  return passage;
}

static std::string learned(const SmallTokenizer &small, const Passage &passage, EncodeRules rules = {}) {
  auto encoded = PassageEncoder(*small.tokenizer, small.chat, rules).encode(passage);
  return encoded ? small.learnedText(*encoded) : "error: " + encoded.error().message;
}

TEST(PassageEncoder, LearnsWhatFollowsAPrompt) {
  SmallTokenizer small;
  Passage passage;
  passage.given = "12";
  passage.learned = "ab";
  EXPECT_EQ(learned(small, passage), "[ab</s>]");
  EXPECT_EQ(learned(small, passage, {.learnAll = true}), "[12ab</s>]");
  // "12" and "3" are one token together, partly given, which is learned.
  passage.learned = "3b";
  EXPECT_EQ(learned(small, passage), "[123b</s>]");
  passage.given = "";
  EXPECT_EQ(learned(small, passage), "[3b</s>]");
}

TEST(PassageEncoder, LearnsAnswersOnly) {
  SmallTokenizer small;
  const Passage passage =
      conversation({{"system", "s"}, {"user", "hello"}, {"assistant", "yes"}, {"user", "a"}, {"assistant", "no"}});
  EXPECT_EQ(learned(small, passage), "[yes</s>][no</s>]");
  Passage last = passage;
  last.firstLearned = 3;
  EXPECT_EQ(learned(small, last), "[no</s>]");
  auto encoded = PassageEncoder(*small.tokenizer, small.chat, {}).encode(passage);
  ASSERT_TRUE(encoded);
  EXPECT_EQ(small.tokenizer->decode(encoded->ids),
            "<s>system\ns</s>\n<s>user\nhello</s>\n<s>assistant\nyes</s>\n<s>user\na</s>\n<s>assistant\nno</s>\n");
}

TEST(PassageEncoder, FollowsTemplatesThatDiffer) {
  // No beginning of an answer; the content is stripped.
  SmallTokenizer inst("{% for m in messages %}{% if m.role == 'user' %}[I]{{ m.content }}[/I]{% else %} "
                      "{{ m.content | trim }}</s>{% endif %}{% endfor %}");
  EXPECT_EQ(learned(inst, conversation({{"user", "a"}, {"assistant", " b "}, {"user", "c"}, {"assistant", "d"}})),
            "[ b</s>][ d</s>]");
  // A beginning that earlier answers don't have, as of models that think.
  SmallTokenizer thinking("{% for m in messages %}<s>{{ m.role }}\n{{ m.content }}</s>\n{% endfor %}"
                          "{% if add_generation_prompt %}<s>assistant\n<think>\n{% endif %}");
  EXPECT_EQ(learned(thinking, conversation({{"user", "a"}, {"assistant", "b"}})), "[b</s>]");
  // An end that only the whole has.
  SmallTokenizer ended(
      "{% for m in messages %}<s>{{ m.content }}</s>{% endfor %}{{ 'bye' if not add_generation_prompt }}");
  EXPECT_EQ(learned(ended, conversation({{"user", "a"}, {"assistant", "b"}, {"user", "c"}, {"assistant", "d"}})),
            "[<s>b</s>][<s>d</s>]");
}

TEST(PassageEncoder, RefusesAnswersThatChange) {
  SmallTokenizer small(
      "{% for m in messages %}<s>{{ m.content if loop.last or m.role == 'user' else 'gone' }}</s>{% endfor %}");
  EXPECT_NE(learned(small, conversation({{"user", "a"}, {"assistant", "b"}, {"user", "c"}, {"assistant", "d"}}))
                .find("error: the chat template does not write message 1 as it is when more follows"),
            std::string::npos);
  SmallTokenizer raising("{{ raise_exception('only users') }}");
  EXPECT_NE(learned(raising, conversation({{"user", "a"}, {"assistant", "b"}})).find("only users"), std::string::npos);
  SmallTokenizer none("");
  EXPECT_NE(learned(none, conversation({{"user", "a"}, {"assistant", "b"}})).find("has no chat template"),
            std::string::npos);
}

TEST(PassageEncoder, TellsTheTimeItIsGiven) {
  SmallTokenizer small("{% for m in messages %}{{ strftime_now('%Y') }}<s>{{ m.content }}</s>{% endfor %}");
  const Passage passage = conversation({{"user", "a"}, {"assistant", "b"}});
  auto encoded = PassageEncoder(*small.tokenizer, small.chat, {.now = 1000000000}).encode(passage);
  ASSERT_TRUE(encoded);
  EXPECT_EQ(small.tokenizer->decode(encoded->ids), "2001<s>a</s>2001<s>b</s>");
}

// With the templates of 60 models; those are not part of this repository.
TEST(PassageEncoder, FindsAnswersThroughRealTemplates) {
  const char *folder = std::getenv("PH_SHARED");
  const std::filesystem::path path =
      (folder ? std::filesystem::path(folder) : std::filesystem::path(PH_SOURCE_DIR).parent_path() / "shared") /
      "reference/templates.json";
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "REFERENCE DATA MISSING: " << path << "; set PH_SHARED to the folder that has reference/";
  std::ifstream file(path, std::ios::binary);
  const auto templates = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  const Passage passage = conversation(
      {{"user", "What is two?"}, {"assistant", "It is seven."}, {"user", "Or three?"}, {"assistant", "No, nine."}});
  size_t found = 0, refused = 0;
  for (const auto &entry : templates["templates"]) {
    const std::string name = entry["name"], text = entry["template"];
    SmallTokenizer small(text.c_str());
    auto encoded = PassageEncoder(*small.tokenizer, small.chat, {}).encode(passage);
    if (!encoded) { // those that want tools
      ++refused;
      EXPECT_TRUE(encoded.error().message.starts_with("the chat template failed")) << name << encoded.error().message;
      continue;
    }
    ++found;
    const std::string learned = small.learnedText(*encoded);
    const size_t first = learned.find("It is seven."), between = learned.find("]["), second = learned.find("No, nine.");
    EXPECT_TRUE(first < between && between < second && second != std::string::npos) << name << ": " << learned;
    EXPECT_EQ(learned.find("three"), std::string::npos) << name << ": " << learned;
    EXPECT_EQ(learned.find("What"), std::string::npos) << name << ": " << learned;
  }
  std::cout << "[  FOUND   ] the answers through " << found << " of " << found + refused << " templates\n";
  EXPECT_GE(found, 56u);
}
