#include "runtime/base/Json.h"
#include "runtime/base/Quote.h"
#include <gtest/gtest.h>

using namespace ph;

TEST(Json, ReadsMembersByType) {
  auto json = parseJson(R"({"i": -3, "u": 18446744073709551615, "f": 1.5, "b": true, "s": "x", "n": null})", "t");
  ASSERT_TRUE(json);
  EXPECT_EQ(jsonInteger(*json, "i"), -3);
  EXPECT_EQ(jsonInteger(*json, "u"), std::nullopt);
  EXPECT_EQ(jsonInteger(*json, "f"), std::nullopt);
  EXPECT_EQ(jsonNumber(*json, "f"), 1.5);
  EXPECT_EQ(jsonNumber(*json, "i"), -3.0);
  EXPECT_EQ(jsonBool(*json, "b"), true);
  EXPECT_EQ(jsonBool(*json, "i"), std::nullopt);
  ASSERT_NE(jsonString(*json, "s"), nullptr);
  EXPECT_EQ(*jsonString(*json, "s"), "x");
  EXPECT_EQ(jsonString(*json, "n"), nullptr);
  EXPECT_NE(jsonMember(*json, "n"), nullptr);
  EXPECT_EQ(jsonMember(*json, "missing"), nullptr);
  EXPECT_EQ(jsonMember((*json)["s"], "missing"), nullptr);
}

TEST(Json, NamesTheByteWhereItBreaks) {
  auto json = parseJson(R"({"a": 1,, "b": 2})", "file.json");
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code, ErrorCode::BadModel);
  EXPECT_EQ(json.error().message, "file.json: not valid JSON at byte 9");
  EXPECT_FALSE(parseJson("", "t"));
  EXPECT_FALSE(parseJson("{} x", "t"));
  EXPECT_FALSE(parseJson("\"\xff\"", "t"));
}

TEST(Json, BoundsDepthAndSize) {
  auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parseJson(nested(64), "t"));
  auto deep = parseJson(nested(65), "t");
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().message, "t: JSON nested deeper than 64 levels");
  EXPECT_FALSE(parseJson(std::string(1'000'000, '['), "t"));
  EXPECT_TRUE(parseJson("[[1], [2], {\"a\": [3]}]", "t", 3));
  EXPECT_FALSE(parseJson("[1, 2, 3]", "t", 64, 8));
}

TEST(Quote, EscapesAndCuts) {
  EXPECT_EQ(quoteText("blk.0"), "'blk.0'");
  EXPECT_EQ(quoteText("a\n\x1b[31m\xff"), "'a\\x0a\\x1b[31m\\xff'");
  EXPECT_EQ(quoteText(std::string(101, 'x')), "'" + std::string(100, 'x') + "...'");
}
