// Against ids that llama.cpp and transformers computed; the files are not part of this repository.
#include "runtime/base/Json.h"
#include "runtime/tokenizer/Tokenizer.h"
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>
#include <sstream>

using namespace ph;
namespace fs = std::filesystem;

namespace {

fs::path shared() {
  const char *folder = std::getenv("PH_SHARED");
  return folder ? fs::path(folder) : fs::path(PH_SOURCE_DIR).parent_path() / "shared";
}

fs::path defaultModel() {
  if (const char *path = std::getenv("PH_SMOLLM2"))
    return path;
  const char *cache = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
  return (cache ? fs::path(cache) : fs::path(home ? home : "/") / ".cache") / "powerhouse" /
         "SmolLM2-135M-Instruct.Q4_1.gguf";
}

std::string slurp(const fs::path &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Loaded {
  std::shared_ptr<GgufFile> file;
  std::unique_ptr<Tokenizer> tokenizer;
};

Loaded load(const fs::path &path) {
  auto file = GgufFile::open(path);
  EXPECT_TRUE(file) << file.error().message;
  if (!file)
    return {};
  auto start = std::chrono::steady_clock::now();
  auto tokenizer = Tokenizer::create(**file);
  const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  EXPECT_TRUE(tokenizer) << tokenizer.error().message;
  if (!tokenizer)
    return {};
  std::cout << "[  LOADED  ] " << path.filename() << ": " << (*tokenizer)->vocabulary().size() << " tokens in " << ms
            << " ms\n";
  return {*file, std::move(*tokenizer)};
}

class Vocabularies : public testing::TestWithParam<const char *> {};

TEST_P(Vocabularies, SameIdsAsLlamaCpp) {
  const fs::path path = shared() / "reference/tokenizers" / (std::string("ggml-vocab-") + GetParam() + ".gguf");
  if (!fs::exists(path))
    GTEST_SKIP() << "REFERENCE DATA MISSING: " << path << "; set PH_SHARED to the folder that has reference/";
  Loaded model = load(path);
  ASSERT_TRUE(model.tokenizer);
  const std::string inputs = slurp(path.string() + ".inp"), separator = "\n__ggml_vocab_test__\n";
  std::ifstream outputs(path.string() + ".out");
  std::string line;
  size_t position = 0, cases = 0;
  while (position <= inputs.size() && std::getline(outputs, line)) {
    size_t end = inputs.find(separator, position);
    if (end == std::string::npos)
      end = inputs.size();
    const std::string text = inputs.substr(position, end - position);
    position = end + separator.size();
    std::istringstream numbers(line);
    std::vector<int32_t> expected{std::istream_iterator<int32_t>(numbers), {}};
    auto ids = model.tokenizer->encode(text, {.addSpecial = false, .parseSpecial = false});
    ASSERT_TRUE(ids) << ids.error().message;
    EXPECT_EQ(*ids, expected) << "case " << cases << ": '" << text << "'";
    if (model.tokenizer->vocabulary().find("\xE2\x96\x81the") == Vocabulary::none) // those without WordPiece
      EXPECT_EQ(model.tokenizer->decode(*ids), text);
    ++cases;
  }
  EXPECT_GT(cases, 40u);
}

INSTANTIATE_TEST_SUITE_P(All, Vocabularies,
                         testing::Values("gpt-2", "llama-bpe", "deepseek-coder", "falcon", "mpt", "qwen2", "llama-spm",
                                         "phi-3", "bert-bge"),
                         [](const auto &info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(DefaultModel, SameIdsAsTransformers) {
  const fs::path path = defaultModel(), data = shared() / "reference/smollm2.json";
  if (!fs::exists(path))
    GTEST_SKIP() << "DEFAULT MODEL MISSING: " << path << "; set PH_SMOLLM2 to SmolLM2-135M-Instruct.Q4_1.gguf";
  if (!fs::exists(data))
    GTEST_SKIP() << "REFERENCE DATA MISSING: " << data << "; set PH_SHARED to the folder that has reference/";
  Loaded model = load(path);
  ASSERT_TRUE(model.tokenizer);
  auto json = parseJson(slurp(data), data);
  ASSERT_TRUE(json) << json.error().message;
  ASSERT_EQ((*json)["prompts"].size(), 5u);
  for (const auto &prompt : (*json)["prompts"]) {
    auto ids = model.tokenizer->encode(prompt["prompt"].get<std::string>());
    ASSERT_TRUE(ids) << ids.error().message;
    EXPECT_EQ(*ids, prompt["input_ids"].get<std::vector<int32_t>>());
    auto greedy = prompt["greedy_ids"].get<std::vector<int32_t>>();
    EXPECT_EQ(model.tokenizer->decode(greedy), prompt["greedy_text"].get<std::string>());
  }
  const std::string text = slurp(shared() / "reference/perplexity.txt");
  auto start = std::chrono::steady_clock::now();
  auto ids = model.tokenizer->encode(text);
  const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  ASSERT_TRUE(ids) << ids.error().message;
  std::cout << "[  ENCODED ] " << text.size() << " bytes, " << ids->size() << " tokens in " << ms << " ms\n";
  ids->resize(10);
  EXPECT_EQ(*ids, (*json)["text"]["tokens_first_10"].get<std::vector<int32_t>>());
}

} // namespace
