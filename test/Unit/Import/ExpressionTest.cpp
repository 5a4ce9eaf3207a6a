#include "lib/Import/Description/Expression.h"
#include <gtest/gtest.h>

using namespace ph;

/// The value of `text` with a = 12, b = 5, x = 0.5, s = "silu", as text; or the error.
static std::string eval(const std::string &text) {
  auto parsed = parseExpression(text);
  if (!parsed)
    return parsed.error().message;
  auto value = evaluate(*parsed, [](const std::string &name) -> std::optional<Scalar> {
    if (name == "a")
      return Scalar(int64_t(12));
    if (name == "b")
      return Scalar(int64_t(5));
    if (name == "x")
      return Scalar(0.5);
    if (name == "s")
      return Scalar(std::string("silu"));
    return std::nullopt;
  });
  return value ? toString(*value) : value.error().message;
}

TEST(Expression, Evaluates) {
  EXPECT_EQ(eval("1 + 2 * 3"), "7");
  EXPECT_EQ(eval("(1 + 2) * 3"), "9");
  EXPECT_EQ(eval("a - b - 1"), "6");
  EXPECT_EQ(eval("-a + 20"), "8");
  EXPECT_EQ(eval("a / 4"), "3");
  EXPECT_EQ(eval("a % b"), "2");
  EXPECT_EQ(eval("1.0 / sqrt(64)"), "0.125");
  EXPECT_EQ(eval("x * a"), "6");
  EXPECT_EQ(eval("min(a, b)"), "5");
  EXPECT_EQ(eval("max(x, 2)"), "2");
  EXPECT_EQ(eval("a % b == 2"), "true");
  EXPECT_EQ(eval("a <= b"), "false");
  EXPECT_EQ(eval("s == 'silu'"), "true");
  EXPECT_EQ(eval("s != 'gelu'"), "true");
  EXPECT_EQ(eval("true == false"), "false");
}

TEST(Expression, DecidesAndLists) {
  EXPECT_EQ(eval("a > 1 and not b > 9"), "true");
  EXPECT_EQ(eval("a > 99 or b == 5"), "true");
  EXPECT_EQ(eval("orders"), "\"orders\" is not defined"); // no "or" followed by a name
  // What isn't needed isn't evaluated.
  EXPECT_EQ(eval("true or nothing"), "true");
  EXPECT_EQ(eval("false and nothing"), "false");
  EXPECT_EQ(eval("choose(a > b, 'first', nothing)"), "'first'");
  EXPECT_EQ(eval("each(4, layer % 2)"), "[0, 1, 0, 1]");
  EXPECT_EQ(eval("each(4, layer * layer)[3]"), "9");
  EXPECT_EQ(eval("length(each(3, s))"), "3");
  EXPECT_EQ(eval("contains(each(3, layer), 2)"), "true");
  EXPECT_EQ(eval("contains(each(3, layer), 3)"), "false");
  EXPECT_EQ(eval("floor(a * 0.4)"), "4");
  EXPECT_EQ(eval("exp(0) + ln(1)"), "1");
  EXPECT_EQ(eval("a and true"), "12 is neither true nor false");
  EXPECT_EQ(eval("each(2, layer)[2]"), "the list has 2 entries, none of the number 2");
  EXPECT_EQ(eval("a[0]"), "[] needs a list and an integer, but got 12 and 0");
  EXPECT_EQ(eval("each(2, layer) + 1"), "'+' can't join [0, 1] and 1");
  EXPECT_EQ(eval("each(100000, layer)"), "each needs how many there are, but got 100000");
  EXPECT_EQ(eval("length(each(60000, each(60000, layer)))"), "takes more than 1048576 steps");
  EXPECT_EQ(eval("ln(0)"), "ln needs a number above 0");
  EXPECT_EQ(eval("exp(1000)"), "exp(1000) has no finite value");
}

TEST(Expression, IsExactOrSaysNo) {
  EXPECT_EQ(eval("a / b"), "12 is not a multiple of 5");
  EXPECT_EQ(eval("a / 0"), "division by 0");
  EXPECT_EQ(eval("x / 0"), "0.5 / 0 has no finite value");
  EXPECT_EQ(eval("9223372036854775807 + 1"), "9223372036854775807 + 1 is too large");
  EXPECT_EQ(eval("9223372036854775807 * a"), "9223372036854775807 * 12 is too large");
  EXPECT_EQ(eval("sqrt(-1)"), "sqrt needs a number that is not negative");
  EXPECT_EQ(eval("s + 1"), "'+' can't join 'silu' and 1");
  EXPECT_EQ(eval("heads"), "\"heads\" is not defined");
  EXPECT_EQ(eval("cos(1)"), "no function 'cos' of 1 values is known");
}

TEST(Expression, SaysWhatItCannotRead) {
  EXPECT_EQ(eval("1 +"), "ends where a value is expected in \"1 +\"");
  EXPECT_EQ(eval("1 2"), "unexpected '2' in \"1 2\"");
  EXPECT_EQ(eval("(1"), "expected ')' in \"(1\"");
  EXPECT_EQ(eval("'silu"), "a string without its closing ' in \"'silu\"");
  EXPECT_EQ(eval("f(a = 1, 2)"), "an argument without a name after one with a name in \"f(a = 1, 2)\"");
  EXPECT_EQ(eval("f(a = 1, a = 2)"), "argument 'a' is given twice in \"f(a = 1, a = 2)\"");
  EXPECT_NE(eval(std::string(100, '(')).find("nested deeper than 48 levels"), std::string::npos);
  EXPECT_NE(eval("1" + std::string(2000, '+')).find("longer than 1000 characters"), std::string::npos);
}

TEST(Expression, ParsesAssignments) {
  auto statement = parseAssignment("q = rope(linear(n, w), heads = 4, same = a == b)", 7);
  ASSERT_TRUE(statement) << statement.error().message;
  EXPECT_EQ(statement->targets, std::vector<std::string>{"q"});
  EXPECT_EQ(statement->line, 7);
  ASSERT_TRUE(statement->value.is(Expression::Kind::Call));
  EXPECT_EQ(statement->value.arguments[0].text, "linear");
  EXPECT_EQ(statement->value.named("heads")->integer, 4);
  EXPECT_EQ(statement->value.named("same")->text, "==");
  EXPECT_EQ(statement->value.named("dim"), nullptr);
  auto several = parseAssignment("q, k = split(x, 1, 2)", 1);
  ASSERT_TRUE(several) << several.error().message;
  EXPECT_EQ(several->targets, (std::vector<std::string>{"q", "k"}));
  EXPECT_FALSE(parseAssignment("q, = x", 1));
  EXPECT_FALSE(parseAssignment("rope(x)", 1));
  EXPECT_FALSE(parseAssignment("= x", 1));
}
