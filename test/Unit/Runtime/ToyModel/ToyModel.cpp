#include "ToyModel.h"
#include "runtime/devices/cpu/CpuFeatures.h"
#include "runtime/formats/Artifact.h"
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <unistd.h>
#include <vector>

namespace ph::toy {
namespace {

/// GGUF metadata records.
class Records {
public:
  void string(const std::string &key, const std::string &value) {
    head(key, GgufType::String);
    text(value);
  }
  void integer(const std::string &key, uint32_t value) {
    head(key, GgufType::U32);
    number(value);
  }
  void strings(const std::string &key, const std::vector<std::string> &values) {
    head(key, GgufType::Array);
    number(uint32_t(GgufType::String));
    number(uint64_t(values.size()));
    for (const std::string &value : values)
      text(value);
  }
  void integers(const std::string &key, const std::vector<int32_t> &values) {
    head(key, GgufType::Array);
    number(uint32_t(GgufType::I32));
    number(uint64_t(values.size()));
    for (int32_t value : values)
      number(value);
  }
  std::vector<uint8_t> bytes;
  uint64_t count = 0;

private:
  template <class T> void number(T value) {
    const auto *at = reinterpret_cast<const uint8_t *>(&value);
    bytes.insert(bytes.end(), at, at + sizeof value);
  }
  void text(const std::string &value) {
    number(uint64_t(value.size()));
    bytes.insert(bytes.end(), value.begin(), value.end());
  }
  void head(const std::string &key, GgufType type) {
    text(key);
    number(uint32_t(type));
    ++count;
  }
};

Records metadata() {
  std::vector<std::string> tokens;
  std::vector<int32_t> types;
  auto add = [&](std::string text, int32_t type) {
    tokens.push_back(std::move(text));
    types.push_back(type);
  };
  for (char c = 'a'; c <= 'z'; ++c)
    add(std::string(1, c), 1);
  add("<|im_end|>", 3);
  add("<|im_start|>", 3);
  add("\u0120", 1); // a space in the byte-level alphabet
  add("\u010a", 1); // a newline
  for (char c = '!'; c <= '~'; ++c)
    if (c < 'a' || c > 'z')
      add(std::string(1, c), 1);
  while (tokens.size() < size_t(kVocabulary))
    add("unused" + std::to_string(tokens.size()), 5);
  Records records;
  records.string("general.architecture", "llama");
  records.string("general.name", "toy");
  records.string("tokenizer.ggml.model", "gpt2");
  records.string("tokenizer.ggml.pre", "smollm");
  records.strings("tokenizer.ggml.tokens", tokens);
  records.integers("tokenizer.ggml.token_type", types);
  records.strings("tokenizer.ggml.merges", {});
  records.integer("tokenizer.ggml.eos_token_id", kEnd);
  records.string("tokenizer.chat_template", "{% for message in messages %}{{ '<|im_start|>' + message['content'] }}"
                                            "{% endfor %}");
  return records;
}

std::string manifest(const Options &o) {
  auto number = [](uint64_t value) { return std::to_string(value); };
  return R"({"abi":)" + std::to_string(o.abi) +
         R"(,"name":"toy","architecture":"llama","activations":"f32","vocabulary":)" + number(kVocabulary) +
         R"(,"context_length":256,"layers":1,"kv_heads":1,"head_dim":1,"cache_type":"f32","levels":[{"name":")" +
         o.level + R"(","symbol":"ph_step_x86_64_v3"}],"memory":{"arena_fixed":64,"arena_per_row":)" +
         number(o.arenaPerRow) + R"(,"cache_per_position":)" + number(o.cachePerPosition) +
         R"(},"weights":[{"name":"all","format":"i32","shape":[2],"offset":0,"bytes":8}],)"
         R"("cost":{"flop_per_token":200,"weight_bytes_per_token":8},"compiler":"toy"})";
}

} // namespace

Status write(const std::string &path, const Options &options) {
  std::ifstream library(PH_TOY_KERNELS, std::ios::binary);
  std::vector<uint8_t> elf{std::istreambuf_iterator<char>(library), {}};
  auto writer = ArtifactWriter::create(path, elf);
  if (!writer)
    return writer.error();
  Records records = metadata();
  if (auto e = writer->writeMetadata(records.bytes, records.count, manifest(options)))
    return e;
  std::vector<uint8_t> weights(options.weightBytes);
  const int32_t vocabulary = kVocabulary;
  std::memcpy(weights.data(), &vocabulary, sizeof vocabulary);
  if (auto e = writer->write(weights))
    return e;
  if (auto e = writer->finish())
    return e;
  if (options.prefix.empty())
    return {};
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::ofstream(path, std::ios::binary) << options.prefix << bytes;
  return {};
}

bool runs() { return cpuLevels().front().missing.empty(); }

static std::string newPath() {
  static std::atomic<int> count{0};
  return testing::TempDir() + "/toy-" + std::to_string(getpid()) + "-" + std::to_string(count++) + ".phx";
}

File::File(const Options &options) : path(newPath()) {
  auto status = write(path, options);
  EXPECT_FALSE(status) << status.error().message;
}

File::~File() { std::filesystem::remove(path); }

} // namespace ph::toy
