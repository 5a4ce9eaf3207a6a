#include "lib/Import/Description/Architecture.h"
#include "Importing.h"
#include "lib/Import/Forward/Builtins.h"
#include <fstream>
#include <gtest/gtest.h>

using namespace ph;

namespace {

/// A family of its own: no norms, no gate, parallel attention and MLP-less. What the schema's smallest file looks like.
const std::string kSmallest = R"json({
  "schema": 1,
  "family": "smallest",
  "matches": {"gguf": ["smallest"]},
  "config": {
    "layers": {"type": "integer", "range": [1, 8], "gguf": "{architecture}.block_count"},
    "width": {"type": "integer", "range": [1, 1024], "gguf": "{architecture}.embedding_length"},
    "kv_heads": {"type": "integer", "range": [1, 8], "default": 4},
    "head_dim": {"type": "integer", "range": [1, 64], "default": "width / kv_heads"},
    "vocabulary": {"type": "integer", "range": [1, 1000], "default": "rows(table)"},
    "context_length": {"type": "integer", "range": [1, 4096], "default": 64}
  },
  "weights": {
    "table": {"shape": ["vocabulary", "width"], "gguf": "token_embd.weight"},
    "qkv": {"shape": ["2 * width", "width"], "gguf": ["blk.{layer}.q", "blk.{layer}.k"]},
    "bias": {"shape": ["width"], "optional": true, "gguf": "blk.{layer}.bias"},
    "out": {"shape": ["width", "2 * width"], "gguf": "blk.{layer}.o"}
  },
  "forward": [
    "x = embedding(tokens, table, scale = sqrt(width))",
    "repeat layers {",
    "  x = x + linear(linear(x, qkv), out, bias = bias)",
    "}",
    "logits = logits(select_rows(x, rows), table, soft_cap = 30)"
  ]
})json";

TinyGguf smallestFile() {
  TinyGguf file;
  file.keys = {{"general.architecture", std::string("smallest")},
               {"smallest.block_count", 2u},
               {"smallest.embedding_length", 64u}};
  file.tensors = {{"token_embd.weight", {40, 64}, "f16", {}}};
  for (std::string layer : {"blk.0.", "blk.1."})
    for (auto [name, shape] :
         {std::pair<std::string, std::vector<int64_t>>{"q", {96, 64}}, {"k", {32, 64}}, {"o", {64, 128}}})
      file.tensors.push_back({layer + name, shape, "f32", {}});
  return file;
}

std::string withText(std::string text, const std::string &from, const std::string &to) {
  size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string writeDescription(const std::string &text) {
  std::string path = testing::TempDir() + "family.json";
  std::ofstream(path) << text;
  return path;
}

/// The part of the error after the folder: "family.json:12: …".
std::string errorOf(const std::string &text, const TinyGguf &file = smallestFile()) {
  ImportOptions options;
  options.architectureFile = writeDescription(text);
  std::string said = importError(file, options);
  return said.rfind(testing::TempDir(), 0) == 0 ? said.substr(testing::TempDir().size()) : said;
}

std::string errorWith(const std::string &from, const std::string &to) { return errorOf(withText(kSmallest, from, to)); }

} // namespace

TEST(Architecture, BuiltInFamiliesAreValid) {
  std::vector<std::string> names = knownArchitectures();
  EXPECT_NE(std::find(names.begin(), names.end(), "llama"), names.end());
  for (const std::string &name : names) {
    std::string path = std::string(PH_SOURCE_DIR) + "/lib/Import/Architectures/" + name + ".json";
    std::ifstream stream(path);
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    auto parsed = parseArchitecture(text, path);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ((*parsed)->family, name);
  }
}

TEST(Architecture, TheReadmeNamesEveryOperationAndEveryKey) {
  std::ifstream stream(std::string(PH_SOURCE_DIR) + "/lib/Import/Architectures/README.md");
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  ASSERT_FALSE(text.empty());
  for (const Builtin *builtin : allBuiltins()) {
    const std::string name(builtin->name);
    size_t at = text.find(name + "(", text.find("| operation |"));
    ASSERT_NE(at, std::string::npos) << name;
    // Its arguments stand in its row of the table.
    const std::string row = text.substr(at, text.find('\n', at) - at);
    for (std::string_view argument : builtin->named)
      EXPECT_NE(row.find(std::string(argument) + " = "), std::string::npos) << name << ": " << argument;
  }
  for (std::string_view name : scalarFunctions())
    EXPECT_NE(text.find("`" + std::string(name) + "("), std::string::npos) << name;
  for (const char *key : {"schema", "family", "extends", "matches", "prefixes", "config", "checks", "weights",
                          "ignore_tensors", "refuse_tensors", "ignore_keys", "blocks", "functions", "forward"})
    EXPECT_NE(text.find("| `" + std::string(key) + "` |"), std::string::npos) << key;
}

TEST(Architecture, AFileOfTheUsersOwnDescribesANewFamily) {
  ImportContext context;
  ImportOptions options;
  options.architectureFile = writeDescription(kSmallest);
  TinyGguf file = smallestFile();
  auto imported = importFile(context, file.write("smallest.gguf"), options);
  ASSERT_TRUE(imported) << imported.error().message;
  std::string text = print(*imported->module);
  for (const char *part :
       {"scale = 8.000000e+00", "soft_cap = 3.000000e+01",
        "sources [#xf.source<\"blk.{layer}.q\", rows = 96>, #xf.source<\"blk.{layer}.k\", rows = 32>]", "xf.repeat",
        "#xf.format<f16>"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_EQ(text.find(" bias "), std::string::npos) << text;

  // The optional bias, once it is there, is used.
  file.tensors.push_back({"blk.0.bias", {64}, "f32", {}});
  file.tensors.push_back({"blk.1.bias", {64}, "f32", {}});
  imported = importFile(context, file.write("smallest.gguf"), options);
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_NE(print(*imported->module).find(" bias "), std::string::npos);

  // On some layers only it is an error.
  file.removeTensor("blk.1.bias");
  EXPECT_NE(errorOf(kSmallest, file).find("tensor 'blk.1.bias' is missing"), std::string::npos);
}

TEST(Architecture, ErrorsNameTheLine) {
  EXPECT_EQ(errorWith("\"schema\": 1", "\"schema\": 2"), "family.json:2: \"schema\" must be 1");
  EXPECT_EQ(errorWith("\"smallest\",", "\"Small!\","),
            "family.json:3: \"family\" must be a name of small letters, digits and _");
  EXPECT_EQ(errorWith("\"gguf\": [\"smallest\"]", "\"pickle\": [\"x\"]"),
            "family.json:4: unknown ecosystem \"pickle\"; known are gguf, huggingface");
  EXPECT_EQ(errorWith("\"range\": [1, 8], \"gguf\"", "\"gguf\""),
            "family.json:6: \"layers\" needs a \"range\": a number from a file is never trusted");
  EXPECT_EQ(errorWith("[1, 8], \"gguf\"", "[8, 1], \"gguf\""), "family.json:6: \"range\" must be [least, greatest]");
  EXPECT_EQ(errorWith("\"type\": \"integer\", \"range\": [1, 1024]", "\"type\": \"int\", \"range\": [1, 1024]"),
            "family.json:7: \"type\" must be integer, number, string, boolean, activation, rope, or integers, numbers, "
            "strings, booleans for a list");
  EXPECT_EQ(errorWith("\"default\": 4", "\"defualt\": 4"),
            "family.json:8: unknown key \"defualt\" in the entry \"kv_heads\"");
  EXPECT_EQ(errorWith("width / kv_heads", "width / / 2"), "family.json:9: unexpected '/ 2' in \"width / / 2\"");
  EXPECT_EQ(errorWith("\"context_length\"", "\"context\""),
            "family.json:5: \"config\" needs an integer \"context_length\" with a range from 1 or more");
  EXPECT_EQ(errorWith("\"shape\": [\"vocabulary\", \"width\"], ", ""),
            "family.json:14: \"table\" needs a \"shape\" and the tensors' names");
  EXPECT_EQ(errorWith("\"blk.{layer}.k\"]", "\"blk.k\"]"),
            "family.json:15: either all tensors of \"qkv\" are per layer or none");
  EXPECT_EQ(errorWith("\"optional\": true", "\"otherwise\": \"none\""),
            "family.json:16: \"otherwise\" of \"bias\" must name a weight that is always there");
  EXPECT_EQ(errorWith("    \"}\",\n", ""), "family.json:19: a repeat or if without its '}'");
  EXPECT_EQ(errorWith("repeat layers {", "x = embedding(tokens, table)"), "family.json:23: '}' without a repeat or if");
  EXPECT_EQ(errorWith("\"logits = ", "\"y = "), "family.json:19: the last line must give \"logits\"");
  EXPECT_EQ(errorWith("x = x + linear", "x + linear"),
            "family.json:22: expected \"name = value\" in \"x + linear(linear(x, qkv), out, bias = bias)\"");
}

TEST(Architecture, ErrorsOfTheForwardNameTheLine) {
  EXPECT_EQ(errorWith("embedding(tokens", "embed(tokens").substr(0, 62),
            "family.json:20: \"embed\" is no operation; known are embedding, ");
  EXPECT_EQ(errorWith("linear(x, qkv), out", "linear(y, qkv), out"), "family.json:22: \"y\" is no value here");
  EXPECT_EQ(errorWith("linear(x, qkv), out", "linear(x, nothing), out"), "family.json:22: \"nothing\" is no weight");
  EXPECT_EQ(errorWith("bias = bias", "bais = bias"), "family.json:22: linear has no argument \"bais\"");
  EXPECT_EQ(errorWith("bias = bias", "bias = out"), "family.json:22: \"out\" must have 1 dimensions here");
  EXPECT_EQ(errorWith("sqrt(width)", "sqrt(wdith)"), "family.json:20: \"wdith\" is not defined");
  EXPECT_EQ(errorWith("embedding(tokens, table", "embedding(tokens, out"),
            "family.json:20: \"out\" is a weight per layer, but this is outside a repeat");
  EXPECT_EQ(errorWith("repeat layers", "repeat layers + 1"),
            "family.json:21: the repeat's count is 3, but the model has 2 layers left");
  EXPECT_EQ(errorWith("repeat layers", "repeat 1"),
            "family.json:15: \"forward\" does not use layer 1 of the weight \"qkv\"");
  EXPECT_EQ(errorWith("select_rows(x, rows)", "x"),
            "family.json:24: \"logits\" is no [rows, vocabulary]: select_rows comes before logits(…)");
  EXPECT_EQ(errorWith("x = x + linear(linear(x, qkv)", "x = linear(linear(x, qkv)"), "imported");
  EXPECT_EQ(errorWith("x + linear(linear(x, qkv), out", "x + linear(linear(x, out), out").substr(0, 31),
            "family.json:22: 'xf.linear' op ");
  EXPECT_EQ(errorWith("soft_cap = 30", "soft_cap = 'x'"), "family.json:24: soft_cap is 'x', but a number is needed");
  EXPECT_EQ(errorWith("x = x + linear(linear(x, qkv), out, bias = bias)", "x = linear(x, qkv)"),
            "family.json:22: \"x\" changes its type inside a repeat");
}

TEST(Architecture, AWeightThatTheForwardDoesNotUseIsAnError) {
  std::string unused = withText(kSmallest, ", bias = bias", "");
  EXPECT_EQ(errorOf(unused), "imported"); // the file has no such tensors
  TinyGguf file = smallestFile();
  file.tensors.push_back({"blk.0.bias", {64}, "f32", {}});
  file.tensors.push_back({"blk.1.bias", {64}, "f32", {}});
  EXPECT_EQ(errorOf(kSmallest, file), "imported");
  EXPECT_EQ(errorOf(unused, file), "family.json:16: \"forward\" does not use the weight \"bias\"; use it there or "
                                   "remove it from \"weights\"");
}

TEST(Architecture, FilesForOtherEcosystemsAreRefused) {
  std::string text = withText(kSmallest, "{\"gguf\": [\"smallest\"]}", "{\"huggingface\": [\"Smallest\"]}");
  for (size_t at; (at = text.find("\"gguf\"")) != std::string::npos;)
    text.replace(at, 6, "\"huggingface\"");
  EXPECT_NE(errorOf(text).find("describes no gguf checkpoints"), std::string::npos) << errorOf(text);
}
