#include "runtime/training/data/JsonLines.h"
#include <gtest/gtest.h>

using namespace ph;
using namespace ph::training;

TEST(JsonLines, NumbersLinesThatHaveSomething) {
  Lines lines("\xEF\xBB\xBF{1}\r\n\n  \t\n{2}\n{3}");
  std::string found;
  for (auto line = lines.next(); line; line = lines.next())
    found += std::to_string(line->number) + std::string(line->text) + " ";
  EXPECT_EQ(found, "1{1} 4{2} 5{3} ");
  EXPECT_FALSE(Lines("").next());
}

TEST(JsonLines, RecognizesTypes) {
  auto typeOf = [](const char *line) {
    auto type = recognizeType(line, ExampleKind::Text, "f:1");
    return type ? *type : type.error().message;
  };
  EXPECT_EQ(typeOf(R"({"text": "a"})"), "completion");
  EXPECT_EQ(typeOf(R"({"prompt": "a", "completion": "b"})"), "prompt_completion");
  EXPECT_EQ(typeOf(R"({"messages": []})"), "chat_template");
  EXPECT_EQ(typeOf(R"({"prompt": "a", "chosen": "b", "rejected": "c"})"), "preference");
  EXPECT_TRUE(typeOf(R"({"a": 1})").starts_with("f:1: its keys are of no type"));
  EXPECT_TRUE(typeOf("{").starts_with("f:1: not valid JSON at byte 2"));
}

TEST(JsonLines, LabelsAreOfTypesWhereTheyAreWanted) {
  auto typeOf = [](const char *line, ExampleKind wanted) {
    auto type = recognizeType(line, wanted, "f:1");
    return type ? *type : type.error().message;
  };
  const char *text = R"({"text": "a", "label": 1})", *answer = R"({"prompt": "a", "completion": "b", "label": true})",
             *chat = R"({"messages": [], "label": true})";
  EXPECT_EQ(typeOf(text, ExampleKind::Text), "completion");
  EXPECT_EQ(typeOf(text, ExampleKind::Labelled), "text_label");
  EXPECT_EQ(typeOf(answer, ExampleKind::Text), "prompt_completion");
  EXPECT_EQ(typeOf(answer, ExampleKind::Judged), "unpaired_preference");
  EXPECT_EQ(typeOf(chat, ExampleKind::Judged), "unpaired_preference");
  EXPECT_EQ(typeOf(chat, ExampleKind::Text), "chat_template");
}

TEST(JsonLines, ReadsJudgedAnswers) {
  auto text = parseRecord(R"({"prompt": "p", "completion": "c", "label": false})", "unpaired_preference", "f:1");
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(text->first.given + "|" + text->first.learned, "p|c");
  EXPECT_FALSE(text->label->get<bool>());
  // Only the last answer is judged.
  auto chat = parseRecord(R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},
                              {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}], "label": true})",
                          "unpaired_preference", "f:1");
  ASSERT_TRUE(chat) << chat.error().message;
  EXPECT_EQ(chat->first.firstLearned, 3u);
  EXPECT_TRUE(chat->label->get<bool>());
}

TEST(JsonLines, ReadsEachForm) {
  auto text = parseRecord(R"({"text": "ab", "id": 3})", "completion", "f:1");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->first.learned, "ab");
  EXPECT_FALSE(text->second);
  auto texts = parseRecord(R"({"prompt": "p", "chosen": "c", "rejected": "r"})", "preference", "f:1");
  ASSERT_TRUE(texts);
  EXPECT_EQ(texts->first.given + texts->first.learned + texts->second->given + texts->second->learned, "pcpr");
  auto chats = parseRecord(R"({"prompt": [{"role": "user", "content": "p"}],
                               "chosen": [{"role": "assistant", "content": "c"}],
                               "rejected": [{"role": "assistant", "content": "r"}]})",
                           "preference", "f:1");
  ASSERT_TRUE(chats) << chats.error().message;
  EXPECT_EQ(chats->second->messages.size(), 2u);
  EXPECT_EQ(chats->second->firstLearned, 1u);
  // Without a prompt the common beginning is given.
  auto whole = parseRecord(R"({"chosen": [{"role": "user", "content": "p"}, {"role": "assistant", "content": "c"}],
                               "rejected": [{"role": "user", "content": "p"}, {"role": "assistant", "content": "r"}]})",
                           "preference", "f:1");
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->first.firstLearned, 1u);
}

TEST(JsonLines, SaysWhatIsWrongWithALine) {
  static const struct {
    const char *line, *type, *expected;
  } cases[] = {
      {"{\"text\": \"a\"", "completion", "f:7: not valid JSON at byte"},
      {"[1]", "completion", "f:7: is no JSON object"},
      {R"({"txt": "a"})", "completion", R"(f:7: the key "text" is missing; the line has "txt")"},
      {R"({"text": 3})", "completion", "f:7: text is number, not a text"},
      {R"({"text": "  \n"})", "completion", "f:7: text is empty"},
      {R"({"prompt": "a", "completion": "b"})", "unpaired_preference", R"(f:7: the key "label" is missing)"},
      {R"({"prompt": "a", "completion": "b", "label": 1})", "unpaired_preference",
       "f:7: label is number; of an answer it is true or false"},
      {R"({"messages": [{"role": "assistant", "content": "a"}, {"role": "user", "content": "b"}], "label": true})",
       "unpaired_preference", "f:7: the last of messages is no answer"},
      {R"({"prompt": " "})", "prompt", "f:7: prompt is empty"},
      {R"({"text": "a"})", "prompt", R"(f:7: the key "prompt" is missing)"},
      {R"({"text": "a"})", "text_label", R"(f:7: the key "label" is missing)"},
      {R"({"text": "a", "text_pair": "b", "label": 1})", "text_label", "f:7: text_pair is given"},
      {R"({"prompt": "a", "completion": ""})", "prompt_completion", "f:7: completion is empty"},
      {R"({"prompt": "a", "completion": []})", "prompt_completion", "are not both texts or both messages"},
      {R"({"prompt": null, "completion": "a"})", "prompt_completion", "prompt is null, not a text"},
      {R"({"messages": {}})", "chat_template", "messages is no list"},
      {R"({"messages": []})", "chat_template", "messages is no list"},
      {R"({"messages": ["a"]})", "chat_template", "messages[0] is string, not a message"},
      {R"({"messages": [{"role": "user"}]})", "chat_template", "messages[0] has no content that is a text"},
      {R"({"messages": [{"role": "user", "content": "a"}]})", "chat_template", "has no answer"},
      {R"({"messages": [{"role": "assistant", "content": " "}]})", "chat_template", "that is empty"},
      {R"({"prompt": "a", "chosen": "b", "rejected": "b"})", "preference", "are the same"},
      {R"({"chosen": "b", "rejected": "c"})", "preference", "chosen is no list of messages"},
      {R"({"prompt": "a", "chosen": "b"})", "preference", R"(the key "rejected" is missing)"},
      {"{\"text\": \"\xff\"}", "completion", "not valid JSON"},
  };
  for (const auto &c : cases) {
    auto record = parseRecord(c.line, c.type, "f:7");
    ASSERT_FALSE(record) << c.line;
    EXPECT_EQ(record.error().code, ErrorCode::Failed);
    EXPECT_NE(record.error().message.find(c.expected), std::string::npos) << record.error().message;
  }
}
