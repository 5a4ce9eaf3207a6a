// Descriptions and configurations that were damaged at random: an error or a module, never a crash.
#include "Importing.h"
#include "lib/Import/Description/Architecture.h"
#include "mlir/IR/Verifier.h"
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <random>

using namespace ph;

namespace {

std::string read(const std::string &path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Words and numbers of descriptions and configurations, from which damaged ones are made.
class Damage {
public:
  explicit Damage(unsigned seed) : random(seed) {}

  std::string apply(std::string text) {
    for (int i = 0, count = 1 + random() % 3; i < count; ++i)
      one(text);
    return text;
  }

private:
  static bool isWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; }

  /// The word at a random place; every other one is among the lines that say what is computed, where there are any.
  std::pair<size_t, size_t> word(const std::string &text) {
    size_t lines = std::min(text.find("\"blocks\""), text.find("\"functions\""));
    size_t first = lines < text.size() && random() % 2 ? lines : 0;
    size_t begin = first + random() % (text.size() - first);
    while (begin < text.size() && !isWord(text[begin]))
      ++begin;
    while (begin > 0 && isWord(text[begin - 1]))
      --begin;
    size_t end = begin;
    while (end < text.size() && isWord(text[end]))
      ++end;
    return {begin, end - begin};
  }

  void one(std::string &text) {
    static const char *replacements[] = {"0",      "1",     "-1",       "3",    "64", "1000000", "9223372036854775807",
                                         "1e308",  "null",  "true",     "none", "x",  "layer",   "'causal'",
                                         "tokens", "cache", "positions"};
    auto [at, length] = word(text);
    switch (random() % 4) {
    case 0:
      text.replace(at, length, replacements[random() % std::size(replacements)]);
      break;
    case 1: { // another word of the text
      auto [from, size] = word(text);
      text.replace(at, length, text.substr(from, size));
      break;
    }
    case 2: { // a line twice, or not at all
      size_t begin = text.rfind('\n', at), end = text.find('\n', at);
      if (begin == std::string::npos || end == std::string::npos)
        return;
      std::string line = text.substr(begin, end - begin);
      random() % 2 ? text.insert(begin, line) : text.erase(begin, line.size());
      break;
    }
    default:
      text.erase(at, std::min<size_t>(1 + random() % 4, text.size() - at));
    }
    if (text.empty())
      text = " ";
  }

  std::mt19937 random;
};

/// How often more than in `make check`, for a long look.
int repetitions() {
  const char *said = std::getenv("PH_DAMAGE");
  return said ? std::atoi(said) : 1;
}

} // namespace

class Damaged : public testing::TestWithParam<std::pair<const char *, const char *>> {};

TEST_P(Damaged, DescriptionsAndConfigurations) {
  auto [family, name] = GetParam();
  const std::string root = PH_SOURCE_DIR, source = root + "/test/Data/models/" + name;
  const std::string description = read(root + "/lib/Import/Architectures/" + family + ".json");
  const std::string config = read(source + "/config.json");
  ASSERT_FALSE(description.empty() || config.empty());
  const std::string folder = testing::TempDir() + "damaged";
  std::filesystem::create_directories(folder);
  std::filesystem::copy_file(source + "/model.safetensors", folder + "/model.safetensors",
                             std::filesystem::copy_options::overwrite_existing);
  ImportOptions options;
  options.architectureFile = testing::TempDir() + "damaged.json";
  int imported = 0, refused = 0;
  for (int i = 0; i < 60 * repetitions(); ++i) {
    Damage damage(i);
    bool both = i % 3 == 0;
    std::ofstream(options.architectureFile) << (i % 3 == 1 ? description : damage.apply(description));
    std::ofstream(folder + "/config.json") << (both || i % 3 == 1 ? damage.apply(config) : config);
    SCOPED_TRACE("seed " + std::to_string(i));
    auto model = openSource(folder);
    if (!model) {
      EXPECT_FALSE(model.error().message.empty());
      ++refused;
      continue;
    }
    ImportContext context;
    auto result = importModel(context, **model, options);
    if (result) {
      EXPECT_TRUE(mlir::succeeded(mlir::verify(*result->module)));
      ++imported;
    } else {
      EXPECT_FALSE(result.error().message.empty());
      EXPECT_EQ(result.error().message.find('\n'), std::string::npos) << result.error().message;
      ++refused;
    }
  }
  // Both happen, or the damage would be too little or too much to find anything.
  EXPECT_GT(imported, 0);
  EXPECT_GT(refused, 0);
}

INSTANTIATE_TEST_SUITE_P(Families, Damaged,
                         testing::Values(std::pair("llama", "llama"), std::pair("gpt2", "gpt2"),
                                         std::pair("gemma3", "gemma3"), std::pair("deepseek_v3", "deepseek-v3"),
                                         std::pair("bert", "bert"), std::pair("t5", "t5"), std::pair("clip", "clip"),
                                         std::pair("siglip_vision", "siglip-vision"), std::pair("gpt_oss", "gpt-oss")),
                         [](const auto &info) { return std::string(info.param.first); });
