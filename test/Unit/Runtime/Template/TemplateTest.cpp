#include "runtime/template/Template.h"
#include <fstream>
#include <gtest/gtest.h>

using namespace ph;
using Json = nlohmann::ordered_json;

namespace {

std::string renderOrError(std::string_view text, const TemplateLimits &limits = {},
                          const Json &extra = Json::object()) {
  auto parsed = Template::parse(text, limits);
  if (!parsed)
    return "parse: " + parsed.error().message;
  RenderOptions options;
  options.extra = &extra;
  auto rendered = parsed->render(Json::array(), options);
  return rendered ? *rendered : "error: " + rendered.error().message;
}

bool has(const std::string &text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Template, SameAsJinja2) {
  std::ifstream file(PH_SOURCE_DIR "/test/Unit/Runtime/Template/cases.json", std::ios::binary);
  const Json data = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  ASSERT_TRUE(data.is_object());
  Json extra = data["variables"];
  const Json messages = extra["messages"];
  extra.erase("messages");
  RenderOptions options;
  options.extra = &extra;
  for (const Json &one : data["cases"]) {
    const std::string text = one["template"];
    auto parsed = Template::parse(text);
    if (one.contains("syntax")) {
      EXPECT_FALSE(parsed) << text;
      if (!parsed)
        EXPECT_TRUE(parsed.error().message.starts_with("chat template, line 1: ")) << parsed.error().message;
      continue;
    }
    ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
    auto rendered = parsed->render(messages, options);
    if (one.contains("error")) {
      const std::string expected = one["error"];
      EXPECT_FALSE(rendered) << text;
      if (!rendered)
        EXPECT_TRUE(rendered.error().message.ends_with(expected))
            << text << ": " << rendered.error().message << "\nnot " << expected;
      continue;
    }
    EXPECT_TRUE(rendered) << text << ": " << rendered.error().message;
    if (rendered)
      EXPECT_EQ(*rendered, one["rendered"].get<std::string>()) << text;
  }
  EXPECT_GT(data["cases"].size(), 120u);
}

const char *chatML =
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are helpful.<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

TEST(Template, RendersAChat) {
  auto parsed = Template::parse(chatML);
  ASSERT_TRUE(parsed) << parsed.error().message;
  const ChatMessage one[] = {{"user", "Hi"}}, three[] = {{"system", "Be terse."}, {"user", "2+2?"}, {"assistant", "4"}};
  auto rendered = parsed->renderChat(one, {});
  ASSERT_TRUE(rendered) << rendered.error().message;
  EXPECT_EQ(*rendered,
            "<|im_start|>system\nYou are helpful.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  RenderOptions options;
  options.addGenerationPrompt = false;
  rendered = parsed->renderChat(three, options);
  ASSERT_TRUE(rendered) << rendered.error().message;
  EXPECT_EQ(*rendered, "<|im_start|>system\nBe "
                       "terse.<|im_end|>\n<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n4<|im_end|>\n");
}

TEST(Template, GivesItsTokensAndVariables) {
  auto parsed =
      Template::parse("{{ bos_token }}{{ eos_token }}{{ tools is none }}{{ thinking }}{{ strftime_now('%Y') }}");
  ASSERT_TRUE(parsed);
  const Json extra = {{"thinking", true}, {"tools", Json::array({1})}};
  RenderOptions options;
  options.bos = "<s>";
  options.eos = "</s>";
  options.extra = &extra;
  options.formatTime = [](std::string_view format) { return "[" + std::string(format) + "]"; };
  auto rendered = parsed->render(Json::array(), options);
  ASSERT_TRUE(rendered) << rendered.error().message;
  EXPECT_EQ(*rendered, "<s></s>FalseTrue[%Y]");
  EXPECT_EQ(renderOrError("{{ strftime_now('%Y-%m-%d')|length }} {{ strftime_now('%d %b')|length }}"), "10 6");
}

TEST(Template, RaisesInItsOwnWords) {
  EXPECT_EQ(renderOrError("{{ raise_exception('Roles must alternate') }}"), "error: Roles must alternate");
  EXPECT_EQ(renderOrError("a\nb\n{{ missing.x }}"), "error: chat template, line 3: 'missing' is undefined");
  EXPECT_EQ(renderOrError("a\n{% if %}"), "parse: chat template, line 2: expected an expression, but got '%}'");
}

TEST(Template, TakesBytesThatAreNotText) {
  EXPECT_EQ(renderOrError("\xff{{ '\xfe\x80'|length }}{{ '\xe4\xbd'[::-1] }}"), "\xff"
                                                                                "2\xbd\xe4");
}

std::string repeated(std::string_view part, size_t times) {
  std::string text;
  for (size_t i = 0; i < times; ++i)
    text += part;
  return text;
}

TEST(Template, StopsAtItsLimits) {
  const TemplateLimits small = {
      .source = 1 << 20, .steps = 10'000, .bytes = 1 << 20, .output = 1000, .range = 100, .depth = 100};
  const std::pair<std::string, const char *> cases[] = {
      {"{% for i in range(100) %}{% for j in 'abcdefghijklmnopqrst' %}{% if i == j and j %}{% endif %}{% endfor %}{% "
       "endfor %}",
       "10000 steps"},
      {"{{ range(101)|length }}", "a range of 101 elements; at most 100"},
      {"{{ range(-9223372036854775807, 9223372036854775807)|length }}", "a range of 18446744073709551614 elements"},
      {"{{ 'abc' * 1000000000000 }}", "10000 steps"},
      {"{{ ('a' * 100000) ~ '' ~ ('b' * 500000) ~ ('c' * 500000) }}", "1048576 bytes made"},
      {"{{ 'x' * 1001 }}", "1000 bytes of output"},
      {"{% for i in range(100) %}{{ 'x' * 11 }}{% endfor %}", "1000 bytes of output"},
      {"{% set ns = namespace(s='x') %}{% for i in range(64) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
       "1048576 bytes made"},
      {"{% set ns = namespace(s='x') %}{% for i in range(64) %}{% set ns.s = ns.s|replace('x', 'xx') %}{% endfor %}",
       "steps"},
      {"{{ 'a'|center(10000000) }}", "1048576 bytes made"},
      {"{{ 'a'|indent(10000000) }}", "1048576 bytes made"},
      {"{{ [1]|tojson(indent=10000000) }}", "1048576 bytes made"},
      {"{{ '%1000d' % 1 }}", "above 100"},
      {"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "nested more than 100 deep"},
      {"{% set ns = namespace(l=[]) %}{% for i in range(100) %}{% for j in range(3) %}{% set ns.l = [ns.l] %}{% endfor "
       "%}{% endfor %}{{ ns.l }}",
       "a value is nested more than 100 deep"},
      {"{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}", "a value is nested more than 100 deep"},
      {"{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l|tojson "
       "}}",
       "10000 steps"},
      {"{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l == "
       "[ns.l, 1] }}{{ ns.l == ns.l }}",
       "10000 steps"},
      {"{{ 9223372036854775807 + 1 }}", "an integer is too large"},
      {"{{ -9223372036854775807 - 2 }}", "an integer is too large"},
      {"{{ 3037000500 * 3037000500 }}", "an integer is too large"},
      {"{{ 10 ** 40 }}", "an integer is too large"},
      {"{{ 99999999999999999999 }}", "malformed or too large"},
      {repeated("{% if true %}", 200), "nested more than 100 deep"},
      {"{{ " + repeated("(", 100000) + " }}", "unexpected '}'"},
      {"{{ " + repeated("(", 10000) + "1" + repeated(")", 10000) + " }}", "nested more than 100 deep"},
      {"{{ " + repeated("-", 10000) + "1 }}", "nested more than 100 deep"},
      {"{{ " + repeated("not ", 10000) + "1 }}", "nested more than 100 deep"},
      {"{{ 1" + repeated(" + 1", 10000) + " }}", "nested more than 100 deep"},
      {"{{ a" + repeated(".b", 10000) + " }}", "nested more than 100 deep"},
      {"{{ a" + repeated("|upper", 10000) + " }}", "nested more than 100 deep"},
      {"{% for " + repeated("(", 10000) + "a" + repeated(")", 10000) + " in b %}", "nested more than 100 deep"},
      {repeated("x", (1 << 20) + 1), "at most 1048576"},
  };
  for (const auto &[text, expected] : cases) {
    const std::string got = renderOrError(text, small);
    EXPECT_TRUE(has(got, expected)) << text.substr(0, 100) << ": got " << got.substr(0, 300) << "\nexpected "
                                    << expected;
  }
}

TEST(Template, LimitsLeaveRoomForLongChats) {
  auto parsed = Template::parse(chatML);
  ASSERT_TRUE(parsed);
  std::vector<ChatMessage> messages(2000, {"user", std::string(1000, 'x')});
  auto rendered = parsed->renderChat(messages, {});
  ASSERT_TRUE(rendered) << rendered.error().message;
  EXPECT_GT(rendered->size(), 2'000'000u);
}

} // namespace
