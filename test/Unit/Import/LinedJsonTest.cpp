#include "lib/Import/Description/LinedJson.h"
#include <gtest/gtest.h>

using namespace ph;

static std::string errorOf(std::string_view text) {
  auto json = parseLinedJson(text, "x.json");
  return json ? "parsed" : json.error().message;
}

TEST(LinedJson, KeepsValuesAndTheirLines) {
  auto json = parseLinedJson("{\n\"a\": [1, -2.5,\ntrue, null],\n\"b\": \"x\\n\\\"y\"}", "x.json");
  ASSERT_TRUE(json) << json.error().message;
  const LinedJson *a = json->find("a");
  ASSERT_EQ(a->items.size(), 4u);
  EXPECT_TRUE(a->items[0].is(LinedJson::Kind::Integer));
  EXPECT_EQ(a->items[0].integer, 1);
  EXPECT_EQ(a->items[1].real, -2.5);
  EXPECT_TRUE(a->items[2].boolean);
  EXPECT_EQ(a->items[2].line, 3);
  EXPECT_EQ(json->find("b")->string, "x\n\"y");
  EXPECT_EQ(json->find("b")->line, 4);
  EXPECT_EQ(json->find("c"), nullptr);
}

TEST(LinedJson, SaysWhereItIsWrong) {
  EXPECT_EQ(errorOf(""), "x.json:1: the document ends where a value is expected");
  EXPECT_EQ(errorOf("{\n\"a\": 1,\n\"a\": 2}"), "x.json:3: key \"a\" is given twice");
  EXPECT_EQ(errorOf("[1,\n2"), "x.json:2: expected ',' or ']'");
  EXPECT_EQ(errorOf("{\"a\" 1}"), "x.json:1: expected ':' after the key \"a\"");
  EXPECT_EQ(errorOf("[1]\n2"), "x.json:2: unexpected text after the end of the document");
  EXPECT_EQ(errorOf("\"ab"), "x.json:1: a string without its closing quote");
  EXPECT_EQ(errorOf("\"a\\u0041\""), "x.json:1: unknown escape in a string; architecture files need no \\u");
  EXPECT_EQ(errorOf("99999999999999999999"), "x.json:1: \"99999999999999999999\" is no 64-bit integer");
  EXPECT_EQ(errorOf("1e999"), "x.json:1: \"1e999\" is no number");
  EXPECT_EQ(errorOf("1.2.3"), "x.json:1: \"1.2.3\" is no number");
  EXPECT_EQ(errorOf("nope"), "x.json:1: expected a value");
  EXPECT_EQ(errorOf(std::string(40, '[')), "x.json:1: nested deeper than 32 levels");
}
