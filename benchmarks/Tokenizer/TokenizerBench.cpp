// tokenizer-bench MODEL TEXT ROUNDS: seconds that it takes to encode the text with one thread, the median of the
// rounds. MODEL is a GGUF file or a tokenizer.json.
#include "runtime/tokenizer/HuggingFaceFiles.h"
#include "runtime/tokenizer/Tokenizer.h"
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

using namespace ph;

static int fail(const Error &error) {
  std::fprintf(stderr, "tokenizer-bench: error: %s\n", error.message.c_str());
  return int(error.code);
}

int main(int argc, char **argv) {
  const long rounds = argc == 4 ? std::strtol(argv[3], nullptr, 10) : 0;
  if (rounds < 1)
    return fail({ErrorCode::Usage, "usage: tokenizer-bench MODEL TEXT ROUNDS"});
  const std::string model = argv[1];
  GgufRecords records;
  std::vector<uint8_t> bytes;
  const bool json = model.ends_with(".json");
  if (json) {
    if (auto e = addHuggingFaceTokenizer(model, records))
      return fail(e.error());
    bytes = GgufRecords::file(records.bytes(), records.count());
  }
  auto file = json ? GgufFile::parse(bytes, model, /*metadataOnly=*/true) : GgufFile::open(model);
  if (!file)
    return fail(file.error());
  auto tokenizer = Tokenizer::create(**file);
  if (!tokenizer)
    return fail(tokenizer.error());
  auto text = MappedFile::open(argv[2]);
  if (!text)
    return fail(text.error());
  const std::string_view view(reinterpret_cast<const char *>(text->bytes().data()), text->bytes().size());
  std::vector<double> seconds;
  size_t tokens = 0;
  for (long round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    auto ids = (*tokenizer)->encode(view);
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    if (!ids)
      return fail(ids.error());
    tokens = ids->size();
  }
  std::nth_element(seconds.begin(), seconds.begin() + rounds / 2, seconds.end());
  std::printf("{\"seconds\": %.6f, \"tokens\": %zu}\n", seconds[size_t(rounds / 2)], tokens);
  return 0;
}
