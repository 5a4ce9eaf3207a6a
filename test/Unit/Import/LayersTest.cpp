// What descriptions can say of layers that differ, of tensors that are stored otherwise, and of functions.
#include "Importing.h"
#include <fstream>
#include <gtest/gtest.h>

using namespace ph;

namespace {

/// A family of six layers; `weights` and `functions` are put into it.
std::string description(const std::string &weights, const std::string &functions, const std::string &more = "") {
  return R"json({
  "schema": 1, "family": "mine", "matches": {"gguf": ["mine"]},
  "config": {
    "layers": {"type": "integer", "range": [1, 8], "default": 6},
    "width": {"type": "integer", "range": [1, 1024], "default": 64},
    "vocabulary": {"type": "integer", "range": [1, 1000], "default": 40},
    "context_length": {"type": "integer", "range": [1, 4096], "default": 64})json" +
         more + R"json(
  },
  "weights": {
    "table": {"shape": ["vocabulary", "width"], "gguf": "table")json" +
         "}" + weights + "\n  },\n" + functions + "\n}";
}

std::string forward(const std::string &lines) {
  return R"json("functions": [{"name": "forward", "arguments": {"ids": "tokens"}, "results": ["y"], "lines": [
    "y = embedding(ids, table)",
    )json" +
         lines + "]}]";
}

/// A file with the table and a matrix for each of these layers.
TinyGguf fileOf(std::initializer_list<int> layers, const std::string &name = "blk.{}.w") {
  TinyGguf file;
  file.keys = {{"general.architecture", std::string("mine")}};
  file.tensors = {{"table", {40, 64}, "f32", {}}};
  for (int layer : layers) {
    std::string tensor = name;
    tensor.replace(tensor.find("{}"), 2, std::to_string(layer));
    file.tensors.push_back({tensor, {64, 64}, "f32", {}});
  }
  return file;
}

/// The module's text, or the error without the folder.
std::string moduleOf(const std::string &text, const TinyGguf &file) {
  ImportOptions options;
  options.architectureFile = testing::TempDir() + "mine.json";
  std::ofstream(options.architectureFile) << text;
  ImportContext context;
  auto imported = importFile(context, file.write("mine.gguf"), options);
  std::string said = imported ? print(*imported->module) : imported.error().message;
  return said.rfind(testing::TempDir(), 0) == 0 ? said.substr(testing::TempDir().size()) : said;
}

size_t count(const std::string &text, const std::string &part) {
  size_t result = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size())
    ++result;
  return result;
}

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

const std::string kMatrix = R"json(, "w": {"shape": ["width", "width"], "gguf": "blk.{layer}.w"})json";

} // namespace

TEST(Layers, ThoseThatAlternateBecomeOneLoop) {
  std::string text = moduleOf(description(kMatrix, forward(R"json("repeat layers {",
    "  y = linear(y, w)",
    "  if layer % 2 == 0 {", "    y = activation(y, kind = 'relu')", "  } else {", "    y = activation(y, kind = 'gelu')", "  }",
    "}")json")),
                              fileOf({0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(count(text, "xf.repeat"), 1u) << text;
  EXPECT_SAYS(text, "= 3 iter(");
  EXPECT_EQ(count(text, "xf.linear"), 2u);
  EXPECT_EQ(count(text, "arith.muli"), 1u); // both loads share it
}

TEST(Layers, ThoseOfOneKindInARunBecomeALoopEach) {
  std::string text = moduleOf(description(kMatrix, forward(R"json("repeat layers {",
    "  y = linear(y, w)",
    "  if layer < 2 {", "    y = activation(y, kind = 'relu')", "  }",
    "}")json")),
                              fileOf({0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(count(text, "xf.repeat"), 2u) << text;
  EXPECT_SAYS(text, "= 2 iter(");
  EXPECT_SAYS(text, "= 4 iter(");
}

TEST(Layers, OnlySomeHaveAWeight) {
  const std::string some =
      R"json(, "w": {"shape": ["width", "width"], "where": "layer == 0 or layer == 1 or layer == 4", "gguf": "blk.{layer}.w"})json";
  const std::string lines =
      R"json("repeat layers {", "  if given(w) {", "    y = linear(y, w)", "  }", "  y = y * 0.5", "}")json";
  std::string text = moduleOf(description(some, forward(lines)), fileOf({0, 1, 4}));
  // Layers without a pattern are listed.
  EXPECT_SAYS(text, "xf.weight @w : tensor<3x64x64xf32> stacked sources [#xf.source<\"blk.{0|1|4}.w\">]");
  EXPECT_EQ(count(text, "xf.load_weight @w"), 2u) << text; // of the run 0 and 1, and of 4
  EXPECT_SAYS(moduleOf(description(some, forward(lines)), fileOf({0, 1, 3, 4})),
              "tensor 'blk.3.w': the family mine has no use for it");
  // A layer that has none is named where one is used.
  EXPECT_SAYS(moduleOf(description(some, forward(R"json("repeat layers {", "  y = linear(y, w)", "}")json")),
                       fileOf({0, 1, 4})),
              "mine.json:14: \"w\" is not there for layer 2");
  EXPECT_SAYS(
      moduleOf(description(some, forward(R"json("repeat 2 {", "  y = linear(y, w)", "}")json")), fileOf({0, 1, 4})),
      "mine.json:10: \"forward\" does not use layer 4 of the weight \"w\"");
}

TEST(Layers, RegularOnesAreCounted) {
  std::string text = moduleOf(
      description(
          R"json(, "w": {"shape": ["width", "width"], "where": "layer % 3 == 1", "gguf": "blk.{layer}.w"})json",
          forward(
              R"json("repeat layers {", "  if given(w) {", "    y = linear(y, w)", "  }", "  y = y * 0.5", "}")json")),
      fileOf({1, 4}));
  EXPECT_SAYS(text, "#xf.source<\"blk.{layer}.w\", first = 1, step = 3>");
  EXPECT_EQ(count(text, "xf.repeat"), 1u) << text;
  EXPECT_SAYS(text, "= 2 iter(");
}

TEST(Layers, ScalarsMayDependOnThem) {
  std::string text = moduleOf(description(kMatrix, forward(R"json("repeat layers {",
    "  factor = 1.0 / (layer / 2 * 2 + 1)",
    "  y = linear(y, w) * factor",
    "}")json")),
                              fileOf({0, 1, 2, 3, 4, 5}));
  EXPECT_SAYS(text, "mine.json:15: 1 is not a multiple of 2");
  text = moduleOf(description(kMatrix, forward(R"json("repeat layers {",
    "  factor = 1.0 / (floor(layer / 2.0) + 1)",
    "  y = linear(y, w) * factor",
    "}")json")),
                  fileOf({0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(count(text, "xf.repeat"), 3u) << text; // 1 (left out), 1/2, 1/3
  EXPECT_EQ(count(text, "xf.scale"), 2u);
}

TEST(Tensors, PartsAreUsedOnceAndWhole) {
  TinyGguf file = fileOf({});
  file.tensors.push_back({"joined", {128, 64}, "f32", {}});
  auto weights = [](const std::string &a, const std::string &b) {
    return R"json(, "a": {"shape": ["width", "width"], "gguf": {"tensor": "joined", "transform": ")json" + a +
           R"json("}}, "b": {"shape": ["width", "width"], "gguf": {"tensor": "joined", "transform": ")json" + b +
           "\"}}";
  };
  const std::string lines = forward(R"json("y = linear(linear(y, a), b)")json");
  EXPECT_SAYS(moduleOf(description(weights("rows(0, 64)", "rows(width, 64)"), lines), file),
              "#xf.source<\"joined\", rows = 64, from = 64, of = 128>");
  EXPECT_SAYS(moduleOf(description(weights("rows(0, 64)", "rows(32, 64)"), lines), file),
              "mine.json:10: tensor 'joined' is used by two weights");
  EXPECT_SAYS(moduleOf(description(weights("rows(0, 64)", "rows(96, 64)"), lines), file),
              "tensor 'joined' has 128 rows, but rows 96 to 159 are wanted");
  EXPECT_SAYS(moduleOf(description(weights("rows(0, 64)", "half(1)"), lines), file),
              "mine.json:10: unknown transform \"half(1)\"; known are transposed, rows(from, count)");
  // The second half of the rows is nobody's.
  std::string one =
      R"json(, "a": {"shape": ["width", "width"], "gguf": {"tensor": "joined", "transform": "rows(0, 64)"}})json";
  EXPECT_SAYS(moduleOf(description(one, forward(R"json("y = linear(y, a)")json")), file),
              "mine.json:10: only a part of tensor 'joined' is used");
}

TEST(Tensors, OfExpertsAreCounted) {
  auto with = [](const std::string &source) {
    TinyGguf file = fileOf({});
    for (int expert : {0, 1, 2, 3})
      file.tensors.push_back({"e" + std::to_string(expert), {64, 64}, "f32", {}});
    const std::string weights = R"json(, "r": {"shape": ["4", "width"], "gguf": "r"},
      "w": {"shape": ["4", "width", "width"], "gguf": )json" +
                                source + "}";
    file.tensors.push_back({"r", {4, 64}, "f32", {}});
    return moduleOf(description(weights, forward(R"json("chosen, which = router(linear(y, r), top_k = 2)",
      "y = combine_experts(expert_linear(y, w, which), chosen)")json")),
                    file);
  };
  EXPECT_SAYS(with("\"e{expert}\""), "#xf.source<\"e{expert}\">");
  EXPECT_SAYS(
      with(
          R"json([{"tensor": "e{expert}", "transform": "rows(0, 3)"}, {"tensor": "e{expert}", "transform": "rows(3, 1)"}])json"),
      "#xf.source<\"e{expert}\", rows = 1, from = 3>");
  EXPECT_SAYS(with(R"json({"tensor": "e{expert}", "transform": "rows(1, 4)"})json"), "tensor 'e4' is missing");
  EXPECT_SAYS(with(R"json({"tensor": "e{expert}", "transform": "rows(0, 4294967296)"})json"),
              "mine.json:11: \"rows(0, 4294967296)\" has a number above 2^31");
}

TEST(Tensors, HaveOneOfSeveralNamesAndPrefixes) {
  const std::string weights =
      R"json(, "w": {"shape": ["width", "width"], "gguf": {"one_of": ["{p}new.{layer}", "{p}old.{layer}"]}})json";
  const std::string lines = forward(R"json("repeat layers {", "  y = linear(y, w)", "}")json");
  auto with = [&](const std::string &name) {
    return moduleOf(description(weights, R"json("prefixes": {"gguf": {"p": ["model.", ""]}},)json" + lines),
                    fileOf({0, 1, 2, 3, 4, 5}, name));
  };
  EXPECT_SAYS(with("old.{}"), "#xf.source<\"old.{layer}\">");
  EXPECT_SAYS(with("model.new.{}"), "#xf.source<\"model.new.{layer}\">");
  EXPECT_SAYS(with("other.{}"), "tensor 'new.0' is missing (w of the family mine)");
}

TEST(Functions, CallOneAnother) {
  std::string functions = R"json("functions": [
    {"name": "twice", "arguments": {"x": "features(width)"}, "results": ["a", "b"], "lines": ["a = x + x", "b = x * 3"]},
    {"name": "unwanted", "when": "width == 1", "arguments": {"x": "features(width)"}, "results": ["x"], "lines": ["x = x + x"]},
    {"name": "forward", "arguments": {"ids": "tokens"}, "results": ["p", "q"], "lines": ["p, q = twice(embedding(ids, table))"]}])json";
  std::string text = moduleOf(description("", functions), fileOf({}));
  EXPECT_SAYS(text, "call @twice(");
  EXPECT_SAYS(text, "xf.name = \"q\"");
  EXPECT_EQ(text.find("@unwanted"), std::string::npos);
  functions.replace(functions.find("p, q = twice"), 12, "p, q = later");
  EXPECT_SAYS(moduleOf(description("", functions), fileOf({})), "mine.json:15: \"later\" is no operation; known are");
}

TEST(Extends, TakesOverAndNamesTheLinesOfBothFiles) {
  auto with = [](const std::string &more) {
    return moduleOf(R"json({"schema": 1, "family": "mine", "extends": "llama", "matches": {"gguf": ["llama"]})json" +
                        more + "}",
                    TinyGguf::llama());
  };
  EXPECT_SAYS(with(""), "xf.gated_activation silu");
  EXPECT_SAYS(
      with(
          R"json(, "blocks": {"feed_forward": ["f = linear(activation(linear(n, ffn_gate) + linear(n, ffn_up), kind = 'relu'), ffn_down)"]})json"),
      "xf.activation relu");
  EXPECT_SAYS(with(R"json(,
    "config": {"rope": null})json"),
              "llama.json:");
  EXPECT_SAYS(with(R"json(,
    "blocks": {"layer": ["x = nothing"]})json"),
              "mine.json:2: \"nothing\" is no value here");
  EXPECT_SAYS(
      moduleOf(R"json({"schema": 1, "family": "mine", "extends": "none", "matches": {}})json", TinyGguf::llama()),
      "mine.json:1: \"extends\" must name a built-in family");
}
